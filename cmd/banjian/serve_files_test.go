package main

import (
	"strings"
	"testing"
	"time"

	"banjian/jobs"
)

func TestServeAsksForFilesThatAreDueWithinTheHoursOfTheirConnection(t *testing.T) {
	l := newLicences(t, "full")
	l.add(0, licence{id: "F-later", name: "证明.pdf", path: `D:\upload\later.pdf`})
	l.run()
	l.file("upload/later.pdf", goodPDF)

	a, h, store, out := serving(t, l.dir)
	specs, err := h.Pipelines([]string{"result-file"})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := h.CollectPlan(specs[0])
	if err != nil {
		t.Fatal(err)
	}
	feed := newFeeders(a, h, store)
	k := &fileKeeper{app: a, house: h, store: store, feed: feed}
	runner := jobs.NewRunner(store, a.log())

	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, h.Zone())
	for hours, open := range map[string]bool{"": true, "20:00-06:00": false, "11:00-13:00": true} {
		c := h.Site().Connections["gjj"]
		c.Hours = hours
		h.Site().Connections["gjj"] = c
		if k.open(plan, noon) != open {
			t.Errorf("with hours %q at noon: open is %v", hours, !open)
		}
	}
	k.settle(t.Context(), runner, plan)
	if strings.Contains(out.String(), "files came") {
		t.Errorf("a file was asked for before it was due: %s", out)
	}
	plan.Now = func() time.Time { return time.Now().Add(time.Hour) }
	plan.Spec.Deliver = nil // nobody is fed here
	k.settle(t.Context(), runner, plan)
	if !strings.Contains(out.String(), "files came, 1 record changed") {
		t.Errorf("it says %q", out)
	}
	if _, sums := l.exec("run", "result-file", "--site", l.dir, "--json", "--deliver-only"); sums["result-file"].Receivers["platform"].Released != 1 {
		t.Errorf("%+v", sums)
	}
	if got := l.arrived(); got["F-later"] != goodPDF {
		t.Errorf("the platform has %v", got)
	}
}
