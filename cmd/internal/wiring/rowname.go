package wiring

import (
	"slices"
	"strings"

	"banjian/internal/text"
	"banjian/mappings"
	"banjian/pipelines"
	"banjian/schemas"
)

// nameRows gives a pipeline whose rows have no key of their own the key of its subject, and
// refuses one that cannot be right.
func (h *House) nameRows(spec *pipelines.Spec, m *mappings.Mapping) error {
	if !spec.From.Numbered() {
		return nil
	}
	subject, _ := h.schemas.Subject(m.Subjects()[0])
	none := spec.From.Key.None()
	may, last := subject.Fallback()
	if may == schemas.NoFallback || none && may != schemas.WholeRow {
		return h.cannotName(spec, subject, may)
	}
	column, among := pipelines.NthColumn, spec.From.Nth
	if none {
		spec.From.Key, column = subject.Key, pipelines.RowColumn
	}
	from, err := m.KeyColumns(subject.Name, []string{last})
	if err != nil || !slices.Contains(from, column) {
		return spec.Fault(text.F("管道 %[1]s：映射 %[2]s 的 %[3]s 没有用列 %[4]s，相同的行会有同一个键", "pipeline %[1]s: %[3]s of mapping %[2]s does not use the column %[4]s, so rows that are equal would have one key", spec.Pipeline, spec.Mapping, last, column),
			nameHint(last, column, among), "mapping")
	}
	if none {
		return nil
	}
	of, err := m.KeyColumns(subject.Name, spec.From.Key)
	if err != nil {
		return nil // told with the key
	}
	if of = spec.From.SourceColumns(of); !sameNames(of, among) {
		return spec.Fault(text.F("管道 %[1]s：nth 按 %[2]s 编号，键却由 %[3]s 而来；两者必须相同", "pipeline %[1]s: nth numbers rows equal in %[2]s, but the key comes from %[3]s; they must be the same", spec.Pipeline, strings.Join(among, ", "), strings.Join(of, ", ")),
			text.F("写 nth: [%s]，或改映射里的键字段", "write nth: [%s], or mend the key's fields in the mapping", strings.Join(of, ", ")), "from", "nth")
	}
	return nil
}

func (h *House) cannotName(spec *pipelines.Spec, s *schemas.Subject, may schemas.Fallback) error {
	if may == schemas.NthOf {
		return spec.Fault(text.F("管道 %s：%s 不能用 key: none：内容一变就成了另一条记录，而环节在办理中总在变", "pipeline %s: key: none does not go with %s: a record would be another one with every change, and steps change while they are under way", spec.Pipeline, s.Name),
			text.T("用 nth：办件号、环节代码、开始时间，再加相同行的序号", "use nth: number of the case, code of the step, when it began, and which of the equal rows it is"), "from", "key")
	}
	at := "nth"
	if spec.From.Key.None() {
		at = "key"
	}
	return spec.Fault(text.F("管道 %[1]s：%[2]s 的键 %[3]s 必须来自部门的数据，不能由行号或整行代替", "pipeline %[1]s: the key %[3]s of %[2]s must come from the department's data; neither a number nor the whole row can stand in for it", spec.Pipeline, s.Name, strings.Join(s.Key, ", ")),
		text.T("请部门在视图里给出它；补正可用告知时间，结果文件可用内容摘要", "have the department's view show it; of a correction the time of notice will do, of a result file the hash of its content"), "from", at)
}

func nameHint(last, column string, among []string) text.Text {
	if column == pipelines.RowColumn {
		return text.F("写 %s: row_id", "write %s: row_id", last)
	}
	return text.F("例如 %s: {array: [%s, nth], join: \"|\"}", "for instance %s: {array: [%s, nth], join: \"|\"}", last, strings.Join(among[min(1, len(among)-1):], ", "))
}

func sameNames(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
