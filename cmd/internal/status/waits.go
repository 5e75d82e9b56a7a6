package status

import (
	"context"

	"banjian/internal/text"
	"banjian/ledger"
)

// OverLimit says that a record has been held longer than its receiver's limit.
func (s *Site) OverLimit(e *ledger.Exception) bool {
	return s.Now.Sub(e.Since) > s.House.Site().Receivers[e.Receiver].HeldLimit()
}

// Reason is why a record is put aside.
func (s *Site) Reason(e *ledger.Exception) text.Text {
	if e.Rule == ledger.RuleRedrive {
		return text.T("下次运行时重新上报", "goes again at the next run")
	}
	return s.House.RuleText(e.Pipeline, e.Rule, e.Args)
}

// StateText is what a record that is put aside is in.
func StateText(s ledger.State) text.Text {
	switch s {
	case ledger.Held:
		return text.T("挂起", "held")
	case ledger.Rejected:
		return text.T("问题数据", "rejected")
	case ledger.NotApplicable:
		return text.T("不适用", "not applicable")
	case ledger.Diverged:
		return text.T("不一致", "diverged")
	}
	return same(string(s))
}

// WaitsFor says for each record what has to come first: of an accept record where it is
// now, of anything else the rule's sentence.
func (s *Site) WaitsFor(ctx context.Context, list []ledger.Exception) ([]text.Text, error) {
	waits := make([]text.Text, len(list))
	bySource := map[string][]int{}
	for i := range list {
		waits[i] = s.Reason(&list[i])
		if list[i].Rule == ledger.RuleWaitsParent {
			bySource[list[i].Stream.Source] = append(bySource[list[i].Stream.Source], i)
		}
	}
	if len(bySource) == 0 {
		return waits, nil
	}
	refused, err := s.refusedAccepts(ctx)
	if err != nil {
		return nil, err
	}
	for source, at := range bySource {
		locals := make([]string, len(at))
		for k, i := range at {
			locals[k] = ledger.FirstOfKey(list[i].Key)
		}
		cases, err := s.Store.Cases(ctx, source, locals)
		if err != nil {
			return nil, err
		}
		for k, i := range at {
			if waits[i], err = s.accept(ctx, &list[i], cases[k], refused[source+"\x00"+locals[k]]); err != nil {
				return nil, err
			}
		}
	}
	return waits, nil
}

// refusedAccepts is the open and waived rejects of accept records at collection, by
// source and local number; an open one goes before a waived one.
func (s *Site) refusedAccepts(ctx context.Context) (map[string]ledger.Reject, error) {
	list, err := s.Store.Rejects(ctx, ledger.RejectQuery{State: ledger.Waived})
	if err != nil {
		return nil, err
	}
	open, err := s.Store.Rejects(ctx, ledger.RejectQuery{State: "open"})
	list = append(list, open...)
	found := map[string]ledger.Reject{}
	for _, r := range list {
		key := ledger.DecodeKey(r.Key)
		if source, known := s.House.SourceOf(r.Pipeline); known && r.Receiver == "" && r.Subject == ledger.SubjectAccept && len(key) > 0 {
			found[source+"\x00"+key[0]] = r
		}
	}
	return found, err
}

// accept says where the accept record is that another one waits for.
func (s *Site) accept(ctx context.Context, e *ledger.Exception, c ledger.Case, refused ledger.Reject) (text.Text, error) {
	switch {
	case c.Rec == 0 && refused.State == ledger.Waived:
		return text.F("受理记录：问题数据 %d 已豁免，它的来源行改好之前，本件也不会上报", "its accept record: reject %d was waived: nothing goes until its row is mended", refused.ID), nil
	case c.Rec == 0 && refused.ID != 0:
		why := s.House.RuleText(refused.Pipeline, refused.Rule, refused.Args)
		return text.F("受理记录：问题数据 %[1]d，%[2]s", "its accept record: reject %[1]d, %[3]s", refused.ID, why.In(text.ZH), why.In(text.EN)), nil
	case c.Rec == 0:
		return text.T("受理记录：尚未归集到", "its accept record: not collected yet"), nil
	}
	list, err := s.Store.Exceptions(ctx, ledger.ExceptionQuery{Receiver: e.Receiver, Recs: []int64{c.Rec}})
	if err != nil {
		return text.Text{}, err
	}
	for i := range list {
		return both(func(lang text.Lang) string {
			return text.T("受理记录：", "its accept record: ").In(lang) + StateText(list[i].State).In(lang) + text.T("，", ", ").In(lang) + s.Reason(&list[i]).In(lang)
		}), nil
	}
	return text.T("受理记录：待报", "its accept record: pending"), nil
}
