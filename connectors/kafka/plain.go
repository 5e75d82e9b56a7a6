package kafka

import "unicode/utf8"

// plainJSON reads messages that are a row, or an array of rows, and nothing else.
type plainJSON struct {
	*layout
	row []span
}

func (d *plainJSON) decode(value []byte, to *rows) verdict {
	s := scanner{b: value}
	if !utf8.Valid(value) {
		return notJSON
	}
	v, ok := s.value(0)
	if !ok || !s.end() {
		return notJSON
	}
	switch v.kind {
	case null:
		return skipped
	case object:
		return d.add(value, v, to)
	case list:
		verdict := skipped // an empty one
		s.items(v, func(item span) bool {
			verdict = d.add(value, item, to)
			return verdict == taken
		})
		return verdict
	}
	return notEnvelope
}

func (d *plainJSON) add(value []byte, at span, to *rows) verdict {
	if at.kind != object {
		return notEnvelope
	}
	d.row = cleared(d.row, len(d.columns))
	if !d.objectIn(value, at, d.row) {
		return notJSON
	}
	return to.add(value, d.row, nil, 'c')
}
