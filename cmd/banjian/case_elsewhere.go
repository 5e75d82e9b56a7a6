package main

import (
	"context"
	"fmt"
	"time"

	"banjian/ledger"
)

// elsewhere is what another system says of a case.
type elsewhere struct {
	First    string          `json:"first"`    // the system whose word counts
	Compared string          `json:"compared"` // the one that is compared with it
	Local    string          `json:"first_local_no"`
	Other    string          `json:"compared_local_no"`
	Fields   []comparedField `json:"fields,omitempty"` // that differ
}

// elsewhere looks for a case among those of systems that report the same ones.
func (h *house) elsewhere(ctx context.Context, store ledger.Store, source, local string) ([]elsewhere, error) {
	var list []elsewhere
	if !h.Ranks().Named(source) {
		return nil, nil
	}
	for i := range h.Ranks().Cases {
		r := &h.Ranks().Cases[i]
		for _, second := range r.Compare {
			if source != r.From && source != second {
				continue
			}
			pair := h.pairOf(r, second, time.Now())
			pair.Want = func(of, other string) bool {
				return source == second && other == local || source == r.From && of == local
			}
			pair.Each = func(c *ledger.Compared) error {
				list = append(list, elsewhere{r.From, second, c.Other, c.Local, h.comparedCase(c).Fields})
				return nil
			}
			if _, err := ledger.Compare(ctx, store, pair); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

func (a *app) printElsewhere(h *house, e elsewhere) {
	fmt.Fprintf(a.out, a.t("  同一办件：%s %s（为准）↔ %s %s（比对）", "  the same case: %s %s (counts) ↔ %s %s (compared)"), e.First, e.Local, e.Compared, e.Other)
	if len(e.Fields) == 0 {
		fmt.Fprintln(a.out, a.t("，一致", ", equal"))
		return
	}
	fmt.Fprintln(a.out)
	a.printDifferences(h, e.Fields, e.First, e.Compared)
}
