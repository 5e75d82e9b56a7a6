package kafka

import (
	"bytes"
	"slices"
)

// layout finds the columns of names. Messages of one table have their fields in one
// order, so that the n-th name is guessed before it is looked up.
type layout struct {
	columns []string
	key     []int // columns of the natural key
	index   map[string]int
	guess   []guess
	scratch []byte

	tells bool            // messages have every column of their table
	known map[string]bool // names of fields seen in rows so far; nil: none yet
	fresh []string        // seen in the message in hand, and not known
	added []string        // to be told
}

type guess struct {
	name string
	col  int // -1: not mapped
}

// mostGuesses bounds what is remembered of names.
const mostGuesses = 4096

func newLayout(columns, key []string) *layout {
	l := &layout{columns: columns, index: make(map[string]int, len(columns))}
	for i, c := range columns {
		l.index[c] = i
	}
	for _, k := range key {
		if i := slices.Index(columns, k); i >= 0 {
			l.key = append(l.key, i)
		}
	}
	return l
}

// column is the column of the n-th name of an object, -1 if it is not mapped.
func (l *layout) column(name []byte, n int) int {
	if n < len(l.guess) && l.guess[n].name == string(name) {
		return l.guess[n].col
	}
	col, ok := l.index[string(name)]
	if !ok {
		col = -1
	}
	if l.tells && !l.known[string(name)] {
		l.fresh = append(l.fresh, string(name))
	}
	switch g := (guess{string(name), col}); {
	case n < len(l.guess):
		l.guess[n] = g
	case n == len(l.guess) && n < mostGuesses:
		l.guess = append(l.guess, g)
	}
	return col
}

// seen notes the fields of a message that made rows. Those of the first are what the table
// had; a later one that has more says that a column was added.
func (l *layout) seen() {
	if len(l.fresh) == 0 {
		return
	}
	first := l.known == nil
	if first {
		l.known = map[string]bool{}
	}
	for _, name := range l.fresh {
		if !l.known[name] && !first && len(l.added) < mostGuesses {
			l.added = append(l.added, name)
		}
		l.known[name] = true
	}
}

// name resolves escapes in the name of a member.
func (l *layout) name(s *scanner, at span) ([]byte, bool) {
	if at.kind == plainText {
		return s.b[at.from:at.to], true
	}
	var ok bool
	l.scratch, ok = unescape(l.scratch[:0], s.b[at.from:at.to])
	return l.scratch, ok
}

// object notes where the values of an object's mapped members lie; of a name that comes
// twice the last counts. The scanner stands on the brace.
func (l *layout) object(s *scanner, to []span) bool {
	for n := 0; ; n++ {
		at, more, ok := s.member(n == 0)
		if !ok {
			return false
		}
		if !more {
			return true
		}
		name, ok := l.name(s, at)
		if !ok {
			return false
		}
		col := l.column(name, n)
		v, ok := s.value(2)
		if !ok {
			return false
		}
		if col >= 0 {
			to[col] = v
		}
	}
}

// objectIn is object for one that was stepped over before.
func (l *layout) objectIn(b []byte, at span, to []span) bool {
	return l.object(&scanner{b: b, i: at.from}, to)
}

// sameKey says that two rows of one message have the same natural key, as far as both
// show it.
func (l *layout) sameKey(b []byte, before, after []span) bool {
	for _, k := range l.key {
		x, y := before[k], after[k]
		if x.kind == absent || y.kind == absent {
			continue
		}
		if !bytes.Equal(b[x.from:x.to], b[y.from:y.to]) {
			return false
		}
	}
	return true
}
