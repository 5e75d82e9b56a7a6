package sides

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/connectors"
	"banjian/internal/text"
	"banjian/jobs/reconcile"
	"banjian/pipelines"
)

func candidates(names ...string) []reconcile.Candidate {
	var list []reconcile.Candidate
	for i, n := range names {
		list = append(list, reconcile.Candidate{Column: reconcile.Column{Name: n, Key: i == 0}})
	}
	return list
}

func TestWhatIsTheSameInEveryRowIsNoColumnOfTheList(t *testing.T) {
	named := map[string]string{"XZQHDM": "=370102", "SBLSH": "流水号"}
	l := &List{Named: named}
	rest, same := l.constants(candidates("SBLSH", "XZQHDM", "SXBM"))
	if len(rest) != 2 || rest[0].Name != "SBLSH" || rest[1].Name != "SXBM" || !maps.Equal(same, map[string]string{"XZQHDM": "370102"}) {
		t.Errorf("%v, %v", rest, same)
	}
	if !maps.Equal(l.Named, map[string]string{"SBLSH": "流水号"}) || len(named) != 2 {
		t.Errorf("left %v of %v", l.Named, named)
	}
}

func TestAListTellsWhatItIsComparedBy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.csv")
	if err := os.WriteFile(path, []byte("流水号,SXBM,备注\n1,2,3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	said := ""
	l := &List{File: connectors.Listing{Path: path}, Named: map[string]string{"SBLSH": "流水号"}, Matched: func(headings []string) { said = strings.Join(headings, " ") }}
	if _, err := l.match(t.Context(), candidates("SBLSH", "SXBM")); err != nil || said != "流水号 SXBM" {
		t.Errorf("compared by %q, %v", said, err)
	}
	said, l.Named["SBLSH"] = "", "编号"
	if _, err := l.match(t.Context(), candidates("SBLSH", "SXBM")); err == nil || said != "" {
		t.Errorf("a heading that is not there: %v, compared by %q", err, said)
	}
}

func TestWhatCannotBeReadAgainWholeSaysWhy(t *testing.T) {
	for _, c := range []struct {
		from pipelines.From
		want string
	}{
		{pipelines.From{View: "v"}, ""}, {pipelines.From{Topic: "t"}, "a topic is a log"}, {pipelines.From{Files: "*.csv"}, "files are handed over once"}, {pipelines.From{Inbox: "case/application"}, "what a platform sends"},
	} {
		if got := unaskable(&c.from); !strings.Contains(got.In(text.EN), c.want) || c.want == "" && !got.IsZero() || got.In(text.ZH) == got.In(text.EN) && !got.IsZero() {
			t.Errorf("%+v: %q", c.from, got)
		}
	}
}
