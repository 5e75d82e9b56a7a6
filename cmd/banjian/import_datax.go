package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/datax"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
	"banjian/mappings/draft"
)

// importOptions are the flags of import datax.
type importOptions struct{ out, name, connection, subject string }

func (a *app) importDataxCommand() *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:     "datax JOB.json",
		Short:   a.t("把一个 DataX 任务搬成管道、映射和连接，搬不了的逐行说明", "a pipeline, a mapping and a connection from a DataX job; what has no place here is told line by line"),
		Example: "  banjian import datax job.json\n  banjian import datax job.json --out . --connection gjj --subject accept",
		Args:    a.exactly(1, text.T("写出一个 DataX 任务文件", "name one file of a DataX job")),
		RunE:    func(_ *cobra.Command, args []string) error { return a.importDatax(args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.out, "out", "", a.t("写进这个文件夹（站点文件夹写 .）；不覆盖已有文件；不写则只显示", "write into this folder (. for the site's); nothing is overwritten; without it the result is shown only"))
	f.StringVar(&o.name, "name", "", a.t("管道和映射的名称（默认：任务文件名）", "name of pipeline and mapping (default: that of the file)"))
	f.StringVar(&o.connection, "connection", "", a.t("连接的名称（默认：同管道）", "name of the connection (default: that of the pipeline)"))
	f.StringVar(&o.subject, "subject", "", a.t("它的行是哪种记录，如 case/accept（默认：猜）", "what its rows are, such as case/accept (default: guessed)"))
	return c
}

// importReport is what came of a job, as scripts read it.
type importReport struct {
	Name    string        `json:"name"`
	Subject string        `json:"subject"`
	Files   []string      `json:"files"`
	Missing []missingLine `json:"missing"` // required fields no column was found for
	Notes   []importNote  `json:"notes"`
}

type importNote struct {
	At   string `json:"at"`
	Says string `json:"says"`
	Open bool   `json:"open"` // a person has to do something
}

func (a *app) importDatax(path string, o importOptions) error {
	data, err := readSome(path)
	if err != nil {
		return err
	}
	job, err := datax.Read(path, data)
	if err != nil {
		return err
	}
	if o.name == "" {
		o.name = nameOf(path)
	}
	if o.connection == "" {
		o.connection = o.name
	}
	if !draft.GoodName(o.name) || !draft.GoodName(o.connection) {
		return usageError{errors.New(a.t("--name 和 --connection 只能用小写字母、数字和 -，如 gjj-accept", "--name and --connection are made of small letters, digits and -, such as gjj-accept"))}
	}
	cat, err := a.anyCatalog()
	if err != nil {
		return err
	}
	d, err := draft.New(cat)
	if err != nil {
		return err
	}
	view := job.View(o.connection)
	subjects, _, err := subjectsFor(cat, d, view, o.subject)
	if err != nil {
		return err
	}
	f := d.Draft(view, o.name, subjects...)
	files := []importFile{
		{filepath.Join("mappings", o.name+".yaml"), below(f.Mapping, job.MappingComments()) + f.Mapping[len(modeline(f.Mapping)):]},
		{filepath.Join("mappings", o.name+"_test.yaml"), f.Test},
		{filepath.Join("pipelines", o.name+".yaml"), below(f.Pipeline, job.PipelineFile(o.name, o.connection, subjects[0]))},
		{o.connection + ".connection.yaml", job.ConnectionEntry(o.connection)},
	}
	report := importReport{Name: o.name, Subject: subjects[0].Name, Missing: []missingLine{}, Notes: []importNote{}}
	for _, m := range f.Missing {
		report.Missing = append(report.Missing, missingLine{m.Field.Name, m.Field.Title.In(a.lang), m.Reason.In(a.lang)})
	}
	for _, n := range job.Notes {
		report.Notes = append(report.Notes, importNote{n.Where, n.What.In(a.lang), n.Open})
	}
	if err := a.writeImport(files, &report, o.out); err != nil {
		return err
	}
	if o.out != "" {
		if err := writeEditorSchemas(cat, o.out); err != nil {
			return err
		}
	}
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(report)
	}
	a.sayImport(report, files, o)
	return nil
}

// modeline is the first line of a draft if it names the schema for editors.
func modeline(content string) string {
	if line, _, _ := strings.Cut(content, "\n"); strings.HasPrefix(line, "# yaml-language-server:") {
		return line + "\n"
	}
	return ""
}

// below is content below the modeline that a draft begins with.
func below(drafted, content string) string { return modeline(drafted) + content }

// importFile is one file of the result, below the folder it is written to.
type importFile struct{ path, content string }

// readSome reads a file that is not larger than a job can be.
func readSome(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err == nil && st.Size() > yamlfile.MaxSize {
		return nil, fault.New(fault.Config, "read file", path, text.F("文件超过 %d 字节", "the file is larger than %d bytes", yamlfile.MaxSize), text.Text{})
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "read file", path, text.T("读不到文件", "cannot read the file"), text.T("检查路径", "check the path"))
	}
	return data, nil
}

var notName = regexp.MustCompile(`[^a-z0-9]+`)

// nameOf is a name for what comes of a file.
func nameOf(path string) string {
	base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if name := strings.Trim(notName.ReplaceAllString(strings.ToLower(base), "-"), "-"); draft.GoodName(name) {
		return name
	}
	return "datax"
}

// writeImport writes the files, all or none.
func (a *app) writeImport(files []importFile, report *importReport, out string) error {
	if out == "" {
		return nil
	}
	for _, f := range files {
		path := filepath.Join(out, f.path)
		if _, err := os.Lstat(path); err == nil {
			return fault.New(fault.Config, "write draft", path, text.T("文件已存在，不覆盖", "the file is there already and is not overwritten"),
				text.T("用 --name 换个名称，或先移走它", "choose another --name, or move it away first"))
		}
	}
	for _, f := range files {
		path := filepath.Join(out, f.path)
		if err := writeNew(path, f.content); err != nil {
			return err
		}
		report.Files = append(report.Files, path)
	}
	return nil
}

func (a *app) sayImport(r importReport, files []importFile, o importOptions) {
	for _, n := range r.Notes {
		mark := "  "
		if n.Open {
			mark = "! "
		}
		a.say(text.T(mark+n.At+" "+n.Says, mark+n.At+" "+n.Says))
	}
	if o.out == "" {
		for _, f := range files {
			a.say(text.T("\n# "+f.path+"\n"+f.content, "\n# "+f.path+"\n"+f.content))
		}
		return
	}
	a.say(text.F("按 %s 起草，写在：", "drafted as %s; written:", r.Subject))
	for _, f := range r.Files {
		a.say(text.T("  "+f, "  "+f))
	}
	var names []string
	for _, m := range r.Missing {
		names = append(names, m.Field+" "+m.Title)
	}
	if len(names) > 0 {
		a.say(text.F("还缺 %d 个必填字段，补上之前 banjian validate 不会通过：%s", "%d required field{|s} {is|are} missing; banjian validate refuses the mapping until then: %s", len(names), strings.Join(names, a.t("、", ", "))))
	}
	a.say(text.F("把 %s 放进 banjian.yaml 的 connections，逐条看过带 ! 的说明，再 banjian validate", "put %s under connections of banjian.yaml, see to the notes with a !, then: banjian validate", o.connection+".connection.yaml"))
}
