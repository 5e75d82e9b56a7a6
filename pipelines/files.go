package pipelines

import (
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"banjian/internal/charset"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/pace"
	"banjian/internal/text"
)

// FileFormats are the formats of files that rows are read from.
func FileFormats() []string { return []string{"csv", "tsv", "xlsx", "jsonl", "parquet"} }

// FileLayout is how a file holds its rows, where that is not the usual way.
type FileLayout struct {
	Charset   string   `yaml:"charset"`   // csv, tsv, jsonl: utf8 (default), gbk, gb18030, big5
	Delimiter string   `yaml:"delimiter"` // csv: one ASCII character; default a comma
	Quote     string   `yaml:"quote"`     // csv, tsv: one ASCII character, or none; default "
	Header    *int     `yaml:"header"`    // line of the column names, counted from 1; 0 = there is none; default 1
	Columns   []string `yaml:"columns"`   // column names where there is no header
	Nulls     []string `yaml:"nulls"`     // unquoted values that stand for none, beside the empty one
	Sheet     string   `yaml:"sheet"`     // xlsx; default the first
}

// HeaderLine is the line of the column names, 0 = there is none.
func (l FileLayout) HeaderLine() int {
	switch {
	case l.Header != nil:
		return *l.Header
	case len(l.Columns) > 0:
		return 0
	}
	return 1
}

// FormatOf is the format of a file by its name, empty if that does not tell.
func FormatOf(name string) string {
	switch ext := strings.TrimPrefix(strings.ToLower(path.Ext(name)), "."); ext {
	case "csv", "tsv", "xlsx", "jsonl", "parquet":
		return ext
	case "ndjson":
		return "jsonl"
	}
	return ""
}

// Whole says that the pipeline reads every row there is.
func (f *From) Whole() bool { return f.Mode == "full" || f.Mode == "compare" }

// checkNoFiles finds keys that only files have.
func (s *Spec) checkNoFiles() error {
	l := s.From.Layout
	layout := l.Charset+l.Delimiter+l.Quote+l.Sheet != "" || l.Header != nil || len(l.Columns)+len(l.Nulls) > 0
	for _, k := range []struct {
		key   string
		there bool
	}{{"layout", layout}, {"done", s.From.Done != ""}, {"checksum", s.From.Checksum != ""}} {
		if k.there {
			return s.Fault(text.F("管道 %s：%s 只用于 files", "pipeline %s: %s is for files", s.Pipeline, k.key), text.F("去掉 %s，或写 files", "drop %s, or write files", k.key), "from", k.key)
		}
	}
	return nil
}

// checkFiles finds what can be wrong in a pipeline that reads files, and settles format
// and mode.
func (s *Spec) checkFiles() error {
	f := &s.From
	var found fault.List
	bad := func(what, hint text.Text, path ...any) {
		found.Add(s.Fault(what, hint, append([]any{"from"}, path...)...))
	}
	for key, written := range map[string]bool{"cursor": f.Cursor != "", "lookback": f.Lookback != 0, "lag": f.Lag != 0, "speed": f.Speed != (pace.Speed{}), "columns": f.Columns != nil} {
		if written {
			bad(text.F("管道 %s 读的是文件，没有 %s", "pipeline %s reads files: %s does not belong there", s.Pipeline, key), text.F("去掉 %s", "drop %s", key), key)
		}
	}
	if strings.ContainsAny(path.Dir(f.Files), "*?[") || path.IsAbs(f.Files) || strings.Contains(f.Files, "..") || strings.Contains(f.Files, `\`) {
		bad(text.F("管道 %s 的 files %q 不是文件夹里的文件名", "pipeline %s: files %q is no name of files in the folder", s.Pipeline, f.Files), text.T(`例如 "办件_*.csv" 或 "公积金/办件_*.csv"`, `for instance "cases_*.csv" or "housing/cases_*.csv"`), "files")
	} else if _, err := path.Match(f.Files, ""); err != nil {
		bad(text.F("管道 %s 的 files %q 方括号不成对", "pipeline %s: files %q has an open bracket", s.Pipeline, f.Files), text.T(`例如 "办件_*.csv"`, `for instance "cases_*.csv"`), "files")
	}
	if f.Format == "" {
		f.Format = FormatOf(f.Files)
	}
	if !slices.Contains(FileFormats(), f.Format) {
		hint := nearest.Hint(f.Format, FileFormats())
		if hint.IsZero() {
			hint = text.F("用 %s", "use %s", strings.Join(FileFormats(), ", "))
		}
		bad(text.F("管道 %s 的 format %q 不认识", "pipeline %s: format %q is not known", s.Pipeline, f.Format), hint, "format")
	}
	switch f.Mode {
	case "", "incremental":
		f.Mode = "incremental"
	case "full":
	default:
		bad(text.F("管道 %s 读文件，mode 只能是 incremental 或 full", "pipeline %s reads files: mode is incremental or full", s.Pipeline),
			text.T("每个文件只有变化的行写 incremental，每个文件都是全部的行写 full", "incremental: a file has what changed; full: every file has all there is"), "mode")
	}
	if f.Absent == AbsentDelete && f.Mode != "full" {
		bad(text.F("管道 %s 的文件不是全量，不能 absent: delete", "pipeline %s: its files do not have everything, so absent: delete does not go with them", s.Pipeline),
			text.T("每个文件都有全部的行时写 mode: full", "write mode: full where every file has all rows"), "absent")
	}
	if f.Done != "" && !strings.HasPrefix(f.Done, ".") {
		bad(text.F("管道 %s 的 done 是扩展名", "pipeline %s: done is an extension", s.Pipeline), text.T("例如 .done 或 .ok", "such as .done or .ok"), "done")
	}
	if f.Checksum != "" && !slices.Contains([]string{".md5", ".sha256", ".sm3"}, f.Checksum) {
		bad(text.F("管道 %s 的 checksum %q 不认识", "pipeline %s: checksum %q is not known", s.Pipeline, f.Checksum), text.T("用 .md5、.sha256 或 .sm3", "use .md5, .sha256 or .sm3"), "checksum")
	}
	s.checkLayout(bad)
	found.Sort()
	return found.Err()
}

func (s *Spec) checkLayout(bad func(what, hint text.Text, path ...any)) {
	l, f := s.From.Layout, s.From.Format
	isText := f == "csv" || f == "tsv" || f == "jsonl"
	if l.Charset != "" && (!charset.Known(l.Charset) || !isText) {
		hint := text.F("文本文件可用 %s", "text files may be in %s", "utf8, "+strings.Join(charset.Names(), ", "))
		bad(text.F("管道 %s 的 charset %q 不能用", "pipeline %s: charset %q cannot be", s.Pipeline, l.Charset), hint, "layout", "charset")
	}
	for _, c := range []struct{ key, value string }{{"delimiter", l.Delimiter}, {"quote", l.Quote}} {
		none := c.value == "" || c.key == "quote" && c.value == "none"
		if !none && (len(c.value) != 1 || c.value[0] >= utf8.RuneSelf || strings.ContainsAny(c.value, "\r\n\x00 0123456789") || f != "csv" && f != "tsv") {
			bad(text.F("管道 %[1]s 的 %[2]s %[3]q 不能用", "pipeline %[1]s: %[2]s %[3]q cannot be", s.Pipeline, c.key, c.value),
				text.T(`写一个不是数字的 ASCII 字符，如 "|"；制表符写 "\t"`, `write one ASCII character that is no digit, such as "|"; a tab is "\t"`), "layout", c.key)
		}
	}
	if l.Delimiter != "" && l.Delimiter == l.Quote {
		bad(text.F("管道 %s 的 delimiter 与 quote 相同", "pipeline %s: delimiter and quote are the same", s.Pipeline), text.T("改其中一个", "change one"), "layout", "quote")
	}
	switch n := l.HeaderLine(); {
	case n < 0 || n > 1000:
		bad(text.F("管道 %s 的 header 是列名所在的行", "pipeline %s: header is the line of the column names", s.Pipeline), text.T("从 1 数；没有列名写 0 并写 columns", "counted from 1; 0 and columns where there are none"), "layout", "header")
	case n == 0 && len(l.Columns) == 0 && (f == "csv" || f == "tsv" || f == "xlsx"):
		bad(text.F("管道 %s 的文件没有列名行，要写 columns", "pipeline %s: files without a header need columns", s.Pipeline), text.T("按文件中的次序写出全部列名", "name all columns in the order of the file"), "layout", "columns")
	case n > 0 && len(l.Columns) > 0:
		bad(text.F("管道 %s 写了 header 又写 columns", "pipeline %s: header and columns exclude each other", s.Pipeline), text.T("去掉其中一个", "drop one of the two"), "layout", "columns")
	}
	if l.Sheet != "" && f != "xlsx" {
		bad(text.F("管道 %s 的 sheet 只用于 xlsx", "pipeline %s: sheet is for xlsx", s.Pipeline), text.T("去掉 sheet", "drop sheet"), "layout", "sheet")
	}
}
