package pipelines

import (
	"strings"

	"banjian/internal/text"
)

// Shape (视图结构) is what a source is made of, as its database describes it.
type Shape struct {
	Columns    []ShapeColumn `json:"columns"`
	Definition string        `json:"definition,omitempty"` // a hash of the view's own; empty: the account may not see it
}

// ShapeColumn is one column; names are compared without case.
type ShapeColumn struct {
	Name string `json:"name"`
	Type string `json:"type"` // as declared
	Kind string `json:"kind"` // what it is to us, see sqldialect.Kind
	Used bool   `json:"used"` // the pipeline reads it
}

// Shaper is implemented by sources that can be described; Shape costs nothing.
type Shaper interface{ Shape() *Shape }

// Drift (结构变化) is one difference between a shape and an earlier one, in words. A breaking
// one changes what the pipeline reads.
type Drift struct {
	Breaking bool
	What     text.Text
}

// Drifter is implemented by sources that see, while they are read, that what they read
// changes. Drifted gives what was seen since it was last asked; it may be called beside Read.
type Drifter interface{ Drifted() []Drift }

// Drift lists what became of was, breaking differences first.
func (s *Shape) Drift(was *Shape) []Drift {
	var breaking, other []Drift
	put := func(hard bool, what text.Text) {
		if hard {
			breaking = append(breaking, Drift{true, what})
		} else {
			other = append(other, Drift{false, what})
		}
	}
	before := map[string]ShapeColumn{}
	for _, c := range was.Columns {
		before[strings.ToLower(c.Name)] = c
	}
	for _, c := range s.Columns {
		old, known := before[strings.ToLower(c.Name)]
		delete(before, strings.ToLower(c.Name))
		switch {
		case !known:
			put(false, text.F("新增列 %s（%s）", "column %s (%s) was added", c.Name, c.Type))
		case old.Kind != c.Kind:
			put(c.Used, text.F("列 %s 的类型由 %s 变为 %s", "the type of column %s changed from %s to %s", c.Name, old.Type, c.Type))
		case old.Type != c.Type:
			put(false, text.F("列 %s 的类型由 %s 变为 %s", "the type of column %s changed from %s to %s", c.Name, old.Type, c.Type))
		}
	}
	for _, c := range was.Columns {
		if _, gone := before[strings.ToLower(c.Name)]; gone {
			put(c.Used, text.F("列 %s（%s）没有了", "column %s (%s) is gone", c.Name, c.Type))
		}
	}
	if len(breaking)+len(other) == 0 && was.Definition != "" && s.Definition != "" && was.Definition != s.Definition {
		put(false, text.T("视图重新定义过，列没有变", "the view was defined anew, with the same columns"))
	}
	return append(breaking, other...)
}
