package main

import (
	"slices"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// none says that there is no such thing of that name, and the nearest of those there are
// or, when none is near, where they are listed.
func none(zh, en, name string, known []string, listed text.Text) error {
	hint := nearest.Hint(name, known)
	if hint.IsZero() {
		hint = listed
	}
	return fault.New(fault.Config, "find "+en, name, text.T("没有这"+zh, "there is no such "+en), hint)
}

// mustHavePipeline refuses the name of a pipeline that the site does not have and that
// left no rejects.
func (h *house) mustHavePipeline(name string, left func() (bool, error)) error {
	known := make([]string, len(h.Specs()))
	for i, s := range h.Specs() {
		known[i] = s.Pipeline
	}
	if name == "" || slices.Contains(known, name) {
		return nil
	}
	if found, err := left(); found || err != nil {
		return err
	}
	return h.NoPipeline(name)
}

// mustHaveSubject refuses the name of a subject that is none.
func (h *house) mustHaveSubject(name string) error {
	if name == "" || h.Form(name) != nil {
		return nil
	}
	return none("种记录", "subject", name, h.Schemas().SubjectNames(), text.T("banjian schema rules 的第一列是记录的名称", "the first column of banjian schema rules has the subjects"))
}

// mustHaveRule refuses the name of a rule that nothing can break and that left nothing.
func (h *house) mustHaveRule(name string, left func() (bool, error)) error {
	known := schemas.Rules()
	for _, r := range h.Schemas().RecordRules() {
		known = append(known, r.ID)
	}
	if name == "" || slices.Contains(known, name) || h.HasOwnRule(name) {
		return nil
	}
	if found, err := left(); found || err != nil {
		return err
	}
	return none("条规则", "rule", name, known, text.T("banjian rejects list 和 held list --json 的 rule 是规则名", "the names are those under rule in banjian rejects list and in held list --json"))
}
