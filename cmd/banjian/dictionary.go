package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"banjian/connectors/sqlview"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/mappings/dictionary"
	"banjian/pipelines"
)

// dictionaryOptions are the flags of dictionary.
type dictionaryOptions struct {
	out  string
	rows int
}

func (a *app) dictionaryCommand() *cobra.Command {
	var o dictionaryOptions
	c := &cobra.Command{
		Use:     "dictionary PIPELINE",
		Short:   a.t("给部门签字的数据字典：字段、来源列、规则、代码、示例、空值率", "a data dictionary for the department to sign: fields, columns, rules, codes, examples, rates"),
		Example: "  banjian dictionary provident-fund-accept --out 受理-数据字典.xlsx --lang zh\n  banjian dictionary provident-fund-accept --out dictionary.xlsx --rows 0",
		Args:    a.exactly(1, text.T("写出一条管道", "name one pipeline")),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case strings.ToLower(filepath.Ext(o.out)) != ".xlsx":
				return usageError{errors.New(a.t("用 --out 写出一个 .xlsx 文件", "name an .xlsx file with --out"))}
			case o.rows < 0:
				return usageError{errors.New(a.t("--rows 不能是负数", "--rows is not negative"))}
			}
			return a.withHouse(func(h *house) error { return a.dictionary(cmd.Context(), h, args[0], o) })
		},
	}
	c.Flags().StringVar(&o.out, "out", "", a.t("写到这个 .xlsx 文件；不覆盖已有文件", "write this .xlsx file; nothing is overwritten"))
	c.Flags().IntVar(&o.rows, "rows", 2000, a.t("读几行来取示例、算空值率，0 为不读行", "rows to read for examples and rates, 0 for none"))
	return c
}

// dictionary looks at the department's view as gently as a run does, and writes the book.
func (a *app) dictionary(ctx context.Context, h *house, name string, o dictionaryOptions) error {
	if _, err := os.Lstat(o.out); err == nil {
		return fault.New(fault.Config, "write dictionary", o.out, text.T("文件已存在，不覆盖", "the file is there already and is not overwritten"),
			text.T("换个文件名，或先移走它", "choose another name, or move it away first"))
	}
	specs, err := h.Pipelines([]string{name})
	if err != nil {
		return err
	}
	spec := specs[0]
	m, err := h.Mapping(spec.Mapping, nil)
	if err != nil {
		return err
	}
	view, err := a.viewOfDictionary(ctx, h, spec, m, o.rows)
	if err != nil {
		return err
	}
	about := dictionary.About{Site: h.Site().Name, Department: spec.Title, SourceID: spec.From.SourceID, Connection: spec.From.Connection, View: viewName(spec),
		Pipeline: spec.Pipeline, At: time.Now().In(h.Zone())}
	book := dictionary.Make(m, h.Schemas(), about, view, a.lang)
	if err := writePages(o.out, pagesOf(book, a.lang)); err != nil {
		return err
	}
	if a.json {
		fields := 0
		for _, d := range m.Describe() {
			fields += len(d.Fields)
		}
		return json.NewEncoder(a.out).Encode(map[string]any{"pipeline": spec.Pipeline, "mapping": m.Name(), "version": m.Version(), "file": o.out, "fields": fields, "rows": view.Rows})
	}
	a.say(text.F("数据字典写在 %s（读取 %d 行，个人信息已打码）", "the dictionary is in %s (%d row{|s} {was|were} read, personal values are masked)", o.out, view.Rows))
	return nil
}

// viewName is the table or view a pipeline reads.
func viewName(spec pipelines.Spec) string {
	switch {
	case spec.From.View != "":
		return spec.From.View
	case spec.Stream():
		return spec.From.Topic
	case spec.From.Inbox != "":
		return spec.From.Inbox
	case spec.From.Table != "":
		return spec.From.Table
	}
	return text.T("（查询）", "(query)").In(text.ZH)
}

// viewOfDictionary is the columns of the department's view with their comments, and what
// some of its rows hold. Without rows the department is not asked.
func (a *app) viewOfDictionary(ctx context.Context, h *house, spec pipelines.Spec, m *mappings.Mapping, rows int) (*dictionary.View, error) {
	view := &dictionary.View{}
	if rows == 0 {
		for _, name := range m.Columns() {
			view.Columns = append(view.Columns, dictionary.Column{Name: name})
		}
		return view, nil
	}
	spec.From.Mode, spec.From.Splits = "full", 0
	spec.From.BatchRows = min(rows, pipelines.DefaultBatchRows)
	plan, err := h.CollectPlan(spec)
	if err != nil {
		return nil, err
	}
	if view.Columns, err = a.columnsOf(ctx, h, spec, m); err != nil {
		return nil, err
	}
	plan.Dry = true // files out of columns are not kept
	src, err := plan.Open(ctx, "")
	if err != nil {
		return nil, err
	}
	defer src.Close()
	for view.Rows < rows {
		batch, err := src.Read(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		rec := batch.Record
		if most := int64(rows - view.Rows); rec.NumRows() > most {
			rec = rec.NewSlice(0, most)
			defer rec.Release()
		}
		view.Take(rec)
		batch.Record.Release()
	}
	return view, nil
}

// columnsOf asks the catalog of the department's database; a query has only the columns
// that are read.
func (a *app) columnsOf(ctx context.Context, h *house, spec pipelines.Spec, m *mappings.Mapping) ([]dictionary.Column, error) {
	var out []dictionary.Column
	if spec.From.View == "" && spec.From.Table == "" {
		for _, name := range m.Columns() {
			out = append(out, dictionary.Column{Name: name})
		}
		return out, nil
	}
	look, err := h.Look(spec.From.Connection)
	if err != nil {
		return nil, err
	}
	rel, _, err := sqlview.Look(ctx, look, viewName(spec), 0)
	if err != nil {
		return nil, err
	}
	for _, c := range rel.Columns {
		out = append(out, dictionary.Column{Name: c.Name, Type: c.Type, Comment: c.Comment})
	}
	return out, nil
}
