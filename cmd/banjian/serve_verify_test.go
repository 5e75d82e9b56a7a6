package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"banjian/cmd/internal/wiring"
	"banjian/connectors/sharing/simulator"
	"banjian/internal/site"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/ledger/sqlite"
)

func TestServeVerifiesAgainWhatIsDue(t *testing.T) {
	w, g := verifyingSite(t)
	g.Break("SID1", simulator.Out)
	w.touch(2)
	w.exec("run", "provident-fund-accept", "--site", w.dir, "--json")
	g.Break("SID1", simulator.Healthy)

	a, h, store, out := serving(t, w.dir)
	k := &doubtKeeper{app: a, house: h, store: store, feed: newFeeders(a, h, store)}
	runner := jobs.NewRunner(store, a.log())
	if err := k.look(t.Context(), runner); err != nil || out.Len() > 0 {
		t.Fatalf("before anything is due: %v\n%s", err, out)
	}
	specs, err := h.Pipelines([]string{"provident-fund-accept"})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := h.CollectPlan(specs[0])
	if err != nil {
		t.Fatal(err)
	}
	plan.Now, plan.Spec.Deliver = func() time.Time { return time.Now().Add(time.Hour) }, nil // nobody is fed here
	if err := k.settle(t.Context(), runner, plan); err != nil || !strings.Contains(out.String(), "verified now and go") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, sums := w.exec("run", "provident-fund-accept", "--site", w.dir, "--json", "--deliver-only"); sums["provident-fund-accept"].Receivers["national"].Released != 2 {
		t.Errorf("%+v", sums)
	}
}

// serving is a site opened as serve opens it, with what is said of it.
func serving(t *testing.T, dir string) (*app, *house, ledger.Store, *bytes.Buffer) {
	t.Helper()
	out := new(bytes.Buffer)
	s, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := wiring.Open(s, wiring.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "data/ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return &app{out: out, err: out, lang: "en"}, h, store, out
}
