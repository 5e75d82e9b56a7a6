package middleplatform

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"strconv"
	"strings"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// large is a file of a row that goes in pieces.
type large struct {
	block     *Block
	field     *Field
	reference string
	size      int64
}

// inPieces sends a file piece by piece, each with its place, its MD5 and that of the whole.
// What was acknowledged before is not sent again. No more than one piece is in memory.
func (t *Target) inPieces(ctx context.Context, in *Interface, d *pipelines.Delivery, row int, file *large) (*pipelines.Issue, error) {
	s := &pieceSender{target: t, in: in, d: d, row: row, large: file}
	first, err := s.message()
	if err != nil {
		return nil, err
	}
	done, err := s.divide(ctx)
	if err != nil {
		return nil, err
	}
	if at := s.element(first); !putSum(file.block, file.field, at, s.MD5) {
		return &pipelines.Issue{Row: int32(row), Field: columnOf(join(file.block.Block, file.field.Name)), Rule: ruleFileDigest, Args: []string{"MD5"}, Severity: pipelines.Reject}, nil
	}
	if done == s.Count {
		return nil, nil
	}
	content, err := t.opts.Files(ctx, file.reference)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	whole := md5.New()
	if _, err := io.CopyN(whole, content, int64(done)*s.Size); err != nil {
		return nil, err
	}
	read := io.TeeReader(content, whole)
	for n := done + 1; n <= s.Count; n++ {
		is, err := s.send(ctx, n, read, func() bool { return hex.EncodeToString(whole.Sum(nil)) == s.MD5 })
		if err != nil {
			return nil, err
		}
		if is != nil { // should it be tried once more, the receiver may have dropped what it had
			return is, s.keep(ctx, 0)
		}
		if err := s.keep(ctx, n); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// pieceSender is one file on its way.
type pieceSender struct {
	*large
	pipelines.Pieces
	target *Target
	in     *Interface
	d      *pipelines.Delivery
	row    int
}

func (s *pieceSender) message() (*Element, error) {
	return s.target.profile.Message(s.in, s.d.Record, s.row)
}

// element is where a message has the file.
func (s *pieceSender) element(m *Element) (at *Element) {
	s.block.each(m, func(e *Element) { at = e })
	return at
}

// divide finds out how the file was divided, or divides it, and says how many pieces were
// acknowledged. A file that is divided is read through once: each piece names its MD5.
func (s *pieceSender) divide(ctx context.Context) (done int, err error) {
	if s.d.Pieces != nil {
		if s.Pieces, done, err = s.d.Pieces.Pieces(ctx, s.row); err != nil {
			return 0, err
		}
	}
	if s.Count > 0 && s.Size > 0 && int64(s.Count) == (s.size+s.Size-1)/s.Size {
		return done, nil
	}
	size := int64(s.in.pieces().Size)
	sum, err := s.target.read(ctx, s.reference, io.Discard)
	if err != nil {
		return 0, err
	}
	s.Pieces = pipelines.Pieces{Count: int((s.size + size - 1) / size), Size: size, MD5: sum}
	return 0, s.keep(ctx, 0)
}

func (s *pieceSender) keep(ctx context.Context, done int) error {
	if s.d.Pieces == nil {
		return nil
	}
	return s.d.Pieces.Keep(ctx, s.row, s.Pieces, done)
}

// send sends the next piece that read gives; whole says that what was read altogether is the
// file whose MD5 the pieces name.
func (s *pieceSender) send(ctx context.Context, n int, read io.Reader, whole func() bool) (*pipelines.Issue, error) {
	size := min(s.Size, s.size-int64(n-1)*s.Size)
	done, err := s.target.claim(ctx, s.in, size)
	if err != nil {
		return nil, err
	}
	defer done()
	m, err := s.message()
	if err != nil {
		return nil, err
	}
	at := s.element(m)
	body, sum, err := pieceOf(read, size)
	if err == nil && n == s.Count {
		err = s.ended(read, whole)
	}
	if err != nil {
		return nil, err
	}
	at.Child(s.field.Name).Text = body
	putSum(s.block, s.field, at, s.MD5)
	p := s.in.pieces()
	at.Add(p.Number, strconv.Itoa(n))
	at.Add(p.Count, strconv.Itoa(s.Count))
	at.Add(p.MD5, sum)
	at.Add(p.Bytes, strconv.FormatInt(s.size, 10))
	if is := s.target.objection(s.in, m, s.row); is != nil {
		return is, nil
	}
	failpoint.Hit(failpoint.BeforePiece)
	return s.target.send(ctx, s.in, m, s.row)
}

// pieceOf reads a piece as base64, and says its MD5.
func pieceOf(from io.Reader, size int64) (body, sum string, err error) {
	var b strings.Builder
	b.Grow(base64.StdEncoding.EncodedLen(int(size)))
	own, encoder := md5.New(), base64.NewEncoder(base64.StdEncoding, &b)
	if _, err := io.CopyN(io.MultiWriter(own, encoder), from, size); err != nil {
		return "", "", err
	}
	err = encoder.Close()
	return b.String(), hex.EncodeToString(own.Sum(nil)), err
}

// ended proves that the file ends with the last piece and is what the pieces say. It fails
// before that piece is sent.
func (s *pieceSender) ended(read io.Reader, whole func() bool) error {
	var more [1]byte
	switch n, err := io.ReadFull(read, more[:]); {
	case n == 0 && errors.Is(err, io.EOF) && whole():
		return nil
	case err != nil && !errors.Is(err, io.EOF):
		return err
	}
	return fault.New(fault.Config, "attach file", s.target.where(s.in.Name), text.T("存下的文件与开始分片时的不是同一份", "the kept file is not the one that was divided"), text.T("从备份恢复 objects", "restore objects from the backup"))
}
