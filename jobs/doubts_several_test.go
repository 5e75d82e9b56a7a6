package jobs_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// twoFields verifies two fields of every record with two services; what neither says of a
// field is so.
type twoFields struct {
	w    *world
	says map[string]string // by field: isNotSo or isSilent
}

var fieldServices = map[string]string{"local_no": "licence", "what": "person"}

func (g *twoFields) judge(field string) pipelines.Rechecked {
	service := fieldServices[field]
	switch g.says[field] {
	case isNotSo:
		return pipelines.Rechecked{Issue: pipelines.Issue{Field: field, Rule: map[string]string{"licence": "verify_none", "person": "verify_mismatch"}[service], Args: []string{service}, Severity: pipelines.Reject}}
	case isSilent:
		return pipelines.Rechecked{Issue: pipelines.Issue{Field: field, Rule: "verify_unknown", Args: []string{"down", service}, Severity: pipelines.Hold}, Unknown: true}
	}
	return pipelines.Rechecked{}
}

func (g *twoFields) stage(_ context.Context, in arrow.Record) (pipelines.Result, error) {
	res := g.w.mapSource(in, subjectAccept)
	for row := range int(res.Outputs[0].Record.NumRows()) {
		for _, field := range []string{"local_no", "what"} {
			if is := g.judge(field); is.Rule != "" {
				res.Unsure = append(res.Unsure, pipelines.Unsure{Row: int32(row), Field: field, Service: fieldServices[field], Rule: is.Rule, Args: is.Args})
			}
		}
	}
	return res, nil
}

// Recheck asks again.
func (g *twoFields) Recheck(_ context.Context, _ string, _ arrow.Record, fields []string) ([]pipelines.Rechecked, error) {
	out := make([]pipelines.Rechecked, len(fields))
	for i, field := range fields {
		out[i] = g.judge(field)
	}
	return out, nil
}

// One service has said no, the other answers later, be it yes or no: what the first said is
// a reject until that one says otherwise.
func TestTheAnswerAboutOneFieldLeavesTheRejectOfAnotherOpen(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	now := time.UnixMilli(1793494800000)
	g := &twoFields{w, map[string]string{"local_no": isSilent, "what": isSilent}}
	view := memory.NewView(sourceSchema)
	view.Set(memory.Row{"B", int64(1), "b", nil})
	plan := func() *jobs.CollectPlan {
		plan := w.collectPlan(subjectAccept, view, memory.Options{}, again)
		plan.Stage, plan.Recheck, plan.Verified, plan.Now = pipelines.StageFunc(g.stage), g, map[string][]string{subjectAccept: {"local_no", "what"}}, func() time.Time { return now }
		return plan
	}
	open := func() string {
		t.Helper()
		rejects, err := w.store.Rejects(t.Context(), ledger.RejectQuery{State: "open"})
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, r := range rejects {
			list = append(list, fmt.Sprint(r.Rule, " ", r.Field))
		}
		slices.Sort(list)
		return strings.Join(list, "; ")
	}
	settle := func(after time.Duration, licence, person, want string) {
		t.Helper()
		g.says, now = map[string]string{"local_no": licence, "what": person}, now.Add(after)
		if rep := w.runner.SettleDoubts(t.Context(), plan()); rep.Err != nil {
			t.Fatalf("%+v", rep)
		}
		if got := open(); got != want {
			t.Errorf("licence %q, person %q: open are %q, want %q", licence, person, got, want)
		}
	}
	if rep := w.runner.Collect(t.Context(), plan(), nil); rep.Err != nil || rep.Counts.Unverified != 1 {
		t.Fatalf("%+v", rep)
	}
	settle(time.Hour, isNotSo, isSilent, "verify_none local_no")
	settle(time.Hour, isNotSo, isNotSo, "verify_mismatch what; verify_none local_no")
	settle(25*time.Hour, isSilent, "", "verify_mismatch what; verify_none local_no") // closed together, once nothing is in doubt
	settle(time.Hour, "", "", "")
}
