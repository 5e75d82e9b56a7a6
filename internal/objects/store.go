package objects

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/gm"
	"banjian/internal/text"
)

// Object is one content that is kept.
type Object struct {
	Name string `json:"object"` // SHA-256 of the content
	Size int64  `json:"size"`
	MD5  string `json:"md5"`
	SM3  string `json:"sm3"` // digests are lower-case hexadecimal characters
}

// Reference is an object as records hold it, see schemas.File.
func (o Object) Reference(mediaType string) string {
	return fmt.Sprintf("sha256:%s;%d;%s", o.Name, o.Size, mediaType)
}

// Store keeps objects. Its methods may be called concurrently, by several processes too.
type Store struct {
	root  *os.Root
	dir   string
	shelf shelf
}

// shelf is where whole objects lie.
type shelf interface {
	// stat is the size of an object; fs.ErrNotExist: there is none.
	stat(ctx context.Context, name string) (int64, error)
	// put keeps a synced file of the folder as the object; tmp is its name there.
	put(ctx context.Context, f *os.File, tmp string, o Object) error
	// open reads an object; fs.ErrNotExist: there is none.
	open(ctx context.Context, name string) (io.ReadCloser, error)
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
	sweep(root)
	return &Store{root, dir, &local{root, dir}}, nil
}

// halfLeft is how old a half file must be before it is nobody's any more.
const halfLeft = 24 * time.Hour

// sweep takes away half files that stops left. What cannot be taken away stays.
func sweep(root *os.Root) {
	list, err := fs.ReadDir(root.FS(), "tmp")
	if err != nil {
		return
	}
	for _, e := range list {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > halfLeft {
			_ = root.Remove("tmp/" + e.Name())
		}
	}
}

// Close gives the folder and connections back.
func (s *Store) Close() error {
	if c, ok := s.shelf.(interface{ close() }); ok {
		c.close()
	}
	return s.root.Close()
}

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
	return o, s.keep(ctx, f, tmp, o)
}

func (s *Store) fill(ctx context.Context, f io.Writer, r io.Reader, most int64) (o Object, err error) {
	name, sm3, sum := sha256.New(), gm.NewSM3(), md5.New()
	out := &writes{w: io.MultiWriter(f, name, sm3, sum)}
	o.Size, err = io.Copy(out, io.LimitReader(&during{ctx, r}, most+1))
	switch {
	case out.err != nil:
		return o, trouble(out.err, s.dir)
	case err != nil:
		return o, err
	case o.Size > most:
		return o, ErrTooLarge
	}
	o.Name, o.MD5, o.SM3 = hex.EncodeToString(name.Sum(nil)), hex.EncodeToString(sum.Sum(nil)), hex.EncodeToString(sm3.Sum(nil))
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
func (s *Store) keep(ctx context.Context, f *os.File, tmp string, o Object) error {
	switch size, err := s.shelf.stat(ctx, o.Name); {
	case err == nil && size == o.Size:
		return nil // another source gave the same
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := f.Sync(); err != nil {
		return trouble(err, s.dir)
	}
	failpoint.Hit(failpoint.AfterFetch)
	return s.shelf.put(ctx, f, tmp, o)
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
func (s *Store) Marked(ctx context.Context, key string) (o Object, ok bool) {
	line, err := s.root.ReadFile(marked(key))
	if err != nil || json.Unmarshal(line, &o) != nil || !nameForm.MatchString(o.Name) {
		return Object{}, false
	}
	size, err := s.shelf.stat(ctx, o.Name)
	return o, err == nil && size == o.Size
}

// marked is where a source is marked; its text does not show.
func marked(key string) string {
	sum := gm.SM3([]byte(key))
	name := hex.EncodeToString(sum[:])
	return path.Join("by-source", name[:2], name)
}
