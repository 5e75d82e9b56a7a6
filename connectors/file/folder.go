package file

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Folder is where files are dropped. Names are relative to it, with slashes.
type Folder interface {
	// List is the regular files directly in dir, in no order.
	List(ctx context.Context, dir string) ([]Entry, error)
	// Open gives a file for reading.
	Open(ctx context.Context, name string) (File, error)
	// Move renames a file, making the folder it goes to. It refuses to replace another.
	Move(ctx context.Context, from, to string) error
	Close() error
}

// File is a file open for reading. Stat tells whether it was changed since.
type File interface {
	io.Reader
	io.ReaderAt
	io.Closer
	Stat(ctx context.Context) (Entry, error)
}

// Entry is what a listing says of a file.
type Entry struct {
	Name     string // within the folder
	Size     int64
	Modified time.Time
}

// Local is a folder of this machine. Nothing outside it is reached, by links neither.
type Local struct {
	root *os.Root
	dir  string
}

var _ Folder = (*Local)(nil)

// OpenLocal opens a folder.
func OpenLocal(dir string) (*Local, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "open folder", dir, text.T("打不开文件夹", "cannot open the folder"),
			text.T("检查路径和权限", "check its path and our rights"))
	}
	return &Local{root: root, dir: dir}, nil
}

// List is the regular files directly in dir.
func (l *Local) List(ctx context.Context, dir string) ([]Entry, error) {
	f, err := l.root.Open(path.Join(".", dir))
	if err != nil {
		return nil, l.fault(err, dir)
	}
	defer f.Close()
	var list []Entry
	for ctx.Err() == nil {
		found, err := f.ReadDir(1000)
		for _, e := range found {
			if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
				list = append(list, Entry{path.Join(dir, e.Name()), info.Size(), info.ModTime()})
			}
		}
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, l.fault(err, dir)
		}
	}
	return nil, ctx.Err()
}

// Open gives a file for reading.
func (l *Local) Open(_ context.Context, name string) (File, error) {
	f, err := l.root.Open(name)
	if err != nil {
		return nil, l.fault(err, name)
	}
	return &localFile{File: f, root: l.root, name: name}, nil
}

type localFile struct {
	*os.File
	root *os.Root
	name string
}

// Stat asks by name, not by handle: a file that was replaced is another one.
func (f *localFile) Stat(context.Context) (Entry, error) {
	info, err := f.root.Stat(f.name)
	if err != nil {
		return Entry{}, err
	}
	return Entry{f.name, info.Size(), info.ModTime()}, nil
}

// Move renames a file and makes it durable where it went.
func (l *Local) Move(_ context.Context, from, to string) error {
	if err := l.root.MkdirAll(path.Dir(to), 0o755); err != nil {
		return l.fault(err, path.Dir(to))
	}
	if _, err := l.root.Lstat(to); err == nil {
		return l.fault(fs.ErrExist, to)
	}
	if err := l.root.Rename(from, to); err != nil {
		return l.fault(err, from)
	}
	d, err := l.root.Open(path.Dir(to))
	if err != nil {
		return l.fault(err, to)
	}
	defer d.Close()
	return d.Sync()
}

// Close gives the folder back.
func (l *Local) Close() error { return l.root.Close() }

func (l *Local) fault(err error, name string) error {
	kind, hint := fault.Transient, text.Text{}
	if errors.Is(err, fs.ErrPermission) {
		kind, hint = fault.Config, text.T("检查文件夹的权限：读取要可读，归档要可写", "check our rights: reading needs read, archiving needs write")
	}
	return fault.Wrap(err, kind, "use folder", strings.TrimSuffix(l.dir, "/")+"/"+name, text.T("文件夹操作失败", "the folder did not do it"), hint)
}
