package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/mappings"
	"banjian/pipelines"
	"banjian/schemas"
)

// previewOptions are the flags of preview.
type previewOptions struct {
	rows int
	key  string
}

func (a *app) previewCommand() *cobra.Command {
	var o previewOptions
	c := &cobra.Command{
		Use:     "preview PIPELINE",
		Short:   a.t("真实的几行，逐步看映射怎么做", "real rows on their way through the mapping, step by step"),
		Example: "  banjian preview provident-fund-accept --rows 2\n  banjian preview provident-fund-accept --key GJJ2503040000017/1 --lang zh",
		Args:    a.exactly(1, text.T("写出一条管道", "name one pipeline")),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.rows < 1 {
				return usageError{errors.New(a.t("--rows 至少是 1", "--rows is at least 1"))}
			}
			return a.withHouse(func(h *house) error { return a.preview(cmd.Context(), h, args[0], o) })
		},
	}
	c.Flags().IntVar(&o.rows, "rows", 1, a.t("看几行", "how many rows"))
	c.Flags().StringVar(&o.key, "key", "", a.t("只看键为此值的行，几个部分用 / 连接", "only rows with this key, its parts joined by /"))
	return c
}

// preview reads rows from the department's view and shows what becomes of each. The
// ledger is not opened and nothing is written anywhere.
func (a *app) preview(ctx context.Context, h *house, name string, o previewOptions) error {
	specs, err := h.Pipelines([]string{name})
	if err != nil {
		return err
	}
	spec := specs[0]
	spec.From.Mode, spec.From.Splits = "full", 0
	if o.key == "" {
		spec.From.BatchRows = min(o.rows, pipelines.DefaultBatchRows)
	}
	plan, err := h.CollectPlan(spec)
	if err != nil {
		return err
	}
	m, err := h.Mapping(spec.Mapping, nil)
	if err != nil {
		return err
	}
	plan.Dry = true // files out of columns are not kept
	src, err := plan.Open(ctx, "")
	if err != nil {
		return err
	}
	defer src.Close()
	p := &previewer{app: a, house: h, spec: spec, mapping: m, plan: plan, options: o}
	if err := p.read(ctx, src); err != nil {
		return err
	}
	if p.shown == 0 {
		return p.nothing()
	}
	return nil
}

// previewer shows the rows of one pipeline.
type previewer struct {
	app     *app
	house   *house
	spec    pipelines.Spec
	mapping *mappings.Mapping
	plan    *jobs.CollectPlan
	options previewOptions
	shown   int
}

// read takes batches until enough rows were shown.
func (p *previewer) read(ctx context.Context, src pipelines.Source) error {
	for p.shown < p.options.rows {
		batch, err := src.Read(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		err = p.batch(batch.Record)
		batch.Record.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

// batch shows the rows of rec that were asked for.
func (p *previewer) batch(rec arrow.Record) error {
	keys, err := p.plan.KeyOf(rec)
	if err != nil {
		return err
	}
	defer keys.Release()
	program, err := p.mapping.Bind(rec.Schema())
	if err != nil {
		return err
	}
	notes := rec.Schema().FieldIndices(pipelines.MessageColumn)
	for row := 0; row < int(rec.NumRows()) && p.shown < p.options.rows; row++ {
		if len(notes) > 0 && rec.Column(notes[0]).IsValid(row) {
			continue // a message that is no row
		}
		key := keyText(keys, row)
		if p.options.key != "" && key != p.options.key {
			continue
		}
		if err := p.row(program, rec, row, key); err != nil {
			return err
		}
	}
	return nil
}

// keyText is the natural key of a row, its parts joined by "/".
func keyText(keys arrow.Record, row int) string {
	parts := make([]string, keys.NumCols())
	for i, c := range keys.Columns() {
		parts[i] = strings.Join(mappings.Texts(c, row), "、")
	}
	return strings.Join(parts, "/")
}

func (p *previewer) nothing() error {
	if p.options.key == "" {
		p.app.note(text.T("视图里没有行", "the view has no rows"))
		return nil
	}
	return fault.New(fault.Data, "preview", p.spec.Pipeline, text.F("视图里没有键为 %s 的行", "the view has no row with the key %s", p.options.key),
		text.F("键是 %s 映射后的值，用 / 连接", "the key is %s after mapping, joined by /", strings.Join(p.plan.Keys[p.plan.Primary], ", ")))
}

// row traces one row and shows it.
func (p *previewer) row(program *mappings.Program, rec arrow.Record, row int, key string) error {
	steps, res, err := program.Trace(memory.DefaultAllocator, rec, row)
	if err != nil {
		return err
	}
	defer res.Release()
	p.shown++
	line := p.line(steps, res, key)
	if p.app.json {
		return p.app.previewJSON(line)
	}
	if p.shown > 1 {
		p.app.say(text.T("—", "—"))
	}
	p.app.printPreview(line)
	return nil
}

// mask hides personal values: those of a personal field as its mask says, and those of
// a column that feeds one wherever else it is read.
func (p *previewer) mask(steps []mappings.Step) {
	fed := map[string]schemas.Mask{}
	for _, s := range steps {
		if f := p.field(s); f != nil && s.Op != "expr" && f.Mask != schemas.MaskNone {
			for _, column := range s.From {
				fed[column] = f.Mask
			}
		}
	}
	type place struct {
		block int
		field string
	}
	masks := map[place]schemas.Mask{}
	for i := range steps {
		s := &steps[i]
		if s.Op == "explode" || s.Op == "unpivot" {
			s.In, s.Out = maskedEach(fed, s.From, s.In), nil
		}
		f := p.field(*s)
		if f == nil {
			continue
		}
		at := place{s.Block, s.Field}
		for _, column := range s.From {
			if m := fed[column]; m != schemas.MaskNone && masks[at] == schemas.MaskNone {
				masks[at] = m
			}
		}
		if f.Mask != schemas.MaskNone {
			masks[at] = f.Mask
		}
		s.In, s.Out = masked(masks[at], s.In), masked(masks[at], s.Out)
	}
}

// maskedEach hides each value as the column it is of.
func maskedEach(fed map[string]schemas.Mask, columns, values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = fed[columns[i]].Apply(v)
	}
	return out
}

// field is the canonical field a step is about, nil for a rule or where.
func (p *previewer) field(s mappings.Step) *schemas.Field {
	if slices.Contains([]string{"rule", "where", "when", "filter", "explode", "unpivot"}, s.Op) {
		return nil
	}
	fields := p.mapping.Fields(s.Subject)
	i := slices.IndexFunc(fields, func(f schemas.Field) bool { return f.Name == s.Field })
	if i < 0 {
		return nil
	}
	return &fields[i]
}

func masked(m schemas.Mask, values []string) []string {
	var out []string
	for _, v := range values {
		out = append(out, m.Apply(v))
	}
	return out
}
