package jobs_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/jobs"
	"banjian/pipelines"
)

// ranges is a department whose first load comes in ranges, and which of them were read.
type ranges struct {
	*world
	views []*memory.View
	mu    sync.Mutex
	read  []string
	fails string // a range that cannot be read
	open  int    // ranges that are read now
	most  int    // at a time, ever
}

func newRanges(t *testing.T, n int) *ranges {
	r := &ranges{world: newWorld(t, t.TempDir())}
	for i := range n {
		r.views = append(r.views, r.rowsOf(fmt.Sprintf("A%d=x", i), fmt.Sprintf("B%d=y", i)))
	}
	return r
}

// splitSource is a source that is to be read in ranges.
type splitSource struct {
	pipelines.Source
	split *pipelines.Split
}

func (s splitSource) Split() *pipelines.Split { return s.split }
func (s splitSource) Close() error            { return nil }

// rangeSource is one of them: one batch, with the empty position.
type rangeSource struct {
	pipelines.Source
	of *ranges
}

func (s rangeSource) Close() error {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.of.open--
	return s.Source.Close()
}

func (s rangeSource) Read(ctx context.Context) (pipelines.Batch, error) {
	b, err := s.Source.Read(ctx)
	b.Position = ""
	return b, err
}

func (r *ranges) plan() *jobs.CollectPlan {
	plan := r.collectPlan(subjectAccept, r.views[0], memory.Options{}, again)
	plan.Spec.From.Mode = "incremental"
	stage, keyOf := plan.Stage, plan.KeyOf
	plan.Fresh = func() (pipelines.Stage, func(arrow.Record) (arrow.Record, error), error) { return stage, keyOf, nil }
	plan.Open = func(_ context.Context, at pipelines.Position) (pipelines.Source, error) {
		split := &pipelines.Split{Begun: "begun", Count: len(r.views), End: "end", AtOnce: 2}
		switch {
		case at == "":
			for i := range r.views {
				split.Ranges = append(split.Ranges, pipelines.Position(fmt.Sprint("r", i)))
			}
			return splitSource{split: split}, nil
		case at == "begun":
			return splitSource{split: split}, nil
		case at == "end":
			return memory.NewView(sourceSchema).Open("", memory.Options{Alloc: r.alloc})
		}
		r.mu.Lock()
		r.read = append(r.read, string(at))
		fails := r.fails == string(at)
		if !fails {
			r.open++
			r.most = max(r.most, r.open)
		}
		r.mu.Unlock()
		if fails {
			return nil, fault.New(fault.Transient, "read row", "", textOf("lost"), textOf(""))
		}
		var n int
		fmt.Sscanf(string(at), "r%d", &n)
		src, err := r.views[n].Open("", memory.Options{Alloc: r.alloc})
		return rangeSource{src, r}, err
	}
	return plan
}

func (r *ranges) collects() (jobs.Report, string) {
	r.read = nil
	rep := r.runner.Collect(context.Background(), r.plan(), nil)
	slices.Sort(r.read)
	return rep, strings.Join(r.read, " ")
}

func (r *ranges) position() pipelines.Position {
	r.Helper()
	at, err := r.store.Position(context.Background(), "collect-"+subjectAccept)
	if err != nil {
		r.Fatalf("%v", err)
	}
	return at
}

func TestRangesAreUnitsOfWorkWithPositionsOfTheirOwn(t *testing.T) {
	r := newRanges(t, 5)
	defer r.close()
	r.fails = "r2"
	rep, _ := r.collects()
	if rep.Err == nil || r.position() != "begun" {
		t.Fatalf("%v, at %s", rep.Err, r.position())
	}
	slots, err := r.store.Slots(context.Background(), "collect-"+subjectAccept)
	if err != nil || len(slots) != 5 || slots[2].Position != "r2" {
		t.Fatalf("%+v, %v", slots, err)
	}
	var left []string
	for _, s := range slots {
		if s.Position != "" {
			left = append(left, string(s.Position))
		}
	}
	r.fails = ""
	again, read := r.collects()
	if again.Err != nil || read != strings.Join(left, " ") || r.position() != "end" {
		t.Errorf("%v, read %s of %v, at %s", again.Err, read, left, r.position())
	}
	if n := rep.Counts.Collected + again.Counts.Collected; n != 10 || again.Run.State != "done" || again.Run.Compared {
		t.Errorf("%d collected, %+v", n, again.Run)
	}
	if next, read := r.collects(); next.Err != nil || read != "" || next.Counts.Read != 0 {
		t.Errorf("%v, %s", next.Err, read)
	}
}

// Somebody else reads a range: it is left to them.
func TestARangeUnderSomebodyElsesLeaseIsLeftAlone(t *testing.T) {
	r := newRanges(t, 3)
	defer r.close()
	r.fails = "r1"
	r.collects()
	r.fails = ""
	lease, err := r.store.Acquire(context.Background(), jobs.PartLease("collect-"+subjectAccept, 1), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	rep, _ := r.collects()
	if !fault.Is(rep.Err, fault.Blocked) || slices.Contains(r.read, "r1") || r.position() != "begun" {
		t.Errorf("%v, read %v", rep.Err, r.read)
	}
	if err := r.store.Release(context.Background(), lease); err != nil {
		t.Fatal(err)
	}
	if rep, _ := r.collects(); rep.Err != nil || r.position() != "end" {
		t.Errorf("%v", rep.Err)
	}
}

func TestNoMoreRangesAreReadAtATimeThanTheSourceAllows(t *testing.T) {
	r := newRanges(t, 12)
	defer r.close()
	if rep, _ := r.collects(); rep.Err != nil || r.most > 2 || r.open != 0 {
		t.Errorf("%v, %d at a time, %d still open", rep.Err, r.most, r.open)
	}
}

// The process is killed before or after any write; in the end everything is there once.
func TestASplitLoadThatIsKilledAnywhereLosesNothing(t *testing.T) {
	for n := 1; n <= 9; n++ {
		for _, after := range []bool{false, true} {
			r := newRanges(t, 3)
			r.store.crashAt(n, after)
			rep, _ := r.collects()
			r.store.crashAt(0, false)
			r.reopen()
			if rep.Err != nil {
				if rep, _ := r.collects(); rep.Err != nil {
					t.Fatalf("%d %t: %v", n, after, rep.Err)
				}
			}
			got := strings.Fields(r.alive(subjectAccept))
			slices.Sort(got)
			if want := "A0=x@1 A1=x@1 A2=x@1 B0=y@1 B1=y@1 B2=y@1"; strings.Join(got, " ") != want || r.position() != "end" {
				t.Errorf("%d %t: %v at %s", n, after, got, r.position())
			}
			r.close()
		}
	}
}

func TestTheLimitOfRejectsIsThatOfTheWholeLoad(t *testing.T) {
	r := newRanges(t, 4)
	defer r.close()
	for i := range r.views {
		r.views[i] = r.rowsOf(fmt.Sprintf("A%d=%s", i, isBad), fmt.Sprintf("B%d=x", i))
	}
	plan := r.plan()
	plan.Spec.Rejects.Max = 2
	rep := r.runner.Collect(context.Background(), plan, nil)
	if !fault.Is(rep.Err, fault.Data) || rep.Run.State != "partial" || r.position() != "begun" {
		t.Errorf("%v, %s at %s", rep.Err, rep.Run.State, r.position())
	}
}

func TestADrySplitLoadStoresNothing(t *testing.T) {
	r := newRanges(t, 3)
	defer r.close()
	plan := r.plan()
	plan.Dry = true
	rep := r.runner.Collect(context.Background(), plan, nil)
	slots, err := r.store.Slots(context.Background(), "collect-"+subjectAccept)
	if rep.Err != nil || rep.Counts.Read != 6 || r.position() != "" || len(slots) != 0 || err != nil {
		t.Errorf("%+v, %v, %v", rep.Counts, slots, err)
	}

}
