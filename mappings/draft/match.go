package draft

import (
	"math"
	"strings"

	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/schemas"
)

// match joins a column to a field.
type match struct {
	column     int
	field      *schemas.Field
	confidence int // 0 to 99
	shared     bool
	reason     text.Text
}

// sight is a column as it is judged.
type sight struct {
	column   *Column
	name     *wording
	title    *wording // of the comment
	look     *look
	shapes   []shape
	meanings map[string]string
}

// Weights of the evidence, natural logarithms of odds. An exact name alone makes about
// nine in ten, an exact comment a little more.
const (
	unlikely     = -0.9 // before anything is known
	requiredMore = 0.2
	middle       = 0.55 // a likeness that says nothing
	nameScale    = 7.0
	titleScale   = 8.5
	otherwise    = -1.6 // the comment speaks of something else
	faint        = 0.42 // a likeness below it is chance
	valuesAlone  = -1.2 // for a guess by values only
	least        = 45   // percent: below it nothing is guessed
)

// sights looks at every column of the view once.
func (d *Drafter) sights(v View) []*sight {
	prefix := commonPrefix(v)
	out := make([]*sight, len(v.Columns))
	for i := range v.Columns {
		c := &v.Columns[i]
		s := &sight{column: c, look: lookOf(c), meanings: meaningsOf(c.Comment)}
		s.name = d.lex.wording(strings.TrimPrefix(c.Name, prefix))
		if t := titleOf(c.Comment); t != "" {
			s.title = d.lex.wording(t)
		}
		s.shapes = s.look.shapes(c)
		out[i] = s
	}
	return out
}

// commonPrefix is what nearly all columns begin with, up to a separator.
func commonPrefix(v View) string {
	count := map[string]int{}
	for _, c := range v.Columns {
		if i := strings.IndexByte(c.Name, '_'); i > 0 && i < len(c.Name)-1 {
			count[c.Name[:i+1]]++
		}
	}
	for p, n := range count {
		if n >= 4 && n*10 >= len(v.Columns)*7 {
			return p
		}
	}
	return ""
}

// judge weighs a column for a field in natural logarithms of odds; how says which
// evidence counted.
func (d *Drafter) judge(s *sight, k *known) (odds float64, byName, byTitle bool) {
	name, title := k.alike(d.lex, s.name, s.timed()), k.alike(d.lex, s.title, s.timed())
	byName, byTitle = name > faint, title > faint
	odds = unlikely + k.prior
	if byName {
		odds += nameScale * (name - middle)
	}
	switch {
	case byTitle:
		odds += titleScale * (title - middle)
	case s.title != nil && byName && s.tells():
		odds += otherwise
	}
	switch {
	case k.field == nil:
		return odds, byName, byTitle
	case !byName && !byTitle && !k.alone(s):
		return never, false, false
	case !byName && !byTitle:
		odds += valuesAlone
	}
	return odds + d.agrees(s, k), byName, byTitle
}

func (s *sight) timed() bool {
	return s.column.Kind == sqldialect.Datetime || s.column.Kind == sqldialect.Date
}

// tells says that the comment is made of words that are known.
func (s *sight) tells() bool {
	for _, t := range s.title.tokens {
		if len(t) > 0 {
			return true
		}
	}
	return false
}

// matchSights pairs columns and fields: every field has one column and every column one
// field so that all of it together is likeliest; then a required field that would stay
// empty may have a column that another has. Columns that are taken are left alone.
func (d *Drafter) matchSights(sights []*sight, subject *schemas.Subject, taken map[int]bool) []match {
	fields, others := split(d.fields[subject.Name])
	odds := make([][]float64, len(sights))
	none := make([]float64, len(sights))
	gain := make([][]float64, len(sights))
	for i, s := range sights {
		for _, k := range others {
			o, _, _ := d.judge(s, k)
			none[i] = max(none[i], o)
		}
		odds[i], gain[i] = make([]float64, len(fields)), make([]float64, len(fields))
		for j, k := range fields {
			if odds[i][j], _, _ = d.judge(s, k); taken[i] {
				odds[i][j] = never
			}
			gain[i][j] = odds[i][j] - none[i]
		}
	}
	chosen := assign(gain)
	filled := make([]bool, len(fields))
	for _, j := range chosen {
		if j >= 0 {
			filled[j] = true
		}
	}
	var out []match
	for i, j := range chosen {
		if j < 0 {
			continue
		}
		free := func(other int) bool { return !filled[other] || other == j }
		if sure := confidence(odds[i], none[i], j, free); sure >= least {
			out = append(out, match{i, fields[j].field, sure, false, d.because(sights[i], fields[j])})
		}
	}
	return d.share(sights, fields, odds, out)
}

func split(all []*known) (fields, others []*known) {
	for _, k := range all {
		if k.field == nil {
			others = append(others, k)
		} else {
			fields = append(fields, k)
		}
	}
	return fields, others
}

// confidence is the share of the odds that field j has among the fields that are free.
func confidence(odds []float64, none float64, j int, free func(int) bool) int {
	sum := 1 + math.Exp(none)
	if none == 0 {
		sum = 1
	}
	for other, o := range odds {
		if free(other) {
			sum += math.Exp(o)
		}
	}
	return min(int(100*math.Exp(odds[j])/sum), 99)
}

// share gives a required field that stayed empty a column that is another's already: a
// number that is the source's key as well, a division that a department writes once.
func (d *Drafter) share(sights []*sight, fields []*known, odds [][]float64, out []match) []match {
	filled := map[string]bool{}
	region := -1
	for _, m := range out {
		filled[m.field.Name] = true
		if isRegion(m.field) && region < 0 {
			region = m.column
		}
	}
	for j, k := range fields {
		if !k.field.Required || filled[k.field.Name] {
			continue
		}
		best := -1
		for i := range sights {
			if odds[i][j] > 1 && (best < 0 || odds[i][j] > odds[best][j]) {
				best = i
			}
		}
		switch {
		case best >= 0:
			out = append(out, match{best, k.field, min(int(100/(1+math.Exp(-odds[best][j]))), 80), true, d.because(sights[best], k)})
		case isRegion(k.field) && region >= 0:
			out = append(out, match{region, k.field, 60, true,
				text.T("没有单独的列，与另一区划字段同列", "no column of its own: the same as the other division")})
		}
	}
	return out
}

// because says why, in names, comments and kinds of values.
func (d *Drafter) because(s *sight, k *known) text.Text {
	_, byName, byTitle := d.judge(s, k)
	var zh, en []string
	if byName {
		zh, en = append(zh, "列名 "+s.column.Name), append(en, "column name "+s.column.Name)
	}
	if byTitle {
		zh, en = append(zh, "注释“"+titleOf(s.column.Comment)+"”"), append(en, "comment “"+titleOf(s.column.Comment)+"”")
	}
	if e, ok := k.evidence(s); ok {
		zh, en = append(zh, e.ZH), append(en, e.EN)
	} else if k.field.Type == schemas.Code && !isRegion(k.field) && d.agrees(s, k) == codesKnown {
		zh, en = append(zh, "取值像这个代码集"), append(en, "its values look like the code set")
	}
	return text.T(strings.Join(zh, "，"), strings.Join(en, ", "))
}
