package objects

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/gm"
	"banjian/internal/text"
)

// Object is one content that is kept.
type Object struct {
	Name string `json:"object"` // SM3 of the content, 64 lower-case hexadecimal characters
	Size int64  `json:"size"`
	MD5  string `json:"md5"` // 32 lower-case hexadecimal characters
}

// Store is a folder of objects. Its methods may be called concurrently, by several
// processes too.
type Store struct {
	root *os.Root
	dir  string
}

// Open opens the folder, and makes it if it is not there. The caller closes it.
func Open(dir string) (*Store, error) {
	for _, d := range []string{"tmp", "by-source"} {
		if err := os.MkdirAll(path.Join(dir, d), 0o700); err != nil {
			return nil, trouble(err, dir)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, trouble(err, dir)
	}
	return &Store{root, dir}, nil
}

// Close gives the folder back.
func (s *Store) Close() error { return s.root.Close() }

func trouble(err error, where string) error {
	return fault.Wrap(err, fault.Transient, "keep file", where, text.T("写不了对象文件夹", "the folder of objects cannot be written"), text.T("检查磁盘空间和权限", "check space and rights"))
}

// ErrTooLarge is returned by Put for more than most bytes.
var ErrTooLarge = errors.New("objects: too large")

// Put keeps what r gives, at most most bytes, in constant memory. look sees the whole
// content before it is kept; what it returns ends Put, and nothing is kept.
func (s *Store) Put(ctx context.Context, r io.Reader, most int64, look func(content io.ReaderAt, o Object) error) (Object, error) {
	tmp := "tmp/" + rand.Text()
	f, err := s.root.OpenFile(tmp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Object{}, trouble(err, s.dir)
	}
	defer s.root.Remove(tmp) // no longer there once it was kept
	defer f.Close()
	o, err := s.fill(ctx, f, r, most)
	if err != nil {
		return Object{}, err
	}
	if look != nil {
		if err := look(f, o); err != nil {
			return Object{}, err
		}
	}
	return o, s.keep(f, tmp, o)
}

func (s *Store) fill(ctx context.Context, f io.Writer, r io.Reader, most int64) (o Object, err error) {
	sm3, sum := gm.NewSM3(), md5.New()
	out := &writes{w: io.MultiWriter(f, sm3, sum)}
	o.Size, err = io.Copy(out, io.LimitReader(&during{ctx, r}, most+1))
	switch {
	case out.err != nil:
		return o, trouble(out.err, s.dir)
	case err != nil:
		return o, err
	case o.Size > most:
		return o, ErrTooLarge
	}
	o.Name, o.MD5 = hex.EncodeToString(sm3.Sum(nil)), hex.EncodeToString(sum.Sum(nil))
	return o, nil
}

// during reads until ctx ends.
type during struct {
	ctx context.Context
	r   io.Reader
}

func (d *during) Read(p []byte) (int, error) {
	if err := d.ctx.Err(); err != nil {
		return 0, err
	}
	return d.r.Read(p)
}

// writes tells a fault of ours from one of the source.
type writes struct {
	w   io.Writer
	err error
}

func (w *writes) Write(p []byte) (n int, err error) {
	n, err = w.w.Write(p)
	w.err = err
	return n, err
}

// keep puts a written file in its place.
func (s *Store) keep(f *os.File, tmp string, o Object) error {
	at := place(o.Name)
	if _, err := s.root.Stat(at); err == nil {
		return nil // another source gave the same
	}
	if err := f.Sync(); err != nil {
		return trouble(err, s.dir)
	}
	if err := s.root.MkdirAll(path.Dir(at), 0o700); err != nil {
		return trouble(err, s.dir)
	}
	failpoint.Hit(failpoint.AfterFetch)
	if err := s.root.Rename(tmp, at); err != nil {
		return trouble(err, s.dir)
	}
	return s.sync(path.Dir(at))
}

// sync makes a rename within dir last.
func (s *Store) sync(dir string) error {
	d, err := s.root.Open(dir)
	if err == nil {
		err = errors.Join(d.Sync(), d.Close())
	}
	if err != nil {
		return trouble(err, s.dir)
	}
	return nil
}

func place(name string) string { return path.Join(name[:2], name[2:4], name) }

var nameForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Content opens an object. fs.ErrNotExist: there is none of that name.
func (s *Store) Content(name string) (*os.File, error) {
	if !nameForm.MatchString(name) {
		return nil, fs.ErrNotExist
	}
	return s.root.Open(place(name))
}

// Mark remembers which object a source gave; key is any text that tells sources apart.
func (s *Store) Mark(key string, o Object) error {
	line, err := json.Marshal(o)
	if err != nil {
		return err
	}
	tmp, at := "tmp/"+rand.Text(), marked(key)
	defer s.root.Remove(tmp)
	if err := errors.Join(s.root.MkdirAll(path.Dir(at), 0o700), s.root.WriteFile(tmp, line, 0o600)); err != nil {
		return trouble(err, s.dir)
	}
	if err := s.root.Rename(tmp, at); err != nil {
		return trouble(err, s.dir)
	}
	return nil
}

// Marked is the object a source gave; false if it was not asked yet, or what it gave is
// gone or half there.
func (s *Store) Marked(key string) (o Object, ok bool) {
	line, err := s.root.ReadFile(marked(key))
	if err != nil || json.Unmarshal(line, &o) != nil || !nameForm.MatchString(o.Name) {
		return Object{}, false
	}
	info, err := s.root.Stat(place(o.Name))
	return o, err == nil && info.Size() == o.Size
}

// marked is where a source is marked; its text does not show.
func marked(key string) string {
	sum := gm.SM3([]byte(key))
	name := hex.EncodeToString(sum[:])
	return path.Join("by-source", name[:2], name)
}
