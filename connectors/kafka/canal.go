package kafka

import (
	"slices"
	"unicode/utf8"
)

// changed is what the flat messages of Canal and Maxwell have in common.
type changed struct {
	database, table, kind span
	data, old             span
	ddl                   bool
}

// read notes the members of a flat message.
func (c *changed) read(value []byte) verdict {
	if !utf8.Valid(value) {
		return notJSON
	}
	s := scanner{b: value}
	if s.space(); s.i >= len(value) || value[s.i] != '{' {
		return notJSON
	}
	*c = changed{}
	for first := true; ; first = false {
		at, more, ok := s.member(first)
		if !ok {
			return notJSON
		}
		if !more {
			break
		}
		v, ok := s.value(1)
		if !ok {
			return notJSON
		}
		switch string(value[at.from:at.to]) {
		case "database":
			c.database = v
		case "table":
			c.table = v
		case "type":
			c.kind = v
		case "data":
			c.data = v
		case "old":
			c.old = v
		case "isDdl":
			c.ddl = v.kind == yes
		}
	}
	if !s.end() {
		return notJSON
	}
	if c.kind.kind != plainText || c.table.kind > escapedText {
		return notEnvelope
	}
	return taken
}

func (c *changed) of(value []byte, only onlyTable) bool {
	return only.is(value[c.database.from:c.database.to], value[c.table.from:c.table.to])
}

// update adds a row that was changed: before is the row with its old values in place.
func update(l *layout, value []byte, before, after []span, to *rows) verdict {
	if !l.sameKey(value, before, after) {
		if v := to.add(value, before, nil, 'd'); v != taken {
			return v
		}
	}
	return to.add(value, after, nil, 'u')
}

// canal reads Canal's flat messages: all rows of one statement in one message.
type canal struct {
	*layout
	table         onlyTable
	before, after []span
	olds          []span
}

func (d *canal) decode(value []byte, to *rows) verdict {
	var c changed
	if v := c.read(value); v != taken {
		return v
	}
	if !c.of(value, d.table) {
		return skipped
	}
	op := byte(0)
	switch string(value[c.kind.from:c.kind.to]) {
	case "INSERT":
		op = 'c'
	case "UPDATE":
		op = 'u'
	case "DELETE":
		op = 'd'
	case "TRUNCATE":
		return tableEmptied
	default:
		return skipped // a change of the table's layout, or a query: no rows
	}
	if c.ddl {
		return skipped
	}
	if c.data.kind != list || c.old.kind != list && c.old.kind > null {
		return notEnvelope
	}
	d.olds = d.olds[:0]
	s := scanner{b: value}
	if c.old.kind == list && !s.items(c.old, func(v span) bool { d.olds = append(d.olds, v); return true }) {
		return notJSON
	}
	n, verdict := 0, taken
	whole := s.items(c.data, func(v span) bool {
		verdict = d.row(value, v, n, op, to)
		n++
		return verdict == taken
	})
	if verdict == taken && !whole {
		return notJSON
	}
	return verdict
}

func (d *canal) row(value []byte, data span, n int, op byte, to *rows) verdict {
	if data.kind != object {
		return notEnvelope
	}
	d.after = cleared(d.after, len(d.columns))
	if !d.objectIn(value, data, d.after) {
		return notJSON
	}
	if op != 'u' || n >= len(d.olds) || d.olds[n].kind != object {
		return to.add(value, d.after, nil, op)
	}
	d.before = append(d.before[:0], d.after...)
	if !d.objectIn(value, d.olds[n], d.before) {
		return notJSON
	}
	return update(d.layout, value, d.before, d.after, to)
}

// maxwell reads Maxwell's messages: a row each.
type maxwell struct {
	*layout
	table         onlyTable
	before, after []span
}

// maxwellRows are the types of message that hold a row.
var maxwellRows = []string{"insert", "update", "delete", "bootstrap-insert"}

func (d *maxwell) decode(value []byte, to *rows) verdict {
	var c changed
	if v := c.read(value); v != taken {
		return v
	}
	kind := string(value[c.kind.from:c.kind.to])
	if !c.of(value, d.table) || !slices.Contains(maxwellRows, kind) {
		return skipped // of another table, or of no row: changes of layout, begin and end of a bootstrap
	}
	if c.data.kind != object {
		return notEnvelope
	}
	d.after = cleared(d.after, len(d.columns))
	if !d.objectIn(value, c.data, d.after) {
		return notJSON
	}
	switch kind {
	case "insert":
		return to.add(value, d.after, nil, 'c')
	case "bootstrap-insert":
		return to.add(value, d.after, nil, 'r')
	case "delete":
		return to.add(value, d.after, nil, 'd')
	}
	d.before = append(d.before[:0], d.after...)
	if c.old.kind == object && !d.objectIn(value, c.old, d.before) {
		return notJSON
	}
	return update(d.layout, value, d.before, d.after, to)
}
