package doctor

import (
	"strings"
	"testing"
	"time"

	"banjian/connectors"
	"banjian/connectors/sqlview"
	"banjian/pipelines"
)

func TestAStandbyOfUnknownLagFailsPipelinesWithoutALookback(t *testing.T) {
	view := func(name, mode string, lookback, lag time.Duration) View {
		return View{Pipeline: name, Source: connectors.SourceOptions{From: pipelines.From{Mode: mode, Lookback: pipelines.Duration(lookback), Lag: pipelines.Duration(lag)}}}
	}
	bare, back, whole := view("bare", "incremental", 0, 0), view("back", "incremental", time.Minute, 0), view("whole", "full", 0, 0)
	for name, c := range map[string]struct {
		lag   sqlview.Lag
		views []View
		lines int
		want  Verdict
		says  string
	}{
		"no standby":                {sqlview.Lag{}, []View{bare}, 0, OK, ""},
		"known by itself":           {sqlview.Lag{Standby: true, Known: true, By: 3 * time.Second, Means: "server"}, []View{bare}, 1, OK, "3s behind (by its own status)"},
		"known by a heartbeat":      {sqlview.Lag{Standby: true, Known: true, Means: "heartbeat"}, []View{bare}, 1, OK, "by the heartbeat"},
		"unknown, without lookback": {sqlview.Lag{Standby: true, Denied: true}, []View{back, bare, whole}, 1, Fail, "will not read: bare"},
		"unknown, with lookback":    {sqlview.Lag{Standby: true}, []View{back, whole}, 1, Warn, "rely on lookback"},
	} {
		r := &Report{About: "gjj"}
		r.standby(&Department{Views: c.views}, c.lag)
		if len(r.Lines) != c.lines || c.lines > 0 && (r.Lines[0].Verdict != c.want || !strings.Contains(r.Lines[0].What.EN, c.says) || r.Lines[0].What.ZH == "" || (c.want == OK) != r.Lines[0].Hint.IsZero()) {
			t.Errorf("%s: %+v", name, r.Lines)
		}
	}
}
