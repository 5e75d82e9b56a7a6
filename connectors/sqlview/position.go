package sqlview

import (
	"bytes"
	"encoding/json"
	"slices"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

const positionVersion = 1

// position is a pipelines.Position of this package, as JSON. Cursors are the
// source's own text.
type position struct {
	V     int      `json:"v"`
	Mode  Mode     `json:"mode"`
	Of    string   `json:"of,omitempty"`     // the view, table or query it belongs to
	By    []string `json:"by,omitempty"`     // the cursor columns
	Mark  *string  `json:"cursor,omitempty"` // watermark: greatest cursor read up to the upper bound
	At    *place   `json:"at,omitempty"`     // only within a run: the last row read in order
	Keys  []string `json:"keys,omitempty"`   // with At, Parts and Range: the key columns
	Top   *string  `json:"top,omitempty"`    // with At: greatest cursor the run's snapshot had
	Parts *parts   `json:"parts,omitempty"`  // of the pipeline: a first load in ranges is under way
	Range *span    `json:"range,omitempty"`  // of one of them: what is read
	Done  bool     `json:"done,omitempty"`   // full: the whole view was read
}

// place is one row's place in the order (cursor, key).
type place struct {
	Cursor string     `json:"cursor"`
	Key    []keyValue `json:"key,omitempty"`
}

func (p *position) encode() pipelines.Position {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(p); err != nil {
		panic(err) // strings and pointers to strings always encode
	}
	return pipelines.Position(bytes.TrimSpace(b.Bytes()))
}

// decode reads a stored position. One that belongs to another cursor is Gone: rows
// before it in the one order need not be before it in the other.
func decode(stored pipelines.Position, o Options) (position, error) {
	fresh := position{V: positionVersion, Mode: o.Mode, Of: o.origin(), By: o.cursorName()}
	if stored == "" {
		return fresh, nil
	}
	var p position
	d := json.NewDecoder(bytes.NewReader([]byte(stored)))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil || p.V != positionVersion {
		return p, gone(o, "不是本版本能读的位置", "it is not a position this version can read")
	}
	if p.Parts != nil || p.Range != nil {
		same := p.Of == o.origin() && slices.Equal(p.By, o.cursorName()) && slices.Equal(p.Keys, o.Key)
		switch {
		case same:
			return p, nil
		case p.Range != nil:
			return p, gone(o, "它是另一个视图或另一个键的一段", "it is a range of another view or key")
		}
		return fresh, nil // ranges of something else
	}
	if len(p.By) == 0 || len(o.Cursor) == 0 { // one of the two reads has no cursor: nothing to go on from
		return fresh, nil
	}
	if p.Of != "" && p.Of != o.origin() {
		return p, gone(o, "它属于另一个视图", "it belongs to another view")
	}
	if !slices.Equal(p.By, o.cursorName()) {
		return p, gone(o, "它属于另一个 cursor 列", "it belongs to another cursor column")
	}
	if p.At != nil && !slices.Equal(p.Keys, o.Key) {
		p.At.Key = nil // values of other columns: begin at the cursor
	}
	return p, nil
}

func gone(o Options, zh, en string) error {
	return fault.New(fault.Gone, "read position", o.where(),
		text.T("保存的位置不能续用："+zh, "the stored position cannot be gone on from: "+en),
		text.T("用 --mode full 全量读取一次，即得到新的位置", "read everything once with --mode full; that leaves a new position"))
}

// finishAt readies the position of the end of the run. A run without order has no place
// in the middle: until its end it only leaves that it was begun, and the next one sorts.
func (s *Source) finishAt(part *window) {
	s.end.At, s.end.Keys, s.end.Top = nil, nil, nil
	s.end.Mode, s.end.Done = s.o.Mode, part == nil
	unsorted := part != nil && part.unsorted
	if unsorted {
		s.stored = s.end.encode()
	}
	if (part == nil || unsorted) && s.top != nil {
		s.end.Mark = s.top
	}
}

// position is where the source stands after the rows taken so far. Going on from it
// loses nothing (invariant 1): rows without a cursor and from the future are read every
// run, and within the order it names the last row.
func (s *Source) position() pipelines.Position {
	if s.o.Keys != nil {
		return s.stored
	}
	if s.moved {
		mark := s.cursor.text()
		s.end.Mark = &mark
	}
	switch {
	case !s.more && s.end.Range != nil:
		s.ended = true
		return ""
	case !s.more:
		return s.end.encode()
	case !s.seen, !s.moved && !s.o.Since.IsZero(): // what is read again lies before the place that is stored
		return s.stored
	}
	p := s.end
	p.At, p.Keys, p.Top = &place{Cursor: s.cursor.text()}, s.o.Key, s.top
	for _, k := range s.keys {
		p.At.Key = append(p.At.Key, k.key())
	}
	return p.encode()
}
