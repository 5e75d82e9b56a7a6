package schemas

import (
	"github.com/apache/arrow/go/v17/arrow"

	"banjian/internal/text"
)

// Type is the logical type of a field.
type Type string

const (
	Text    Type = "text" // Arrow utf8; width counts characters
	Code    Type = "code" // Arrow utf8; a value of the code set
	Int     Type = "int"  // Arrow int64
	Decimal Type = "dec"  // Arrow utf8, canonical decimal text with the scale of the field ("12.50")
	Bool    Type = "bool" // Arrow bool
	Time    Type = "ts"   // Arrow timestamp[s, UTC]
	Date    Type = "date" // Arrow date32
	List    Type = "list" // Arrow list<utf8>
	JSON    Type = "json" // Arrow utf8, kept verbatim
	File    Type = "file" // Arrow utf8, "sha256:<hex>;<size>;<media type>"
)

// Field is one field of a canonical subject or one column of a receiver's table.
type Field struct {
	Name         string    // canonical name, or the receiver's physical column
	Title        text.Text // Chinese term and English words
	Type         Type
	Width        int    // characters; 0 = unlimited. For Decimal: precision
	Scale        int    // Decimal only
	CodeSet      string // Code: name in the catalog
	Many         string // Text that holds several codes of CodeSet: what stands between them
	Required     bool   // NULL is refused
	RequiredWhen string // condition over the subject's own fields, in the forms of condition.go; empty = none
	Derived      bool   // filled by us, never mapped from a source
	Secret       bool   // never shown, not even masked
	Personal     bool   // masked wherever a person sees it
	Mask         Mask   // how it is masked; MaskNone unless Personal or Secret
}

// ArrowType is how a column of the type is held in memory.
func (f *Field) ArrowType() arrow.DataType {
	switch f.Type {
	case Int:
		return arrow.PrimitiveTypes.Int64
	case Bool:
		return arrow.FixedWidthTypes.Boolean
	case Time:
		return &arrow.TimestampType{Unit: arrow.Second, TimeZone: "UTC"}
	case Date:
		return arrow.FixedWidthTypes.Date32
	case List:
		return arrow.ListOf(arrow.BinaryTypes.String)
	default:
		return arrow.BinaryTypes.String
	}
}

// Subject is the shape of one kind of record: a canonical kind ("case/accept") or a
// receiver's table ("national/up_pro_accept").
type Subject struct {
	Name    string    // "case/accept", "national/up_pro_accept"
	Title   text.Text // 受理 / acceptance
	Version string    // of the layout, e.g. "2020"
	Fields  []Field
	Key     []string // natural key after source_id (canonical subjects only)
	Case    []string // fields that name the case, after source_id: local_no
	Day     string   // the time on whose day a record is counted; empty = on none
	Orders  []Order  // time rules within one record
	Rules   []*RecordRule

	ReadOnly bool // a table the receiver fills, or one nobody writes: no mapping's target
}

// Order says that the value of Before must not lie after that of After; a NULL on
// either side satisfies it.
type Order struct {
	Rule     string // rule id: applied_after_accepted
	Before   string
	After    string
	Severity Severity
	Source   string // the standard it comes from
}

// Field finds a field by name, nil if there is none.
func (s *Subject) Field(name string) *Field {
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return &s.Fields[i]
		}
	}
	return nil
}

// Arrow is the record layout: every field in order, all nullable.
func (s *Subject) Arrow() *arrow.Schema {
	fields := make([]arrow.Field, len(s.Fields))
	for i := range s.Fields {
		fields[i] = arrow.Field{Name: s.Fields[i].Name, Type: s.Fields[i].ArrowType(), Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}
