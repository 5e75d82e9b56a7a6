package gateway

import (
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
)

// A number that somebody enters is one that was announced: it is fetched, a call for it later
// is a repeat, and one that came before is left as it is.
func TestANumberThatIsEnteredIsFetchedAsIfItWereAnnounced(t *testing.T) {
	w := newWorld(t)
	number := func(flowNo string) *middleplatform.Element {
		m := &middleplatform.Element{Name: w.profile.Body.Root}
		m.Add("SBLSH_SHORT", flowNo)
		m.Add("SXBM", "GJJ-0302")
		m.Add("XZQHDM", "370102")
		return m
	}
	w.announce("A", "0", "")
	for flowNo, want := range map[string]bool{"A": true, "B": false} {
		if known, err := w.journal.Enter(t.Context(), &w.system, number(flowNo)); known != want || err != nil {
			t.Errorf("%s: known %t, %v", flowNo, known, err)
		}
	}
	if known, err := w.journal.Enter(t.Context(), &w.system, number("B")); !known || err != nil {
		t.Errorf("B again: %t, %v", known, err)
	}
	w.wantSubmissions("B", "0:0:announced:2")
	w.announce("B", "0", "")
	if list := w.submissions("B"); len(list) != 1 {
		t.Errorf("a call made another of it: %v", list)
	}
	bare := &middleplatform.Element{Name: w.profile.Body.Root}
	bare.Add("SBLSH_SHORT", "C")
	if _, err := w.journal.Enter(t.Context(), &w.system, bare); !fault.Is(err, fault.Data) {
		t.Errorf("without an item: %v", err)
	}
	known, err := w.journal.Known(t.Context(), w.system.Platform, []string{"A", "B", "C"})
	if err != nil || !known["A"] || !known["B"] || known["C"] {
		t.Errorf("%v, %v", known, err)
	}
}
