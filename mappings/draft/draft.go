package draft

import (
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/schemas"
)

// View is a table or view of a department, as drafting needs it.
type View struct {
	Connection string
	Name       string // as pipelines name it: "v_accept" or "schema.v_accept"
	Kind       string // "view" or "table"
	Comment    string
	Columns    []Column
}

// Column is one of its columns.
type Column struct {
	Name     string
	Type     string // as declared
	Kind     sqldialect.Kind
	Comment  string
	Nullable bool
	Values   []string // a sample, NULL left out; judged, and shown nowhere
}

// Guess says which canonical field a column seems to hold, and why.
type Guess struct {
	Column string
	Field  *schemas.Field // nil: nobody could guess
	Reason text.Text      // names columns and comments, no value
	Looks  text.Text      // what its values look like, empty without a sample
}

// Missing is a required field that could not be guessed.
type Missing struct {
	Field  *schemas.Field
	Reason text.Text
	lines  []string // what is known of it already, as YAML
}

// Files is a whole draft.
type Files struct {
	Name     string // of mapping and pipeline
	Subject  string
	Mapping  string // content of mappings/NAME.yaml
	Test     string // content of mappings/NAME_test.yaml
	Pipeline string // content of pipelines/NAME.yaml
	Missing  []Missing
	Guessed  int // fields that were
}

// Drafter guesses with one catalog. It never changes and may be used concurrently.
type Drafter struct {
	cat   *schemas.Catalog
	words *words
}

// New is a drafter for a catalog.
func New(cat *schemas.Catalog) (*Drafter, error) {
	w, err := loadWords()
	return &Drafter{cat: cat, words: w}, err
}

// Guesses is the guess for every column of the view, in its order.
func (d *Drafter) Guesses(v View, subject *schemas.Subject) []Guess {
	out := make([]Guess, len(v.Columns))
	for i := range v.Columns {
		out[i] = Guess{Column: v.Columns[i].Name, Looks: lookOf(&v.Columns[i]).say()}
	}
	for _, m := range d.match(v, subject) {
		g := &out[m.column]
		if g.Field == nil {
			g.Field, g.Reason = m.field, m.reason
		}
	}
	return out
}

// Draft writes a mapping, its test and its pipeline; name is that of mapping and
// pipeline.
func (d *Drafter) Draft(v View, subject *schemas.Subject, name string) Files {
	p := &page{d: d, view: v, subject: subject, name: name}
	p.fill()
	return Files{Name: name, Subject: subject.Name, Mapping: p.mapping(), Test: p.test(), Pipeline: p.pipeline(), Missing: p.missing, Guessed: len(p.entries)}
}
