package middleplatform

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/internal/objects"
	"banjian/pipelines"
)

// parcel is one row of an interface whose files may go together.
type parcel struct {
	row      int
	whose    string // its case, and whatever stands beside its file
	key      string
	size     int64
	byItself bool // its file goes in pieces, or not at all
}

// Join puts the files of a case into messages: by their identity, so that it is the same
// whenever it is asked, as many as a message may have, and one message after the other.
func (t *Target) Join(d *pipelines.Delivery, rows []int) [][]pipelines.Together {
	in := t.profile.Interfaces[d.Table]
	if in == nil || in.Files == nil {
		return nil
	}
	var order []string
	cases := map[string][]parcel{}
	for _, row := range rows {
		p, ok := t.parcel(in, d.Record, row)
		if !ok {
			return nil // the call says what is wrong
		}
		if cases[p.whose] == nil {
			order = append(order, p.whose)
		}
		cases[p.whose] = append(cases[p.whose], p)
	}
	chains := make([][]pipelines.Together, len(order))
	for i, whose := range order {
		chains[i] = in.calls(cases[whose])
	}
	return chains
}

// parcel is what must be known of a row to put it together with others.
func (t *Target) parcel(in *Interface, rec arrow.Record, row int) (parcel, bool) {
	m, err := t.profile.Message(in, rec, row)
	b := in.fileBlock()
	if err != nil {
		return parcel{}, false
	}
	beside, err := t.profile.write(in.with(m, b))
	if err != nil {
		beside = strings.Join(t.profile.CaseOf(m), "\x00")
	}
	p := parcel{row: row, whose: beside, key: strings.Join(in.KeyOf(m), "\x00"), byItself: err != nil}
	if t.opts.FileBase == "" {
		o, _, ok := objects.ParseReference(m.Value(join(b.Block, b.file().Name)))
		p.size = o.Size
		p.byItself = p.byItself || !ok || o.Size > int64(b.file().Most)
	}
	return p, true
}

// calls fills messages in the order of the files' identities.
func (in *Interface) calls(list []parcel) []pipelines.Together {
	slices.SortStableFunc(list, func(a, b parcel) int { return cmp.Compare(a.key, b.key) })
	most := int64(in.fileBlock().file().Most)
	var calls []pipelines.Together
	var last *parcel
	var size int64
	for i := range list {
		p := &list[i]
		if n := len(calls) - 1; last != nil && !last.byItself && !p.byItself && last.key != p.key && size+p.size <= most && len(calls[n]) < in.together() {
			calls[n], size = append(calls[n], p.row), size+p.size
		} else {
			calls, size = append(calls, pipelines.Together{p.row}), p.size
		}
		last = p
	}
	return calls
}

// CallTogether sends rows that Join put together, see pipelines.Joiner. A row with something
// against it does not keep the others; when the platform refuses the message, which then has
// no effect, each file is sent by itself so that the refusal falls on the right one.
func (t *Target) CallTogether(ctx context.Context, d *pipelines.Delivery, rows pipelines.Together) ([]pipelines.Issue, error) {
	in := t.profile.Interfaces[d.Table]
	messages := make([]*Element, len(rows))
	var weight int64
	for i, row := range rows {
		m, err := t.profile.Message(in, d.Record, row)
		if err != nil {
			return nil, err
		}
		messages[i] = m
		weight += t.weight(in, m)
	}
	done, err := t.claim(ctx, in, weight)
	if err != nil {
		return nil, err
	}
	defer done()
	var issues []pipelines.Issue
	var good []*Element
	var from []int
	for i, m := range messages {
		is, _, err := t.attach(ctx, in, messages[i:i+1], rows[i])
		if err != nil {
			return nil, err
		}
		if is == nil {
			is = t.objection(in, m, rows[i])
		}
		if is != nil {
			issues = append(issues, *is)
			continue
		}
		good, from = append(good, m), append(from, rows[i])
	}
	refused, err := t.sendAll(ctx, in, good, from)
	return append(issues, refused...), err
}

func (t *Target) sendAll(ctx context.Context, in *Interface, messages []*Element, rows []int) ([]pipelines.Issue, error) {
	if len(messages) > 1 {
		if is, err := t.send(ctx, in, in.merged(messages), rows[0]); is == nil || err != nil {
			return nil, err
		}
	}
	var issues []pipelines.Issue
	for i, m := range messages {
		is, err := t.send(ctx, in, m, rows[i])
		if err != nil {
			return nil, err
		}
		if is != nil {
			issues = append(issues, *is)
		}
	}
	return issues, nil
}
