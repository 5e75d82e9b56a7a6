package rejects

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"banjian/cmd/internal/status"
	"banjian/cmd/internal/wiring"
	"banjian/internal/charset"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/schemas"
)

// Export lays rejects out as the department reads them.
type Export struct {
	*status.Site
	Lang       text.Lang
	Who        string // gives the order
	WithSource bool   // source values in clear
}

// Sheets are rejects by pipeline, in order of first reject.
type Sheets struct {
	Gone int // rejects whose source row is no longer kept

	list      []*sheet
	watermark string // where the table comes from
	lang      text.Lang
}

// Len is how many pipelines they are of.
func (s *Sheets) Len() int { return len(s.list) }

// sheet is the rejects of one pipeline.
type sheet struct {
	pipeline string
	item     string   // the source column with the item's code, if there is one
	columns  []string // of the source, in order of first sight
	rows     []sheetRow
}

type sheetRow struct {
	localNo string
	fixed   []string // as headings
	source  map[string]string
}

// headings are the columns that every sheet begins with.
func headings() []text.Text {
	return []text.Text{text.T("编号", "id"), text.T("标识", "key"), text.T("事项", "item"), text.T("字段", "field"), text.T("接收方", "receiver"),
		text.T("原因", "reason"), text.T("怎么改", "how to mend"), text.T("发现时间", "found at"), text.T("挡住的记录", "holds back")}
}

// Where key and item stand in a row's fixed cells.
const (
	keyCell  = 1
	itemCell = 2
)

// keyText is the key of what was refused, as a table has it.
func keyText(r *ledger.Reject) string { return strings.Join(ledger.DecodeKey(r.Key), " / ") }

// Sheets lays out a list of rejects.
func (e *Export) Sheets(ctx context.Context, list []ledger.Reject) (*Sheets, error) {
	k := &kept{store: e.Store}
	defer k.release()
	from := NewColumns(e.House)
	all := &Sheets{lang: e.Lang, watermark: e.watermark(len(list))}
	blocks, err := e.Blocks(ctx, list)
	if err != nil {
		return nil, err
	}
	for i := range list {
		r := &list[i]
		at := slices.IndexFunc(all.list, func(s *sheet) bool { return s.pipeline == r.Pipeline })
		if at < 0 {
			at, all.list = len(all.list), append(all.list, &sheet{pipeline: r.Pipeline, item: itemColumn(e.House, r.Pipeline)})
		}
		columns, row, err := k.row(ctx, r)
		if err != nil {
			return nil, err
		}
		if columns == nil && r.Kept != 0 {
			all.Gone++
		}
		if row, _, err = k.asCorrected(ctx, e.Store, r, row); err != nil {
			return nil, err
		}
		all.list[at].add(e, r, from.Of(r), blocks[i], columns, row)
	}
	for _, s := range all.list {
		if err := e.addItems(ctx, s); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *sheet) add(e *Export, r *ledger.Reject, from Origin, blocks int64, columns []string, row []Column) {
	for _, c := range columns {
		if !slices.Contains(s.columns, c) {
			s.columns = append(s.columns, c)
		}
	}
	held := ""
	if blocks > 0 {
		held = strconv.FormatInt(blocks, 10)
	}
	key := ledger.DecodeKey(r.Key)
	one := sheetRow{source: make(map[string]string, len(row)), fixed: []string{strconv.FormatInt(r.ID, 10), keyText(r), "", Fields(e.House, r, e.Lang) + from.say().In(e.Lang), r.Receiver,
		e.House.RuleText(r.Pipeline, r.Rule, r.Args).In(e.Lang), schemas.Advice(r.Rule, r.Args).In(e.Lang), r.At.In(e.House.Zone()).Format(time.DateTime), held}}
	if len(key) > 0 {
		one.localNo = key[0]
	}
	for _, c := range row {
		if c.Name == s.item {
			one.fixed[itemCell] = charset.Readable(c.Value) // not personal
		}
		one.source[c.Name] = c.Masked()
		if e.WithSource {
			one.source[c.Name] = c.Value
		}
	}
	s.rows = append(s.rows, one)
}

// Fields is what was refused as people call it; empty where it was the row.
func Fields(h *wiring.House, r *ledger.Reject, lang text.Lang) string {
	if r.Field == "" {
		return ""
	}
	var titles []string
	for _, f := range append([]string{r.Field}, r.Also...) {
		title := h.FieldTitle(r.Receiver, r.Subject, f, lang)
		for i, c := range h.CanonicalFields(r.Receiver, r.Subject, f) { // a receiver's field by its name alone helps no department
			title += [...]string{" ← ", " + "}[min(i, 1)] + h.FieldTitle("", r.Subject, c, lang)
		}
		titles = append(titles, title)
	}
	return strings.Join(titles, text.T("、", ", ").In(lang))
}

// addItems fills in the item as the case's accept record says it; a row that was refused
// before there was one keeps what it says itself.
func (e *Export) addItems(ctx context.Context, s *sheet) error {
	source, known := e.House.SourceOf(s.pipeline)
	if !known {
		return nil
	}
	locals := make([]string, len(s.rows))
	for i := range s.rows {
		locals[i] = s.rows[i].localNo
	}
	cases, err := e.Store.Cases(ctx, source, locals)
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
func itemColumn(h *wiring.House, pipeline string) string {
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
func (e *Export) watermark(n int) string {
	at := e.Now.In(e.House.Zone()).Format("2006-01-02 15:04:05 -07:00")
	if e.WithSource {
		return text.F("%s 于 %s 导出，共 %d 条。来源值为原文，含个人信息：仅供数据所属部门更正，不得转发，用后删除", "exported by %s at %s, rejects: %d. Source values in clear, personal data: for the department they belong to alone, do not pass on, delete after use", e.Who, at, n).In(e.Lang)
	}
	return text.F("%s 于 %s 导出，共 %d 条。来源值已脱敏", "exported by %s at %s, rejects: %d. Source values are masked", e.Who, at, n).In(e.Lang)
}
