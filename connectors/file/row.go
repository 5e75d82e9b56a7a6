package file

import (
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/sqldialect"
	"banjian/pipelines"
)

// Rules this package refuses rows and whole files by; their sentences are in schemas.
const (
	ruleRagged   = "row_ragged"     // args: columns of the file, values of the line
	ruleQuote    = "row_quote"      // a quotation that is not closed, or goes on behind its end
	ruleTooLong  = "row_too_long"   // args: bytes that are allowed
	ruleJSON     = "row_json"       // no JSON object, or a key twice
	ruleChecksum = "file_checksum"  // the file is not what its checksum file says
	ruleEmpty    = "file_empty"     // no byte in it
	ruleBroken   = "file_broken"    // args: the format it is not
	ruleTooLarge = "file_too_large" // args: the format; it says that it becomes more than may be read
	ruleCharset  = "file_charset"   // args: what it looks like, what is declared
)

// row is one row of a file, or what is there in place of one. Its values are the reader's
// until the next call.
type row struct {
	cells  [][]byte // of the mapped columns; nil = NULL
	line   int64    // where it begins, counted from 1
	size   int64    // bytes
	unread pipelines.Unread
}

// clear readies a row for the next line.
func (r *row) clear(line int64) {
	for i := range r.cells {
		r.cells[i] = nil
	}
	r.line, r.size, r.unread = line, 0, pipelines.Unread{}
}

// refuse makes a row one that could not be read.
func (r *row) refuse(raw []byte, rule string, args ...string) {
	for i := range r.cells {
		r.cells[i] = nil
	}
	r.unread = pipelines.Unread{Rule: rule, Args: args, Raw: digestOf(raw)}
}

// reader gives the rows of one file. Next returns io.EOF at the end, a *refusal when the
// rest cannot be read, and the error of the file otherwise.
type reader interface {
	next(r *row) error
	at() mark // where the next row begins
	close() error
}

// refusal says why a file cannot be read, or not any further.
type refusal struct {
	rule string
	args []string
}

func (r *refusal) Error() string { return r.rule }

// batchBuilder collects rows into a record.
type batchBuilder struct {
	*array.RecordBuilder
	columns       []*array.StringBuilder
	place, unread *array.StringBuilder
	file          string
	rows          int
	bytes         int64
}

func schemaOf(columns []string) *arrow.Schema {
	meta := arrow.NewMetadata([]string{sqldialect.MetaKind}, []string{string(sqldialect.Text)})
	var fields []arrow.Field
	for _, name := range append(append([]string{}, columns...), pipelines.PlaceColumn, pipelines.UnreadColumn) {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true, Metadata: meta})
	}
	return arrow.NewSchema(fields, nil)
}

func newBatchBuilder(o *Options, schema *arrow.Schema) *batchBuilder {
	b := &batchBuilder{RecordBuilder: array.NewRecordBuilder(o.Alloc, schema)}
	for i := range o.Columns {
		b.columns = append(b.columns, b.Field(i).(*array.StringBuilder))
	}
	b.place = b.Field(len(o.Columns)).(*array.StringBuilder)
	b.unread = b.Field(len(o.Columns) + 1).(*array.StringBuilder)
	return b
}

// add appends a row of the file.
func (b *batchBuilder) add(r *row) {
	for i, c := range r.cells {
		if c == nil {
			b.columns[i].AppendNull()
		} else {
			b.columns[i].BinaryBuilder.Append(c)
		}
	}
	place := b.file
	if r.line > 0 {
		place += ":" + strconv.FormatInt(r.line, 10)
	}
	b.place.Append(place)
	if r.unread.Rule == "" {
		b.unread.AppendNull()
	} else {
		b.unread.Append(r.unread.Pack())
	}
	b.rows++
	b.bytes += r.size
}

// take gives the record and begins the next.
func (b *batchBuilder) take() (arrow.Record, int64) {
	n := b.bytes
	b.rows, b.bytes = 0, 0
	return b.NewRecord(), n
}
