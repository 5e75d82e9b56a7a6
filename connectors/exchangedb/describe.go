package exchangedb

import (
	"context"
	"database/sql"
	"regexp"
	"strconv"
	"strings"
)

// describe is the columns of a table as the receiver has them, none if there is no
// such table or no right to see it. MySQL's TEXT columns are given their length in bytes as
// characters: the most they may hold; what is sent beyond what fits is refused by the
// server and named. SQLite tells a width within the type alone.
func (s *session) describe(ctx context.Context, n *names) ([]found, error) {
	schema, table := n.schema()
	columns, err := s.scanColumns(ctx, s.way.columns, orNull(schema, s), table)
	for i := range columns {
		columns[i].charset = strings.TrimSpace(columns[i].charset)
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

// orNull is the schema a table name carries; databases that keep no empty text are asked
// with NULL for their own.
func orNull(schema string, s *session) any {
	if schema == "" && s.way.driverTx {
		return nil
	}
	return schema
}
