package ledger

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/pipelines"
)

// caseSubjects are the records of a case, which are named by its local number.
var caseSubjects = []string{SubjectAccept, "case/material", "case/step", "case/correction", "case/special", SubjectResult, "case/result_file"}

// changed says that the table is another one than at the last delivery.
func (p *Precedence) changed() bool { return p != nil && p.again }

// columns are the canonical columns that precedence reads of a delivery batch.
func (p *Precedence) columns() []string {
	if p == nil {
		return nil
	}
	return slices.Concat(precedenceFields, p.Fields)
}

// given is what a receiver knows of a case of one system, by any round of it.
type given struct {
	here      bool   // it has it from this very system: what it refused it does not have
	elsewhere string // it has it from another one
}

// givenOf looks that up by local number.
func (w *waiter) givenOf(ctx context.Context, source string, locals []string) (map[string]given, error) {
	found := map[string]given{}
	for _, subject := range caseSubjects {
		entries, err := w.store.CaseMembers(ctx, Stream{source, subject}, locals)
		if err != nil {
			return nil, err
		}
		recs := make([]int64, len(entries))
		for i := range entries {
			recs[i] = entries[i].Rec
		}
		sent, err := w.store.Sent(ctx, w.order.Receiver, recs)
		if err != nil {
			return nil, err
		}
		lacks, err := Lacking(ctx, w.store, w.order.Receiver, recs, sent)
		if err != nil {
			return nil, err
		}
		var aside map[int64]PutAside
		if subject == SubjectAccept {
			if aside, err = w.store.AsideOf(ctx, w.order.Receiver, recs); err != nil {
				return nil, err
			}
		}
		for i := range entries {
			local := FirstOfKey(entries[i].Key)
			g := found[local]
			g.here = g.here || !lacks[i]
			if why := aside[recs[i]]; why.Rule == RuleToldElsewhere && len(why.Args) > 0 {
				g.elsewhere = why.Args[0]
			}
			found[local] = g
		}
	}
	return found, nil
}

// lacking says which records the receiver certainly has in no version.
func (w *waiter) lacking(ctx context.Context, recs []int64) ([]bool, error) {
	sent, err := w.store.Sent(ctx, w.order.Receiver, recs)
	if err != nil {
		return nil, err
	}
	return Lacking(ctx, w.store, w.order.Receiver, recs, sent)
}

// verdict is why the acceptance of a case does not go, or a record that comes before it.
func (p *Precedence) verdict(c ToldCase, g given) pipelines.Issue {
	rank := p.Of(c.Told)
	switch {
	case g.here || rank.First == "":
	case rank.First != c.Source:
		return leftTo(RuleCompared, rank.First)
	case g.elsewhere != "":
		return leftTo(RuleToldElsewhere, g.elsewhere)
	default:
		for _, key := range c.keys(rank) {
			if other := p.begun[key]; key != "" && other != "" && other != c.Source {
				return leftTo(RuleToldElsewhere, other)
			}
		}
	}
	return pipelines.Issue{}
}

func leftTo(rule, source string) pipelines.Issue {
	return pipelines.Issue{Rule: rule, Args: []string{source}, Severity: pipelines.NotApplicable}
}

// preceded is, for each row, why another system's word keeps it back; nil where no rule
// speaks of the system. Records of a case follow its acceptance; those that come before one
// go by what they tell themselves.
func (s *DeliverStage) preceded(ctx context.Context, in arrow.Record, parents []parent, own []numbers) ([]pipelines.Issue, error) {
	p, source := s.Precedence, SharedOf(in).Source
	if p == nil || !slices.Contains(caseSubjects, s.Subject) || !p.Named(source) {
		return nil, nil
	}
	verdicts, at := make([]pipelines.Issue, in.NumRows()), p.Reader(source, in)
	if s.Subject == SubjectAccept {
		locals := localsOf(in)
		has, err := s.waiter().givenOf(ctx, source, locals)
		for i := range verdicts {
			verdicts[i] = p.verdict(at(i), has[locals[i]])
		}
		return verdicts, err
	}
	lacks, err := s.waiter().lacking(ctx, recsOf(in))
	if err != nil {
		return nil, err
	}
	for i := range verdicts {
		verdicts[i] = p.child(&parents[i], at(i), own[i].itemCode, !lacks[i])
	}
	return verdicts, nil
}

// child is why a record of a case does not go: its acceptance is not for the receiver, or
// there is none yet and another system's word counts for its item.
func (p *Precedence) child(of *parent, c ToldCase, item string, here bool) pipelines.Issue {
	if of.state == parentNotApplicable && (of.why.Rule == RuleCompared || of.why.Rule == RuleToldElsewhere) && len(of.why.Args) > 0 {
		return leftTo(of.why.Rule, of.why.Args[0])
	}
	if of.Rec != 0 || here {
		return pipelines.Issue{}
	}
	if item = cmp.Or(item, of.ItemCode); item == "" { // the latter is its application's
		return pipelines.Issue{Rule: RuleWaitsParent, Args: []string{SubjectAccept}, Severity: pipelines.Hold}
	}
	c.Items = []string{item}
	if _, asked := c.Match["item_code"]; asked {
		c.Match["item_code"] = item
	}
	return p.verdict(c, given{})
}

// reranked says which records that another system's word kept back may go now, or are kept
// back for another reason.
func (s *Source) reranked(ctx context.Context, w *waiter, list []Exception, locals []string, free []bool) error {
	p := s.Order.Precedence
	if s.Subject == SubjectAccept {
		told, err := p.toldOf(ctx, w, list)
		if err != nil {
			return err
		}
		has, err := w.givenOf(ctx, list[0].Stream.Source, locals)
		if err != nil {
			return err
		}
		for i := range list {
			free[i] = p.verdict(told[i], has[locals[i]]).Rule != list[i].Rule
		}
		return nil
	}
	parents, err := parentsOf(ctx, s.store, s.Receiver, list[0].Stream.Source, locals)
	if err != nil {
		return err
	}
	told, err := p.toldOf(ctx, w, list)
	if err != nil {
		return err
	}
	for i, c := range told {
		if parents[i].Rec == 0 && len(c.Items) == 0 {
			continue // its application's item, which does not change
		}
		free[i] = p.child(&parents[i], c, strings.Join(c.Items, ""), false).Rule != list[i].Rule
	}
	return nil
}
