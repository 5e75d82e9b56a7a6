package wiring

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger/collect"
	"banjian/mappings"
	"banjian/pipelines"
)

// CollectPlan joins a pipeline's view, mapping and keys.
func (h *House) CollectPlan(spec pipelines.Spec) (*jobs.CollectPlan, error) {
	if err := h.CheckNames(&spec); err != nil {
		return nil, err
	}
	m, err := h.Mapping(spec.Mapping, nil)
	if err != nil {
		return nil, err
	}
	if err := spec.CheckNumbering(); err != nil {
		return nil, err
	}
	stage := &mappingStage{mapping: m, alloc: memory.DefaultAllocator, left: &leftOut{}}
	plan := &jobs.CollectPlan{Spec: spec, Primary: m.Subjects()[0], Keys: map[string][]string{}, Mapping: m.Version(), Stage: stage, Fuse: collect.ChangeFuse{Max: spec.Changes.Most()}}
	if err := h.verifies(plan, stage, m); err != nil {
		return nil, err
	}
	if err := h.nameRows(&spec, m); err != nil {
		return nil, err
	}
	for i, name := range m.Subjects() {
		subject, _ := h.schemas.Subject(name)
		plan.Keys[name] = subject.Key
		if i == 0 {
			plan.Keys[name] = spec.From.Key
		}
	}
	sourceKey, err := m.KeyColumns(plan.Primary, spec.From.Key)
	if err != nil {
		return nil, spec.Fault(text.F("管道 %s 的 key 里有映射 %s 没有的字段：%s", "pipeline %s: key has a field that mapping %s does not fill: %s", spec.Pipeline, spec.Mapping, strings.Join(unmapped(m, spec.From.Key), ", ")), fault.HintOf(err), "from", "key")
	}
	if spec.From.Absent == pipelines.AbsentDelete && m.Repeats(plan.Primary) {
		return nil, spec.Fault(text.F("管道 %s：映射 %s 一行可成多条 %s，消失的行说不清是哪几条，不能 absent: delete", "pipeline %s: mapping %s may make several %s of a row, so absence does not tell which of them is gone: absent: delete does not go with it", spec.Pipeline, spec.Mapping, plan.Primary),
			text.T("用 absent: keep，或让视图一行只出一条主记录", "use absent: keep, or let a row of the view make one record of the first subject"), "from", "absent")
	}
	plan.KeyOf = func(in arrow.Record) (arrow.Record, error) { return stage.keys(in, spec.From.Key) }
	plan.Fresh = func() (pipelines.Stage, func(arrow.Record) (arrow.Record, error), error) {
		m, err := h.Mapping(spec.Mapping, nil)
		if err != nil {
			return nil, nil, err
		}
		one := &mappingStage{mapping: m, alloc: memory.DefaultAllocator, left: stage.left, verifier: stage.verifier}
		return one, func(in arrow.Record) (arrow.Record, error) { return one.keys(in, spec.From.Key) }, nil
	}
	if err := readColumns(&spec, readBy(&spec, m)); err != nil {
		return nil, err
	}
	if err := h.withFiles(plan, m); err != nil {
		return nil, err
	}
	most, ratio, few, err := spec.Deletes.Bounds()
	if err != nil {
		return nil, err
	}
	plan.Deletes, plan.Zone = collect.DeleteFuse{Max: most, Ratio: ratio, Few: few}, h.zone
	if spec.Stream() {
		return plan, h.readTopic(plan, m, sourceKey)
	}
	if spec.From.Inbox != "" {
		return plan, h.readInbox(plan, m)
	}
	opts, err := h.sourceOptions(plan.Spec, m, sourceKey)
	if err != nil {
		return nil, err
	}
	plan.Open = func(ctx context.Context, at pipelines.Position) (pipelines.Source, error) {
		o := opts
		o.Placed, o.From.Mode, o.Keep, o.Limit, o.Since = plan.Placed, plan.Spec.From.Mode, h.keeper(plan), plan.Limit, plan.Since
		return connectors.OpenSource(ctx, o, at)
	}
	return plan, nil
}

// readColumns refuses words about columns that are not read.
func readColumns(spec *pipelines.Spec, read []string) error {
	for _, name := range slices.Sorted(maps.Keys(spec.From.Columns)) {
		if !slices.Contains(read, name) {
			return spec.Fault(text.F("管道 %s 的 columns 里有映射 %s 不读的列：%s", "pipeline %s: columns has one that mapping %s does not read: %s", spec.Pipeline, spec.Mapping, name), nearest.Hint(name, read), "from", "columns", name)
		}
	}
	return nil
}

// withMark is columns with the one that marks deleted rows, which a mapping need not read.
func withMark(columns []string, d *pipelines.SoftDelete) []string {
	if d == nil || slices.Contains(columns, d.Column) {
		return columns
	}
	return append(columns, d.Column)
}

// readBy is the source columns that a pipeline reads: those of its mapping, the one that
// marks deleted rows, what names rows that are marked as taken, and what rows say of their
// files.
func readBy(spec *pipelines.Spec, m *mappings.Mapping) []string {
	columns := withMark(m.Columns(), spec.From.Deleted)
	for _, c := range append(spec.From.Flag.Columns(), spec.Attachments.Columns()...) {
		if !slices.Contains(columns, c) {
			columns = append(columns[:len(columns):len(columns)], c)
		}
	}
	return columns
}

// Reads is the mapping of a pipeline as it is now, and the columns of the source that are read
// for it.
func (h *House) Reads(pipeline string) (*mappings.Mapping, []string, error) {
	specs, err := h.Pipelines([]string{pipeline})
	if err != nil {
		return nil, nil, err
	}
	m, err := h.Mapping(specs[0].Mapping, nil)
	if err != nil {
		return nil, nil, err
	}
	return m, readBy(&specs[0], m), nil
}

// unmapped is the key fields that the first subject of a mapping has no column for.
func unmapped(m *mappings.Mapping, key []string) []string {
	var out []string
	for _, name := range key {
		if _, err := m.KeyColumns(m.Subjects()[0], []string{name}); err != nil {
			out = append(out, name)
		}
	}
	return out
}
