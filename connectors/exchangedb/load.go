package exchangedb

import (
	"context"
	"errors"
	"io"

	"github.com/go-sql-driver/mysql"
	"github.com/google/uuid"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/pipelines"
)

// errUneven says that rows were not stored exactly as sent.
var errUneven = errors.New("rows stored are not the rows sent")

// A load pays from about this many rows on. The upper bound keeps one delivery one
// transaction on Galera, which commits a LOAD DATA every 10,000 rows.
const (
	loadFromRows = 64
	loadMaxRows  = 9999
)

// loads says whether this delivery goes by LOAD DATA first.
func (t *Target) loads(ctx context.Context, s *session, l *layout) (bool, error) {
	if t.opts.Method == Insert || t.opts.Method == Bulk || l.rows > loadMaxRows {
		return false, nil
	}
	if t.opts.Method == Auto && (l.rows < loadFromRows || t.uneven.Load()) {
		return false, nil
	}
	allowed, err := s.localInfile(ctx)
	switch {
	case err != nil:
		s.broken = true
		return false, t.fault("ask whether LOAD DATA LOCAL is allowed", l.names.logical, err)
	case !allowed && t.opts.Method == Load:
		return false, fault.New(fault.Config, "deliver to exchange table", t.where(l.names.logical),
			text.T("接收方数据库不允许 LOAD DATA LOCAL", "the receiver's database does not allow LOAD DATA LOCAL"),
			text.T("把写入方式改为 auto 或 insert，或请 DBA 打开 local_infile", "set the write method to auto or insert, or have the DBA turn local_infile on"))
	}
	return allowed, nil
}

func (s *session) localInfile(ctx context.Context) (bool, error) {
	var on int
	err := s.conn.QueryRowContext(ctx, "SELECT @@local_infile").Scan(&on)
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		return false, nil // a server without the variable has no LOAD DATA LOCAL for us
	}
	return on == 1, err
}

// loadWriter writes by one LOAD DATA LOCAL.
type loadWriter struct{}

func (loadWriter) write(ctx context.Context, s *session, l *layout) ([]pipelines.Issue, error) {
	name := uuid.NewString()
	mysql.RegisterReaderHandler(name, func() io.Reader { return &tsvReader{layout: l} })
	defer mysql.DeregisterReaderHandler(name)
	// 0x5C is the backslash in every sql_mode.
	res, err := s.conn.ExecContext(ctx, "LOAD DATA LOCAL INFILE 'Reader::"+name+"' INTO TABLE "+l.names.table+
		" CHARACTER SET utf8mb4 FIELDS TERMINATED BY 0x09 ESCAPED BY 0x5C LINES TERMINATED BY 0x0A ("+l.list()+")")
	if err != nil {
		if rowError(err) != nil || isNumber(err, errLoadRefused) {
			return nil, errUneven
		}
		return nil, err
	}
	stored, err := res.RowsAffected()
	if err != nil {
		return nil, err
	}
	warnings, err := sqldialect.Warnings(ctx, s.conn)
	if err == nil && (stored != int64(l.rows) || warnings != 0) {
		err = errUneven
	}
	return nil, err
}

// tsvReader encodes the rows of a layout as they are read.
type tsvReader struct {
	layout *layout
	row    int    // the next to encode
	buf    []byte // encoded
	off    int    // of the first byte not read yet
}

const tsvChunk = 64 << 10

func (r *tsvReader) Read(p []byte) (int, error) {
	if r.off == len(r.buf) {
		r.buf, r.off = r.buf[:0], 0
		for r.row < r.layout.rows && len(r.buf) < tsvChunk {
			r.buf = r.layout.appendLine(r.buf, r.row)
			r.row++
		}
	}
	if len(r.buf) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.buf[r.off:])
	r.off += n
	return n, nil
}

func (l *layout) appendLine(buf []byte, row int) []byte {
	for i := range l.columns {
		if i > 0 {
			buf = append(buf, '\t')
		}
		buf = l.columns[i].appendTSV(buf, row)
	}
	return append(buf, '\n')
}
