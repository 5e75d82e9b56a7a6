package objects

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

var (
	nameForm      = regexp.MustCompile(`^[0-9a-f]{64}$`)
	referenceForm = regexp.MustCompile(`^sha256:([0-9a-f]{64});(\d{1,15});(.*)$`)
)

// ParseReference is the object a reference stands for, without its other digests, and its
// media type; false: it is no reference.
func ParseReference(s string) (o Object, mediaType string, ok bool) {
	m := referenceForm.FindStringSubmatch(s)
	if m == nil {
		return Object{}, "", false
	}
	size, err := strconv.ParseInt(m[2], 10, 64)
	return Object{Name: m[1], Size: size}, m[3], err == nil
}

// Path is where an object lies below the folder or in the bucket, with slashes.
func (o Object) Path() string { return place(o.Name) }

// Content is an object being read. It is held against its name on the way: a Read that
// comes to the end of another content than was kept gives a Config fault, not io.EOF.
type Content struct {
	Object
	MediaType string
	from      io.ReadCloser
	sum       hash.Hash
	left      int64
}

// Open reads what a reference stands for; the caller closes it. Faults: Data (it is no
// reference), Transient (there is no such object now, or the store cannot be reached),
// Config (it is damaged).
func (s *Store) Open(ctx context.Context, reference string) (*Content, error) {
	o, mediaType, ok := ParseReference(reference)
	if !ok {
		return nil, fault.New(fault.Data, "read file", "", text.T("不是已存文件的引用", "this is no reference to a file that is kept"), text.Text{})
	}
	from, err := s.shelf.open(ctx, o.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Transient, "read file", o.Name, text.T("对象存储里没有这个文件", "the store of objects does not have the file"), text.T("检查 banjian.yaml 的 objects 和备份", "check objects in banjian.yaml, and the backup"))
	}
	if err != nil {
		return nil, err
	}
	return &Content{Object: o, MediaType: mediaType, from: from, sum: sha256.New(), left: o.Size}, nil
}

// Read gives the next bytes.
func (c *Content) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.sum.Write(p[:n])
	c.left -= int64(n)
	switch {
	case c.left < 0, errors.Is(err, io.EOF) && (c.left > 0 || hex.EncodeToString(c.sum.Sum(nil)) != c.Name):
		return 0, fault.New(fault.Config, "read file", c.Name, text.T("存下的文件已损坏", "the kept file is damaged"), text.T("从备份恢复它，或删掉它让它重新取", "restore it from the backup, or remove it so that it is fetched again"))
	case err != nil && !errors.Is(err, io.EOF):
		return n, fault.Wrap(err, fault.Transient, "read file", c.Name, text.T("存下的文件没有读完", "the kept file could not be read to its end"), text.Text{})
	}
	return n, err
}

// Close ends reading.
func (c *Content) Close() error { return c.from.Close() }

// sweeper is a shelf that tells what it has.
type sweeper interface {
	each(ctx context.Context, f func(name string, size int64, at time.Time) error) error
	remove(ctx context.Context, name string) error
}

// Each calls f for every object and when it was put there, in no order.
func (s *Store) Each(ctx context.Context, f func(name string, size int64, at time.Time) error) error {
	return s.shelf.(sweeper).each(ctx, f)
}

// Remove takes an object away; it need not be there.
func (s *Store) Remove(ctx context.Context, name string) error {
	if !nameForm.MatchString(name) {
		return nil
	}
	return s.shelf.(sweeper).remove(ctx, name)
}

// Stat is the size of the object that a reference stands for; fs.ErrNotExist: there is none.
func (s *Store) Stat(ctx context.Context, reference string) (int64, error) {
	o, _, ok := ParseReference(strings.TrimSpace(reference))
	if !ok {
		return 0, fs.ErrNotExist
	}
	return s.shelf.stat(ctx, o.Name)
}
