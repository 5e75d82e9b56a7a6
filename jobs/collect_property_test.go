package jobs_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"banjian/connectors/memory"
	"banjian/ledger"
)

// model is what the ledger must hold, whatever the batches were and whatever crashed.
type model struct {
	accepts, steps map[string][]string // every version's value, by key
	open           map[string]bool     // keys whose row was refused when it was last mapped
}

// read books that a row was read.
func (m *model) read(row memory.Row) {
	key := fmt.Sprint(row[0], "/", row[1])
	switch row[2] {
	case isBad:
		m.open[key] = true
	case isSkipped:
	default:
		delete(m.open, key)
		change(m.accepts, key, row[2].(string))
		if row[3] != nil {
			change(m.steps, key, row[3].(string))
		}
	}
}

func change(versions map[string][]string, key, value string) {
	if v := versions[key]; len(v) == 0 || v[len(v)-1] != value {
		versions[key] = append(v, value)
	}
}

// check compares a subject's log with its model: every version once, in order, all but
// the newest dead; and the index names the newest.
func (w *world) check(subject string, want map[string][]string) {
	w.Helper()
	got := map[string][]string{}
	for _, r := range w.log(subject) {
		if r.version != len(got[r.key])+1 {
			w.Fatalf("%s %s: version %d comes after %d", subject, r.key, r.version, len(got[r.key]))
		}
		got[r.key] = append(got[r.key], r.what)
		if last := r.version == len(want[r.key]); last == r.dead {
			w.Fatalf("%s %s version %d of %d: dead is %t", subject, r.key, r.version, len(want[r.key]), r.dead)
		}
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		w.Fatalf("%s: log %v, want %v", subject, got, want)
	}
	for key, versions := range want {
		var local string
		var n int
		if _, err := fmt.Sscanf(key, "%1s/%d", &local, &n); err != nil {
			w.Fatalf("%v", err)
		}
		list, err := w.store.Lookup(context.Background(), ledger.Stream{Source: sourceID, Subject: subject}, [][]byte{ledger.EncodeKey(local, fmt.Sprint(n))})
		if err != nil || int(list[0].Version) != len(versions) {
			w.Fatalf("%s %s: index %+v, %v, want version %d", subject, key, list[0], err, len(versions))
		}
	}
}

func (w *world) checkRejects(want map[string]bool) {
	w.Helper()
	list, err := w.store.Rejects(context.Background(), ledger.RejectQuery{State: "open"})
	if err != nil {
		w.Fatalf("%v", err)
	}
	got := map[string]int{}
	for _, r := range list {
		parts := ledger.DecodeKey(r.Key)
		got[parts[0]+"/"+parts[1]]++
	}
	for key := range want {
		if got[key] != 1 {
			w.Fatalf("%s: %d open rejects, want 1", key, got[key])
		}
		delete(got, key)
	}
	if len(got) > 0 {
		w.Fatalf("open rejects of keys that passed: %v", got)
	}
}

// Rows change from epoch to epoch, some are bad, some are filtered; within an epoch the
// view is read in batches of any size, with any number of crashes before or after the
// ledger's commit, going on or starting again (invariants 1, 3 and 4).
func TestCollectingLosesNothingAndRepeatsNothingWhateverTheBatches(t *testing.T) {
	dir := fastDir(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, dir)
		defer w.close()
		m := &model{map[string][]string{}, map[string][]string{}, map[string]bool{}}
		rows := map[string]memory.Row{}
		view := memory.NewView(sourceSchema)
		for range rapid.IntRange(1, 4).Draw(t, "epochs") {
			for range rapid.IntRange(0, 6).Draw(t, "changes") {
				row := drawRow(t)
				rows[fmt.Sprint(row[0], row[1])] = row
			}
			list := make([]memory.Row, 0, len(rows))
			for _, key := range slices.Sorted(maps.Keys(rows)) {
				list = append(list, rows[key])
				m.read(rows[key])
			}
			view.Set(list...)
			w.epoch(t, view)
			w.check(subjectAccept, m.accepts)
			w.check(subjectStep, m.steps)
			w.checkRejects(m.open)
		}
	})
}

func drawRow(t *rapid.T) memory.Row {
	row := memory.Row{rapid.SampledFrom([]string{"A", "B", "C", "D"}).Draw(t, "case"), rapid.Int64Range(1, 2).Draw(t, "n"),
		rapid.SampledFrom([]string{"x", "y", "z", isBad, isSkipped}).Draw(t, "what"), nil}
	if rapid.Bool().Draw(t, "has more") {
		row[3] = rapid.SampledFrom([]string{"初审", "复审"}).Draw(t, "more")
	}
	return row
}

// epoch reads the view to its end, through crashes.
func (w *world) epoch(t *rapid.T, view *memory.View) {
	from := again // a run that ended leaves the next one to start anew
	for {
		w.store.wrote = 0
		o := memory.Options{Batches: rapid.SliceOfN(rapid.IntRange(1, 4), 1, 4).Draw(t, "batches")}
		crashes := rapid.IntRange(0, 3).Draw(t, "crash")
		switch crashes {
		case 1, 2:
			w.store.crashAt(rapid.IntRange(1, 3).Draw(t, "at write"), crashes == 2)
		case 3:
			o.Script = []memory.Step{memory.FailAfter(rapid.IntRange(1, 8).Draw(t, "after rows"), errCrash)}
		}
		rep := w.collect(subjectAccept, view, o, from)
		if err := rep.Counts.Check(); err != nil {
			t.Fatalf("%v", err)
		}
		w.store.crashAt(0, false)
		if rep.Err == nil {
			return
		}
		if w.store.wrote > 0 { // the position is one of this epoch
			from = onward
			if rapid.Bool().Draw(t, "start again") {
				from = again
			}
		}
		w.reopen()
	}
}

// The first of two rows with one key wins and keeps winning, however the batches fall
// and also when it changes; the other is refused in every run and adds one reject.
func TestOfTwoRowsWithOneKeyTheFirstWinsForEver(t *testing.T) {
	dir := fastDir(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, dir)
		defer w.close()
		first, other := memory.Row{"A", int64(1), "x", nil}, memory.Row{"A", int64(1), "other", nil}
		view := memory.NewView(sourceSchema, first, memory.Row{"B", int64(1), "x", nil}, other)
		want := map[string][]string{"A/1": {"x"}, "B/1": {"x"}}
		for i := range 6 {
			if i%2 == 1 {
				value := fmt.Sprint("changed ", i)
				view.Replace(0, memory.Row{"A", int64(1), value, nil})
				want["A/1"] = append(want["A/1"], value)
			}
			rep := w.collect(subjectAccept, view, memory.Options{Batches: rapid.SliceOfN(rapid.IntRange(1, 3), 1, 3).Draw(t, "batches")}, again)
			if rep.Err != nil || rep.Counts.Rejected != 1 || rep.Counts.Read != 3 {
				t.Fatalf("run %d: %+v, %v", i, rep.Counts, rep.Err)
			}
			w.check(subjectAccept, want)
			if list, err := w.store.Rejects(context.Background(), ledger.RejectQuery{State: "open"}); err != nil || len(list) != 1 || list[0].Rule != "duplicate_key" {
				t.Fatalf("run %d: open rejects %+v, %v", i, list, err)
			}
		}
	})
}

// What an interrupted run wrote stands when the next one reads both rows.
func TestOfTwoRowsWithOneKeyTheOneThatWasCollectedAndIsStillThereStays(t *testing.T) {
	dir := fastDir(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, dir)
		defer w.close()
		view := memory.NewView(sourceSchema, memory.Row{"A", int64(1), "x", nil})
		batches := func() memory.Options {
			return memory.Options{Batches: rapid.SliceOfN(rapid.IntRange(1, 3), 1, 3).Draw(t, "batches")}
		}
		if rep := w.collect(subjectAccept, view, batches(), again); rep.Err != nil {
			t.Fatal(rep.Err)
		}
		view.Set(memory.Row{"A", int64(1), "x", nil}, memory.Row{"B", int64(1), "x", nil}, memory.Row{"A", int64(1), "other", nil})
		for range 2 {
			rep := w.collect(subjectAccept, view, batches(), again)
			if rep.Err != nil || rep.Counts.Rejected != 1 {
				t.Fatalf("%+v, %v", rep.Counts, rep.Err)
			}
			w.check(subjectAccept, map[string][]string{"A/1": {"x"}, "B/1": {"x"}})
		}
	})
}

func TestARowThatIsGoodAgainClosesItsRejectThoughItIsUnchanged(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	view := memory.NewView(sourceSchema)
	for i, c := range []struct {
		what      string
		open      int
		unchanged int64
	}{{"x", 0, 0}, {isBad, 1, 0}, {"x", 0, 1}, {"x", 0, 1}} {
		view.Set(memory.Row{"A", int64(1), c.what, nil})
		rep := w.collect(subjectAccept, view, memory.Options{}, again)
		list, err := w.store.Rejects(context.Background(), ledger.RejectQuery{State: "open"})
		if rep.Err != nil || err != nil || len(list) != c.open || rep.Counts.Unchanged != c.unchanged {
			t.Errorf("run %d: %d open, %+v, %v %v", i, len(list), rep.Counts, rep.Err, err)
		}
	}
}
