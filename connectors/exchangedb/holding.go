package exchangedb

import (
	"bytes"
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/zeebo/xxh3"

	"banjian/pipelines"
)

var _ pipelines.Holder = (*Target)(nil)

// Names of receiver-only columns, without case and underscores.
const (
	bareID     = "id"
	bareSynced = "issync"
)

// Digests are over the cells a mapping wrote, by logical name: what is empty does not
// count, nor does what differs from one delivery to the next (cd_ columns). A receiver may
// pad text, write a date as a time or a number with other zeros at its end; that is the
// same.
func (t *Target) Digests(d *pipelines.Delivery) ([]uint64, error) {
	n, err := t.opts.names(d.Table, d.Source)
	if err != nil || !n.guid {
		return nil, err
	}
	columns := make([]column, d.Record.NumCols())
	for i, f := range d.Record.Schema().Fields() {
		var ok bool
		if columns[i], ok = arrowColumn(d.Record.Column(i), t.opts.Zone); !ok {
			return nil, t.bug(d, "column "+f.Name+" has type "+f.Type.String())
		}
		columns[i].logical = f.Name
	}
	digests := make([]uint64, d.Record.NumRows())
	var cell []byte
	for i := range columns {
		c := &columns[i]
		seed := columnSeed(c.logical)
		for row := range digests {
			switch {
			case c.null != nil && c.null(row):
			case c.text != nil:
				cell = append(cell[:0], c.text(row)...)
				digests[row] += cellDigest(seed, cell)
			default:
				cell = c.put(cell[:0], row)
				digests[row] += cellDigest(seed, cell)
			}
		}
	}
	return digests, nil
}

// columnSeed sets the cells of one column apart from those of another.
func columnSeed(logical string) uint64 { return xxh3.HashString(logical) }

// cellDigest is what a cell adds to the digest of its row: a sum, so that the order in
// which a table has its columns says nothing; what is empty adds nothing.
func cellDigest(seed uint64, cell []byte) uint64 {
	if cell = bareCell(cell); len(cell) == 0 {
		return 0
	}
	return xxh3.HashSeed(cell, seed)
}

// bareCell is a cell without what a database may add to it: blanks at the end, zeros
// behind the point, a midnight behind a date.
func bareCell(cell []byte) []byte {
	cell = bytes.TrimRight(cell, " ")
	if len(cell) == 0 || cell[0] > '9' || cell[0] < '-' {
		return cell
	}
	if len(cell) < 2 {
		return cell
	}
	point := bytes.IndexByte(cell, '.')
	if point > 0 && digits(cell[point+1:]) && (digits(bytes.TrimPrefix(cell[:point], []byte("-"))) || moment(cell[:point])) {
		cell = bytes.TrimSuffix(bytes.TrimRight(cell, "0"), []byte("."))
	}
	if moment(cell) {
		cell = bytes.TrimSuffix(cell, []byte(" 00:00:00"))
	}
	return cell
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// moment says that b is written as timeLayout writes a time.
func moment(b []byte) bool {
	return len(b) == len(timeLayout) && b[4] == '-' && b[7] == '-' && b[10] == ' ' && b[13] == ':' && b[16] == ':'
}

// holding is how the rows of a table are read back.
type holding struct {
	query  string
	seeds  []uint64 // of the columns behind the first three
	values []sql.RawBytes
	dest   []any
}

// Holds reads the whole table once, in the order of its ID.
func (t *Target) Holds(ctx context.Context, table string, each func(pipelines.HeldRow) error) error {
	const op = "read exchange table back"
	shards, err := t.opts.shards(table)
	if err != nil {
		return err
	}
	s, err := t.open(ctx, table)
	if err != nil {
		return err
	}
	defer s.release()
	for _, n := range shards {
		if !n.guid {
			return t.bugTable(table, "has no row_guid")
		}
		var told error
		err := s.holds(ctx, n, t.opts.DataSource, func(row pipelines.HeldRow) error {
			told = each(row)
			return told
		})
		if err != nil && err == told {
			return err
		}
		if err != nil {
			return t.fault(op, n.logical, err)
		}
	}
	return nil
}

// holds reads one physical table. Rows of another data source are none of ours.
func (s *session) holds(ctx context.Context, n *names, source string, each func(pipelines.HeldRow) error) error {
	columns, err := s.describe(ctx, n)
	if err != nil {
		return err
	}
	h := s.holding(n, columns)
	rows, err := s.conn.QueryContext(ctx, h.query, source)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(h.dest...); err != nil {
			return err
		}
		row, ok := h.row()
		if !ok {
			continue // nothing of ours is written without a row_guid
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// holding lays out the reading of a table with those columns.
func (s *session) holding(n *names, columns []found) *holding {
	physical := map[string]string{} // by lower-case physical name
	if n.layout != nil {
		for _, c := range n.layout.Columns {
			physical[strings.ToLower(n.column(c.Name))] = c.Name
		}
	}
	id, synced := "", "NULL"
	type one struct{ logical, physical, kind string }
	var read []one
	for _, c := range columns {
		switch b := bare(c.name); {
		case b == bareID:
			id = s.way.quoted(c.name)
		case b == bareSynced:
			synced = s.way.quoted(c.name)
		case !receiverOnly[b] && !slices.ContainsFunc(ours, func(o string) bool { return bare(o) == b }):
			if logical, ok := physical[strings.ToLower(c.name)]; ok {
				read = append(read, one{logical, c.name, c.kind})
			} else if n.layout == nil {
				read = append(read, one{c.name, c.name, c.kind})
			}
		}
	}
	h := &holding{}
	list := []string{s.way.asText(n.quoted(colGUID), ""), s.way.asText(n.quoted(colOperation), ""), s.way.asText(synced, "")}
	for _, c := range read {
		h.seeds = append(h.seeds, columnSeed(c.logical))
		list = append(list, s.way.asText(s.way.quoted(c.physical), c.kind))
	}
	if id == "" {
		id = n.quoted(colTime)
	}
	h.query = "SELECT " + strings.Join(list, ",") + " FROM " + n.table + " WHERE " + n.quoted(colSource) + " = " + s.way.place(1) + " ORDER BY " + id
	h.values, h.dest = make([]sql.RawBytes, len(list)), make([]any, len(list))
	for i := range h.values {
		h.dest[i] = &h.values[i]
	}
	return h
}

// row is the row just scanned; false if it has no row_guid.
func (h *holding) row() (pipelines.HeldRow, bool) {
	id, err := uuid.ParseBytes(h.values[0])
	if err != nil { // as an earlier program spelled it
		if len(bytes.TrimSpace(h.values[0])) == 0 {
			return pipelines.HeldRow{}, false
		}
		id, _ = pipelines.RowGUID(string(h.values[0]))
	}
	r := pipelines.HeldRow{GUID: id, Op: pipelines.OpInsert, Taken: string(h.values[2]) == "1"}
	if len(h.values[1]) == 1 {
		r.Op = pipelines.Op(h.values[1][0])
	}
	for i, seed := range h.seeds {
		r.Digest += cellDigest(seed, h.values[3+i])
	}
	return r, true
}
