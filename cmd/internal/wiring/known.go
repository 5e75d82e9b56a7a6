package wiring

import (
	"slices"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// CheckPipeline refuses the name of a pipeline that the site does not have and, as left
// says, that left nothing.
func (h *House) CheckPipeline(name string, left func() (bool, error)) error {
	if _, known := h.SourceOf(name); name == "" || known {
		return nil
	}
	if found, err := left(); found || err != nil {
		return err
	}
	return h.NoPipeline(name)
}

// CheckSubject refuses the name of a subject that is none.
func (h *House) CheckSubject(name string) error {
	if name == "" || h.Form(name) != nil {
		return nil
	}
	return nearest.None("种记录", "subject", name, h.schemas.SubjectNames(), text.T("banjian schema rules 的第一列是记录的名称", "the first column of banjian schema rules has the subjects"))
}

// CheckRule refuses the name of a rule that nothing can break and, as left says, that left
// nothing.
func (h *House) CheckRule(name string, left func() (bool, error)) error {
	known := schemas.Rules()
	for _, r := range h.schemas.RecordRules() {
		known = append(known, r.ID)
	}
	if name == "" || slices.Contains(known, name) || h.HasOwnRule(name) {
		return nil
	}
	if found, err := left(); found || err != nil {
		return err
	}
	return nearest.None("条规则", "rule", name, known, text.T("banjian rejects list 和 held list --json 的 rule 是规则名", "the names are those under rule in banjian rejects list and in held list --json"))
}
