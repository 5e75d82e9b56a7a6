package exchangedb

import (
	"context"
	"errors"
	"strings"

	"banjian/internal/arraybind"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// A bulk pays from about this many rows on.
const bulkFromRows = 32

// bulkBytes are sent together: some 800 rows of a case.
const bulkBytes = 512 << 10

// binds says whether this delivery goes by array binding first.
func (t *Target) binds(s *session, l *layout) (bool, error) {
	if t.opts.Method != Auto && t.opts.Method != Bulk || t.opts.Method == Auto && (l.rows < bulkFromRows || t.uneven.Load()) {
		return false, nil
	}
	ready := false
	err := s.conn.Raw(func(c any) error {
		a, ok := c.(*arraybind.Conn)
		ready = ok && a.Ready()
		return nil
	})
	switch {
	case err != nil:
		s.broken = true
		return false, t.fault("ask whether rows can be bound in arrays", l.names.logical, err)
	case !ready && t.opts.Method == Bulk:
		return false, fault.New(fault.Config, "deliver to exchange table", t.where(l.names.logical),
			text.T("接收方数据库的连接不提供数组绑定", "the connection to the receiver's database does not offer array binding"),
			text.T("把写入方式改为 auto；数组绑定需要 MariaDB 10.2 以上，中间的代理也要支持", "set the write method to auto; array binding needs MariaDB 10.2 or later, and no proxy that does not offer it"))
	}
	return ready, nil
}

// bulkWriter writes by one INSERT whose parameters are the arrays of all rows.
type bulkWriter struct{}

func (bulkWriter) write(ctx context.Context, s *session, l *layout) ([]pipelines.Issue, error) {
	st := arraybind.Statement{
		SQL:        "INSERT INTO " + l.names.table + " (" + l.list() + ") VALUES (" + strings.Repeat("?,", len(l.columns)-1) + "?)",
		Parameters: len(l.columns), Size: min(bulkBytes, s.maxPacket/2), Most: s.maxPacket,
	}
	var stored, warnings int64
	var refused error
	err := s.conn.Raw(func(c any) (err error) {
		stored, warnings, err = c.(*arraybind.Conn).Insert(ctx, st, &boundRows{layout: l})
		if rowError(err) != nil || errors.Is(err, arraybind.ErrTooLong) || errors.Is(err, arraybind.ErrDeclined) {
			refused, err = errUneven, nil
		}
		s.broken = s.broken || err != nil
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case refused == nil && (stored != int64(l.rows) || warnings != 0):
		return nil, errUneven
	}
	return nil, refused
}

// boundRows encodes the rows of a layout as parameters.
type boundRows struct {
	layout *layout
	row    int // the next
}

func (r *boundRows) Append(buf []byte, size int) ([]byte, bool) {
	l := r.layout
	for ; r.row < l.rows && len(buf) < size; r.row++ {
		for i := range l.columns {
			buf = l.columns[i].appendBound(buf, r.row)
		}
	}
	return buf, r.row == l.rows
}

func (c *column) appendBound(buf []byte, row int) []byte {
	if c.null != nil && c.null(row) {
		return arraybind.AppendNull(buf)
	}
	buf, at := arraybind.OpenCell(buf)
	if c.text != nil {
		buf = append(buf, c.text(row)...)
	} else {
		buf = c.put(buf, row)
	}
	return arraybind.CloseCell(buf, at)
}
