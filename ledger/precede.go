package ledger

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Rules of cases that several systems report; their sentences are in schemas.
const (
	RuleCompared      = "compared"       // another system's word counts, this record is compared with its
	RuleToldElsewhere = "told_elsewhere" // the receiver has the case from another system since before the table changed
)

// Precedence (来源优先) says whose word counts where several systems report a case, as a
// site's table has it. A case that a receiver was given by one system stays that system's
// there, whatever the table says later: it has one identity at the receiver.
type Precedence struct {
	Version uint64                   // of the table, 0 = there is none
	Fields  []string                 // of an acceptance, by which cases are known again
	Named   func(source string) bool // whether the table speaks of a system
	Sends   func(source string) bool // whether anything of a system goes to the receiver
	Of      func(of Told) Rank

	again  bool // the table is another one than at the last delivery
	begun  map[string]string
	keeps  bool // a system whose word does not count any more gave the receiver cases
	stored time.Time
}

// Told is what precedence goes by: a system and the case it tells of.
type Told struct {
	Source string
	Items  []string // item code, implementation code
	Region string
}

// Rank is where a system stands with a case.
type Rank struct {
	First  string   // the system whose word counts; empty: no rule speaks of the case
	Others []string // those compared with it
	Match  [][]string
}

// Columns are those of an acceptance that Reader reads.
func (p *Precedence) Columns() []string { return slices.Concat(precedenceFields, p.Fields) }

// precedenceFields are the canonical fields that rules are chosen by: of an acceptance, or
// of a record that comes before one.
var precedenceFields = []string{"item_code", "task_code", "item_region", "accept_region", "region"}

func precedenceName(receiver string) string { return "precedence of " + receiver }

// mark is a version as a time that Schedules keeps; odd while a receiver has cases of a
// system whose word no longer counts.
func (p *Precedence) mark() time.Time {
	n := int64(p.Version>>24)<<1 + 2
	if p.keeps {
		n++
	}
	return time.UnixMilli(n)
}

// PrecedenceStore is what comparing tables of precedence needs of a store.
type PrecedenceStore interface {
	Schedules
	DeliverStore
}

// Begin looks whether the table changed since the receiver was last fed, and what the
// receiver has of systems whose word does not count now. A table that no longer speaks of
// cases that were only compared is a Config fault: they would be reported a second time.
func (p *Precedence) Begin(ctx context.Context, store PrecedenceStore, receiver string) error {
	var err error
	if p.stored, err = store.Due(ctx, precedenceName(receiver)); err != nil {
		return err
	}
	known := !p.stored.IsZero()
	if !known && p.Version == 0 {
		return nil
	}
	p.keeps = known && p.stored.UnixMilli()&1 == 1
	p.again = !known || !p.stored.Equal(p.mark())
	w := &waiter{store: store, order: &Order{Receiver: receiver}, alloc: memory.DefaultAllocator}
	if p.again && known {
		if err := p.uncovered(ctx, w); err != nil {
			return err
		}
	}
	if !p.again && !p.keeps {
		return nil
	}
	p.begun = map[string]string{}
	for _, subject := range caseSubjects {
		streams, err := store.Streams(ctx, subject)
		if err != nil {
			return err
		}
		for _, s := range streams {
			if p.Named(s.Source) {
				if err := p.find(ctx, w, s); err != nil {
					return err
				}
			}
		}
	}
	p.keeps = len(p.begun) > 0
	return nil
}

// End remembers the table once everything was looked at under it.
func (p *Precedence) End(ctx context.Context, store Schedules, receiver string) error {
	if p.stored.Equal(p.mark()) || p.stored.IsZero() && p.Version == 0 {
		return nil
	}
	err := store.SetDue(ctx, precedenceName(receiver), p.mark())
	if err == nil {
		p.stored = p.mark()
	}
	return err
}

// uncovered refuses a table that leaves out cases that another system told of until now.
func (p *Precedence) uncovered(ctx context.Context, w *waiter) error {
	n, source, item, first := 0, "", "", ""
	for _, rule := range []string{RuleCompared, RuleToldElsewhere} {
		err := w.eachAside(ctx, ExceptionQuery{Receiver: w.order.Receiver, Subject: SubjectAccept, State: NotApplicable, Rule: rule}, func(list []Exception) error {
			told, err := p.toldOf(ctx, w, list)
			for i := range told {
				if p.Of(told[i].Told).First == "" && p.Sends(told[i].Source) {
					if n++; n == 1 {
						source, item, first = told[i].Source, strings.Join(told[i].Items, " / "), strings.Join(list[i].Args, " ")
					}
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if n == 0 {
		return nil
	}
	return fault.New(fault.Config, "compare sources", "precedence.yaml",
		text.F("接收方 %[1]s：系统 %[3]s 有 %[2]d 个办件（如事项 %[4]s）因来源优先一直由 %[5]s 上报、自己不报，改后的来源优先表不再说到它们，照此会重复上报",
			"receiver %[1]s: %[2]d case{|s} of system %[3]s (item %[4]s, say) were left to %[5]s and not delivered; the table does not speak of them any more, so they would be reported twice", w.order.Receiver, n, source, item, first),
		text.F("把规则放回去；若以后以 %[1]s 为准，写 {item: …, from: %[1]s, compare: %[2]s}：接收方已有的办件仍由 %[2]s 上报", "put the rule back; if %[1]s is to count from now on, write {item: …, from: %[1]s, compare: %[2]s}: cases the receiver has stay with %[2]s", source, first))
}

// eachAside calls take for exceptions, page by page.
func (w *waiter) eachAside(ctx context.Context, q ExceptionQuery, take func([]Exception) error) error {
	q.Limit = exceptionPage
	for {
		list, err := w.store.Exceptions(ctx, q)
		if err == nil {
			err = take(list)
		}
		if err != nil || len(list) < q.Limit {
			return err
		}
		q.After = list[len(list)-1].Rec
	}
}

// ToldCase is a case as precedence sees it.
type ToldCase struct {
	Told
	Match map[string]string // the values of Fields
}

// toldOf reads in the log what exceptions' acceptances tell.
func (p *Precedence) toldOf(ctx context.Context, w *waiter, list []Exception) ([]ToldCase, error) {
	entries := make([]Entry, len(list))
	for i := range list {
		entries[i].At = list[i].At
	}
	values, err := Values(ctx, w.store, entries, p.Columns(), w.alloc)
	if err != nil {
		return nil, err
	}
	told := make([]ToldCase, len(list))
	for i, v := range values {
		told[i] = p.told(list[i].Stream.Source, v)
	}
	return told, nil
}

func (p *Precedence) told(source string, values []string) ToldCase {
	c := ToldCase{Told: Told{Source: source, Items: slices.DeleteFunc([]string{values[0], values[1]}, func(s string) bool { return s == "" }),
		Region: cmp.Or(values[2], values[3], values[4])}, Match: map[string]string{}}
	for i, name := range p.Fields {
		c.Match[name] = values[len(precedenceFields)+i]
	}
	return c
}

// MatchKeys are the texts that a case has in common with the same case of another system,
// by sets of fields; those of which a field is empty are empty.
func MatchKeys(sets [][]string, value func(field string) string) []string {
	keys := make([]string, len(sets))
	for i, set := range sets {
		var parts []string
		for _, name := range set {
			if v := value(name); v != "" {
				parts = append(parts, v)
			}
		}
		if len(parts) == len(set) {
			keys[i] = strings.Join(set, ",") + "\x00" + strings.Join(parts, "\x00")
		}
	}
	return keys
}
