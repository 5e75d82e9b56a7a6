package kafka

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// onlyTable is the table whose changes are read; the zero value: every one.
type onlyTable struct{ database, table string }

func tableOf(written string) onlyTable {
	if database, table, both := strings.Cut(written, "."); both {
		return onlyTable{database, table}
	}
	return onlyTable{table: written}
}

func (t onlyTable) is(database, table []byte) bool {
	return t.table == "" || t.table == string(table) && (t.database == "" || t.database == string(database))
}

// debezium reads the change events of Debezium: as JSON, with or without their schema, or in
// Avro, which every message says of itself.
type debezium struct {
	*layout
	table  onlyTable
	before []span
	after  []span
	types  []conversion // what the columns of the schema in hand stand for; nil = not told
	schema []byte       // the schema types were made of
	told   replays
	avro   *avroMessages
}

// mark is where the newest change taken stands in its database's log; from sets it.
func (d *debezium) mark() Mark         { return d.told.mark }
func (d *debezium) from(m Mark)        { d.told.mark = m }
func (d *debezium) replayed() *replays { return &d.told }

// event is what an envelope says.
type event struct {
	op        byte
	hasBefore bool
	hasAfter  bool
	schema    span
	origin    origin
	empty     bool // payload: null
}

// prepare fetches the schema of a message in Avro.
func (d *debezium) prepare(ctx context.Context, value []byte) error {
	if d.avro == nil || d.avro.schemas.registry.Base == "" {
		return nil // said of the message
	}
	return d.avro.prepare(ctx, value)
}

func (d *debezium) decode(value []byte, to *rows) verdict {
	if len(value) > 0 && value[0] == 0 {
		if d.avro == nil || d.avro.schemas.registry.Base == "" {
			return noRegistry
		}
		return d.avro.decode(value, to)
	}
	if !utf8.Valid(value) {
		return notJSON
	}
	s := scanner{b: value}
	if s.space(); s.i >= len(value) || value[s.i] != '{' {
		return notJSON
	}
	d.before, d.after = cleared(d.before, len(d.columns)), cleared(d.after, len(d.columns))
	var e event
	if !d.envelope(&s, &e, true) || !s.end() {
		return notJSON
	}
	switch {
	case e.empty:
		return skipped
	case e.schema.kind != object:
		d.types = nil
	case !d.learn(value[e.schema.from:e.schema.to]):
		return notEnvelope
	}
	return d.judge(value, &e, to)
}

// judge leaves out what was told before and other tables' changes, and makes rows of the
// rest.
func (d *debezium) judge(b []byte, e *event, to *rows) verdict {
	o := &e.origin
	if v := d.told.judge(b, o, e.op); v != taken || d.told.noting {
		return v
	}
	if d.table.table != "" && !d.table.is(b[o.database.from:o.database.to], b[o.table.from:o.table.to]) {
		return skipped
	}
	return d.rows(b, e, to)
}

func (d *debezium) rows(value []byte, e *event, to *rows) verdict {
	switch {
	case (e.op == 'c' || e.op == 'r' || e.op == 'u') && e.hasAfter:
		if e.op == 'u' && e.hasBefore && !d.sameKey(value, d.before, d.after) {
			if v := to.add(value, d.before, d.types, 'd'); v != taken {
				return v
			}
		}
		return to.add(value, d.after, d.types, e.op)
	case e.op == 'd' && e.hasBefore:
		return to.add(value, d.before, d.types, 'd')
	case e.op == 't':
		return tableEmptied
	case e.op == 'm':
		return skipped // a message the application wrote into the database's log
	}
	return notEnvelope
}

// envelope reads the object the scanner stands on; outer says that it may be one that
// holds schema and payload.
func (d *debezium) envelope(s *scanner, e *event, outer bool) bool {
	for first := true; ; first = false {
		at, more, ok := s.member(first)
		if !ok {
			return false
		}
		if !more {
			return true
		}
		s.space()
		opens := s.i < len(s.b) && s.b[s.i] == '{'
		switch name := string(s.b[at.from:at.to]); {
		case name == "before" && opens:
			e.hasBefore, ok = true, d.object(s, d.before)
		case name == "after" && opens:
			e.hasAfter, ok = true, d.object(s, d.after)
		case name == "payload" && outer && opens:
			ok = d.envelope(s, e, false)
		case name == "source" && opens:
			ok = e.origin.read(s)
		default:
			var v span
			v, ok = s.value(1)
			switch {
			case name == "op" && v.kind == plainText && v.to == v.from+1:
				e.op = s.b[v.from]
			case name == "schema" && outer:
				e.schema = v
			case name == "payload" && outer && v.kind == null:
				e.empty = true
			}
		}
		if !ok {
			return false
		}
	}
}

// connectSchema is the schema Connect's JSON converter writes, as far as it is read.
type connectSchema struct {
	Field      string            `json:"field"`
	Name       string            `json:"name"`
	Parameters map[string]string `json:"parameters"`
	Fields     []connectSchema   `json:"fields"`
}

// learn reads a schema, unless it is the one in hand.
func (d *debezium) learn(raw []byte) bool {
	if d.types != nil && bytes.Equal(raw, d.schema) {
		return true
	}
	var envelope connectSchema
	if err := json.Unmarshal(raw, &envelope); err != nil {
		return false
	}
	types := make([]conversion, len(d.columns))
	for _, part := range envelope.Fields {
		if part.Field != "after" && part.Field != "before" {
			continue
		}
		for _, f := range part.Fields {
			col, ok := d.index[f.Field]
			if !ok {
				continue
			}
			types[col].kind = logical[f.Name]
			if types[col].kind == decimal {
				scale, err := strconv.Atoi(f.Parameters["scale"])
				if err != nil {
					return false
				}
				types[col].scale = scale
			}
		}
	}
	d.types, d.schema = types, slices.Clone(raw)
	return true
}

// cleared is n absent values.
func cleared(list []span, n int) []span {
	if len(list) != n {
		return make([]span, n)
	}
	clear(list)
	return list
}
