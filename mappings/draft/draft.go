package draft

import (
	"cmp"

	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/schemas"
)

// View is a table or view of a department, as drafting needs it.
type View struct {
	Connection string
	Source     string // source_id that the connection's other pipelines have; empty: none yet
	Name       string // as pipelines name it: "v_accept" or "schema.v_accept"
	Kind       string // "view" or "table"
	Comment    string
	Columns    []Column
	Lang       text.Lang // of the comments in its draft; empty: Chinese
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
	Column     string
	Subject    *schemas.Subject // of the field
	Field      *schemas.Field   // nil: nobody could guess
	Confidence int              // percent, 45 to 99
	Reason     text.Text        // names columns and comments, no value
	Looks      text.Text        // what its values look like, empty without a sample
	Example    string           // a masked value, for a screen
}

// Missing is a required field that could not be guessed.
type Missing struct {
	Subject *schemas.Subject
	Field   *schemas.Field
	Reason  text.Text
	lines   []string // what is known of it already, as YAML
}

// Files is a whole draft.
type Files struct {
	Name     string // of mapping and pipeline
	Subjects []string
	Mapping  string // content of mappings/NAME.yaml
	Test     string // content of mappings/NAME_test.yaml
	Pipeline string // content of pipelines/NAME.yaml
	Missing  []Missing
	Guessed  int // fields that were
}

// Drafter guesses with one catalog. It never changes and may be used concurrently.
type Drafter struct {
	cat    *schemas.Catalog
	words  *words
	lex    *lexicon
	fields map[string][]*known // by subject
}

// New is a drafter for a catalog.
func New(cat *schemas.Catalog) (*Drafter, error) {
	w, err := loadWords()
	if err != nil {
		return nil, err
	}
	x, err := loadLexicon()
	if err != nil {
		return nil, err
	}
	d := &Drafter{cat: cat, words: w, lex: x, fields: map[string][]*known{}}
	for _, s := range cat.Subjects("case") {
		d.fields[s.Name] = d.knownOf(s)
	}
	return d, nil
}

// Guesses is the guess for every column of the view, in its order. With several subjects,
// as for a wide view, a column goes to the one it fits best; the first has precedence.
func (d *Drafter) Guesses(v View, subjects ...*schemas.Subject) []Guess {
	out := make([]Guess, len(v.Columns))
	sights := d.sights(v)
	for i, s := range sights {
		out[i] = Guess{Column: v.Columns[i].Name, Looks: s.look.say()}
	}
	for i, matches := range d.matchAll(sights, subjects) {
		for _, m := range matches {
			g := &out[m.column]
			if g.Field == nil || !m.shared && g.Confidence+clearly < m.confidence {
				g.Subject, g.Field, g.Reason, g.Confidence = subjects[i], m.field, m.reason, m.confidence
			}
		}
	}
	for i, s := range sights {
		out[i].Example = example(s, out[i].Field)
	}
	return out
}

// clearly is by how many percent a second subject must be surer of a column.
const clearly = 10

// Draft writes a mapping, its test and its pipeline; name is that of mapping and
// pipeline. With several subjects every row becomes a record of each.
func (d *Drafter) Draft(v View, name string, subjects ...*schemas.Subject) Files {
	p := &page{d: d, view: v, name: name, lang: cmp.Or(v.Lang, text.ZH)}
	p.fill(subjects)
	f := Files{Name: name, Mapping: p.mapping(), Test: p.test(), Pipeline: p.pipeline()}
	for _, b := range p.blocks {
		f.Subjects = append(f.Subjects, b.subject.Name)
		f.Missing = append(f.Missing, b.missing...)
		f.Guessed += len(b.entries)
	}
	return f
}
