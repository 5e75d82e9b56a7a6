package wiring

import (
	"os"
	"slices"

	"banjian/ledger"
	"banjian/pipelines"
	"banjian/pipelines/precedence"
)

// readPrecedence reads which of several systems counts.
func (h *House) readPrecedence() error {
	var sources, fields []string
	for _, s := range h.specs {
		sources = append(sources, s.From.SourceID)
	}
	slices.Sort(sources)
	if h.schemas != nil {
		if accept, ok := h.schemas.Subject(ledger.SubjectAccept); ok {
			for i := range accept.Fields {
				fields = append(fields, accept.Fields[i].Name)
			}
		}
	}
	var err error
	h.ranks, err = precedence.Load(os.DirFS(h.site.Dir), slices.Compact(sources), fields)
	return err
}

// precedenceOf is which of several systems counts, as a receiver sees it. It is there
// without a table, too: one that was deleted is noticed.
func (h *House) precedenceOf(receiver string) *ledger.Precedence {
	t := h.ranks
	return &ledger.Precedence{Version: t.Version(), Fields: t.Fields(), Named: t.Named,
		Sends: func(source string) bool {
			return slices.ContainsFunc(h.specs, func(s pipelines.Spec) bool { return s.From.SourceID == source && slices.Contains(s.Deliver, receiver) })
		},
		Of: func(of ledger.Told) ledger.Rank { return rankOf(t.RuleOf(of.Source, of.Items, of.Region)) }}
}

func rankOf(r *precedence.Rule) ledger.Rank {
	if r == nil {
		return ledger.Rank{}
	}
	return ledger.Rank{First: r.From, Others: r.Compare, Match: r.Sets()}
}
