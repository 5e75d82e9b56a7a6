package gateway

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// layoutVersion is that of the journal's tables.
const layoutVersion = 6

// layouts are what each version adds.
var layouts = [layoutVersion]string{`
CREATE TABLE applications ( -- one submission of an application
  id         INTEGER PRIMARY KEY,
  system     TEXT NOT NULL,    -- by whose path it was announced last
  platform   TEXT NOT NULL,
  flow_no    TEXT NOT NULL,
  submission INTEGER NOT NULL,
  item       TEXT NOT NULL,
  kind       TEXT NOT NULL,    -- EXPRESSTYPE
  replied    TEXT NOT NULL,    -- time of the correction, as the platform writes it
  message    TEXT NOT NULL,    -- the call's XML
  received   INTEGER NOT NULL, -- the first call
  called     INTEGER NOT NULL, -- the last
  calls      INTEGER NOT NULL,
  revision   INTEGER NOT NULL DEFAULT 1, -- of what was announced: a fetch for an older one does not count
  state      TEXT NOT NULL,    -- announced, detailed (the materials are missing), fetched
  due        INTEGER NOT NULL, -- not asked for before
  tries      INTEGER NOT NULL DEFAULT 0,
  error      TEXT NOT NULL DEFAULT '',
  fetched    INTEGER NOT NULL DEFAULT 0,
  details    TEXT, -- DATA of interface 2
  materials  TEXT, -- DATA of interface 3
  UNIQUE (platform, flow_no, submission)
);
CREATE INDEX applications_due ON applications (system, due, id) WHERE state <> 'fetched';
CREATE TABLE files ( -- of a material that has one
  application INTEGER NOT NULL,
  seq         TEXT NOT NULL,
  path        TEXT NOT NULL, -- to ask for it by
  name        TEXT NOT NULL,
  md5         TEXT NOT NULL,
  state       TEXT NOT NULL, -- pending, stored, failed (it is there, but is not what it should be)
  reference   TEXT NOT NULL DEFAULT '',
  due         INTEGER NOT NULL,
  tries       INTEGER NOT NULL DEFAULT 0,
  error       TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (application, seq)
) WITHOUT ROWID;
CREATE INDEX files_due ON files (due) WHERE state <> 'stored';
CREATE TABLE withdrawals (
  id         INTEGER PRIMARY KEY,
  system     TEXT NOT NULL,
  platform   TEXT NOT NULL,
  flow_no    TEXT NOT NULL,
  submission INTEGER NOT NULL, -- -1: the number was not known
  message    TEXT NOT NULL,
  received   INTEGER NOT NULL,
  called     INTEGER NOT NULL,
  calls      INTEGER NOT NULL,
  answer     TEXT NOT NULL, -- accepted, refused, unknown
  UNIQUE (platform, flow_no, submission)
);
CREATE TABLE feed (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  platform TEXT NOT NULL,
  kind     TEXT NOT NULL, -- application, application_material, withdrawal
  ref      INTEGER NOT NULL
);
CREATE INDEX feed_kind ON feed (platform, kind, seq);
CREATE TABLE outages ( -- a system's platform cannot be asked
  system TEXT PRIMARY KEY,
  since  INTEGER NOT NULL,
  error  TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE taken ( -- how far the ledger has come, for what may be dropped
  platform TEXT NOT NULL,
  kind     TEXT NOT NULL,
  seq      INTEGER NOT NULL,
  PRIMARY KEY (platform, kind)
) WITHOUT ROWID;
`, `
CREATE TABLE nonces ( -- of signed calls that took effect, for as long as their stamps may be good
  caller TEXT NOT NULL, -- app key
  nonce  TEXT NOT NULL,
  until  INTEGER NOT NULL,
  PRIMARY KEY (caller, nonce)
) WITHOUT ROWID;
CREATE INDEX nonces_until ON nonces (until);
`, `
DROP TABLE taken;
`, `
ALTER TABLE withdrawals ADD COLUMN finished INTEGER NOT NULL DEFAULT 0; -- why it was refused: the case is finished
`, `
ALTER TABLE files ADD COLUMN material TEXT NOT NULL DEFAULT ''; -- whose file it is, as the platform calls it
ALTER TABLE files ADD COLUMN since INTEGER NOT NULL DEFAULT 0; -- that it cannot be had, or is not what it should be
`, `
CREATE INDEX feed_ref ON feed (ref, kind, platform, seq);
`}

// Journal (收件日志) is what platforms called, and what was fetched for it, in one file. All
// methods may be called concurrently, and by several processes.
type Journal struct {
	path string
	db   *sql.DB // writing, one connection
	read *sql.DB
	now  func() time.Time

	writes chan *write
	quit   chan struct{}
	done   chan struct{}
	once   sync.Once

	mu    sync.Mutex
	woken chan struct{} // closed and made anew with every write
}

// Bounds of the journal's writing.
const (
	waitingMost = 512 // writes that wait; one more is told to come back later
	groupMost   = 64  // that share one transaction, and so one fsync
	journalWait = 10 * time.Second
)

// OpenJournal opens or creates the file, and its folder. Faults are Config, Transient and
// Gone.
func OpenJournal(ctx context.Context, path string, now func() time.Time) (*Journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Config, "open journal", path, text.T("建不了收件日志的文件夹", "cannot create the journal's folder"), text.Text{})
	}
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600); err == nil {
		err = f.Close()
		if err != nil {
			return nil, journalFault(err, path)
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return nil, fault.Wrap(err, fault.Config, "open journal", path, text.T("打不开收件日志", "cannot open the journal"), text.T("检查 gateway.journal 的路径和权限", "check the path of gateway.journal and its rights"))
	}
	j := &Journal{path: path, now: now, writes: make(chan *write, waitingMost), quit: make(chan struct{}), done: make(chan struct{}), woken: make(chan struct{})}
	var err error
	if j.db, err = sql.Open("sqlite", journalDSN(path, false)); err != nil {
		return nil, journalFault(err, path)
	}
	j.db.SetMaxOpenConns(1)
	if err := j.layOut(ctx); err != nil {
		return nil, errors.Join(journalFault(err, path), j.db.Close())
	}
	if j.read, err = sql.Open("sqlite", journalDSN(path, true)); err != nil {
		return nil, errors.Join(journalFault(err, path), j.db.Close())
	}
	j.read.SetMaxOpenConns(4)
	go j.loop()
	return j, nil
}

func journalDSN(path string, readOnly bool) string {
	q := url.Values{}
	q.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", journalWait.Milliseconds()))
	if readOnly {
		q.Set("mode", "ro")
		q.Add("_pragma", "query_only(1)")
	} else {
		q.Add("_pragma", "journal_mode(WAL)")
		q.Add("_pragma", "synchronous(FULL)")
		q.Set("_txlock", "immediate")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func (j *Journal) layOut(ctx context.Context) error {
	var before int
	if err := j.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&before); err != nil || before == layoutVersion {
		return err
	}
	tx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	switch {
	case version > layoutVersion:
		return fault.New(fault.Config, "open journal", j.path, text.F("收件日志由更新的版本写成（结构版本 %d，本程序只认到 %d）", "the journal was written by a newer release (layout %d, this one knows %d)", version, layoutVersion),
			text.T("请换用写它的那个版本或更新的版本", "use the release that wrote it, or a newer one"))
	case version == layoutVersion:
		return nil
	}
	if _, err := tx.ExecContext(ctx, strings.Join(layouts[version:], "")+fmt.Sprintf("PRAGMA user_version = %d", layoutVersion)); err != nil {
		return err
	}
	return tx.Commit()
}

// Close ends when what waits was written.
func (j *Journal) Close() error {
	j.once.Do(func() { close(j.quit) })
	<-j.done
	return errors.Join(j.read.Close(), j.db.Close())
}

// write is one change on its way into the journal.
type write struct {
	run  func(*sql.Tx) error
	err  error
	done chan struct{}
}

// errFull says that too many writes wait already.
var errFull = fault.New(fault.Transient, "write journal", "", text.T("收件太多，请稍后再来", "too much comes in, come back later"), text.Text{})

// do runs fn in a transaction and returns when it is durable, or not written. It does not
// wait for a place in the queue. Once it is queued it is carried out, whatever becomes of ctx.
func (j *Journal) do(ctx context.Context, fn func(*sql.Tx) error) error {
	w := &write{run: fn, done: make(chan struct{})}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-j.quit:
		return errFull
	default:
	}
	select {
	case j.writes <- w:
	default:
		return errFull
	}
	select {
	case <-w.done:
	case <-j.done: // the loop may have ended just before it looked
		select {
		case <-w.done:
		default:
			return errFull
		}
	}
	return journalFault(w.err, j.path)
}

func (j *Journal) loop() {
	defer close(j.done)
	for {
		select {
		case w := <-j.writes:
			j.group(w)
		case <-j.quit:
			for {
				select {
				case w := <-j.writes:
					j.group(w)
				default:
					return
				}
			}
		}
	}
}

// group writes first and whatever waits behind it in one transaction; one that fails takes
// nothing of the others along.
func (j *Journal) group(first *write) {
	batch := []*write{first}
	for len(batch) < groupMost {
		select {
		case w := <-j.writes:
			batch = append(batch, w)
			continue
		default:
		}
		break
	}
	if err := j.commit(batch); err != nil && len(batch) > 1 {
		for _, w := range batch {
			w.err = j.commit([]*write{w})
		}
	} else {
		for _, w := range batch {
			w.err = err
		}
	}
	for _, w := range batch {
		close(w.done)
	}
	j.wake()
}

func (j *Journal) commit(batch []*write) error {
	tx, err := j.db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, w := range batch {
		if err := w.run(tx); err != nil {
			return err
		}
	}
	failpoint.Hit(failpoint.InJournal)
	if err := tx.Commit(); err != nil {
		return err
	}
	failpoint.Hit(failpoint.AfterJournal)
	return nil
}

// Changed is closed with the next write of this process.
func (j *Journal) Changed() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.woken
}

func (j *Journal) wake() {
	j.mu.Lock()
	defer j.mu.Unlock()
	close(j.woken)
	j.woken = make(chan struct{})
}

// journalFault classifies an error of SQLite.
func journalFault(err error, path string) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var se *sqlite.Error
	code := 0
	if errors.As(err, &se) {
		code = se.Code() & 0xff
	}
	switch {
	case code == 13 || strings.Contains(err.Error(), "no space left"): // SQLITE_FULL
		return fault.Wrap(err, fault.Transient, "write journal", path, text.T("磁盘已满，收件没有写入", "the disk is full, nothing was written"), text.T("腾出空间；中台会再推", "free some space; the platform calls again"))
	case code == 11 || code == 26: // SQLITE_CORRUPT, SQLITE_NOTADB
		return fault.Wrap(err, fault.Gone, "read journal", path, text.T("收件日志已损坏", "the journal is damaged"), text.T("从备份恢复；之后请中台补推缺少的流水号", "restore it from a backup, then have the platform announce again what is missing"))
	case code == 14 || code == 8: // SQLITE_CANTOPEN, SQLITE_READONLY
		return fault.Wrap(err, fault.Config, "open journal", path, text.T("打不开收件日志，或不可写", "the journal cannot be opened or written"), text.T("检查 gateway.journal 的路径和权限", "check the path of gateway.journal and its rights"))
	}
	return fault.Wrap(err, fault.Transient, "write journal", path, text.T("收件日志读写出错", "the journal cannot be read or written"), text.Text{})
}
