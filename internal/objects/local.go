package objects

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"time"
)

// local is the folder as a shelf: ab/cd/abcd….
type local struct {
	root *os.Root
	dir  string
}

func place(name string) string { return path.Join(name[:2], name[2:4], name) }

func (l *local) stat(_ context.Context, name string) (int64, error) {
	info, err := l.root.Stat(place(name))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fs.ErrNotExist
	}
	if err != nil {
		return 0, trouble(err, l.dir)
	}
	return info.Size(), nil
}

func (l *local) put(_ context.Context, _ *os.File, tmp string, o Object) error {
	at := place(o.Name)
	if err := l.root.MkdirAll(path.Dir(at), 0o700); err != nil {
		return trouble(err, l.dir)
	}
	if err := l.root.Rename(tmp, at); err != nil {
		return trouble(err, l.dir)
	}
	return l.sync(path.Dir(at))
}

// sync makes a rename within dir last.
func (l *local) sync(dir string) error {
	d, err := l.root.Open(dir)
	if err == nil {
		err = errors.Join(d.Sync(), d.Close())
	}
	if err != nil {
		return trouble(err, l.dir)
	}
	return nil
}

func (l *local) open(_ context.Context, name string) (io.ReadCloser, error) {
	f, err := l.root.Open(place(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, trouble(err, l.dir)
	}
	return f, err
}

func (l *local) each(ctx context.Context, f func(name string, size int64, at time.Time) error) error {
	return fs.WalkDir(l.root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return trouble(err, l.dir)
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir() && (p == "tmp" || p == "by-source"):
			return fs.SkipDir
		case d.IsDir() || !nameForm.MatchString(d.Name()) || place(d.Name()) != p:
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // somebody removed it meanwhile
		}
		if err != nil {
			return trouble(err, l.dir)
		}
		return f(d.Name(), info.Size(), info.ModTime())
	})
}

func (l *local) remove(_ context.Context, name string) error {
	if err := l.root.Remove(place(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return trouble(err, l.dir)
	}
	return nil
}
