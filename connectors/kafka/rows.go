package kafka

import (
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/pipelines"
)

// verdict is what became of a message.
type verdict uint8

const (
	taken verdict = iota
	skipped
	doubtful     // it may have been told before: see replays
	notJSON      // not well formed, or not UTF-8
	notEnvelope  // not what the format says
	notThere     // a mapped value that the database did not send along
	tableEmptied // which rows are gone is not said
	badValue     // a value that is not what the message's schema says
	noSchema     // the registry has no schema of this number
	noRegistry   // Avro, and nobody to ask for its schema
)

// reasons are the arguments a reject names besides the place.
var reasons = map[verdict]string{notJSON: "not_json", notEnvelope: "not_the_format", notThere: "value_not_sent", tableEmptied: "table_emptied", badValue: "bad_value", noSchema: "no_schema", noRegistry: "no_registry"}

// metaColumns are columns a mapping may read beside those of the message: the operation
// (c, u, d or r), the place of the message, and when it was written in Unix milliseconds.
var metaColumns = []string{"_op", "_partition", "_offset", "_time"}

// unavailable is what Debezium sends in the place of a value the database did not log.
const unavailable = "__debezium_unavailable_value"

// rows are the rows of one batch in the making.
type rows struct {
	*layout
	schema *arrow.Schema
	cols   []column // those mapped, then GoneColumn and MessageColumn
	times  []conversion
	meta   []int // by column: which of metaColumns it is, -1 none
	mark   int   // column of the department's own mark, -1: none
	marks  []string
	n      int
	bytes  int64
	at     message // the message in hand
}

func newRows(o *Options) (*rows, error) {
	r := &rows{layout: newLayout(o.Columns, o.Key), mark: -1, times: make([]conversion, len(o.Columns)), meta: make([]int, len(o.Columns))}
	var fields []arrow.Field
	for i, c := range append(slices.Clone(o.Columns), pipelines.GoneColumn, pipelines.MessageColumn) {
		fields = append(fields, arrow.Field{Name: c, Type: arrow.BinaryTypes.String, Nullable: true})
		r.cols = append(r.cols, column{ends: make([]int32, 1, o.BatchRows+1)})
		if i < len(r.meta) {
			r.meta[i] = slices.Index(metaColumns, c)
		}
	}
	r.schema = arrow.NewSchema(fields, nil)
	if o.Deleted != nil {
		if i, ok := r.index[o.Deleted.Column]; ok {
			r.mark, r.marks = i, o.Deleted.Values
		}
	}
	for c, name := range o.Times {
		conv, err := conversionOf(name)
		if err != nil {
			return nil, err
		}
		if i, ok := r.index[c]; ok {
			r.times[i] = conv
		}
	}
	return r, nil
}

// record is the batch; rows begins anew.
func (r *rows) record() arrow.Record {
	arrays := make([]arrow.Array, len(r.cols))
	for i := range r.cols {
		arrays[i] = r.cols[i].array()
		defer arrays[i].Release()
	}
	n := r.n
	r.n, r.bytes = 0, 0
	return array.NewRecord(r.schema, arrays, int64(n))
}

// mark is where a message's rows begin, to take them back.
type mark struct {
	n     int
	bytes int64
}

func (r *rows) here() mark { return mark{r.n, r.bytes} }

func (r *rows) backTo(m mark) {
	for i := range r.cols {
		r.cols[i].cut(m.n)
	}
	r.n, r.bytes = m.n, m.bytes
}

// add appends a row whose values lie in the message b. types is what numbers and texts
// stand for, by column; nil = as they are.
func (r *rows) add(b []byte, values []span, types []conversion, op byte) verdict {
	for i := range values {
		conv := r.times[i]
		if types != nil && types[i].kind != asIs {
			conv = types[i]
		}
		if v := r.cell(i, b, values[i], conv, op); v != taken {
			return v
		}
	}
	r.finish(op == 'd' || r.mark >= 0 && r.marked())
	return taken
}

func (r *rows) cell(i int, b []byte, v span, conv conversion, op byte) verdict {
	to := &r.cols[i]
	raw := b[v.from:v.to]
	switch v.kind {
	case absent:
		if r.meta[i] >= 0 {
			to.data = r.appendMeta(to.data, r.meta[i], op)
			to.end()
			return taken
		}
		to.null()
		return taken
	case null:
		to.null()
		return taken
	case escapedText:
		var ok bool
		if to.data, ok = unescape(to.data, raw); !ok {
			return badValue
		}
	case yes:
		to.data = append(to.data, '1')
	case no:
		to.data = append(to.data, '0')
	case plainText, number:
		if len(raw) == len(unavailable) && string(raw) == unavailable {
			return notThere
		}
		if conv.kind == asIs {
			to.data = append(to.data, raw...)
			break
		}
		var ok bool
		if to.data, ok = conv.append(to.data, raw); !ok {
			return badValue
		}
	default:
		to.data = append(to.data, raw...)
	}
	r.bytes += int64(len(raw))
	to.end()
	return taken
}

// marked says that the department's mark of the row just appended says deleted.
func (r *rows) marked() bool {
	c := &r.cols[r.mark]
	if c.last() == nil {
		return false
	}
	return slices.Contains(r.marks, string(c.last()))
}

// addTexts appends a row of texts; there says which are not NULL.
func (r *rows) addTexts(values []string, there []bool) {
	for i := range values {
		to := &r.cols[i]
		switch {
		case there[i]:
			to.data = append(to.data, values[i]...)
			to.end()
			r.bytes += int64(len(values[i]))
		case r.meta[i] >= 0:
			to.data = r.appendMeta(to.data, r.meta[i], 'c')
			to.end()
		default:
			to.null()
		}
	}
	r.finish(r.mark >= 0 && r.marked())
}

func (r *rows) appendMeta(to []byte, which int, op byte) []byte {
	switch which {
	case 0:
		return append(to, op)
	case 1:
		return strconv.AppendInt(to, int64(r.at.partition), 10)
	case 2:
		return strconv.AppendInt(to, r.at.offset, 10)
	}
	return strconv.AppendInt(to, r.at.time, 10)
}

// finish completes a row whose mapped columns are there.
func (r *rows) finish(gone bool) {
	to, note := &r.cols[len(r.cols)-2], &r.cols[len(r.cols)-1]
	if gone {
		to.data = append(to.data, pipelines.Gone...)
		to.end()
	} else {
		to.null()
	}
	note.null()
	r.n++
}

// other appends a message that is no row: one with nothing to collect, or one that could
// not be read.
func (r *rows) other(v verdict, topic string) {
	last := len(r.cols) - 1
	for i := range r.cols[:last] {
		r.cols[i].null()
	}
	note := &r.cols[last]
	if v != skipped {
		u := pipelines.Unread{Rule: pipelines.RuleBadMessage, Args: []string{topic, strconv.Itoa(r.at.partition), strconv.FormatInt(r.at.offset, 10), reasons[v]}}
		note.data = append(note.data, u.Pack()...)
	}
	note.end()
	r.n++
}
