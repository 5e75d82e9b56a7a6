package wiring

import (
	"strings"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

func TestAPipelineThatCannotBeReadFromAMomentOrInPartSaysSo(t *testing.T) {
	since, limit := Bounds{Since: time.Now()}, Bounds{Limit: 10}
	for name, c := range map[string]struct {
		from   pipelines.From
		bounds Bounds
		says   string // empty: it can
	}{
		"a time column":             {pipelines.From{View: "v", Mode: "incremental", Cursor: "gxsj"}, since, ""},
		"a whole view with one":     {pipelines.From{View: "v", Mode: "compare", Cursor: "gxsj"}, since, ""},
		"a whole view without one":  {pipelines.From{View: "v", Mode: "full"}, since, "reads everything again anyway"},
		"rows without a key, since": {pipelines.From{View: "v", Mode: "full", Cursor: "gxsj", Key: pipelines.Key{pipelines.NoKey}}, since, "reads everything again anyway"},
		"flags":                     {pipelines.From{View: "v", Mode: pipelines.ModeFlagged}, since, "--mode full"},
		"a topic, since":            {pipelines.From{Topic: "t"}, since, "streams rewind p --to TIME"},
		"files, since":              {pipelines.From{Files: "*.csv", Mode: "full"}, since, "--remap"},
		"an inbox, since":           {pipelines.From{Inbox: "applications"}, since, "reconcile --numbers"},
		"a part":                    {pipelines.From{View: "v", Mode: "compare"}, limit, ""},
		"a part of flags":           {pipelines.From{View: "v", Mode: pipelines.ModeFlagged}, limit, ""},
		"a part of a topic":         {pipelines.From{Topic: "t"}, limit, ""},
		"a part of files":           {pipelines.From{Files: "*.csv"}, limit, ""},
		"an inbox":                  {pipelines.From{Inbox: "applications"}, limit, "without --limit"},
		"rows without a key":        {pipelines.From{View: "v", Mode: "full", Nth: []string{"slbh"}}, limit, "banjian preview p"},
	} {
		spec, err := c.bounds.Of(pipelines.Spec{Pipeline: "p", From: c.from})
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.says == "" && !c.bounds.Since.IsZero() && spec.From.Mode != "incremental":
			t.Errorf("%s: reads %s", name, spec.From.Mode)
		case c.says != "" && (!fault.Is(err, fault.Config) || !strings.Contains(fault.HintOf(err).EN, c.says)):
			t.Errorf("%s: %s / %s", name, fault.Say(err, text.EN), fault.HintOf(err).EN)
		}
	}
}
