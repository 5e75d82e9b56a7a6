package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
)

//go:embed migrations/*.sql
var migrations embed.FS

// The page caches of all connections together stay within 64 MiB. The writer's holds more
// than its share only while a transaction changes that much: pages written before the
// commit would be written, and their checksums computed, a second time.
const (
	writerCacheKiB = 32 * 1024
	writerDirtyKiB = 50 * 1024
	readers        = 3
	readerCacheKiB = 4 * 1024
)

// Store is a ledger in one file. All methods may be called concurrently.
type Store struct {
	path string
	db   *sql.DB  // writing, one connection
	read *reading // read-only pool
	w    *writer
	now  func() time.Time

	mu        sync.Mutex
	streams   map[ledger.Stream]int64
	receivers map[string]int64
	reserved  map[string][2]int64
}

var _ ledger.Store = (*Store)(nil)

// Option changes how a store is opened.
type Option func(*Store)

// WithClock replaces the clock, for tests.
func WithClock(now func() time.Time) Option { return func(s *Store) { s.now = now } }

// Open opens or creates the ledger file and brings its tables up to date. The folder
// must exist.
func Open(ctx context.Context, path string, opts ...Option) (*Store, error) {
	s := &Store{path: path, now: time.Now, streams: map[ledger.Stream]int64{}, receivers: map[string]int64{}, reserved: map[string][2]int64{}}
	for _, o := range opts {
		o(s)
	}
	if err := private(path); err != nil {
		return nil, err
	}
	var err error
	if s.db, err = sql.Open("sqlite", dsn(path, false)); err != nil {
		return nil, s.fault("open ledger", err)
	}
	s.db.SetMaxOpenConns(1)
	if err := prepare(ctx, s.db, path); err != nil {
		s.db.Close()
		return nil, s.fault("open ledger", err)
	}
	read, err := sql.Open("sqlite", dsn(path, true))
	if err != nil {
		s.db.Close()
		return nil, s.fault("open ledger", err)
	}
	s.read = newReading(read)
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	if s.w, err = startWriter(ctx, s.db); err != nil {
		s.read.Close()
		s.db.Close()
		return nil, s.fault("open ledger", err)
	}
	return s, nil
}

// private creates the file readable by its owner alone: it holds personal data. A file
// that is there is not opened: closing it again would drop the locks that another
// store of this process has on it.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case err == nil:
		return f.Close()
	case errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(err, fault.Config, "open ledger", path, text.F("台账所在文件夹 %s 不存在", "the ledger's folder %s does not exist", filepath.Dir(path)),
			text.T("若在另一块盘上，先确认已挂载；新站点建好文件夹；或在 banjian.yaml 里改 ledger.path", "if it is on a disk of its own, see that it is mounted; for a new site create it; or change ledger.path in banjian.yaml"))
	}
	return fault.Wrap(err, fault.Config, "open ledger", path, text.T("打不开台账文件", "cannot open the ledger file"),
		text.T("用拥有站点的用户运行；文件夹要能写", "run as the user that owns the site; the folder must be writable"))
}

func dsn(path string, readOnly bool) string {
	q := url.Values{}
	q.Add("_pragma", "busy_timeout(15000)")
	if readOnly {
		q.Set("mode", "ro")
		q.Add("_pragma", "query_only(1)")
		q.Add("_pragma", fmt.Sprintf("cache_size(-%d)", readerCacheKiB))
	} else {
		q.Add("_pragma", "page_size(4096)")
		q.Add("_pragma", "synchronous(FULL)")
		q.Add("_pragma", "wal_autocheckpoint(8000)")
		q.Add("_pragma", fmt.Sprintf("cache_size(-%d)", writerCacheKiB))
		q.Add("_pragma", fmt.Sprintf("cache_spill(-%d)", writerDirtyKiB))
		q.Set("_txlock", "immediate")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// prepare makes the file a ledger of today's layout. What belongs to somebody else is
// refused before a byte of it changes.
func prepare(ctx context.Context, db *sql.DB, path string) error {
	var tables, ours int
	if err := db.QueryRowContext(ctx, "SELECT count(*), count(CASE WHEN name IN ('streams', 'records', 'log') THEN 1 END) FROM sqlite_master "+
		"WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'").Scan(&tables, &ours); err != nil {
		return err
	}
	if tables > 0 && ours < 3 {
		return fault.New(fault.Config, "open ledger", path, text.T("这是别的数据库，不是台账；没有动它", "this is another database, no ledger; it was left as it is"),
			text.T("在 banjian.yaml 里把 ledger.path 改成台账的文件；新台账写一个还没有的文件名", "have ledger.path in banjian.yaml name the ledger; for a new one a file that is not there yet"))
	}
	return migrate(ctx, db)
}

func migrate(ctx context.Context, db *sql.DB) error {
	if err := writeAhead(ctx, db); err != nil {
		return err
	}
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir)
	if err != nil {
		return err
	}
	if current, target, err := p.GetVersions(ctx); err == nil && current > target {
		return fault.New(fault.Config, "open ledger", "", text.F("台账由更新的版本写成（结构版本 %d，本程序只认到 %d）", "the ledger was written by a newer release (layout %d, this one knows %d)", current, target),
			text.T("请换用写它的那个版本或更新的版本", "use the release that wrote it, or a newer one"))
	}
	// Another process may be doing the same to a new file; then one of the two fails, and
	// finds the work done when it looks again.
	for range 3 {
		if _, err = p.Up(ctx); err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err() // whatever was under way says of it that its transaction is gone
		}
	}
	return err
}

// writeAhead sets the journal mode, which stays with the file. Two processes that do so
// to a new file at once get in each other's way.
func writeAhead(ctx context.Context, db *sql.DB) (err error) {
	for range 3 {
		if _, err = db.ExecContext(ctx, "PRAGMA journal_mode(WAL)"); err == nil {
			return nil
		}
	}
	return err
}

// Close waits for what is being written and closes the file.
func (s *Store) Close() error {
	s.w.stop()
	return errors.Join(s.read.Close(), s.db.Close())
}

// fault classifies an error of SQLite.
func (s *Store) fault(op string, err error) error {
	var known *fault.Error
	if err == nil || errors.Is(err, ledger.ErrConflict) || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var se *sqlite.Error
	code := 0
	if errors.As(err, &se) {
		code = se.Code() & 0xff
	}
	switch {
	case code == 13 || strings.Contains(err.Error(), "no space left"): // SQLITE_FULL
		return fault.Wrap(err, fault.Transient, op, s.path, text.T("磁盘已满，台账没有写入（已有数据完好）", "the disk is full, nothing was written (what is there is intact)"),
			text.T("腾出空间后再运行一次，会从上次的位置继续", "free some space and run again; it goes on from the last position"))
	case code == 10: // SQLITE_IOERR
		return fault.Wrap(err, fault.Transient, op, s.path, text.T("台账文件读写出错", "the ledger file cannot be read or written"),
			text.T("检查磁盘与空间后再运行一次", "check the disk and its free space, then run again"))
	case code == 5 || code == 6: // SQLITE_BUSY, SQLITE_LOCKED
		return fault.Wrap(err, fault.Transient, op, s.path, text.T("台账正被别的进程占用", "another process is writing to the ledger"), text.Text{})
	case code == 14: // SQLITE_CANTOPEN
		return fault.Wrap(err, fault.Config, op, s.path, text.T("打不开台账文件", "cannot open the ledger file"), text.T("检查路径与文件权限", "check the path and its permissions"))
	case code == 8: // SQLITE_READONLY
		return fault.Wrap(err, fault.Config, op, s.path, text.T("台账文件不可写", "the ledger file is read-only"),
			text.T("用拥有站点的用户运行；文件、文件夹和盘都要能写", "run as the user that owns the site; file, folder and disk must be writable"))
	case code == 26: // SQLITE_NOTADB
		return fault.Wrap(err, fault.Gone, op, s.path, text.T("这不是台账文件，或已损坏", "this is no ledger file, or a damaged one"),
			text.T("检查 banjian.yaml 的 ledger.path；路径没错就从备份恢复", "check ledger.path in banjian.yaml; if it is right, restore the file from a backup"))
	case code == 11: // SQLITE_CORRUPT
		return fault.Wrap(err, fault.Gone, op, s.path, text.T("台账文件已损坏", "the ledger file is damaged"), text.T("从备份恢复", "restore it from a backup"))
	}
	return fault.Wrap(err, fault.Bug, op, s.path, text.T("台账操作失败", "a ledger operation failed"), text.Text{})
}
