package wiring

import (
	"context"
	"maps"
	"testing"
	"time"

	"banjian/connectors/middleplatform/gateway"
	"banjian/ledger"
	"banjian/pipelines"
)

// flows is a ledger that knows one case.
type flows struct {
	ledger.CaseNumbers
	ledger.LogAt
	one ledger.Case
}

func (f flows) ResultsOfFlow(context.Context, string) ([]ledger.Entry, error) { return nil, nil }

func (f flows) CasesOfFlow(context.Context, string) ([]ledger.Case, error) {
	return []ledger.Case{f.one}, nil
}

func TestWhatAWithdrawalMeetsAsAccepted(t *testing.T) {
	at := func(s string) time.Time {
		t.Helper()
		m, err := time.Parse("2006-01-02 15:04:05 -07:00", s+" +08:00")
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		name, accepted, since string
		deleted, want         bool
	}{
		{"whenever", "2026-11-20 09:00:00", "", false, true},
		{"taken back as an error", "2026-11-20 09:00:00", "", true, false},
		{"before it was handed in again", "2026-11-22 09:59:59", "2026-11-22 10:00:00", false, false},
		{"in the second it was handed in", "2026-11-22 10:00:00", "2026-11-22 10:00:00", false, true},
		{"a bare day, the same", "2026-11-22 00:00:00", "2026-11-22 23:59:59", false, true},
		{"a bare day, the one before", "2026-11-21 00:00:00", "2026-11-22 00:00:00", false, false},
		{"no time", "1970-01-01 08:00:00", "2026-11-22 10:00:00", false, false},
	} {
		k := ledger.Case{AcceptedAt: at(c.accepted).Unix(), Deleted: c.deleted}
		var since time.Time
		if c.since != "" {
			since = at(c.since)
		}
		got, err := decidedIn(flows{one: k})(t.Context(), "ywzt", "F", since)
		if err != nil || (got == gateway.Accepted) != c.want || got == gateway.Finished {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}

// positions is a ledger that knows how far pipelines have come.
type positions struct {
	ledger.Collects
	of map[string]pipelines.Position
}

func (p positions) Slots(_ context.Context, pipeline string) ([]ledger.Slot, error) {
	if at, is := p.of[pipeline]; is {
		return []ledger.Slot{{Position: at}}, nil
	}
	return nil, nil
}

func TestAnInboxIsReachedWhereItsSlowestPipelineIs(t *testing.T) {
	reads := func(pipeline, inbox string) pipelines.Spec {
		return pipelines.Spec{Pipeline: pipeline, From: pipelines.From{SourceID: "ywzt", Inbox: inbox}}
	}
	h := &House{specs: []pipelines.Spec{reads("a", "application"), reads("b", "application"), reads("m", "application_material"), reads("n", "application_material"), reads("w", ""), reads("x", "withdrawal")}}
	got, err := h.reached(t.Context(), positions{of: map[string]pipelines.Position{"a": "12", "b": "7", "m": "9", "w": "30", "x": "3"}})
	want := gateway.Reached{"ywzt/application": 7, "ywzt/application_material": 0, "ywzt/withdrawal": 3} // n has not begun
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}
