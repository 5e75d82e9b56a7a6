package routing

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"sync/atomic"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Live is the table of a running site: a file that was mended counts without a restart. Table
// may be called concurrently; Look by one goroutine.
type Live struct {
	dir       fs.FS
	receivers []string
	zone      *time.Location

	now    atomic.Pointer[Table]
	judged []byte // content that was taken or refused; nil: there was no file
	seen   []byte // at the last look
}

// Open reads the table of a site's folder. With an error the site goes by no table.
func Open(dir fs.FS, receivers []string, zone *time.Location) (*Live, error) {
	l := &Live{dir: dir, receivers: receivers, zone: zone}
	t, data, err := load(dir, receivers, zone)
	l.now.Store(t)
	l.judged, l.seen = data, data
	return l, err
}

// Table is the one that counts now; nil: there is none.
func (l *Live) Table() *Table { return l.now.Load() }

// Look looks at the file again. A content that stood still since the last look and is another
// than before is judged, once: a right one counts from now on. A wrong one, and a file that
// is gone, leave the table as it was: the fault says what is wrong, and where.
func (l *Live) Look() (changed bool, err error) {
	t, data, err := load(l.dir, l.receivers, l.zone)
	still := same(data, l.seen)
	l.seen = data
	if !still || same(data, l.judged) {
		return false, nil
	}
	l.judged = data
	if err == nil && t == nil {
		err = fault.New(fault.Config, "read routes", FileName, text.T("文件不见了", "the file is gone"), text.T("放回去；确实不要路由表就重新启动 serve", "put it back; to go on without a table, restart serve"))
	}
	if err != nil {
		return false, err
	}
	l.now.Store(t)
	return true, nil
}

// same tells no file from an empty one.
func same(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }

// load reads and judges the file; both are nil where there is none.
func load(dir fs.FS, receivers []string, zone *time.Location) (*Table, []byte, error) {
	data, err := fs.ReadFile(dir, FileName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, []byte{}, fault.Wrap(err, fault.Config, "read routes", FileName, text.T("读不到文件", "cannot read the file"), text.Text{})
	}
	t, err := Parse(FileName, data, receivers, zone)
	return t, append([]byte{}, data...), err
}

// Receivers are those the table routes to, sorted; none of no table.
func (t *Table) Receivers() []string {
	var list []string
	if t != nil {
		for _, d := range t.Departments {
			list = append(list, d.Receivers...)
		}
	}
	slices.Sort(list)
	return list
}
