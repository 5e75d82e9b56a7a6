package gateway

import (
	"slices"
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
	heard, err := w.journal.Heard(t.Context(), w.system.Platform, []Call{{FlowNo: "A"}, {FlowNo: "B"}, {FlowNo: "C"}})
	if err != nil || !slices.Equal(heard, []bool{true, true, false}) {
		t.Errorf("%v, %v", heard, err)
	}
}

// A number is known and a correction of it may not be: what was not heard of is entered, and
// the call that comes after all, with a more exact time, is a repeat.
func TestACorrectionNobodyHeardIsNotKnownByItsNumber(t *testing.T) {
	w := newWorld(t)
	w.announce("A", "0", "")
	w.announce("A", "1", "2026-11-23 10:00:00")
	w.announce("B", "1", "2026-11-23 10:00:00") // and its application was not heard
	calls := []Call{{FlowNo: "A"}, {"A", "1", "2026-11-23 10:00:00"}, {"A", "1", "2026-11-23 10:00"}, {"A", "1", "2026-11-23"}, {"A", "1", ""},
		{"A", "1", "2026-11-24"}, {"A", "9", ""}, {FlowNo: "B"}, {"B", "1", "2026-11-23"}, {"C", "1", ""}}
	heard, err := w.journal.Heard(t.Context(), w.system.Platform, calls)
	if err != nil || !slices.Equal(heard, []bool{true, true, true, true, true, false, false, false, true, false}) {
		t.Errorf("%v, %v", heard, err)
	}
	m := &middleplatform.Element{Name: w.profile.Body.Root}
	for _, f := range [][2]string{{"SBLSH_SHORT", "A"}, {"SXBM", "GJJ-0302"}, {"XZQHDM", "370102"}, {"EXPRESSTYPE", "1"}, {"BZSJ", "2026-11-24"}} {
		m.Add(f[0], f[1])
	}
	if c := CallOf(&w.system, m); c != calls[5] {
		t.Errorf("%+v", c)
	}
	if known, err := w.journal.Enter(t.Context(), &w.system, m); known || err != nil {
		t.Errorf("%t, %v", known, err)
	}
	w.announce("A", "1", "2026-11-24 16:30:00")
	w.announce("A", "1", "2026-11-25 16:30:00")
	w.wantSubmissions("A", "0:0:announced:1", "1:1:announced:1", "2:1:announced:2", "3:1:announced:1")
}
