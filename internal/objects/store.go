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
	"regexp"

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

var referenceForm = regexp.MustCompile(`^sha256:([0-9a-f]{64});(\d{1,15});`)

// Read is the content a reference stands for, held against its digest. Faults: Data (it is
// no reference), Transient (there is no such object yet), Config (it is damaged).
func (s *Store) Read(ctx context.Context, reference string) ([]byte, error) {
	m := referenceForm.FindStringSubmatch(reference)
	if m == nil {
		return nil, fault.New(fault.Data, "read file", "", text.T("不是已存文件的引用", "this is no reference to a file that is kept"), text.Text{})
	}
	f, err := s.Content(m[1])
	if err != nil {
		return nil, fault.New(fault.Transient, "read file", m[1], text.T("对象文件夹里没有这个文件", "the folder of objects does not have the file"), text.T("检查 banjian.yaml 的 objects 和备份", "check objects in banjian.yaml, and the backup"))
	}
	defer f.Close()
	content, err := io.ReadAll(&during{ctx, f})
	if err != nil {
		return nil, trouble(err, s.dir)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != m[1] {
		return nil, fault.New(fault.Config, "read file", m[1], text.T("对象文件夹里的文件已损坏", "the file in the folder of objects is damaged"), text.T("从备份恢复它，或删掉它让它重新取", "restore it from the backup, or remove it so that it is fetched again"))
	}
	return content, nil
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
