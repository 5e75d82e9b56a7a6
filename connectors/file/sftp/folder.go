package sftp

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"net"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"banjian/connectors/file"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// Guard keeps a process polite towards a server; see sqlview.Guard.
type Guard interface {
	Blocked(connection string) error
	Block(connection string, why error)
	Acquire(ctx context.Context, connection string, limit int) (release func(), err error)
}

// Options say where a folder is and how it is reached.
type Options struct {
	Name       string // of the connection, in errors
	Host       string
	Port       int // 0 = 22
	User       string
	Password   func() (string, error) // nil = there is none; asked at every connection
	PrivateKey func() (string, error) // OpenSSH or PEM
	Passphrase func() (string, error) // of the private key
	HostKeys   []string               // as known_hosts and .pub files have them, or fingerprints as ssh-keygen prints them; these or KnownHosts
	KnownHosts string                 // a file
	Dir        string                 // the folder, as the server names it
	Spool      string                 // where copies lie while they are read; empty = the system's folder for such
	Timeout    time.Duration          // how long the server may stay silent; 0 = 30 s
	Most       int                    // connections of this process to it at a time; 0 = any number
	Guard      Guard                  // nil = none

	pause time.Duration // before it is tried again the first time; 0 = 500 ms
}

const (
	packet       = 32 << 10 // bytes of one answer
	maxHandshake = 1 << 20
	maxListing   = 128 << 20 // bytes of the listing of a folder: some 500,000 files
	leastPace    = 1 << 10   // bytes within Timeout, below which a server stalls
	tries        = 5         // of one thing, over new connections
)

// Folder is a folder on an SSH server. Its calls run one after the other, but for Close.
type Folder struct {
	o    Options
	kind int // of host key that the server is known by

	mu      sync.Mutex
	way     *way // nil = not connected
	release func()
	closed  bool
}

var _ file.Folder = (*Folder)(nil)

// Open signs in and looks whether the folder is there. Errors: Config (host key, secrets, the
// folder), Blocked (the login was refused), Transient.
func Open(ctx context.Context, o Options) (*Folder, error) {
	if o.Port == 0 {
		o.Port = 22
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.pause <= 0 {
		o.pause = 500 * time.Millisecond
	}
	f := &Folder{o: o}
	if err := f.do(ctx, "", func(*way) error { return nil }); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// List is the regular files directly in dir.
func (f *Folder) List(ctx context.Context, dir string) ([]file.Entry, error) {
	var list []file.Entry
	err := f.do(ctx, dir, func(w *way) error {
		full, err := f.below(w, dir, false)
		if err != nil {
			return err
		}
		w.conn.most.Store(w.conn.got.Load() + maxListing)
		found, err := w.sftp.ReadDirContext(ctx, full)
		if err == nil && ctx.Err() != nil {
			err = ctx.Err()
		}
		if errors.Is(err, errTooMuch) || err != nil && w.conn.got.Load() > w.conn.most.Load() {
			return f.config(text.T("文件夹里的文件太多，列不完", "there are too many files in the folder to list"), text.T("写 archive 让读过的文件移走，或请部门清理", "write archive, where taken files go, or have the department clear them"))
		}
		w.conn.most.Store(math.MaxInt64)
		list = list[:0]
		for _, info := range found {
			if info.Mode().IsRegular() {
				list = append(list, file.Entry{Name: path.Join(dir, info.Name()), Size: info.Size(), Modified: info.ModTime()})
			}
		}
		return err
	})
	return list, err
}

// stat asks for a regular file.
func (f *Folder) stat(w *way, name string) (file.Entry, error) {
	dir, err := f.below(w, path.Dir(name), false)
	if err != nil {
		return file.Entry{}, err
	}
	info, err := w.sftp.Lstat(path.Join(dir, path.Base(name)))
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return file.Entry{}, err
	}
	return file.Entry{Name: name, Size: info.Size(), Modified: info.ModTime()}, nil
}

// Move renames a file, making the folder it goes to. It refuses to replace another.
func (f *Folder) Move(ctx context.Context, from, to string) error {
	asked := false
	return f.do(ctx, from, func(w *way) error {
		source, err := f.below(w, path.Dir(from), false)
		if err != nil {
			return err
		}
		goal, err := f.below(w, path.Dir(to), true)
		if err != nil {
			return err
		}
		source, goal = path.Join(source, path.Base(from)), path.Join(goal, path.Base(to))
		_, there := w.sftp.Lstat(goal)
		if there == nil {
			if _, left := w.sftp.Lstat(source); asked && errors.Is(left, fs.ErrNotExist) {
				return nil // it was done, the answer was lost
			}
			return fs.ErrExist
		}
		if !errors.Is(there, fs.ErrNotExist) {
			return there
		}
		asked = true
		return w.sftp.Rename(source, goal)
	})
}

// below is a folder's full name, unless a link may lead out of the agreed one. A folder that
// is not there is made, where make says so.
func (f *Folder) below(w *way, dir string, make bool) (string, error) {
	full := w.base
	if dir = path.Clean(dir); dir == "." {
		return full, nil
	}
	if !fs.ValidPath(dir) {
		return "", fs.ErrNotExist
	}
	for _, step := range strings.Split(dir, "/") {
		full = path.Join(full, step)
		info, err := w.sftp.Lstat(full)
		if make && errors.Is(err, fs.ErrNotExist) {
			if err = w.sftp.Mkdir(full); err == nil {
				continue
			}
		}
		if err != nil {
			return "", err
		}
		if !info.IsDir() {
			return "", f.config(text.F("%s 不是真正的文件夹", "%s is no true folder", dir), text.T("链接不跟；path 下只用真正的子文件夹", "links are not followed: use true folders below path"))
		}
	}
	return full, nil
}

// Close ends the connection. It may be called again.
func (f *Folder) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.drop()
	if f.release != nil {
		f.release()
		f.release = nil
	}
	return nil
}

func (f *Folder) drop() {
	if f.way != nil {
		f.way.close()
		f.way = nil
	}
}

// do runs a call; where the connection breaks, again over a new one.
func (f *Folder) do(ctx context.Context, name string, call func(w *way) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return fault.New(fault.Transient, "use SFTP folder", f.o.where(), text.T("文件夹已关闭", "the folder is closed"), text.Text{})
	}
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval = f.o.pause
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := f.once(ctx, call)
		if err != nil && (ctx.Err() != nil || answered(err)) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(wait), backoff.WithMaxTries(tries), backoff.WithMaxElapsedTime(0))
	var permanent *backoff.PermanentError
	if errors.As(err, &permanent) {
		err = permanent.Err
	}
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return f.fault(err, name)
}

// once runs a call over the connection at hand, or a new one, and drops one that broke.
func (f *Folder) once(ctx context.Context, call func(w *way) error) (err error) {
	if f.way == nil {
		if err := f.admitted(ctx); err != nil {
			return err
		}
		w, err := f.connect(ctx)
		if err != nil {
			if w != nil {
				w.close()
			}
			return err
		}
		f.way = w
	}
	watch := f.way.watch(ctx, f.o.Timeout)
	defer func() {
		if stalled := watch.end(); stalled && err != nil {
			err = errStalled
		}
		if err != nil && !answered(err) {
			f.drop()
		}
	}()
	return guarded(call, f.way)
}

// admitted waits for its turn at the server.
func (f *Folder) admitted(ctx context.Context) (err error) {
	if f.o.Guard == nil {
		return nil
	}
	if err := f.o.Guard.Blocked(f.o.where()); err != nil {
		return err
	}
	if f.release == nil {
		f.release, err = f.o.Guard.Acquire(ctx, f.o.where(), f.o.Most)
	}
	return err
}

func (o *Options) where() string {
	return o.Name + " " + o.User + "@" + net.JoinHostPort(o.Host, strconv.Itoa(o.Port))
}
