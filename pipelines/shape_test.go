package pipelines_test

import (
	"fmt"
	"strings"
	"testing"

	"banjian/pipelines"
)

func TestDriftSaysInWordsWhatChangedAndWhatBreaks(t *testing.T) {
	was := pipelines.Shape{Definition: "d1", Columns: []pipelines.ShapeColumn{
		{Name: "slbh", Type: "varchar(30)", Kind: "text", Used: true}, {Name: "je", Type: "decimal(16,2)", Kind: "decimal", Used: true}, {Name: "bz", Type: "text", Kind: "text"}}}
	with := func(change func(*pipelines.Shape)) *pipelines.Shape {
		s := was
		s.Columns = append([]pipelines.ShapeColumn{}, was.Columns...)
		change(&s)
		return &s
	}
	for name, c := range map[string]struct {
		now  *pipelines.Shape
		want string
	}{
		"nothing":         {with(func(*pipelines.Shape) {}), ""},
		"another case":    {with(func(s *pipelines.Shape) { s.Columns[0].Name = "SLBH" }), ""},
		"another order":   {with(func(s *pipelines.Shape) { s.Columns[0], s.Columns[1] = s.Columns[1], s.Columns[0] }), ""},
		"added":           {with(func(s *pipelines.Shape) { s.Columns = append(s.Columns, pipelines.ShapeColumn{Name: "x", Type: "int"}) }), "false column x (int) was added"},
		"widened":         {with(func(s *pipelines.Shape) { s.Columns[0].Type = "varchar(60)" }), "false the type of column slbh changed from varchar(30) to varchar(60)"},
		"of another kind": {with(func(s *pipelines.Shape) { s.Columns[1].Type, s.Columns[1].Kind = "varchar(20)", "text" }), "true the type of column je changed from decimal(16,2) to varchar(20)"},
		"unread, of another kind": {with(func(s *pipelines.Shape) { s.Columns[2].Type, s.Columns[2].Kind = "int", "int" }),
			"false the type of column bz changed from text to int"},
		"gone":             {with(func(s *pipelines.Shape) { s.Columns = s.Columns[1:] }), "true column slbh (varchar(30)) is gone"},
		"unread, gone":     {with(func(s *pipelines.Shape) { s.Columns = s.Columns[:2] }), "false column bz (text) is gone"},
		"defined anew":     {with(func(s *pipelines.Shape) { s.Definition = "d2" }), "false the view was defined anew, with the same columns"},
		"no longer to see": {with(func(s *pipelines.Shape) { s.Definition = "" }), ""},
		"breaking is first": {with(func(s *pipelines.Shape) {
			s.Columns = append([]pipelines.ShapeColumn{{Name: "x", Type: "int"}}, s.Columns[1:]...)
		}), "true column slbh (varchar(30)) is gone; false column x (int) was added"},
	} {
		var got []string
		for _, d := range c.now.Drift(&was) {
			got = append(got, fmt.Sprint(d.Breaking, " ", d.What.EN))
			if d.What.ZH == d.What.EN {
				t.Errorf("%s: not in Chinese: %s", name, d.What.ZH)
			}
		}
		if said := strings.Join(got, "; "); said != c.want {
			t.Errorf("%s: %q, want %q", name, said, c.want)
		}
	}
}
