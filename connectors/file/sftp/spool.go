package sftp

import (
	"context"
	"errors"
	"io"
	"os"
	"path"

	"github.com/pkg/sftp"
	"golang.org/x/sync/errgroup"

	"banjian/connectors/file"
)

// spoolError is an error of this machine's disk.
type spoolError struct{ error }

func (e *spoolError) Unwrap() error { return e.error }

// spool is the copy of a file. It has no name on the disk: nothing of it is left whatever
// becomes of the process.
type spool struct {
	*os.File
	folder *Folder
	is     file.Entry // what the server says of the file
	n      int64      // bytes copied
}

var _ file.File = (*spool)(nil)

// Open copies a file and gives the copy for reading.
func (f *Folder) Open(ctx context.Context, name string) (file.File, error) {
	s, err := f.newSpool()
	if err != nil {
		return nil, f.fault(&spoolError{err}, name)
	}
	err = f.do(ctx, name, func(w *way) error {
		is, err := f.stat(w, name)
		if err != nil {
			return err
		}
		if is != s.is {
			s.is, s.n = is, 0 // another file than the one that was begun
		}
		from, err := w.sftp.Open(path.Join(w.base, name))
		if err != nil {
			return err
		}
		defer from.Close()
		err = s.fill(ctx, from)
		if errors.Is(err, errShort) { // or the connection is gone, which looks alike
			if _, lost := f.stat(w, name); lost != nil {
				return lost
			}
		}
		return err
	})
	if err == nil {
		_, err = s.File.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

func (f *Folder) newSpool() (*spool, error) {
	if f.o.Spool != "" {
		if err := os.MkdirAll(f.o.Spool, 0o700); err != nil {
			return nil, err
		}
	}
	to, err := os.CreateTemp(f.o.Spool, "banjian-spool-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(to.Name()); err != nil {
		_ = to.Close()
		return nil, err
	}
	return &spool{File: to, folder: f}, nil
}

// pieces is how many requests are under way together.
const pieces = 32

// fill copies from where the copy ends to the end of the file.
func (s *spool) fill(ctx context.Context, from *sftp.File) error {
	buf := make([]byte, min(pieces*packet, max(s.is.Size-s.n, 1)))
	for s.n < s.is.Size {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := buf[:min(int64(len(buf)), s.is.Size-s.n)]
		if err := s.fetch(from, part); err != nil {
			return err
		}
		if _, err := s.File.WriteAt(part, s.n); err != nil {
			return &spoolError{err}
		}
		s.n += int64(len(part))
	}
	return nil
}

// fetch reads the next bytes, all of them.
func (s *spool) fetch(from *sftp.File, part []byte) error {
	var group errgroup.Group
	for at := 0; at < len(part); at += packet {
		piece, offset := part[at:min(at+packet, len(part))], s.n+int64(at)
		group.Go(func() error {
			return guarded(func(*way) error {
				n, err := from.ReadAt(piece, offset)
				if n < len(piece) && (err == nil || errors.Is(err, io.EOF)) {
					return errShort
				}
				if n == len(piece) {
					return nil
				}
				return err
			}, nil)
		})
	}
	return group.Wait()
}

// Stat asks the server, by name.
func (s *spool) Stat(ctx context.Context) (e file.Entry, err error) {
	err = s.folder.do(ctx, s.is.Name, func(w *way) error {
		e, err = s.folder.stat(w, s.is.Name)
		return err
	})
	return e, err
}
