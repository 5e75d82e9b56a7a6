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
)

// attach puts files, or the addresses they can be had at, where a row has references to
// them, and their MD5. The caller calls done when the messages have been sent.
func (t *Target) attach(ctx context.Context, in *Interface, messages []*Element, row int) (is *pipelines.Issue, done func(), err error) {
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
	if a.err != nil || a.issue != nil {
		a.done()
	}
	return a.issue, a.done, a.err
}

// attaching is the files of one row.
type attaching struct {
	target *Target
	ctx    context.Context
	in     *Interface
	row    int
	taken  int64 // of the room for files
	issue  *pipelines.Issue
	err    error
}

func (a *attaching) done() {
	if a.taken > 0 {
		a.target.room.Release(a.taken)
		a.taken = 0
	}
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
		a.refuse(b, f, ruleFileLarge, strconv.FormatInt(int64(f.Most), 10), strconv.FormatInt(o.Size, 10))
		return
	case t.opts.FileBase != "" && f.PathIn == "":
		a.err = fault.New(fault.Config, "attach file", t.where(a.in.Name), text.F("档案没有说 %s 的地址写在哪个字段，不能 as: reference", "the profile does not say which field takes the address of %s: as: reference does not go with it", f.Name),
			text.T("在档案里给这个字段写 path_in，或用 as: inline", "give the field path_in in the profile, or use as: inline"))
		return
	}
	var sum string
	if t.opts.FileBase != "" {
		sum, a.err = a.read(file.Text, io.Discard)
		remove(at, file)
		if at.Child(f.PathIn) == nil {
			at.Add(f.PathIn, t.opts.FileBase+o.Path())
		}
	} else {
		sum, a.err = a.inline(file, o.Size)
	}
	for i := range b.Fields {
		if to := &b.Fields[i]; a.err == nil && to.MD5Of == f.Name && at.Child(to.Name) == nil {
			at.Add(to.Name, sum)
		}
	}
}

// inline puts the content itself in base64, once there is room for it.
func (a *attaching) inline(file *Element, size int64) (sum string, err error) {
	weight := min(size, filesAtOnce-a.taken) // a row's files never wait for each other
	if weight > 0 {
		if err := a.target.room.Acquire(a.ctx, weight); err != nil {
			return "", fault.Wrap(err, fault.Transient, "attach file", a.target.where(a.in.Name), text.T("推送还没开始就停下了", "the call was stopped before it began"), text.Text{})
		}
		a.taken += weight
	}
	var body strings.Builder
	body.Grow(base64.StdEncoding.EncodedLen(int(size)))
	encoder := base64.NewEncoder(base64.StdEncoding, &body)
	if sum, err = a.read(file.Text, encoder); err == nil {
		err = encoder.Close()
	}
	file.Text = body.String()
	return sum, err
}

// read reads a kept file piece by piece and gives the MD5 of what was read.
func (a *attaching) read(reference string, to io.Writer) (string, error) {
	content, err := a.target.opts.Files(a.ctx, reference)
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
