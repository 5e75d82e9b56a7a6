package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"pgregory.net/rapid"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// shelf is the department's files, as a stage finds them: by reference what is in them, or
// isMissing, isDown, isWrong.
type shelf struct {
	w     *world
	files map[string]string
	asked map[string]int
}

const (
	isMissing = "missing"
	isDown    = "down"
	isWrong   = "wrong"
	refPrefix = "ref:"
)

func (s *shelf) find(ref string) (content, why string, wrong bool) {
	s.asked[ref]++
	switch is := s.files[ref]; is {
	case isMissing, isDown:
		return "", is, false
	case isWrong:
		return "", "", true
	default:
		return is, "", false
	}
}

// put is rec with what in the column that holds references.
func (s *shelf) put(rec arrow.Record, value func(row int, was string) *string) arrow.Record {
	b := array.NewStringBuilder(s.w.alloc)
	defer b.Release()
	col := rec.Column(2).(*array.String)
	for row := range col.Len() {
		if v := value(row, col.Value(row)); v != nil {
			b.Append(*v)
		} else {
			b.AppendNull()
		}
	}
	now := b.NewArray()
	defer now.Release()
	cols := slices.Clone(rec.Columns())
	cols[2] = now
	return array.NewRecord(rec.Schema(), cols, rec.NumRows())
}

// stage is mapSource with files.
func (s *shelf) stage(_ context.Context, in arrow.Record) (pipelines.Result, error) {
	res := s.w.mapSource(in, subjectAccept)
	out := &res.Outputs[0]
	var keep []int32
	filled := s.put(out.Record, func(row int, was string) *string {
		ref, is := strings.CutPrefix(was, refPrefix)
		if !is {
			keep = append(keep, int32(row))
			return &was
		}
		content, why, wrong := s.find(ref)
		if wrong {
			res.Issues = append(res.Issues, pipelines.Issue{Row: out.Rows[row], Field: "what", Rule: "file_type", Args: []string{"content"}})
			return nil
		}
		keep = append(keep, int32(row))
		if why != "" {
			res.Owed = append(res.Owed, pipelines.Owed{Row: int32(len(keep) - 1), Field: "what", Ref: ref, Why: why})
			return nil
		}
		return &content
	})
	defer filled.Release()
	part, err := pipelines.Take(filled, keep, s.w.alloc)
	if err != nil {
		return res, err
	}
	rows := make([]int32, len(keep))
	for i, k := range keep {
		rows[i] = out.Rows[k]
	}
	out.Record.Release()
	out.Record, out.Rows = part, rows
	return res, nil
}

// Fill asks again.
func (s *shelf) Fill(_ context.Context, rec arrow.Record, field string, refs []string) (arrow.Record, []pipelines.Issue, []pipelines.Owed, error) {
	var issues []pipelines.Issue
	var owed []pipelines.Owed
	return s.put(rec, func(row int, _ string) *string {
		content, why, wrong := s.find(refs[row])
		switch {
		case wrong:
			issues = append(issues, pipelines.Issue{Row: int32(row), Field: field, Rule: "file_type", Args: []string{"content"}})
		case why != "":
			owed = append(owed, pipelines.Owed{Row: int32(row), Field: field, Ref: refs[row], Why: why})
		default:
			return &content
		}
		return nil
	}), issues, owed, nil
}

// withFiles has a plan's rows refer to files.
func (s *shelf) withFiles(plan *jobs.CollectPlan, now *time.Time) *jobs.CollectPlan {
	plan.Stage, plan.Files, plan.Now = pipelines.StageFunc(s.stage), s, func() time.Time { return *now }
	return plan
}

func newShelf(w *world) *shelf { return &shelf{w, map[string]string{}, map[string]int{}} }

// stands is what the newest versions of accept records hold, by key.
func (w *world) stands() map[string]string {
	found := map[string]string{}
	for _, r := range w.log(subjectAccept) {
		if !r.dead {
			found[r.key] = r.what
		}
	}
	return found
}

func TestAFileThatIsAwayForHoursLosesNoRowAndIsNotAskedForAllTheTime(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	now := time.UnixMilli(1793494800000)
	s := newShelf(w)
	view := memory.NewView(sourceSchema)
	for i := range 3 {
		ref := fmt.Sprint("f", i)
		view.Append(memory.Row{fmt.Sprint("A", i), int64(1), refPrefix + ref, nil})
		s.files[ref] = []string{isMissing, isDown, "here"}[i]
	}
	plan := func() *jobs.CollectPlan {
		return s.withFiles(w.collectPlan(subjectAccept, view, memory.Options{}, onward), &now)
	}
	rep := w.runner.Collect(t.Context(), plan(), nil)
	if rep.Err != nil || rep.Counts.Collected != 3 || rep.Counts.Owed != 2 {
		t.Fatalf("%+v", rep)
	}
	for range 12 * 12 { // twelve hours, every five minutes
		now = now.Add(5 * time.Minute)
		if rep := w.runner.SettleFiles(t.Context(), plan()); rep.Err != nil || rep.Counts.Records != 0 {
			t.Fatalf("%+v", rep)
		}
	}
	if s.asked["f0"] > 12 || s.asked["f0"] < 6 || s.asked["f2"] != 1 {
		t.Errorf("asked %v times", s.asked)
	}
	s.files["f0"], s.files["f1"] = "came", "came too"
	now = now.Add(6 * time.Hour)
	rep = w.runner.SettleFiles(t.Context(), plan())
	if rep.Err != nil || rep.Counts.Records != 2 || rep.Counts.Read != 0 {
		t.Errorf("%+v", rep)
	}
	if got := fmt.Sprint(w.stands()); got != "map[A0/1:came A1/1:came too A2/1:here]" {
		t.Error(got)
	}
	if rep := w.runner.SettleFiles(t.Context(), plan()); rep.Run.Num != 0 {
		t.Errorf("nothing is owed, and yet %+v", rep)
	}
	if rep := w.runner.Collect(t.Context(), s.withFiles(w.collectPlan(subjectAccept, view, memory.Options{}, again), &now), nil); rep.Counts.Unchanged != 3 {
		t.Errorf("the rows are what they were, and yet %+v", rep.Counts)
	}
}

// Files come, go away, turn out wrong and are replaced while rows change and the ledger
// crashes: in the end every record has the file its row refers to.
func TestRecordsEndWithTheFilesTheirRowsReferTo(t *testing.T) {
	dir := fastDir(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt, dir)
		defer w.close()
		now := time.UnixMilli(1793494800000)
		s := newShelf(w)
		view := memory.NewView(sourceSchema)
		state := rapid.SampledFrom([]string{isMissing, isDown, isWrong, "x", "y"})
		plan := func() *jobs.CollectPlan {
			return s.withFiles(w.collectPlan(subjectAccept, view, memory.Options{}, again), &now)
		}
		run := func(f func() jobs.Report) {
			if err := f().Err; err != nil && !errors.Is(err, errCrash) {
				rt.Fatalf("%v", err)
			}
		}
		rows := map[string]string{}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			switch rapid.IntRange(0, 5).Draw(rt, "step") {
			case 0, 1:
				key, ref := rapid.SampledFrom([]string{"A", "B", "C", "D"}).Draw(rt, "row"), rapid.SampledFrom([]string{"f0", "f1", "f2"}).Draw(rt, "ref")
				if rows[key] = ref; s.files[ref] == "" {
					s.files[ref] = isMissing
				}
				var all []memory.Row
				for _, k := range slices.Sorted(maps.Keys(rows)) {
					all = append(all, memory.Row{k, int64(1), refPrefix + rows[k], nil})
				}
				view.Set(all...)
			case 2:
				s.files[rapid.SampledFrom([]string{"f0", "f1", "f2"}).Draw(rt, "file")] = state.Draw(rt, "state")
			case 3:
				now = now.Add(time.Duration(rapid.IntRange(0, 30).Draw(rt, "hours")) * time.Hour)
				run(func() jobs.Report { return w.runner.SettleFiles(context.Background(), plan()) })
			case 4:
				run(func() jobs.Report { return w.runner.Collect(context.Background(), plan(), nil) })
			case 5:
				w.store.crashAt(rapid.IntRange(1, 3).Draw(rt, "crash"), rapid.Bool().Draw(rt, "after"))
				run(func() jobs.Report { return w.runner.Collect(context.Background(), plan(), nil) })
				w.store.crashAt(0, false)
				w.reopen()
			}
		}
		for _, ref := range []string{"f0", "f1", "f2"} {
			s.files[ref] = "final " + ref
		}
		now = now.Add(48 * time.Hour)
		for range 2 { // rows that were refused are read again; what is owed comes
			run(func() jobs.Report { return w.runner.Collect(context.Background(), plan(), nil) })
		}
		got := w.stands()
		for key, ref := range rows {
			if is := got[key+"/1"]; is != "final "+ref && is != "x" && is != "y" { // one that came before is kept
				rt.Errorf("%s has %q of %s", key, is, ref)
			}
		}
		rejects, err := w.store.Rejects(context.Background(), ledger.RejectQuery{State: "open"})
		if err != nil || len(rejects) > 0 {
			rt.Errorf("open rejects: %+v, %v", rejects, err)
		}
		if owed, err := w.store.OwedTotals(context.Background()); err != nil || len(owed) > 0 {
			rt.Errorf("owed in the end: %+v, %v", owed, err)
		}
	})
}
