package middleplatform

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strconv"
	"strings"

	"golang.org/x/sync/semaphore"

	"banjian/internal/fault"
	"banjian/internal/objects"
	"banjian/internal/text"
	"banjian/pipelines"
)

// What files may take of the machine while their messages are made: a message is several
// times as large as its file, so a few large ones go at a time.
const filesAtOnce = 24 << 20

// Rules of files that cannot go; their sentences are in schemas.
const (
	ruleFileReference = "file_reference"
	ruleFileLarge     = "file_too_large_to_send"
	ruleFileDigest    = "file_digest"
)

// attach puts files, or the addresses they can be had at, where a row has references to
// them, and their MD5. There was claimed room for them. A file that is to go in pieces is
// left out and told.
func (t *Target) attach(ctx context.Context, in *Interface, messages []*Element, row int) (*pipelines.Issue, *large, error) {
	a := &attaching{target: t, ctx: ctx, in: in, row: row}
	for _, m := range messages {
		for i := range in.Blocks {
			b := &in.Blocks[i]
			b.each(m, func(at *Element) {
				for j := range b.Fields {
					if f := &b.Fields[j]; f.Type == "file" && a.err == nil && a.issue == nil {
						a.field(b, f, at)
					}
				}
			})
		}
	}
	return a.issue, a.large, a.err
}

// attaching is the files of one row.
type attaching struct {
	target *Target
	ctx    context.Context
	in     *Interface
	row    int
	issue  *pipelines.Issue
	large  *large
	err    error
}

// claim waits for room for files of so many bytes, which is given back with done; a call never
// waits for itself.
func (t *Target) claim(ctx context.Context, in *Interface, size int64) (done func(), err error) {
	weight := min(size, filesAtOnce)
	if weight <= 0 {
		return func() {}, nil
	}
	if err := t.room.Acquire(ctx, weight); err != nil {
		return nil, fault.Wrap(err, fault.Transient, "attach file", t.where(in.Name), text.T("推送还没开始就停下了", "the call was stopped before it began"), text.Text{})
	}
	return func() { t.room.Release(weight) }, nil
}

// weight is the bytes of the files that go within a message; those that go in pieces, or not
// at all, do not count.
func (t *Target) weight(in *Interface, m *Element) (size int64) {
	if t.opts.FileBase != "" {
		return 0
	}
	for i := range in.Blocks {
		b := &in.Blocks[i]
		if b.file() == nil {
			continue
		}
		b.each(m, func(at *Element) {
			for j := range b.Fields {
				f := &b.Fields[j]
				if f.Type != "file" {
					continue
				}
				if o, _, ok := objects.ParseReference(at.Value(f.Name)); ok && (f.Most <= 0 || o.Size <= int64(f.Most)) {
					size += o.Size
				}
			}
		})
	}
	return size
}

// refuse is what is wrong with the file of a field.
func (a *attaching) refuse(b *Block, f *Field, rule string, args ...string) {
	a.issue = &pipelines.Issue{Row: int32(a.row), Field: columnOf(join(b.Block, f.Name)), Rule: rule, Args: args, Severity: pipelines.Reject}
}

// field puts the file of one field.
func (a *attaching) field(b *Block, f *Field, at *Element) {
	file := at.Child(f.Name)
	if file == nil {
		return
	}
	t := a.target
	if t.opts.Files == nil {
		a.err = fault.New(fault.Config, "attach file", t.where(a.in.Name), text.T("没有可以取附件内容的地方", "there is no place to take files from"), text.Text{})
		return
	}
	o, _, ok := objects.ParseReference(file.Text)
	switch {
	case !ok:
		a.refuse(b, f, ruleFileReference)
		return
	case t.opts.FileBase == "" && f.Most > 0 && o.Size > int64(f.Most):
		most := int64(f.Most)
		if p := a.in.pieces(); p != nil {
			most = int64(p.Largest)
		}
		if o.Size > most {
			a.refuse(b, f, ruleFileLarge, strconv.FormatInt(most, 10), strconv.FormatInt(o.Size, 10))
			return
		}
		a.large = &large{block: b, field: f, reference: file.Text, size: o.Size}
		return
	case t.opts.FileBase != "" && f.PathIn == "":
		a.err = fault.New(fault.Config, "attach file", t.where(a.in.Name), text.F("档案没有说 %s 的地址写在哪个字段，不能 as: reference", "the profile does not say which field takes the address of %s: as: reference does not go with it", f.Name),
			text.T("在档案里给这个字段写 path_in，或用 as: inline", "give the field path_in in the profile, or use as: inline"))
		return
	}
	var sum string
	if t.opts.FileBase != "" {
		sum, a.err = t.read(a.ctx, file.Text, io.Discard)
		remove(at, file)
		if at.Child(f.PathIn) == nil {
			at.Add(f.PathIn, t.opts.FileBase+o.Path())
		}
	} else {
		sum, a.err = a.inline(file, o.Size)
	}
	if a.err == nil && !putSum(b, f, at, sum) {
		a.refuse(b, f, ruleFileDigest, "MD5")
	}
}

// putSum puts the MD5 of a file where its block has a field for it; false: another one stands
// there.
func putSum(b *Block, f *Field, at *Element, sum string) bool {
	for i := range b.Fields {
		to := &b.Fields[i]
		if to.MD5Of != f.Name {
			continue
		}
		if given := at.Child(to.Name); given == nil {
			at.Add(to.Name, sum)
		} else if !strings.EqualFold(given.Text, sum) {
			return false
		}
	}
	return true
}

// inline puts the content itself in base64.
func (a *attaching) inline(file *Element, size int64) (sum string, err error) {
	var body strings.Builder
	body.Grow(base64.StdEncoding.EncodedLen(int(size)))
	encoder := base64.NewEncoder(base64.StdEncoding, &body)
	if sum, err = a.target.read(a.ctx, file.Text, encoder); err == nil {
		err = encoder.Close()
	}
	file.Text = body.String()
	return sum, err
}

// read reads a kept file piece by piece and gives the MD5 of what was read.
func (t *Target) read(ctx context.Context, reference string, to io.Writer) (string, error) {
	content, err := t.opts.Files(ctx, reference)
	if err != nil {
		return "", err
	}
	defer content.Close()
	sum := md5.New()
	_, err = io.Copy(io.MultiWriter(to, sum), content)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// remove takes a child away.
func remove(e, child *Element) {
	for i, c := range e.Children {
		if c == child {
			e.Children = append(e.Children[:i:i], e.Children[i+1:]...)
			return
		}
	}
}

func newRoom() *semaphore.Weighted { return semaphore.NewWeighted(filesAtOnce) }
