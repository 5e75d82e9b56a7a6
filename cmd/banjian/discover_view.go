package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/mappings/draft"
	"banjian/schemas"
)

// columnLine is one column as scripts read it.
type columnLine struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Comment  string `json:"comment,omitempty"`
	Nullable bool   `json:"nullable"`
	Field    string `json:"field,omitempty"` // the guessed canonical field
	Reason   string `json:"reason,omitempty"`
	Looks    string `json:"looks,omitempty"` // what its values look like; never a value
}

func (a *app) showColumns(d *draft.Drafter, v draft.View, subject *schemas.Subject, why text.Text) error {
	lines := []columnLine{}
	for i, g := range d.Guesses(v, subject) {
		c := v.Columns[i]
		l := columnLine{Name: c.Name, Type: c.Type, Comment: c.Comment, Nullable: c.Nullable, Reason: g.Reason.In(a.lang), Looks: g.Looks.In(a.lang)}
		if g.Field != nil {
			l.Field = g.Field.Name
		}
		lines = append(lines, l)
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{"connection": v.Connection, "view": v.Name, "subject": subject.Name, "columns": lines})
	}
	a.say(text.F("%[1]s 的行像 %[2]s（%[3]s）：", "rows of %[1]s look like %[2]s (%[4]s):", v.Name, subject.Name, why.ZH, why.EN))
	w := &table{out: a.out}
	w.heading(a.t("列\t类型\t可空\t注释\t取值像\t猜作\t理由", "column\ttype\tnullable\tcomment\tvalues look like\tguessed\treason"))
	for _, l := range lines {
		null := ""
		if l.Nullable {
			null = a.t("是", "yes")
		}
		guess := l.Field
		if f := subject.Field(l.Field); f != nil {
			guess += " " + f.Title.In(a.lang)
		}
		w.row(l.Name, l.Type, null, l.Comment, l.Looks, guess, l.Reason)
	}
	w.print()
	a.note(text.F("起草映射、测试和管道：加上 --subject %s --out 站点文件夹", "to draft a mapping, its test and a pipeline add --subject %s --out SITE", subject.Name))
	return nil
}

// draftReport is what was written, as scripts read it.
type draftReport struct {
	Subject string        `json:"subject"`
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

func (a *app) writeDraft(d *draft.Drafter, v draft.View, subject *schemas.Subject, o discoverOptions) error {
	name := o.name
	if name == "" {
		name = draft.NameFor(v, subject)
	}
	f := d.Draft(v, subject, name)
	files := []struct{ path, content string }{
		{filepath.Join(o.out, "mappings", name+".yaml"), f.Mapping},
		{filepath.Join(o.out, "mappings", name+"_test.yaml"), f.Test},
		{filepath.Join(o.out, "pipelines", name+".yaml"), f.Pipeline},
	}
	for _, file := range files { // all or none
		if _, err := os.Lstat(file.path); err == nil {
			return fault.New(fault.Config, "write draft", file.path, text.T("文件已存在，不覆盖", "the file is there already and is not overwritten"),
				text.T("用 --name 换个名称，或先移走它", "choose another --name, or move it away first"))
		}
	}
	report := draftReport{Subject: f.Subject, Name: name, Guessed: f.Guessed, Missing: []missingLine{}}
	for _, file := range files {
		if err := writeNew(file.path, file.content); err != nil {
			return err
		}
		report.Files = append(report.Files, file.path)
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
	a.say(text.F("按 %s 猜到 %d 个字段，写在：", "%[2]d fields of %[1]s were guessed; written:", r.Subject, r.Guessed))
	for _, file := range r.Files {
		a.say(text.T("  "+file, "  "+file))
	}
	if len(r.Missing) == 0 {
		a.say(text.T("必填字段都有了。逐行核对后：banjian validate，banjian test --update", "every required field is there. Check each line, then: banjian validate, banjian test --update"))
		return
	}
	var names []string
	for _, m := range r.Missing {
		names = append(names, m.Field+" "+m.Title)
	}
	a.say(text.F("还缺 %d 个必填字段，补上之前 banjian validate 不会通过（映射文件末尾写着各要什么）：%s",
		"%d required fields are missing; banjian validate refuses the mapping until they are there (its end says what each needs): %s", len(names), strings.Join(names, a.t("、", ", "))))
}
