package pipelines

import (
	"slices"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// ProfileReturn is a table in which an exchange database sends rows back that it had taken
// (异常回传). Columns are named as in the 2020 layout.
type ProfileReturn struct {
	Table string   `yaml:"table"`
	Of    string   `yaml:"of"`    // the table whose rows come back; or
	Names string   `yaml:"names"` // the column that names it
	Row   string   `yaml:"row"`   // the column with the refused row's row_guid, or its key in a table without one
	Batch string   `yaml:"batch"` // its cd_batch
	Kind  string   `yaml:"kind"`  // of fault
	Words string   `yaml:"words"` // what is wrong
	Time  string   `yaml:"time"`  // when it came back; rows are read in this order
	ID    []string `yaml:"id"`    // columns that name a row of this table
}

// Columns is every column that is read, each once.
func (r *ProfileReturn) Columns() []string {
	var list []string
	for _, c := range append([]string{r.Names, r.Row, r.Batch, r.Kind, r.Words, r.Time}, r.ID...) {
		if c != "" && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

// checkReturns finds what is wrong with returns and with how records are adopted.
func (p *Profile) checkReturns(found *fault.List) {
	bad := func(zh, en string, path ...any) { found.Add(p.Fault(text.T(zh, en), text.Text{}, path...)) }
	if p.Kind != KindExchange {
		if len(p.Returns) > 0 || slices.ContainsFunc(p.Subjects, func(s ProfileSubject) bool { return len(s.Adopt) > 0 }) {
			bad("returns 和 subjects 里的 adopt 只用于 kind: exchange", "returns, and adopt under subjects, are for kind: exchange", "kind")
		}
		return
	}
	for i := range p.Returns {
		r := &p.Returns[i]
		if r.Table == "" || r.Row == "" || r.Batch == "" || r.Time == "" || len(r.ID) == 0 || (r.Of == "") == (r.Names == "") || r.Words == "" && r.Kind == "" {
			bad("returns 的每一项要有 table、row、batch、time、id，of 或 names，以及 words 或 kind", "each entry of returns has table, row, batch, time and id, of or names, and words or kind", "returns", i)
		}
	}
}

// SubjectsOf is the subjects whose records go to a table.
func (p *Profile) SubjectsOf(table string) []string {
	var list []string
	for _, s := range p.Subjects {
		if s.Table == table {
			list = append(list, s.Subject)
		}
	}
	return list
}
