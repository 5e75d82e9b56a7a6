package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/mappings/draft"
	"banjian/schemas"
)

// columnLine is one column as scripts read it.
type columnLine struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Comment    string `json:"comment,omitempty"`
	Nullable   bool   `json:"nullable"`
	Field      string `json:"field,omitempty"`      // the guessed canonical field
	Subject    string `json:"subject,omitempty"`    // whose field it is
	Confidence int    `json:"confidence,omitempty"` // percent
	Reason     string `json:"reason,omitempty"`
	Looks      string `json:"looks,omitempty"`   // what its values look like; never a value
	Example    string `json:"example,omitempty"` // a masked one
}

func (a *app) showColumns(d *draft.Drafter, v draft.View, subjects []*schemas.Subject, why text.Text) error {
	var names []string
	for _, s := range subjects {
		names = append(names, s.Name)
	}
	lines, titles := []columnLine{}, []string{}
	for i, g := range d.Guesses(v, subjects...) {
		c := v.Columns[i]
		l := columnLine{Name: c.Name, Type: c.Type, Comment: c.Comment, Nullable: c.Nullable, Reason: g.Reason.In(a.lang), Looks: g.Looks.In(a.lang), Example: g.Example}
		title := ""
		if g.Field != nil {
			l.Field, l.Subject, l.Confidence = g.Field.Name, g.Subject.Name, g.Confidence
			if title = g.Field.Name + " " + g.Field.Title.In(a.lang); len(subjects) > 1 {
				title = strings.TrimPrefix(g.Subject.Name, "case/") + "." + title
			}
		}
		lines, titles = append(lines, l), append(titles, title)
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{"connection": v.Connection, "view": v.Name, "subject": names[0], "subjects": names, "columns": lines})
	}
	a.say(text.F("%[1]s 的行像 %[2]s（%[3]s）：", "rows of %[1]s look like %[2]s (%[4]s):", v.Name, strings.Join(names, ", "), why.ZH, why.EN))
	w := &table{out: a.out}
	w.heading(a.t("列\t类型\t可空\t注释\t取值像\t例（打码）\t猜作\t把握\t理由", "column\ttype\tnullable\tcomment\tvalues look like\texample, masked\tguessed\tsure\treason"))
	for i, l := range lines {
		null, sure := "", ""
		if l.Nullable {
			null = a.t("是", "yes")
		}
		if l.Field != "" {
			sure = fmt.Sprintf("%d%%", l.Confidence)
		}
		w.row(l.Name, l.Type, null, l.Comment, l.Looks, l.Example, titles[i], sure, l.Reason)
	}
	w.print()
	next := a.command("discover", v.Connection, "--view", v.Name, "--subject", strings.Join(names, ","), "--out", a.siteFolder())
	a.note(text.F("起草映射、测试和管道：%s", "to draft a mapping, its test and a pipeline: %s", next))
	return nil
}

// draftReport is what was written, as scripts read it.
type draftReport struct {
	Subject string        `json:"subject"` // the first
	Kinds   []string      `json:"subjects"`
	Name    string        `json:"name"`
	Files   []string      `json:"files"`
	Guessed int           `json:"guessed"`
	Missing []missingLine `json:"missing"`
}

type missingLine struct {
	Field  string `json:"field"`
	Title  string `json:"title"`
	Reason string `json:"reason"`
}

// writeDraft writes a draft into a folder, and beside it the JSON Schemas that its files
// name for editors.
func (a *app) writeDraft(cat *schemas.Catalog, f draft.Files, out string) error {
	files := []struct{ path, content string }{
		{filepath.Join(out, "mappings", f.Name+".yaml"), f.Mapping},
		{filepath.Join(out, "mappings", f.Name+"_test.yaml"), f.Test},
		{filepath.Join(out, "pipelines", f.Name+".yaml"), f.Pipeline},
	}
	for _, file := range files { // all or none
		if _, err := os.Lstat(file.path); err == nil {
			return fault.New(fault.Config, "write draft", file.path, text.T("文件已存在，不覆盖", "the file is there already and is not overwritten"),
				text.T("用 --name 换个名称，或先移走它", "choose another --name, or move it away first"))
		}
	}
	report := draftReport{Subject: f.Subjects[0], Kinds: f.Subjects, Name: f.Name, Guessed: f.Guessed, Missing: []missingLine{}}
	for _, file := range files {
		if err := writeNew(file.path, file.content); err != nil {
			return err
		}
		report.Files = append(report.Files, file.path)
	}
	if err := writeEditorSchemas(cat, out); err != nil {
		return err
	}
	for _, m := range f.Missing {
		report.Missing = append(report.Missing, missingLine{m.Field.Name, m.Field.Title.In(a.lang), m.Reason.In(a.lang)})
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(report)
	}
	a.sayDraft(report)
	return nil
}

// writeNew writes a file that is not there yet.
func writeNew(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return cannotWrite(err, path)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Config, "write draft", path, text.T("文件已存在，不覆盖", "the file is there already and is not overwritten"), text.Text{})
	}
	if err != nil {
		return cannotWrite(err, path)
	}
	_, err = file.WriteString(content)
	if err = errors.Join(err, file.Close()); err != nil {
		return cannotWrite(err, path)
	}
	return nil
}

func (a *app) sayDraft(r draftReport) {
	a.say(text.F("按 %s 猜到 %d 个字段，写在：", "%[2]d field{|s} of %[1]s guessed; written:", strings.Join(r.Kinds, ", "), r.Guessed))
	for _, file := range r.Files {
		a.say(text.T("  "+file, "  "+file))
	}
	next := strings.Join([]string{a.command("validate"), a.command("test", "--update"), a.command("preview", r.Name)}, a.t("，再 ", ", then "))
	if len(r.Missing) == 0 {
		a.say(text.F("必填字段都有了。逐行核对后：%s", "every required field is there. Check each line, then: %s", next))
		return
	}
	var names []string
	for _, m := range r.Missing {
		names = append(names, m.Field+" "+m.Title)
	}
	a.say(text.F("还缺 %d 个必填字段，补上之前 banjian validate 不会通过（映射文件末尾写着各要什么）：%s",
		"%d required field{|s} {is|are} missing; banjian validate refuses the mapping until then (its end says what each needs): %s", len(names), strings.Join(names, a.t("、", ", "))))
	a.say(text.F("补上之后：%s", "once they are filled: %s", next))
}

// siteFolder is the folder of the site at hand as a person would write it.
func (a *app) siteFolder() string {
	if a.siteDir != "" {
		return a.siteDir
	}
	if _, err := os.Stat(site.FileName); err == nil {
		return "."
	}
	dir, err := site.Find(".")
	if err != nil {
		return "."
	}
	return dir
}

// command is a command line of ours for the site at hand, ready to be typed.
func (a *app) command(words ...string) string {
	line := "banjian"
	if a.siteDir != "" {
		words = append(words, "--site", a.siteDir)
	}
	for _, w := range words {
		if strings.ContainsAny(w, " \t'\"$`\\|&;<>()*?[]#~!{}") {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		line += " " + w
	}
	return line
}
