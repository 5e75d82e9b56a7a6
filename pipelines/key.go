package pipelines

import (
	"slices"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Key is the canonical fields of a natural key, or NoKey alone.
type Key []string

// NoKey, in place of the fields: rows have no key. A row is what it holds in every column,
// and which of the rows it is that are equal in all of them, so a change is a delete and an
// insert.
const NoKey = "none"

// UnmarshalYAML reads a list of fields, or the word none.
func (k *Key) UnmarshalYAML(unmarshal func(any) error) error {
	var word string
	if err := unmarshal(&word); err == nil {
		if word != NoKey {
			return fault.New(fault.Config, "read pipeline", "", text.F("key %q 不认识", "key %q is not known", word),
				text.T("写标准字段的列表 [local_no, material_id]；行没有键时写 none", "write a list of canonical fields, [local_no, material_id], or none if rows have no key"))
		}
		*k = Key{NoKey}
		return nil
	}
	return unmarshal((*[]string)(k))
}

// None says that rows have no key.
func (k Key) None() bool { return len(k) == 1 && k[0] == NoKey }

// Numbered says that rows get an identity or a part of it from their source.
func (f *From) Numbered() bool { return f.Key.None() || len(f.Nth) > 0 }

// SourceColumns is the mapped columns that the view itself has.
func (f *From) SourceColumns(mapped []string) []string {
	return slices.DeleteFunc(slices.Clone(mapped), func(c string) bool {
		return c == RowColumn && f.Key.None() || c == NthColumn && len(f.Nth) > 0
	})
}

// CheckNumbering refuses what does not go together with rows that have no key of their
// own; also called when a run asks for another mode.
func (s *Spec) CheckNumbering() error {
	f := &s.From
	bad := func(what, hint text.Text, path ...any) error {
		return s.Fault(text.T("管道 "+s.Pipeline+"："+what.ZH, "pipeline "+s.Pipeline+": "+what.EN), hint, path...)
	}
	if !f.Numbered() || s.Stream() { // what a topic cannot have is told by checkTopic
		return nil
	}
	var at []any
	if at = []any{"from", "nth"}; f.Key.None() {
		at = []any{"from", "key"}
	}
	switch {
	case f.Key.None() && len(f.Nth) > 0:
		return bad(text.T("key: none 与 nth 不能同用", "key: none and nth exclude each other"),
			text.T("有几列能认出一行就用 nth，否则用 key: none", "use nth if some columns tell a row, key: none if only all of them do"), "from", "nth")
	case f.Mode == "incremental":
		return bad(text.T("行没有自己的键，不能增量读取：只读改过的行，认不出哪些行相同", "rows have no key of their own and cannot be read incrementally: of changed rows alone nobody knows which are equal"),
			text.T("用 mode: compare（或 full）；或请部门在视图里给出行号以外的主键", "use mode: compare (or full), or have the department's view show a key"), at...)
	case f.Absent == "":
		return bad(text.T("行没有自己的键，必须写明 absent：改过的行看起来是旧行消失、新行出现", "rows have no key of their own, so absent must be said: a changed row looks as if one left and another came"),
			text.T("absent: delete 删除消失的旧行（视图要完整）；absent: keep 保留，改过的行会有几条", "absent: delete deletes what left (the view must be whole); absent: keep keeps it, and of a changed row there will be several"), at...)
	case f.Key.None() && f.Deleted != nil:
		return bad(text.T("key: none 与 deleted 不能同用：删除标志一改，行就是另一行了", "key: none and deleted exclude each other: a row that is marked is another row"),
			text.T("在视图里滤掉标记删除的行，用 absent: delete", "have the view leave marked rows out, and use absent: delete"), "from", "deleted")
	}
	return nil
}
