package draft

import (
	"slices"
	"unicode"
)

// wording is a name or a title, ready to be compared with the titles of fields.
type wording struct {
	plain  string
	rest   string // plain without a first part of four letters at most
	runes  []rune
	ends   []bool    // by position: a part of the name ends there
	tokens [][]token // by position where they begin
	heard  map[concept]bool
}

type token struct {
	spelling
	end int
}

// wording reads a column's name or the title of its comment.
func (x *lexicon) wording(text string) *wording {
	w := &wording{heard: map[concept]bool{}}
	var last rune
	for _, r := range text {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			w.cut()
		default:
			if unicode.IsUpper(r) && unicode.IsLower(last) || unicode.Is(unicode.Han, r) != unicode.Is(unicode.Han, last) {
				w.cut()
			}
			w.runes = append(w.runes, unicode.ToLower(r))
			w.ends = append(w.ends, false)
		}
		last = r
	}
	w.cut()
	w.plain = string(w.runes)
	for q := 1; q <= 4 && q < len(w.runes); q++ {
		if w.ends[q-1] && !unicode.Is(unicode.Han, w.runes[0]) {
			w.rest = string(w.runes[q:])
			break
		}
	}
	w.tokens = make([][]token, len(w.runes))
	for p := range w.runes {
		for n := 1; n <= x.longest && p+n <= len(w.runes); n++ {
			for _, s := range x.writings[string(w.runes[p:p+n])] {
				if !s.whole || w.ends[p+n-1] {
					w.tokens[p] = append(w.tokens[p], token{s, p + n})
					w.heard[s.concept] = true
				}
			}
		}
	}
	return w
}

// cut says that a part ends before the next rune.
func (w *wording) cut() {
	if n := len(w.ends); n > 0 {
		w.ends[n-1] = true
	}
}

// tooLittle is the weight of parts below which a wording names nothing: "no", "name".
const tooLittle = 0.65

// What a difference costs, as a share of the weight of the part in question or, for
// letters nobody knows, of a part of weight one.
const (
	lacking    = 0.45 // a part of the title that is not in the name
	surplus    = 0.5  // a part of the name that is not in the title
	strayRune  = 0.12
	strayHan   = 0.12
	strayStart = 0.05 // the abbreviation of a table before all names
)

// likeness is how much of a title's parts a wording has, in their order: 1 is all and
// nothing else. It is the best of all ways to cut the wording.
func (x *lexicon) likeness(w *wording, title []part) float64 {
	total, possible := 0.0, 0.0
	for _, p := range title {
		total += p.weight
		if slices.ContainsFunc(p.concepts, func(c concept) bool { return w.heard[c] }) {
			possible += p.weight
		}
	}
	if possible < faint*total || possible < tooLittle {
		return 0
	}
	n, m := len(w.runes), len(title)
	best := sums{row: m + 1}
	if n > usualRunes || m > usualParts {
		best.of = make([]float64, (n+1)*(m+1))
	} else {
		var few [(usualRunes + 1) * (usualParts + 1)]float64
		best.of = few[:]
	}
	for p := n; p >= 0; p-- {
		for i := m; i >= 0; i-- {
			*best.at(p, i) = x.step(w, title, best, p, i)
		}
	}
	return *best.at(0, 0) / total
}

// sums is the best sum for the rest of a wording from a rune on and the rest of a title
// from a part on.
type sums struct {
	of  []float64
	row int
}

func (s sums) at(rune, part int) *float64 { return &s.of[rune*s.row+part] }

// Names of usual length need no memory of their own.
const (
	usualRunes = 40
	usualParts = 8
)

func (x *lexicon) step(w *wording, title []part, best sums, p, i int) float64 {
	n, m := len(w.runes), len(title)
	if p == n && i == m {
		return 0
	}
	top := -1e9
	if i < m {
		top = *best.at(p, i+1) - lacking*title[i].weight
	}
	if p == n {
		return top
	}
	top = max(top, *best.at(p+1, i)-strayCost(w.runes[p]))
	for _, t := range w.tokens[p] {
		if i < m && title[i].has(t.concept) {
			top = max(top, *best.at(t.end, i+1)+t.quality*title[i].weight)
		}
		top = max(top, *best.at(t.end, i)-surplus*x.weights[t.concept])
	}
	if p == 0 { // an abbreviation before the name
		for q := 1; q <= 4 && q < n; q++ {
			if w.ends[q-1] && !unicode.Is(unicode.Han, w.runes[0]) {
				top = max(top, *best.at(q, i)-strayStart)
			}
		}
	}
	return top
}

func strayCost(r rune) float64 {
	if unicode.Is(unicode.Han, r) {
		return strayHan
	}
	return strayRune
}

func (p part) has(c concept) bool {
	return slices.Contains(p.concepts, c)
}
