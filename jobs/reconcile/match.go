package reconcile

import (
	"maps"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
)

// Candidate is a column that a Listing may have.
type Candidate struct {
	Column           // without Heading
	Title  text.Text // by which the list may call it
	Asked  bool      // only where somebody names its heading: personal values, which lists mask
}

// Match finds the columns of a list among its headings: by the heading that somebody named for
// them, else by title or name. An empty heading leaves a column out. Columns that tell rows
// apart come first, and all of them must be there. Faults are Config.
func Match(file string, headings []string, candidates []Candidate, named map[string]string) ([]Column, error) {
	var found fault.List
	names := make([]string, len(candidates))
	for i := range candidates {
		names[i] = candidates[i].Name
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if !slices.Contains(names, name) {
			found.Add(fault.New(fault.Config, "match columns", "--column "+name, text.F("没有名为 %s 的字段", "there is no field %s", name), hintOr(name, names)))
		}
	}
	var columns []Column
	for i := range candidates {
		c := &candidates[i]
		heading, asked := named[c.Name]
		switch {
		case !asked && !c.Asked:
			heading = headingOf(c, headings)
		case heading != "" && !slices.Contains(headings, heading):
			found.Add(fault.New(fault.Config, "match columns", file, text.F("没有列 %s", "there is no column %s", heading), hintOr(heading, headings)))
			continue
		}
		if heading == "" && c.Key {
			found.Add(fault.New(fault.Config, "match columns", file, text.T("找不到 "+c.Title.ZH+"（"+c.Name+"）一列，没有它认不出每行是哪一条", "there is no column for "+c.Title.EN+" ("+c.Name+"), without which nobody knows which record a row is"),
				text.F("用 --column %s=列名 指明；文件里有：%s", "name it: --column %s=HEADING; the file has: %s", c.Name, strings.Join(headings[:min(len(headings), 30)], ", "))))
		}
		if heading != "" {
			one := c.Column
			one.Heading = heading
			columns = append(columns, one)
		}
	}
	slices.SortStableFunc(columns, func(a, b Column) int {
		switch {
		case a.Key == b.Key:
			return 0
		case a.Key:
			return -1
		}
		return 1
	})
	return columns, found.Err()
}

func hintOr(name string, known []string) text.Text {
	if hint := nearest.Hint(name, known); !hint.IsZero() {
		return hint
	}
	return text.F("有：%s", "there are: %s", strings.Join(known[:min(len(known), 60)], ", "))
}

// headingOf is the one heading that means a column; empty if none does, or several.
func headingOf(c *Candidate, headings []string) string {
	found := ""
	for _, h := range headings {
		if bare := trimmed(h); bare != c.Title.ZH && !strings.EqualFold(bare, c.Title.EN) && !strings.EqualFold(bare, c.Name) {
			continue
		}
		if found != "" {
			return ""
		}
		found = h
	}
	return found
}
