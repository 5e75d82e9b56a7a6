package ledger

import (
	"context"
	"testing"
	"time"

	"banjian/pipelines"
)

// What a platform sent goes where the first submission of its application belongs.
func TestAnApplicationGoesWhereItsTableSays(t *testing.T) {
	whose := map[string]Whose{"ours": Ours, "theirs": Theirs, "nobodys": Nobodys}
	for name, c := range map[string]struct {
		item   string
		keeper bool
		rule   string
		then   pipelines.Severity
		role   string
	}{
		"ours":                   {item: "ours", role: "lead"},
		"another department's":   {item: "theirs", rule: ruleOtherDepartment, then: pipelines.NotApplicable},
		"nobody's":               {item: "nobodys", rule: ruleNoRoute, then: pipelines.NotApplicable},
		"nobody's, at who keeps": {item: "nobodys", keeper: true, rule: ruleWaitsRoute, then: pipelines.Hold},
	} {
		r := &Routing{Keeper: c.keeper, Of: func(a Application) (Whose, string) {
			if a.Region != "370100" || !a.AppliedAt.Equal(time.Date(2026, 3, 1, 1, 2, 3, 0, time.UTC)) {
				t.Errorf("%s: asked about %+v", name, a)
			}
			return whose[a.ItemCode], map[Whose]string{Ours: "lead"}[whose[a.ItemCode]]
		}}
		for _, at := range []string{"2026-03-01 01:02:03Z", "2026-03-01T01:02:03Z", "2026-03-01T09:02:03+08:00"} {
			got := r.decide([]string{c.item, "", "370100", at})
			if got.issue.Rule != c.rule || got.issue.Severity != c.then && c.rule != "" || got.role != c.role {
				t.Errorf("%s, applied %s: %+v", name, at, got)
			}
		}
	}
}

// due is a store of marks in memory.
type due map[string]time.Time

func (d due) Due(_ context.Context, job string) (time.Time, error) { return d[job], nil }

func (d due) SetDue(_ context.Context, job string, at time.Time) error {
	d[job] = at
	return nil
}

// What a table left out is looked at again under another table, once all of it was.
func TestANewTableOfRoutesIsNewUntilEverythingWasLookedAt(t *testing.T) {
	ctx, marks := context.Background(), due{}
	begin := func(version uint64) *Routing {
		r := &Routing{Version: version << 24}
		if err := r.Begin(ctx, marks, "inbox"); err != nil {
			t.Fatal(err)
		}
		return r
	}
	if first, second := begin(1), begin(1); !first.again || !second.again { // the first delivery ended early
		t.Error("the first table is not new")
	}
	if err := begin(1).End(ctx, marks); err != nil || begin(1).again {
		t.Errorf("it stays new: %v", err)
	}
	if !begin(2).again {
		t.Error("another table is not new")
	}
	other := &Routing{Version: 1 << 24}
	if err := other.Begin(ctx, marks, "other inbox"); err != nil || !other.again {
		t.Errorf("another receiver has seen it: %v", err)
	}
}

// So is what pipelines brought that did not deliver to a receiver.
func TestOtherPipelinesAreOthersUntilEverythingWasLookedAt(t *testing.T) {
	ctx, marks := context.Background(), due{}
	begin := func(without ...string) *Fed {
		f := NewFed(without)
		if err := f.Begin(ctx, marks, "platform"); err != nil {
			t.Fatal(err)
		}
		return f
	}
	fed := begin("materials", "steps")
	if err := fed.End(ctx, marks); err != nil || fed.again || begin("steps", "materials").again {
		t.Errorf("they stay others: %v", err)
	}
	if !begin("materials").again || !begin().again {
		t.Error("others are the same")
	}
}
