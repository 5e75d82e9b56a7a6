package middleplatform

import (
	"context"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

var _ pipelines.Looker = (*Target)(nil)

// Looks says whether the profile knows a question for an interface.
func (t *Target) Looks(name string) bool {
	in := t.profile.Interfaces[name]
	return in != nil && in.Ask != nil
}

// Look asks for the messages of a row, see pipelines.Looker. Of a record that went as several
// the worst answer stands.
func (t *Target) Look(ctx context.Context, d *pipelines.Delivery, row int) (pipelines.Found, error) {
	in := t.profile.Interfaces[d.Table]
	if in == nil || in.Ask == nil {
		return pipelines.FoundUnclear, fault.New(fault.Bug, "ask platform", t.where(d.Table), text.T("档案里没有这个接口的查询", "the profile has no question for this interface"), text.Text{})
	}
	in, messages, err := t.profile.Messages(in, d.Record, row)
	if err != nil || in.Ask == nil {
		return pipelines.FoundUnclear, err
	}
	worst := pipelines.FoundSame
	for _, m := range messages {
		found, err := t.look(ctx, in, m)
		if err != nil {
			return pipelines.FoundUnclear, err
		}
		if severity[found] > severity[worst] {
			worst = found
		}
	}
	return worst, nil
}

// severity is in which order answers for several messages of a record count.
var severity = map[pipelines.Found]int{pipelines.FoundSame: 0, pipelines.FoundSome: 1, pipelines.FoundUnclear: 2, pipelines.FoundOther: 3, pipelines.FoundNone: 4}

func (t *Target) look(ctx context.Context, in *Interface, m *Element) (pipelines.Found, error) {
	question := t.profile.Question(in, m)
	plain, err := t.profile.write(question)
	if err != nil {
		return pipelines.FoundUnclear, err
	}
	a, err := t.exchange(ctx, in.question(), letter{question, plain})
	switch {
	case err != nil:
		return pipelines.FoundUnclear, askAgain(err)
	case a.meaning != taken, a.data == nil:
		return pipelines.FoundUnclear, nil
	case !in.Ask.Has.holds(a.data.Value(in.Ask.Has.Field)):
		return pipelines.FoundNone, nil
	case in.Ask.Digest == "":
		return pipelines.FoundSome, nil
	}
	digest, err := t.profile.DigestOf(m)
	if err != nil {
		return pipelines.FoundUnclear, err
	}
	if strings.EqualFold(digest, a.data.Value(in.Ask.Digest)) {
		return pipelines.FoundSame, nil
	}
	return pipelines.FoundOther, nil
}
