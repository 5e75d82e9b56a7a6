package pipelines

import (
	"regexp"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Cursor (增量游标) is what grows with every change of a row: one column, or of several the
// first that is not NULL, or the greatest.
type Cursor struct {
	Columns  []string
	Greatest bool
}

var cursorForm = regexp.MustCompile(`^(?i:(coalesce|greatest))\s*\(([^()]*)\)$`)

// CursorOf reads From.Cursor: gxsj, coalesce(gxsj, cjsj), or greatest(gxsj, khgxsj). Names
// are only split here; who quotes them checks them.
func (f *From) CursorOf() (Cursor, error) {
	written := strings.TrimSpace(f.Cursor)
	if written == "" {
		return Cursor{}, nil
	}
	m := cursorForm.FindStringSubmatch(written)
	if m == nil {
		if strings.ContainsAny(written, "(), ") {
			return Cursor{}, badCursor(f.Cursor)
		}
		return Cursor{Columns: []string{written}}, nil
	}
	c := Cursor{Greatest: strings.EqualFold(m[1], "greatest")}
	for name := range strings.SplitSeq(m[2], ",") {
		if name = strings.TrimSpace(name); name == "" || strings.ContainsAny(name, " \t") {
			return Cursor{}, badCursor(f.Cursor)
		}
		c.Columns = append(c.Columns, name)
	}
	return c, nil
}

func badCursor(written string) error {
	return fault.New(fault.Config, "read pipeline", "", text.F("cursor %q 不认识", "cursor %q is not understood", written),
		text.T("写一列 gxsj，或 coalesce(gxsj, cjsj) 取第一个非空的，或 greatest(gxsj, khgxsj) 取最大的；更复杂的请让部门写进视图",
			"write a column, gxsj, or coalesce(gxsj, cjsj) for the first that is not NULL, or greatest(gxsj, khgxsj); have the view do anything else"))
}
