package exchangedb

import (
	"context"
	"database/sql"
	"regexp"
	"strconv"
	"strings"
)

// describe is the columns of a table as the receiver has them, none if there is no
// such table or no right to see it.
func (s *session) describe(ctx context.Context, n *names) ([]found, error) {
	schema, table := n.schema()
	if s.mysql {
		return s.describeMySQL(ctx, schema, table)
	}
	return s.describeSQLite(ctx, schema, table)
}

// describeMySQL gives TEXT columns their length in bytes as characters: the most they
// may hold; what is sent beyond what fits is refused by the server and named.
func (s *session) describeMySQL(ctx context.Context, schema, table string) ([]found, error) {
	return s.scanColumns(ctx, "SELECT column_name, LOWER(data_type), COALESCE(character_maximum_length, 0), COALESCE(character_set_name, ''),"+
		" is_nullable = 'NO' AND column_default IS NULL AND extra NOT LIKE '%auto_increment%' AND extra NOT LIKE '%GENERATED%'"+
		" FROM information_schema.columns WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? ORDER BY ordinal_position",
		schema, table)
}

func (s *session) describeSQLite(ctx context.Context, schema, table string) ([]found, error) {
	columns, err := s.scanColumns(ctx, `SELECT name, LOWER(type), 0, '', "notnull" AND dflt_value IS NULL AND NOT pk`+
		" FROM pragma_table_info(?2, COALESCE(NULLIF(?1, ''), 'main')) ORDER BY cid", schema, table)
	for i := range columns {
		if m := declared.FindStringSubmatch(columns[i].kind); m != nil {
			columns[i].kind = m[1]
			if strings.Contains(m[1], "char") {
				columns[i].width, err = strconv.Atoi(m[2])
			}
		}
	}
	return columns, err
}

var declared = regexp.MustCompile(`^([a-z ]+?) *\( *(\d{1,9}) *\)$`)

func (s *session) scanColumns(ctx context.Context, query string, args ...any) ([]found, error) {
	rows, err := s.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []found
	for rows.Next() {
		var c found
		var width sql.NullInt64
		if err := rows.Scan(&c.name, &c.kind, &width, &c.charset, &c.required); err != nil {
			return nil, err
		}
		c.width = int(min(width.Int64, 1<<31-1))
		columns = append(columns, c)
	}
	return columns, rows.Err()
}
