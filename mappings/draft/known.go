package draft

import (
	"slices"
	"strings"
	"unicode"

	"banjian/schemas"
)

// known is all that is known of how one field is called and of what its values look like.
// A nil field is what no canonical field holds.
type known struct {
	field   *schemas.Field
	names   map[string]float64 // plain name or title → how sure
	titles  [][]part
	untimed [][]part // titles without the word for time, as a column of times may be called
	fits    []shape
	clash   []shape
	prior   float64
}

// How sure an exact name is: one that is listed, the full pinyin or the initials of a
// title. The later ones of a list are a little less usual.
const (
	listed       = 1.0
	listedPinyin = 0.97
	listedShort  = 0.94
	laterBy      = 0.003
	lateMost     = 20
	forSubject   = 0.02 // named for this kind of record and not for all
)

// known gathers the words of a subject's fields; those nobody can map are left out.
func (d *Drafter) knownOf(subject *schemas.Subject) []*known {
	short := subject.Name[strings.LastIndexByte(subject.Name, '/')+1:]
	var out []*known
	for i := range subject.Fields {
		f := &subject.Fields[i]
		if !mappable(f) {
			continue
		}
		k := &known{field: f, names: map[string]float64{}}
		if f.Required {
			k.prior = requiredMore
		}
		k.add(d.lex, []string{f.Name}, []string{f.Title.ZH}, 0)
		for _, w := range d.words.fields {
			if w.field == f.Name && (w.subject == "*" || w.subject == short) {
				bonus := 0.0
				if w.subject != "*" {
					bonus = forSubject
				}
				k.add(d.lex, w.names, w.titles, bonus)
			}
		}
		if s, ok := d.words.shapes[f.Name]; ok {
			k.fits, k.clash = s.fits, s.clash
			k.prior += s.prior
		}
		out = append(out, k)
	}
	for _, w := range d.words.fields {
		if w.field == "-" && (w.subject == "*" || w.subject == short) {
			k := &known{names: map[string]float64{}}
			k.add(d.lex, w.names, w.titles, 0)
			out = append(out, k)
		}
	}
	return out
}

func (k *known) add(x *lexicon, names, titles []string, bonus float64) {
	put := func(name string, sure float64, i int) {
		sure += bonus - laterBy*float64(min(i, lateMost))
		if name != "" && k.names[name] < sure {
			k.names[name] = sure
		}
	}
	for i, name := range names {
		put(plainName(name), listed, i)
	}
	for i, title := range titles {
		put(plainName(title), listed, i)
		full, initials := x.pinyin(title)
		put(full, listedPinyin, i)
		if len(initials) > 1 {
			put(initials, listedShort, i)
		}
		if parts := x.parts(title); len(parts) > 0 {
			k.titles = append(k.titles, parts)
			if rest := slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return p.has(x.time) }); len(rest) > 0 && len(rest) < len(parts) {
				k.untimed = append(k.untimed, rest)
			}
		}
	}
}

// alike is how much the wording sounds like the field, 0 to about 1: an exact name, or
// parts of one.
func (k *known) alike(x *lexicon, w *wording, timed bool) float64 {
	if w == nil || len(w.runes) == 0 {
		return 0
	}
	best := max(k.names[w.plain], k.names[w.rest]-restLess)
	if best >= listedShort-laterBy*lateMost {
		return best
	}
	for _, t := range k.titles {
		best = max(best, byParts*x.likeness(w, t))
	}
	if timed {
		for _, t := range k.untimed {
			if like := x.likeness(w, t); like > nearlyAll {
				best = max(best, byParts*like-restLess)
			}
		}
	}
	return best
}

// restLess is how much less sure a name is that lacks what the column's type tells, or
// has something before it.
const restLess = 0.04

// nearlyAll is a likeness that leaves nothing of weight unsaid.
const nearlyAll = 0.8

// byParts is how sure a likeness is that comes from the parts of a name.
const byParts = 0.92

// plainName is a column name without separators and case.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// mappable leaves out what the system fills and what no column of a view can hold.
func mappable(f *schemas.Field) bool {
	return !f.Derived && f.Type != schemas.JSON && f.Type != schemas.File
}

func isRegion(f *schemas.Field) bool { return f.Type == schemas.Code && f.CodeSet == "region" }
