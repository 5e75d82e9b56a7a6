package sftp

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"

	"banjian/internal/fault"
	"banjian/internal/text"
)

var (
	errStalled = errors.New("no answer")
	errShort   = errors.New("the file ends before its size")
)

// watch closes a connection over which next to nothing came for a while, or that nobody
// waits for any more.
type watch struct {
	mu      sync.Mutex
	timer   *time.Timer
	stalled bool
	cancel  func() bool
}

func (w *way) watch(ctx context.Context, patience time.Duration) *watch {
	at := &watch{cancel: context.AfterFunc(ctx, func() { _ = w.conn.Close() })}
	before := w.conn.got.Load()
	at.mu.Lock()
	defer at.mu.Unlock()
	at.timer = time.AfterFunc(patience, func() {
		at.mu.Lock()
		defer at.mu.Unlock()
		if now := w.conn.got.Load(); now-before >= leastPace {
			before = now
			at.timer.Reset(patience)
			return
		}
		at.stalled = true
		_ = w.conn.Close()
	})
	return at
}

// end says whether it had to close the connection for silence.
func (at *watch) end() bool {
	at.cancel()
	at.mu.Lock()
	defer at.mu.Unlock()
	at.timer.Stop()
	return at.stalled
}

// guarded runs a call of the library, which panics over some answers that are none.
func guarded(call func(w *way) error, w *way) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the server's answer cannot be read: %v", r)
		}
	}()
	return call(w)
}

// answered says that the other side said no: trying again over a new connection is no use.
func answered(err error) bool {
	var status *sftp.StatusError
	var told *fault.Error
	var disk *spoolError
	for _, is := range []error{fs.ErrNotExist, fs.ErrPermission, fs.ErrExist, errShort} {
		if errors.Is(err, is) {
			return true
		}
	}
	return errors.As(err, &status) || errors.As(err, &told) || errors.As(err, &disk)
}

func (o *Options) config(what, hint text.Text) error {
	return fault.New(fault.Config, "open SFTP folder", o.where(), what, hint)
}

func (f *Folder) config(what, hint text.Text) error { return f.o.config(what, hint) }

// fault is an error of a call as what it means for a run.
func (f *Folder) fault(err error, name string) error {
	const op = "use SFTP folder"
	where := f.o.where() + " " + strings.TrimSuffix(f.o.Dir, "/") + "/" + name
	var told *fault.Error
	var disk *spoolError
	switch {
	case err == nil || errors.As(err, &told):
		return err
	case errors.As(err, &disk):
		return fault.Wrap(err, fault.Transient, "copy file", where, text.T("本机写不下文件的副本", "the copy of the file cannot be written here"), text.T("检查台账所在磁盘的空间", "look at the free space of the disk the ledger lies on"))
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(err, fault.Config, op, where, text.T("SFTP 服务器不许这样做", "the SFTP server does not allow it"), text.T("请部门给账号权限：读取要可读，归档要可写", "have the department give the account its rights: reading needs read, archiving needs write"))
	case errors.Is(err, fs.ErrNotExist) && name == "":
		return fault.Wrap(err, fault.Config, op, where, text.T("服务器上没有这个文件夹", "there is no such folder on the server"), text.T("检查 path；相对的路径从账号的主目录算起", "look at path; a relative one begins at the account's home"))
	case errors.Is(err, errStalled):
		return fault.Wrap(err, fault.Transient, op, where, text.F("SFTP 服务器 %s 没有应答", "the SFTP server did not answer for %s", f.o.Timeout), text.Text{})
	case errors.Is(err, errShort):
		return fault.Wrap(err, fault.Transient, op, where, text.T("读取期间文件被改动", "the file was changed while it was read"), text.T("请部门写完再放标志文件", "have the department put the marker when the file is whole"))
	}
	return fault.Wrap(err, fault.Transient, op, where, text.T("SFTP 操作失败", "the SFTP server did not do it"), text.Text{})
}
