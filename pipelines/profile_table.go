package pipelines

import (
	"slices"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// ProfileFlag is the column of a table that says whether a record was deleted.
type ProfileFlag struct {
	Column  string `yaml:"column"`
	Deleted string `yaml:"deleted"` // its value of a deleted record; default 1
	Live    string `yaml:"live"`    // of one that is there; default 0
}

// ProfileFill names columns of a table that are filled besides the mapping's.
type ProfileFill struct {
	Batch     string `yaml:"batch"`     // number of the delivery
	GUID      string `yaml:"guid"`      // row_guid
	Operation string `yaml:"operation"` // I, U or D
	Time      string `yaml:"time"`      // when the batch was frozen
}

// checkTables fills defaults and finds what is wrong with tables that rows are put into by
// key.
func (p *Profile) checkTables(found *fault.List) {
	bad := func(zh, en string, path ...any) { found.Add(p.Fault(text.T(zh, en), text.Text{}, path...)) }
	if p.Kind != KindTable {
		if slices.ContainsFunc(p.Subjects, func(s ProfileSubject) bool { return s.Version != "" || s.Flag != nil || s.Fill != ProfileFill{} }) {
			bad("subjects 里的 version、deleted_flag、fill 只用于 kind: table", "version, deleted_flag and fill under subjects are for kind: table", "kind")
		}
		return
	}
	for i := range p.Subjects {
		s := &p.Subjects[i]
		if len(s.Key) == 0 {
			bad("kind: table 的每个主题要写 key：按哪些列更新", "each subject of kind: table has a key: the columns rows are known by", "subjects", i)
		}
		if s.Flag == nil {
			continue
		}
		if s.Flag.Column == "" {
			bad("deleted_flag 要写 column", "deleted_flag has a column", "subjects", i, "deleted_flag")
		}
		if s.Flag.Deleted == "" && s.Flag.Live == "" {
			s.Flag.Deleted, s.Flag.Live = "1", "0"
		}
		if s.Flag.Deleted == s.Flag.Live {
			bad("deleted_flag 的 deleted 和 live 不能一样", "deleted and live of deleted_flag differ", "subjects", i, "deleted_flag")
		}
	}
}
