package main

import (
	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/schemas"
	"banjian/schemas/region"
)

func (a *app) codesSearchCommand() *cobra.Command {
	limit := 40
	c := &cobra.Command{
		Use:     "search WORD",
		Short:   a.t("按代码或名称在全部代码集和行政区划里查找", "find a code or a title in every set and among the divisions"),
		Example: "  banjian codes search 护照\n  banjian codes search 越秀区\n  banjian codes search 111 --json",
		Args:    a.exactly(1, text.T("写一个代码或名称", "name one code or title")),
		RunE: func(_ *cobra.Command, args []string) error {
			cat, _, err := a.codeCatalog()
			if err != nil {
				return err
			}
			hits := found(cat, args[0], max(limit, 1))
			return a.list(a.listedHits(hits, text.F("没有代码或名称含 %s", "no code or title holds %s", args[0])))
		},
	}
	c.Flags().IntVar(&limit, "limit", limit, a.t("最多列多少条", "how many to list"))
	return c
}

// codeHit is a code that was found, as --json prints it.
type codeHit struct {
	Set        string   `json:"set"`
	Code       string   `json:"code"`
	Title      string   `json:"title"`
	TitleEN    string   `json:"title_en,omitempty"`
	ValidFrom  string   `json:"valid_from,omitempty"`
	ValidTo    string   `json:"valid_to,omitempty"`
	Successors []string `json:"successors,omitempty"`
}

func found(cat *schemas.Catalog, word string, limit int) []codeHit {
	var hits []codeHit
	for _, d := range divisionsOf(word, limit) {
		hits = append(hits, divisionHit(d))
	}
	for _, h := range cat.SearchCodes(word) {
		v := h.Value
		hits = append(hits, codeHit{h.Set.Name, v.Code, v.Title.ZH, v.Title.EN, v.ValidFrom, v.ValidTo, v.Successors})
	}
	return hits[:min(limit, len(hits))]
}

// divisionsOf is the divisions a word means: the history of a code, or those of a name.
func divisionsOf(word string, limit int) []region.Division {
	if region.LevelOf(word) != region.None {
		return region.History(word[:6])
	}
	return region.Named(word, limit)
}

func divisionHit(d region.Division) codeHit {
	h := codeHit{Set: "region", Code: d.Code, Title: d.Name}
	if m, ok := d.Since(); ok {
		h.ValidFrom = m.String()
	}
	if m, ok := d.Until(); ok {
		h.ValidTo = m.String()
	}
	if d.Successor != "" {
		h.Successors = []string{d.Successor}
	}
	return h
}

func (a *app) listedHits(hits []codeHit, none text.Text) *listing {
	return &listing{
		n:       len(hits),
		none:    none,
		heading: a.t("代码集\t代码\t名称\t有效期\t替代", "set\tcode\ttitle\tvalid\treplaced by"),
		line:    func(i int) any { return hits[i] },
		row: func(i int) []string {
			h := &hits[i]
			v := schemas.CodeValue{ValidFrom: h.ValidFrom, ValidTo: h.ValidTo, Successors: h.Successors}
			title := h.Title
			if h.TitleEN != "" {
				title = text.T(h.Title, h.TitleEN).In(a.lang)
			}
			return []string{h.Set, h.Code, title, a.days(v), a.replaced(v)}
		},
	}
}
