package jobs_test

import (
	"context"
	"testing"
	"time"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/pipelines"
)

// night is a pipeline that compares by itself, and a clock.
type night struct {
	*world
	now   time.Time
	view  *memory.View
	opens error
}

func newNight(t *testing.T) *night {
	n := &night{now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.FixedZone("", 8*3600))}
	n.world = newWorldAt(t, t.TempDir(), func() time.Time { return n.now })
	n.view = n.rowsOf("A=x", "B=x", "C=x")
	return n
}

// runs says how the run read.
func (n *night) runs() string {
	plan := n.collectPlan(subjectAccept, n.view, memory.Options{}, again)
	plan.Spec.From.Mode, plan.Spec.From.Absent, plan.Deletes = "incremental", pipelines.AbsentDelete, loose
	plan.Spec.From.Compare = &pipelines.Compares{Every: pipelines.Duration(24 * time.Hour), Hours: "00:00-06:00"}
	plan.Now = func() time.Time { return n.now }
	if open := plan.Open; n.opens != nil {
		plan.Open = func(ctx context.Context, at pipelines.Position) (pipelines.Source, error) {
			if plan.Spec.From.Mode == "compare" {
				return nil, n.opens
			}
			return open(ctx, at)
		}
	}
	rep := n.runner.Collect(context.Background(), plan, nil)
	return rep.Run.Mode + " " + rep.Run.State
}

func (n *night) at(hours float64) *night {
	n.now = time.Date(2026, 3, 1, 0, 0, 0, 0, n.now.Location()).Add(time.Duration(hours * float64(time.Hour)))
	return n
}

func TestAPipelineComparesByItselfWhenThatIsDue(t *testing.T) {
	n := newNight(t)
	defer n.close()
	for _, c := range []struct {
		at   float64
		want string
	}{
		{1, "incremental done"}, // the first: there is nothing to compare with
		{2, "compare done"},
		{3, "incremental done"},
		{20, "incremental done"},
		{24.5, "incremental done"}, // 22.5 hours later
		{25.1, "compare done"},     // an hour early is in time
		{26, "incremental done"},
		{60, "incremental done"}, // due, but not at this hour
		{73, "compare done"},
	} {
		if got := n.at(c.at).runs(); got != c.want {
			t.Errorf("at %v: %s, not %s", c.at, got, c.want)
		}
	}
	last, err := n.store.LastCompared(context.Background(), "collect-"+subjectAccept)
	if err != nil || !last.Started.Equal(n.now) || last.Mode != "compare" {
		t.Errorf("%+v, %v", last, err)
	}
}

func TestWhatLeftTheViewIsFoundWithoutAnybodyAskingForACompare(t *testing.T) {
	n := newNight(t)
	defer n.close()
	n.at(1).runs()
	n.view.Set(memory.Row{"A", int64(1), "x", nil}, memory.Row{"B", int64(1), "y", nil})
	n.at(10).runs()
	if got := n.alive(subjectAccept); got != "A=x@1 C=x@1 B=y@2" {
		t.Fatalf("an incremental run: %s", got)
	}
	n.at(24.1).runs()
	if got := n.alive(subjectAccept); got != "A=x@1 B=y@2" {
		t.Errorf("alive: %s", got)
	}
}

// A view that cannot be read whole keeps nothing from being collected.
func TestACompareThatFailsGivesWayToWhatChanged(t *testing.T) {
	n := newNight(t)
	defer n.close()
	n.at(1).runs()
	n.opens = fault.New(fault.Transient, "read row", "", textOf("too long"), textOf(""))
	for i, want := range []string{"compare failed", "incremental done", "compare failed", "incremental done"} {
		if got := n.at(2 + float64(i)/10).runs(); got != want {
			t.Errorf("%d: %s, not %s", i, got, want)
		}
	}
	n.opens = nil
	if got := n.at(3).runs(); got != "compare done" {
		t.Error(got)
	}
}

// The process is killed while it compares: the next run compares again.
func TestACompareThatIsKilledIsBegunAgain(t *testing.T) {
	n := newNight(t)
	defer n.close()
	n.at(1).runs()
	if _, err := n.store.StartRun(context.Background(), "collect-"+subjectAccept, "compare", "m1"); err != nil {
		t.Fatal(err)
	}
	n.reopen()
	if got := n.at(2).runs(); got != "compare done" {
		t.Error(got)
	}
}

// A fuse that stops deletes does not keep the pipeline comparing at every run: the list waits.
func TestACompareWhoseDeletesWaitIsNotRepeatedAtOnce(t *testing.T) {
	n := newNight(t)
	defer n.close()
	n.at(1).runs()
	n.view.Set()
	if got := n.at(2).runs(); got != "compare partial" && got != "compare failed" {
		t.Error(got)
	}
	for _, h := range []float64{2.1, 2.2, 2.3} {
		if got := n.at(h).runs(); got != "incremental done" {
			t.Error(got)
		}
	}
	if got := n.lists("collect-" + subjectAccept); got != "open:xxx" {
		t.Error(got)
	}
	if got := n.at(26).runs(); got != "compare partial" && got != "compare failed" {
		t.Error(got)
	}
	if got := n.lists("collect-" + subjectAccept); got != "open:xxx" {
		t.Errorf("the same list: %s", got)
	}
}
