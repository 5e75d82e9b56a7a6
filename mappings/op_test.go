package mappings

import (
	"strings"
	"testing"
)

// opCase is one field of case/thing fed with one text: what becomes of it.
type opCase struct {
	name  string
	field string // "name: {from: v, trim: true}"
	in    string
	want  string // the value; "NULL"; or "severity rule [args]"
}

// runOps checks every case, with the value alone and with the value between others
// that pass unchanged.
func runOps(t *testing.T, cases []opCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			alloc := checked(t)
			m := compile(t, thing(c.field))
			field := c.field[:strings.IndexByte(c.field, ':')]
			rec := texts(t, alloc, m.Columns(), []string{"0", null}, []string{"1", c.in}, []string{"2", null})
			defer rec.Release()
			res := apply(t, m, alloc, rec)
			defer res.Release()
			if got := outcomeOf(res, 1, field); got != c.want {
				t.Errorf("%q: got %s, want %s", c.in, got, c.want)
			}
		})
	}
}

// outcomeOf is what became of a field in input row row.
func outcomeOf(res *Result, row int32, field string) string {
	var out []string
	for _, o := range res.Outputs {
		for i, in := range o.Rows {
			if in == row {
				k := o.Record.Schema().FieldIndices(field)[0]
				out = append(out, show(o.Record.Column(k), i))
			}
		}
	}
	for _, is := range res.Issues {
		if is.Row == row && is.Field == field {
			s := is.Severity.String() + " " + is.Rule
			if len(is.Args) > 0 {
				s += " [" + strings.Join(is.Args, " ") + "]"
			}
			out = append(out, s)
		}
	}
	return strings.Join(out, " + ")
}
