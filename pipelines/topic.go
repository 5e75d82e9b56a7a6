package pipelines

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"banjian/internal/nearest"
	"banjian/internal/text"
)

// ModeStream is the mode of a pipeline that reads a topic.
const ModeStream = "stream"

// Formats of a topic's messages.
var topicFormats = []string{"debezium", "canal", "maxwell", "json", "avro", "csv"}

// What the numbers of a column can be (From.Times).
var timeKinds = []string{"date", "millis", "micros", "nanos"}

// Stream says that the pipeline reads a topic: it is continuous where banjian serves.
func (s *Spec) Stream() bool { return s.From.Topic != "" }

// checkTopic finds what can be wrong in what a pipeline says of a topic.
func (s *Spec) checkTopic() error {
	f := &s.From
	bad := func(what, hint text.Text, path ...any) error {
		return s.Fault(what, hint, append([]any{"from"}, path...)...)
	}
	for _, k := range []struct {
		key   string
		there bool
	}{{"view", f.View != ""}, {"query", f.Query != ""}, {"cursor", f.Cursor != ""}, {"lookback", f.Lookback != 0}, {"settle", f.Settle != nil}, {"lag", f.Lag != 0}, {"mode", f.Mode != "" && f.Mode != ModeStream}, {"absent", f.Absent != "" && f.Absent != AbsentKeep}} {
		if k.there {
			return bad(text.F("管道 %s 读的是主题，不写 %s", "pipeline %s reads a topic: %s does not belong there", s.Pipeline, k.key), text.F("去掉 %s", "drop %s", k.key), k.key)
		}
	}
	switch {
	case f.Key.None():
		return bad(text.F("管道 %s 读的是主题，不能写 key: none：一条变更要说清是哪一行的", "pipeline %s reads a topic: key: none does not go with it, a change must tell which row it is of", s.Pipeline),
			text.T("写能认出一行的标准字段，例如 key: [local_no, material_id]；没有键的视图整读（view，mode: compare）", "name the canonical fields that tell a row, for instance key: [local_no, material_id]; read rows without a key from a view (mode: compare)"), "key")
	case len(f.Nth) > 0:
		return bad(text.F("管道 %s 读的是主题，不能写 nth：只见到改过的行，数不出它是相同行中的第几行", "pipeline %s reads a topic: nth does not go with it, of changed rows alone nobody can count which of the equal ones it is", s.Pipeline),
			text.T("去掉 nth，key 里用部门表的主键；没有主键的视图整读（view，mode: compare）", "drop nth and have key end in the primary key of the department's table; read rows without one from a view (mode: compare)"), "nth")
	case f.Format == "":
		return s.missing([]any{"from", "format"})
	case !slices.Contains(topicFormats, f.Format):
		hint := nearest.Hint(f.Format, topicFormats)
		if hint.IsZero() {
			hint = text.F("用 %s", "use one of %s", strings.Join(topicFormats, ", "))
		}
		return bad(text.F("管道 %s 的 format %q 不认识", "pipeline %s: format %q is not known", s.Pipeline, f.Format), hint, "format")
	case f.Format == "csv" && len(f.Fields) == 0:
		return s.missing([]any{"from", "fields"})
	case f.Format != "csv" && (len(f.Fields) > 0 || f.Separator != ""):
		return bad(text.F("管道 %s：fields、separator 只用于 csv", "pipeline %s: fields and separator are for csv", s.Pipeline), text.T("去掉它们", "drop them"), "format")
	case f.Separator != "" && utf8.RuneCountInString(f.Separator) != 1:
		return bad(text.F("管道 %s 的 separator 须为一个字符", "pipeline %s: separator is one character", s.Pipeline), text.T("例如 separator: \";\"", "for instance separator: \";\""), "separator")
	case f.Table != "" && (f.Format == "json" || f.Format == "avro" || f.Format == "csv"):
		return bad(text.F("管道 %s：%s 的消息不说是哪张表的", "pipeline %s: messages in %s do not say which table they are of", s.Pipeline, f.Format), text.T("去掉 table", "drop table"), "table")
	}
	for _, c := range slices.Sorted(maps.Keys(f.Times)) {
		if !slices.Contains(timeKinds, f.Times[c]) {
			return bad(text.F("管道 %s 的 times 里 %q 不认识", "pipeline %s: times: %q is not known", s.Pipeline, f.Times[c]), text.F("用 %s", "use one of %s", strings.Join(timeKinds, ", ")), "times", c)
		}
	}
	return nil
}

// checkView finds keys that only a topic has.
func (s *Spec) checkView() error {
	f := &s.From
	for _, k := range []struct {
		key   string
		there bool
	}{{"format", f.Format != "" && f.Files == ""}, {"start", f.Start != ""}, {"linger", f.Linger != 0}, {"fields", len(f.Fields) > 0}, {"separator", f.Separator != ""}, {"times", len(f.Times) > 0}} {
		if k.there {
			return s.Fault(text.F("管道 %s：%s 只用于 topic", "pipeline %s: %s is for a topic", s.Pipeline, k.key), text.F("去掉 %s，或写 topic", "drop %s, or write topic", k.key), "from", k.key)
		}
	}
	return nil
}
