package main

import (
	"context"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
	"banjian/schemas"
)

// export lays rejects out as the department reads them.
type export struct {
	app        *app
	house      *house
	store      ledger.Store
	lang       text.Lang
	withSource bool // source values in clear
	now        time.Time
	gone       int // rejects whose source row is no longer kept
}

// sheet is the rejects of one pipeline.
type sheet struct {
	pipeline string
	item     string   // the source column with the item's code, if there is one
	columns  []string // of the source, in order of first sight
	rows     []sheetRow
}

type sheetRow struct {
	localNo string
	fixed   []string // as fixedHeadings
	source  map[string]string
}

// fixedHeadings are the columns that every sheet begins with.
var fixedHeadings = []text.Text{text.T("编号", "id"), text.T("标识", "key"), text.T("事项", "item"), text.T("字段", "field"), text.T("接收方", "receiver"),
	text.T("原因", "reason"), text.T("怎么改", "how to mend"), text.T("发现时间", "found at"), text.T("挡住的记录", "holds back")}

// sheets makes one sheet a pipeline, in order of first reject.
func (e *export) sheets(ctx context.Context, list []ledger.Reject) ([]*sheet, error) {
	kept := &keptBatches{store: e.store}
	defer kept.release()
	var sheets []*sheet
	blocks, err := e.house.blocked(ctx, e.store, list)
	if err != nil {
		return nil, err
	}
	for i := range list {
		r := &list[i]
		at := slices.IndexFunc(sheets, func(s *sheet) bool { return s.pipeline == r.Pipeline })
		if at < 0 {
			at, sheets = len(sheets), append(sheets, &sheet{pipeline: r.Pipeline, item: e.house.itemColumn(r.Pipeline)})
		}
		columns, row, err := kept.row(ctx, r)
		if err != nil {
			return nil, err
		}
		if columns == nil && r.Kept != 0 {
			e.gone++
		}
		sheets[at].add(e, r, blocks[i], columns, row)
	}
	for _, s := range sheets {
		if err := e.addItems(ctx, s); err != nil {
			return nil, err
		}
	}
	return sheets, nil
}

func (s *sheet) add(e *export, r *ledger.Reject, blocks int64, columns []string, row []keptColumn) {
	for _, c := range columns {
		if !slices.Contains(s.columns, c) {
			s.columns = append(s.columns, c)
		}
	}
	field := r.Field
	if field != "" {
		field = refusedFields(e.house, r.Receiver, r.Subject, field, r.Also, e.lang)
	}
	key := ledger.DecodeKey(r.Key)
	one := sheetRow{source: make(map[string]string, len(row)), fixed: []string{count(r.ID), joined(key), "", field, r.Receiver,
		e.house.RuleText(r.Pipeline, r.Rule, r.Args).In(e.lang), schemas.Advice(r.Rule, r.Args).In(e.lang), r.At.In(e.house.Zone()).Format(time.DateTime), blocksCell(blocks)}}
	if len(key) > 0 {
		one.localNo = key[0]
	}
	for _, c := range row {
		if c.name == s.item {
			one.fixed[itemCell] = c.value // not personal
		}
		one.source[c.name] = c.masked()
		if e.withSource {
			one.source[c.name] = c.value
		}
	}
	s.rows = append(s.rows, one)
}

// itemCell is where the item stands in a row's fixed cells.
const itemCell = 2

// addItems fills in the item as the case's accept record says it; a row that was refused
// before there was one keeps what it says itself.
func (e *export) addItems(ctx context.Context, s *sheet) error {
	source, known := e.house.SourceOf(s.pipeline)
	if !known {
		return nil
	}
	locals := make([]string, len(s.rows))
	for i := range s.rows {
		locals[i] = s.rows[i].localNo
	}
	cases, err := e.store.Cases(ctx, source, locals)
	if err != nil {
		return err
	}
	for i := range cases {
		if r := &s.rows[i]; cases[i].ItemCode != "" {
			r.fixed[itemCell] = cases[i].ItemCode
		}
	}
	return nil
}

// itemColumn is the source column that a pipeline's item code comes from, if it is one.
func (h *house) itemColumn(pipeline string) string {
	for _, spec := range h.Specs() {
		if spec.Pipeline != pipeline {
			continue
		}
		m, err := h.Mapping(spec.Mapping, nil)
		if err != nil {
			return ""
		}
		columns, err := m.KeyColumns(m.Subjects()[0], []string{"item_code"})
		if err == nil && len(columns) == 1 {
			return columns[0]
		}
	}
	return ""
}

// watermark is the line that says where the table comes from.
func (e *export) watermark(n int) string {
	who, at := whoami(), e.now.In(e.house.Zone()).Format("2006-01-02 15:04:05 -07:00")
	if e.withSource {
		return text.F("%s 于 %s 导出，共 %d 条。来源值为原文，含个人信息：仅供数据所属部门更正，不得转发，用后删除", "exported by %s at %s, rejects: %d. Source values in clear, personal data: for the department they belong to alone, do not pass on, delete after use", who, at, n).In(e.lang)
	}
	return text.F("%s 于 %s 导出，共 %d 条。来源值已脱敏", "exported by %s at %s, rejects: %d. Source values are masked", who, at, n).In(e.lang)
}

// keptBatches reads source rows; neighbours come from the same batch, which is decoded
// once.
type keptBatches struct {
	store ledger.Reports
	id    int64
	rec   arrow.Record
}

// row is the columns of the batch and the row's values that are not NULL; no columns
// when the batch is no longer kept.
func (k *keptBatches) row(ctx context.Context, r *ledger.Reject) ([]string, []keptColumn, error) {
	if k.id != r.Kept {
		k.release()
		payload, err := k.store.Kept(ctx, r.Kept)
		if err != nil {
			return nil, nil, err
		}
		if k.id = r.Kept; payload != nil {
			if k.rec, err = ledger.Decode(payload, memory.DefaultAllocator); err != nil {
				return nil, nil, err
			}
		}
	}
	if k.rec == nil {
		return nil, nil, nil
	}
	var names []string
	for _, f := range k.rec.Schema().Fields() {
		if f.Name != pipelines.UnreadColumn {
			names = append(names, f.Name)
		}
	}
	return names, columnsAt(k.rec, int(r.KeptRow)), nil
}

func (k *keptBatches) release() {
	if k.rec != nil {
		k.rec.Release()
	}
	k.rec, k.id = nil, 0
}
