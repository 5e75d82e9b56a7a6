package middleplatform

import (
	"context"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Asker asks a platform for what it announced: the details of an application, its
// materials, their files. Asking has no effect there, so whatever does not come is asked
// again. It may be used concurrently.
type Asker struct {
	target *Target
	intake *Intake
}

// NewAsker prepares the way to a platform, as New does; of o.Limits those named like the
// intake's calls count. Faults are Config.
func NewAsker(o Options, i *Intake) (*Asker, error) {
	if o.Profile == nil {
		return nil, fault.New(fault.Bug, "open platform", o.Name, text.T("没有档案", "there is no profile"), text.Text{})
	}
	asks := *i.Wire()
	asks.Interfaces = map[string]*Interface{}
	for name, in := range i.Interfaces {
		if in.Direction == asksDirection {
			asks.Interfaces[name] = &Interface{Name: name, Number: in.Number, Title: in.Title, EN: in.EN, Path: in.Path, Blocks: in.Request}
		}
	}
	asks.Interfaces[downloadName] = &Interface{Name: downloadName, Number: 3, Title: "下载附件", EN: "download of a file", Path: i.Download.Path}
	o.Profile = &asks
	target, err := New(o)
	if err != nil {
		return nil, err
	}
	return &Asker{target: target, intake: i}, nil
}

// Close gives idle connections back.
func (a *Asker) Close() error { return a.target.Close() }

// Ask sends a request and gives the DATA of the answer. Faults: Data (the platform has
// nothing to say about this number, or nothing that can be read), Transient (it cannot be
// had now), Blocked (key, signature or clock refused), Config.
func (a *Asker) Ask(ctx context.Context, name string, request *Element) (*Element, error) {
	in := a.target.profile.Interfaces[name]
	if in == nil {
		return nil, fault.New(fault.Bug, "ask platform", a.target.where(name), text.T("档案里没有这个接口", "the profile has no such interface"), text.Text{})
	}
	plain, err := a.target.profile.write(request)
	if err != nil {
		return nil, err
	}
	got, err := a.target.exchange(ctx, in, letter{request, plain})
	if err == nil && got.plainly && !got.key.opened.Load() {
		err = a.target.provesCipher(ctx, in, got)
	}
	if err != nil {
		return nil, askAgain(err)
	}
	if got.meaning != taken {
		return nil, a.refused(in, got.words)
	}
	if got.data == nil {
		return &Element{Name: AnswerRoot}, nil
	}
	return got.data, nil
}

// askAgain makes an outcome that is not known one that may be tried again: asking twice
// does no harm.
func askAgain(err error) error {
	if !fault.Is(err, fault.Unknown) {
		return err
	}
	return fault.Wrap(err, fault.Transient, "ask platform", "", text.Text{}, text.T("稍后自动再取", "it is asked for again by itself"))
}

func (a *Asker) refused(in *Interface, words string) error {
	what := text.T("中台没有给出内容", "the platform does not give it")
	if said := a.target.profile.masked(words, in, &Element{}); said != "" {
		what = text.F("中台没有给出内容：%s", "the platform does not give it: %s", said)
	}
	return fault.New(fault.Data, "ask platform", a.target.where(in.Name), what, text.T("请中台核对这个流水号；会一直自动再取", "have the platform look at this number; it is asked for again by itself"))
}

// withoutProlog is an XML text without a declaration, which may name a charset that the
// text, being UTF-8 by now, no longer has.
func withoutProlog(s string) string {
	s = strings.TrimSpace(strings.TrimPrefix(s, "\ufeff"))
	if rest, found := strings.CutPrefix(s, "<?xml"); found {
		if end := strings.Index(rest, "?>"); end >= 0 {
			return rest[end+2:]
		}
	}
	return s
}
