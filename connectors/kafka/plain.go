package kafka

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"unicode/utf8"
)

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

// plainCSV reads messages that are lines of fields, whose names the pipeline tells.
type plainCSV struct {
	*layout
	separator rune
	cols      []int // by field, -1: not mapped
	values    []string
	there     []bool
}

func newPlainCSV(o *Options, l *layout) *plainCSV {
	d := &plainCSV{layout: l, separator: o.Separator, values: make([]string, len(l.columns)), there: make([]bool, len(l.columns))}
	for _, f := range o.Fields {
		col, ok := l.index[f]
		if !ok {
			col = -1
		}
		d.cols = append(d.cols, col)
	}
	return d
}

func (d *plainCSV) decode(value []byte, to *rows) verdict {
	if !utf8.Valid(value) {
		return notEnvelope
	}
	in := csv.NewReader(bytes.NewReader(value))
	in.Comma, in.FieldsPerRecord, in.ReuseRecord = d.separator, len(d.cols), true
	for n := 0; ; n++ {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) && n == 0 {
			return skipped
		}
		if errors.Is(err, io.EOF) {
			return taken
		}
		if err != nil {
			return notEnvelope
		}
		clear(d.there)
		for i, f := range fields {
			if col := d.cols[i]; col >= 0 {
				d.values[col], d.there[col] = f, true
			}
		}
		to.addTexts(d.values, d.there)
	}
}
