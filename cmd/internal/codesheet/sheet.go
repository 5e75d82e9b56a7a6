package codesheet

import (
	"slices"
	"strings"

	"banjian/internal/text"
	"banjian/schemas"
)

// Sheet is a code set or a code table as a spreadsheet shows it.
type Sheet struct {
	Name  string // of the sheet in a workbook
	Lines []Line
}

// Line is one line with the row it stands in, from 1.
type Line struct {
	Row   int
	Cells []string
}

// label is a fact or a heading: how it is written in both languages, and its key.
type label struct {
	key string
	is  text.Text
}

var (
	setFact   = label{"set", text.T("代码集", "code set")}
	tableFact = label{"table", text.T("代码对照", "code table")}

	facts = []label{setFact, tableFact,
		{"peer", text.T("对方代码集", "peer code set")}, {"title", text.T("名称", "title (Chinese)")}, {"title_en", text.T("英文名称", "title (English)")},
		{"version", text.T("版本", "version")}, {"basis", text.T("依据", "basis (Chinese)")}, {"basis_en", text.T("英文依据", "basis (English)")}, {"confidence", text.T("可信程度", "confidence")},
		{"fields", text.T("用于字段", "used in")}, {"note", text.T("说明", "note (Chinese)")}, {"note_en", text.T("英文说明", "note (English)")}}

	setHeadings = []label{{"code", text.T("代码", "code")}, {"zh", text.T("中文", "Chinese")}, {"en", text.T("英文", "English")},
		{"valid_from", text.T("起用日期", "first day")}, {"valid_to", text.T("最后一日", "last day")}, {"successors", text.T("替代代码", "replaced by")},
		{"note", text.T("备注", "remark")}, {"note_en", text.T("英文备注", "remark (English)")}}

	tableHeadings = []label{{"canonical", text.T("标准代码", "canonical code")}, {"canonical_title", text.T("标准名称", "its meaning")},
		{"direction", text.T("方向", "direction")}, {"peer", text.T("对方代码", "peer code")}, {"peer_title", text.T("对方名称", "peer meaning")}}

	both    = label{"both", text.T("双向", "both ways")}
	outOnly = label{"out", text.T("只报出", "out only")}
	inOnly  = label{"in", text.T("只收进", "in only")}
	noWord  = label{"none", text.T("（无）", "(none)")}
)

// means says that a cell is this label, in either language or by its key.
func (l label) means(cell string) bool {
	cell = strings.TrimSpace(cell)
	return strings.EqualFold(cell, l.is.ZH) || strings.EqualFold(cell, l.is.EN) || strings.EqualFold(cell, l.key)
}

func find(list []label, cell string) (label, bool) {
	i := slices.IndexFunc(list, func(l label) bool { return l.means(cell) })
	if i < 0 {
		return label{}, false
	}
	return list[i], true
}

// Of lays a listed code set out, with headings in lang.
func Of(set *schemas.CodeSet, lang text.Lang) *Sheet {
	s := &Sheet{Name: set.Name}
	s.fact(lang, "set", set.Name)
	s.fact(lang, "title", set.Title.ZH)
	s.fact(lang, "title_en", set.Title.EN)
	s.fact(lang, "version", set.Version)
	s.fact(lang, "basis", set.Basis.ZH)
	s.fact(lang, "basis_en", set.Basis.EN)
	s.fact(lang, "confidence", string(set.Confidence))
	s.fact(lang, "fields", strings.Join(set.Tags, " "))
	s.fact(lang, "note", set.Note.ZH)
	s.fact(lang, "note_en", set.Note.EN)
	s.add()
	s.add(append(headingsIn(setHeadings, lang), set.Extra...)...)
	for _, v := range set.Codes {
		s.add(append([]string{v.Code, v.Title.ZH, v.Title.EN, v.ValidFrom, v.ValidTo, strings.Join(v.Successors, " "), v.Note.ZH, v.Note.EN}, v.Extra...)...)
	}
	return s
}

// OfTable lays a code table out, with headings and titles in lang.
func OfTable(t *schemas.CodeTable, lang text.Lang) *Sheet {
	s := &Sheet{Name: t.Path()}
	s.fact(lang, "table", t.Path())
	s.fact(lang, "set", t.Set.Name)
	s.fact(lang, "peer", t.Peer.Name)
	s.fact(lang, "title", t.Title.ZH)
	s.fact(lang, "title_en", t.Title.EN)
	s.fact(lang, "basis", t.Basis.ZH)
	s.fact(lang, "basis_en", t.Basis.EN)
	s.fact(lang, "confidence", string(t.Confidence))
	s.fact(lang, "note", t.Note.ZH)
	s.fact(lang, "note_en", t.Note.EN)
	s.add()
	s.add(headingsIn(tableHeadings, lang)...)
	for _, l := range t.Links() {
		way := both
		switch {
		case !l.In:
			way = outOnly
		case !l.Out:
			way = inOnly
		}
		code, peer := l.Code, l.Peer
		if code == "" {
			code = noWord.is.In(lang)
		}
		if peer == "" {
			peer = noWord.is.In(lang)
		}
		s.add(code, meaning(t.Set, l.Code, lang), way.is.In(lang), peer, meaning(t.Peer, l.Peer, lang))
	}
	return s
}

func meaning(set *schemas.CodeSet, code string, lang text.Lang) string {
	v, _ := set.Value(code)
	return v.Title.In(lang)
}

func headingsIn(list []label, lang text.Lang) []string {
	out := make([]string, len(list))
	for i, l := range list {
		out[i] = l.is.In(lang)
	}
	return out
}

// fact adds a line of the head; an empty one is left out.
func (s *Sheet) fact(lang text.Lang, key, value string) {
	if value != "" {
		l, _ := find(facts, key)
		s.add(l.is.In(lang), value)
	}
}

func (s *Sheet) add(cells ...string) {
	s.Lines = append(s.Lines, Line{Row: len(s.Lines) + 1, Cells: cells})
}
