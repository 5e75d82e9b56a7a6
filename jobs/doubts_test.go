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

// register says of a value of what whether it is so; what it does not name is.
type register struct {
	w     *world
	says  map[string]string
	asked map[string]int
	then  pipelines.Severity // of a value that is not so
}

const (
	isNotSo  = "not so"
	isSilent = "silent"
)

func newRegister(w *world) *register {
	return &register{w, map[string]string{}, map[string]int{}, pipelines.Hold}
}

func (g *register) judge(value string) pipelines.Rechecked {
	g.asked[value]++
	switch g.says[value] {
	case isNotSo:
		return pipelines.Rechecked{Issue: pipelines.Issue{Field: "what", Rule: "verify_mismatch", Args: []string{"person"}, Severity: g.then}}
	case isSilent:
		return pipelines.Rechecked{Issue: pipelines.Issue{Field: "what", Rule: "verify_unknown", Args: []string{"down", "person"}, Severity: pipelines.Hold}, Unknown: true}
	}
	return pipelines.Rechecked{}
}

// stage is mapSource whose records are verified.
func (g *register) stage(_ context.Context, in arrow.Record) (pipelines.Result, error) {
	res := g.w.mapSource(in, subjectAccept)
	out := &res.Outputs[0]
	for row := range int(out.Record.NumRows()) {
		if is := g.judge(out.Record.Column(2).(*array.String).Value(row)); is.Rule != "" {
			res.Unsure = append(res.Unsure, pipelines.Unsure{Row: int32(row), Field: "what", Service: "person", Rule: is.Rule, Args: is.Args})
		}
	}
	return res, nil
}

// Recheck asks again.
func (g *register) Recheck(_ context.Context, subject string, rec arrow.Record, fields []string) ([]pipelines.Rechecked, error) {
	if subject != subjectAccept || len(fields) != int(rec.NumRows()) || rec.Schema().Field(2).Name != "what" {
		return nil, fmt.Errorf("asked about %s, %v", subject, rec.Schema())
	}
	out := make([]pipelines.Rechecked, len(fields))
	for row := range out {
		out[row] = g.judge(rec.Column(2).(*array.String).Value(row))
	}
	return out, nil
}

func (g *register) plan(view *memory.View, now *time.Time) *jobs.CollectPlan {
	plan := g.w.collectPlan(subjectAccept, view, memory.Options{}, again)
	plan.Stage, plan.Recheck, plan.Verified, plan.Now = pipelines.StageFunc(g.stage), g, map[string][]string{subjectAccept: {"what"}}, func() time.Time { return *now }
	return plan
}

// aside is what the receiver was not given, and why.
func (w *world) aside() string {
	list, err := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver})
	if err != nil {
		w.Fatalf("%v", err)
	}
	var out []string
	for _, e := range list {
		out = append(out, fmt.Sprintf("%s v%d %s %s%v", ledger.FirstOfKey(e.Key), e.Version, e.State, e.Rule, e.Args))
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

// has is what the receiver has of each case.
func has(target *memory.Target) map[string]string {
	found := map[string]string{}
	for _, e := range target.Effects() {
		if e.Table == "up_"+subjectAccept {
			found[e.Values["local_no"]] = e.Values["what"]
		}
	}
	return found
}

func TestARecordNobodyCanVerifyIsCollectedHeldAndGoesWhenTheServiceIsBack(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	now := time.UnixMilli(1793494800000)
	g := newRegister(w)
	g.says["b"], g.says["c"] = isSilent, isNotSo
	view, target := memory.NewView(sourceSchema), memory.NewTarget()
	view.Set(memory.Row{"A", int64(1), "a", nil}, memory.Row{"B", int64(1), "b", "step"}, memory.Row{"C", int64(1), "c", nil})
	rep := w.runner.Collect(t.Context(), g.plan(view, &now), nil)
	if rep.Err != nil || rep.Counts.Collected != 3 || rep.Counts.Unverified != 2 {
		t.Fatalf("%+v", rep)
	}
	if err := w.deliver(target); err != nil {
		t.Fatal(err)
	}
	if got, aside := fmt.Sprint(has(target)), w.aside(); got != "map[A:a]" || aside != "B v1 held waits_parent[case/accept]; B v1 held waits_verification[person]; C v1 held verification_failed[person]" {
		t.Errorf("%s; %s", got, aside)
	}
	for range 12 * 6 { // six hours, every five minutes: silent still
		now = now.Add(5 * time.Minute)
		if rep := w.runner.SettleDoubts(t.Context(), g.plan(view, &now)); rep.Err != nil || rep.Verified != 0 || rep.Counts.Read != 0 {
			t.Fatalf("%+v", rep)
		}
	}
	if g.asked["b"] != 73 || g.asked["c"] != 1 {
		t.Errorf("asked %v", g.asked)
	}
	g.says["b"] = ""
	now = now.Add(5 * time.Minute)
	if rep := w.runner.SettleDoubts(t.Context(), g.plan(view, &now)); rep.Err != nil || rep.Verified != 1 || rep.Run.Mode != jobs.ModeVerify {
		t.Errorf("%+v", rep)
	}
	if err := w.deliver(target); err != nil {
		t.Fatal(err)
	}
	if got, aside := fmt.Sprint(has(target)), w.aside(); got != "map[A:a B:b]" || aside != "C v1 held verification_failed[person]" {
		t.Errorf("%s; %s", got, aside)
	}
	view.Set(memory.Row{"A", int64(1), "a", nil}, memory.Row{"B", int64(1), "b", "step"}, memory.Row{"C", int64(1), "mended", nil})
	if rep := w.runner.Collect(t.Context(), g.plan(view, &now), nil); rep.Err != nil || rep.Counts.Collected != 1 {
		t.Errorf("%+v", rep)
	}
	if err := w.deliver(target); err != nil {
		t.Fatal(err)
	}
	if got, aside := fmt.Sprint(has(target)), w.aside(); got != "map[A:a B:b C:mended]" || aside != "" {
		t.Errorf("%s; %s", got, aside)
	}
	if totals, err := w.store.DoubtTotals(t.Context()); err != nil || len(totals) != 0 {
		t.Errorf("%v, %v", totals, err)
	}
}

func TestWhatTurnsOutNotToBeSoIsARejectAndStaysAtTheReceivers(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	now := time.UnixMilli(1793494800000)
	g := newRegister(w)
	g.says["b"], g.then = isSilent, pipelines.Reject
	view, target := memory.NewView(sourceSchema), memory.NewTarget()
	view.Set(memory.Row{"B", int64(1), "b", nil})
	w.runner.Collect(t.Context(), g.plan(view, &now), nil)
	g.says["b"], now = isNotSo, now.Add(time.Hour)
	rep := w.runner.SettleDoubts(t.Context(), g.plan(view, &now))
	if rep.Err != nil || rep.Verified != 0 || rep.Counts.NewRejects != 1 {
		t.Fatalf("%+v", rep)
	}
	if err := w.deliver(target); err != nil || w.aside() != "B v1 held verification_failed[person]" {
		t.Errorf("%v; %s", err, w.aside())
	}
	rejects, err := w.store.Rejects(t.Context(), ledger.RejectQuery{State: "open"})
	if err != nil || len(rejects) != 1 || rejects[0].Rule != "verify_mismatch" {
		t.Fatalf("%+v, %v", rejects, err)
	}
	g.says["b"], now = "", now.Add(25*time.Hour) // the register was mended
	if rep := w.runner.SettleDoubts(t.Context(), g.plan(view, &now)); rep.Err != nil || rep.Verified != 1 {
		t.Errorf("%+v", rep)
	}
	if err := w.deliver(target); err != nil || w.aside() != "" || fmt.Sprint(has(target)) != "map[B:b]" {
		t.Errorf("%v; %s; %v", err, w.aside(), has(target))
	}
	if rejects, err := w.store.Rejects(t.Context(), ledger.RejectQuery{State: "open"}); err != nil || len(rejects) != 0 {
		t.Errorf("%+v, %v", rejects, err)
	}
}

// The row changed in a column that its record does not have, so the record is as it was; it
// was verified all the same.
func TestARecordThatIsMappedAgainAndRightIsInDoubtNoMore(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	now := time.UnixMilli(1793494800000)
	g := newRegister(w)
	g.says["b"] = isSilent
	view, target := memory.NewView(sourceSchema), memory.NewTarget()
	view.Set(memory.Row{"B", int64(1), "b", nil})
	w.runner.Collect(t.Context(), g.plan(view, &now), nil)
	if err := w.deliver(target); err != nil || w.aside() != "B v1 held waits_verification[person]" {
		t.Fatalf("%v; %s", err, w.aside())
	}
	g.says["b"] = ""
	view.Set(memory.Row{"B", int64(1), "b", "a step"})
	if rep := w.runner.Collect(t.Context(), g.plan(view, &now), nil); rep.Err != nil || rep.Verified != 0 {
		t.Errorf("%+v", rep)
	}
	if err := w.deliver(target); err != nil || w.aside() != "" || has(target)["B"] != "b" || len(w.log(subjectAccept)) != 1 {
		t.Errorf("%v; %s; %v", err, w.aside(), has(target))
	}
}

// A service that is silent is asked about one page of its records, not about all of them.
func TestASilentServiceIsNotAskedAboutEveryRecordThatWaits(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	now := time.UnixMilli(1793494800000)
	g := newRegister(w)
	g.says["b"] = isSilent
	var rows []memory.Row
	for i := range 1000 {
		rows = append(rows, memory.Row{fmt.Sprint("B", i), int64(1), "b", nil})
	}
	view := memory.NewView(sourceSchema)
	view.Set(rows...)
	w.runner.Collect(t.Context(), g.plan(view, &now), nil)
	g.asked["b"], now = 0, now.Add(time.Hour)
	w.runner.SettleDoubts(t.Context(), g.plan(view, &now))
	if g.asked["b"] != 256 {
		t.Errorf("asked %d times", g.asked["b"])
	}
	g.says["b"] = ""
	if rep := w.runner.SettleDoubts(t.Context(), g.plan(view, &now)); rep.Verified != 744 { // those asked about just now are not due
		t.Errorf("%+v", rep)
	}
}

// Rows change, the register changes its mind and the ledger crashes: no receiver ever gets
// what is not verified, and in the end everything that is so has arrived.
func TestNoReceiverGetsWhatIsNotVerifiedAndNothingIsLost(t *testing.T) {
	dir := fastDir(t)
	values := []string{"a", "b", "c", "d"}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt, dir)
		defer w.close()
		now := time.UnixMilli(1793494800000)
		g := newRegister(w)
		g.then = rapid.SampledFrom([]pipelines.Severity{pipelines.Hold, pipelines.Reject}).Draw(rt, "then")
		g.says["c"], g.says["d"] = isSilent, isNotSo
		view, target := memory.NewView(sourceSchema), memory.NewTarget()
		run := func(f func() jobs.Report) {
			if err := f().Err; err != nil && !errors.Is(err, errCrash) {
				rt.Fatalf("%v", err)
			}
		}
		collect := func() jobs.Report { return w.runner.Collect(context.Background(), g.plan(view, &now), nil) }
		settle := func() jobs.Report { return w.runner.SettleDoubts(context.Background(), g.plan(view, &now)) }
		deliver := func() {
			if err := w.deliver(target); err != nil && !errors.Is(err, errCrash) {
				rt.Fatalf("%v", err)
			}
		}
		rows := map[string]string{}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			switch rapid.IntRange(0, 5).Draw(rt, "step") {
			case 0, 1:
				rows[rapid.SampledFrom([]string{"A", "B", "C"}).Draw(rt, "row")] = rapid.SampledFrom(values).Draw(rt, "value")
				var all []memory.Row
				for _, k := range slices.Sorted(maps.Keys(rows)) {
					all = append(all, memory.Row{k, int64(1), rows[k], nil})
				}
				view.Set(all...)
				run(collect)
			case 2:
				now = now.Add(time.Duration(rapid.IntRange(0, 30).Draw(rt, "hours")) * time.Hour)
				run(settle)
			case 3:
				deliver()
			case 4:
				w.store.crashAt(rapid.IntRange(1, 3).Draw(rt, "crash"), rapid.Bool().Draw(rt, "after"))
				run(rapid.SampledFrom([]func() jobs.Report{collect, settle}).Draw(rt, "what"))
				w.store.crashAt(0, false)
				w.reopen()
			case 5:
				g.says["b"] = rapid.SampledFrom([]string{"", isSilent}).Draw(rt, "b")
			}
		}
		for who, what := range has(target) {
			if what == "c" || what == "d" {
				rt.Errorf("the receiver was given %s of %s", what, who)
			}
		}
		g.says = map[string]string{"d": isNotSo}
		now = now.Add(48 * time.Hour)
		run(collect)
		run(settle)
		deliver()
		got := has(target)
		for who, what := range rows {
			if what != "d" && got[who] != what || got[who] == "d" {
				rt.Errorf("%s is %s, the receiver has %q; %s", who, what, got[who], w.aside())
			}
		}
		if rejects, err := w.store.Rejects(context.Background(), ledger.RejectQuery{State: "open"}); err != nil || slices.ContainsFunc(rejects, func(r ledger.Reject) bool { return rows[ledger.FirstOfKey(r.Key)] != "d" }) {
			rt.Errorf("open rejects: %+v, %v", rejects, err)
		}
	})
}
