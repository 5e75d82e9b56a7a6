package gateway

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
)

// valueFunc is a column of a row; empty is NULL.
type valueFunc func(*row) string

// Columns of our own, beside those of the messages.
var ownColumns = map[string]map[string]valueFunc{
	Application: {"submission": submission, "received_at": received, "system": system},
	Material: {"submission": submission, "received_at": received, "system": system,
		"material_seq": func(r *row) string { return r.seq },
		"file_state":   func(r *row) string { return r.entry.files[r.seq].state },
		"content":      func(r *row) string { return r.entry.files[r.seq].reference }},
	Withdrawal: {"submission": submission, "received_at": received, "system": system, "answered_at": received,
		"answer": func(r *row) string { return r.entry.answer }},
}

func submission(r *row) string { return strconv.FormatInt(r.entry.submission, 10) }
func received(r *row) string   { return wall(r.entry.received) }
func system(r *row) string     { return r.entry.system }

// restOf ends the column that has what the mapping does not read of a block.
const restOf = "_REST"

// valueOf finds a column: one of our own; FIELD of the call; FIELD of the answer; BLOCK_FIELD
// in a block of it; BLOCK, all of a block as JSON; BLOCK_REST, as JSON what of the block no
// other column has.
func (o *SourceOptions) valueOf(name string) (valueFunc, error) {
	if own := ownColumns[o.Kind][name]; own != nil {
		return own, nil
	}
	known := o.known()
	if value := known[name]; value != nil {
		return value, nil
	}
	for i := range o.answer() {
		b := &o.answer()[i]
		if field, found := strings.CutPrefix(name, blockName(b)+"_"); found && b.Open && b.Block != "" {
			return func(r *row) string { return plain(blockOf(b, r).Child(field)) }, nil
		}
	}
	var names []string
	for n := range known {
		names = append(names, n)
	}
	return nil, fault.New(fault.Config, "open journal", name, text.F("收件里没有 %s 这一列", "what comes in has no column %s", name), nearest.Hint(name, names))
}

// known is the columns the intake describes.
func (o *SourceOptions) known() map[string]valueFunc {
	columns := map[string]valueFunc{}
	number := 1
	if o.Kind == Withdrawal {
		number = 10
	}
	in := inbound(o.Intake, number)
	for i := range in.Request {
		for j := range in.Request[i].Fields {
			f := &in.Request[i].Fields[j]
			columns[f.Name] = func(r *row) string { return o.Intake.Value(f, r.request) }
		}
	}
	for i := range o.answer() {
		b := &o.answer()[i]
		prefix := ""
		if b.Block != "" {
			prefix = blockName(b) + "_"
			columns[blockName(b)] = func(r *row) string { return whole(blockOf(b, r), nil) }
			read := o.read(prefix)
			columns[prefix[:len(prefix)-1]+restOf] = func(r *row) string { return whole(blockOf(b, r), read) }
		}
		for j := range b.Fields {
			f := &b.Fields[j]
			if f.Type == "any" {
				columns[prefix+f.Name] = func(r *row) string { return anything(blockOf(b, r).Child(f.Name)) }
				continue
			}
			columns[prefix+f.Name] = func(r *row) string { return o.Intake.Value(f, blockOf(b, r)) }
		}
	}
	return columns
}

// read is the fields of a block that the mapping reads by themselves.
func (o *SourceOptions) read(prefix string) []string {
	var list []string
	for _, c := range o.Columns {
		if field, found := strings.CutPrefix(c, prefix); found {
			list = append(list, field)
		}
	}
	return list
}

func (o *SourceOptions) answer() []middleplatform.Block {
	switch o.Kind {
	case Application:
		return inbound(o.Intake, 2).Answer
	case Material:
		return inbound(o.Intake, 3).Answer
	}
	return nil
}

func blockName(b *middleplatform.Block) string {
	return b.Block[strings.LastIndexByte(b.Block, '/')+1:]
}

var none = &middleplatform.Element{}

// blockOf is the element of a block in what was fetched; an empty one if it is not there.
func blockOf(b *middleplatform.Block, r *row) *middleplatform.Element {
	e := r.answer
	switch {
	case r.record != nil:
		return r.record
	case b.Block != "":
		e = e.Child(b.Block)
	}
	if e == nil {
		return none
	}
	return e
}

func plain(e *middleplatform.Element) string {
	if e == nil {
		return ""
	}
	if len(e.Children) > 0 {
		return whole(e, nil)
	}
	return strings.TrimSpace(e.Text)
}

// whole is an element as JSON, without the children named; empty if nothing is left.
func whole(e *middleplatform.Element, but []string) string {
	left := &middleplatform.Element{Name: e.Name}
	for _, c := range e.Children {
		if !slices.Contains(but, c.Name) && (len(c.Children) > 0 || strings.TrimSpace(c.Text) != "") {
			left.Children = append(left.Children, c)
		}
	}
	if len(left.Children) == 0 {
		return ""
	}
	var b bytes.Buffer
	writeJSON(&b, left)
	return b.String()
}

// anything is an element that may hold text, JSON or elements, as JSON. JSON is kept as it
// was written.
func anything(e *middleplatform.Element) string {
	if e == nil {
		return ""
	}
	said := strings.TrimSpace(e.Text)
	switch {
	case len(e.Children) > 0:
		return whole(e, nil)
	case said == "":
		return ""
	case json.Valid([]byte(said)):
		return said
	case strings.HasPrefix(said, "<"):
		if form, err := middleplatform.DecodeXML(inUTF8(said)); err == nil {
			return whole(&middleplatform.Element{Name: e.Name, Children: []*middleplatform.Element{form}}, nil)
		}
	}
	var b bytes.Buffer
	writeText(&b, said)
	return b.String()
}

// writeJSON writes elements as an object, those of one name as a list, in their order.
func writeJSON(b *bytes.Buffer, e *middleplatform.Element) {
	if len(e.Children) == 0 {
		writeText(b, strings.TrimSpace(e.Text))
		return
	}
	b.WriteByte('{')
	var written []string
	for i, c := range e.Children {
		if slices.Contains(written, c.Name) {
			continue
		}
		if len(written) > 0 {
			b.WriteByte(',')
		}
		written = append(written, c.Name)
		writeText(b, c.Name)
		b.WriteByte(':')
		same := []*middleplatform.Element{c}
		for _, d := range e.Children[i+1:] {
			if d.Name == c.Name {
				same = append(same, d)
			}
		}
		if len(same) == 1 {
			writeJSON(b, c)
			continue
		}
		for k, d := range same {
			b.WriteByte("[,"[min(k, 1)])
			writeJSON(b, d)
		}
		b.WriteByte(']')
	}
	b.WriteByte('}')
}

func writeText(b *bytes.Buffer, s string) {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)       // a text can always be written
	b.Truncate(b.Len() - 1) // the line end
}

// numbered is a record of interface 3 with what it is known by.
type numbered struct {
	*middleplatform.Element
	seq string
}

// recordsOf lists the materials of an answer. One without a SEQ is known by its material and
// file, without a file by its place among those of its material. Where several would be known
// alike, which no platform should have, they are told apart by their place: none is lost.
func recordsOf(p *middleplatform.Profile, data *middleplatform.Element) []numbered {
	list := data.Child("RECORDS")
	if list == nil {
		return nil
	}
	var found []numbered
	nth, alike := map[string]int{}, map[string]int{}
	for _, r := range list.Children {
		if r.Name != "RECORD" {
			continue
		}
		seq := p.Told(r.Value("SEQ"))
		if seq == "" {
			code := r.Value("STUFF_SEQ")
			if id := p.Told(r.Value("ATTACH_ID")); id != "" {
				seq = code + "/" + id
			} else {
				nth[code]++
				seq = code + "#" + strconv.Itoa(nth[code])
			}
		}
		if alike[seq]++; alike[seq] > 1 {
			seq += "~" + strconv.Itoa(alike[seq])
		}
		found = append(found, numbered{r, seq})
	}
	return found
}
