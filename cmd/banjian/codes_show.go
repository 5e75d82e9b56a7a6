package main

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/schemas"
	"banjian/schemas/region"
)

func (a *app) codesShowCommand() *cobra.Command {
	var profile string
	c := &cobra.Command{
		Use:   "show SET [CODE]",
		Short: a.t("一个代码集或一个代码：名称、日期、替代代码，各接收方怎么写", "a code set or a code: titles, dates, successors, and how each receiver writes it"),
		Example: "  banjian codes show result\n  banjian codes show result --profile ea-jc\n" +
			"  banjian codes show country SCG\n  banjian codes show region 440103",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usageError{errors.New(a.t("写一个代码集，后面可再写一个代码", "name a code set, and a code of it if you like"))}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			cat, _, err := a.codeCatalog()
			if err != nil {
				return err
			}
			if profile != "" {
				t, err := a.tableOf(cat, profile, args[0])
				if err != nil {
					return err
				}
				return a.showTable(t)
			}
			set, ok := cat.CodeSet(args[0])
			if !ok {
				return a.noCodeSet(cat, args[0])
			}
			code := ""
			if len(args) == 2 {
				code = args[1]
			}
			if set.Form == "region12" && code != "" {
				return a.showDivision(code)
			}
			return a.showSet(cat, set, code)
		},
	}
	c.Flags().StringVar(&profile, "profile", "", a.t("只看这个接收方或系统的对照", "the table of this profile alone"))
	return c
}

// shownSet is a code set as --json prints it.
type shownSet struct {
	setLine
	Note   string      `json:"note,omitempty"`
	NoteEN string      `json:"note_en,omitempty"`
	Fields []string    `json:"fields,omitempty"`
	Values []shownCode `json:"values"`
}

// shownCode is one code with what each table says: of a canonical code what it is
// written as, of a peer's what it means.
type shownCode struct {
	codeHit
	Written map[string]string   `json:"written,omitempty"`
	Means   map[string][]string `json:"means,omitempty"`
}

func (a *app) showSet(cat *schemas.Catalog, set *schemas.CodeSet, only string) error {
	shown := shownSet{setLine: lineOf(set), Note: set.Note.ZH, NoteEN: set.Note.EN, Fields: set.Tags, Values: []shownCode{}}
	var tables []*schemas.CodeTable
	for _, t := range cat.CodeTables() {
		if t.Set.Name == set.Name || t.Peer.Name == set.Name {
			tables = append(tables, t)
		}
	}
	for _, v := range set.Codes {
		if only != "" && v.Code != only {
			continue
		}
		one := shownCode{codeHit: codeHit{set.Name, v.Code, v.Title.ZH, v.Title.EN, v.ValidFrom, v.ValidTo, v.Successors}}
		one.told(set, tables)
		shown.Values = append(shown.Values, one)
	}
	if only != "" && len(shown.Values) == 0 {
		return usageError{errors.New(text.F("代码集 %s 没有代码 %s", "code set %s has no code %s", set.Name, only).In(a.lang))}
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(shown)
	}
	a.printSet(set, shown)
	return nil
}

func (c *shownCode) told(set *schemas.CodeSet, tables []*schemas.CodeTable) {
	for _, t := range tables {
		if t.Set.Name == set.Name {
			if peer, fit := t.Out(c.Code); fit == schemas.Exact {
				if c.Written == nil {
					c.Written = map[string]string{}
				}
				c.Written[t.Path()] = peer
			}
		}
		if t.Peer.Name == set.Name && t.Set.Name != set.Name {
			if codes, fit := t.In(c.Code); fit == schemas.Exact || fit == schemas.Several {
				if c.Means == nil {
					c.Means = map[string][]string{}
				}
				c.Means[t.Path()] = codes
			}
		}
	}
}

func (a *app) printSet(set *schemas.CodeSet, shown shownSet) {
	head := []string{set.Name, set.Title.In(a.lang), a.t("版本 ", "version ") + set.Version}
	for _, s := range []string{set.Basis.In(a.lang), a.sureness(set.Confidence), strings.Join(set.Tags, " ")} {
		if s != "" {
			head = append(head, s)
		}
	}
	a.say(text.T(strings.Join(head, "  "), strings.Join(head, "  ")))
	if note := set.Note.In(a.lang); note != "" {
		a.say(text.T(note, note))
	}
	if !set.Listed() {
		form := shown.Form
		a.say(text.F("不列代码，按写法判断：%s", "no list: any code of the form %s", form))
		return
	}
	t := &table{out: a.out}
	t.heading(a.t("代码\t名称\t有效期\t替代\t各方写法", "code\ttitle\tvalid\treplaced by\telsewhere"))
	for i, v := range shown.Values {
		value := schemas.CodeValue{ValidFrom: v.ValidFrom, ValidTo: v.ValidTo, Successors: v.Successors}
		title := text.T(v.Title, v.TitleEN).In(a.lang)
		t.row(shown.Values[i].Code, title, a.days(value), a.replaced(value), a.elsewhere(v))
	}
	t.print()
}

// elsewhere is how others write a code, those who write it alike together.
func (a *app) elsewhere(c shownCode) string {
	by := map[string][]string{}
	var order []string
	add := func(what, path string) {
		if by[what] == nil {
			order = append(order, what)
		}
		by[what] = append(by[what], path)
	}
	for _, path := range slices.Sorted(maps.Keys(c.Written)) {
		add(c.Written[path], path)
	}
	for _, path := range slices.Sorted(maps.Keys(c.Means)) {
		add("= "+strings.Join(c.Means[path], a.t(" 或 ", " or ")), path)
	}
	slices.Sort(order)
	parts := make([]string, len(order))
	for i, what := range order {
		for k, path := range by[what] {
			by[what][k] = strings.TrimSuffix(path, "/"+c.Set)
		}
		parts[i] = what + a.t("（", " (") + strings.Join(by[what], a.t("、", ", ")) + a.t("）", ")")
	}
	return strings.Join(parts, " ")
}

// shownLink is one line of a code table as --json prints it.
type shownLink struct {
	Code string `json:"code,omitempty"`
	Peer string `json:"peer,omitempty"`
	Out  bool   `json:"out"`
	In   bool   `json:"in"`
}

func (a *app) showTable(t *schemas.CodeTable) error {
	if a.json {
		out := struct {
			tableLine
			Note   string      `json:"note,omitempty"`
			NoteEN string      `json:"note_en,omitempty"`
			Links  []shownLink `json:"links"`
		}{tableLine: tableLine{t.Path(), t.Title.ZH, t.Title.EN, t.Set.Name, t.Peer.Name, t.Basis.ZH, t.Confidence}, Note: t.Note.ZH, NoteEN: t.Note.EN}
		for _, l := range t.Links() {
			out.Links = append(out.Links, shownLink(l))
		}
		return json.NewEncoder(a.out).Encode(out)
	}
	a.say(text.F("%s  %s  %s ↔ %s", "%s  %s  %s ↔ %s", t.Path(), t.Title.In(a.lang), t.Set.Name, t.Peer.Name))
	if basis := t.Basis.In(a.lang); basis != "" || t.Confidence != "" {
		a.say(text.F("依据：%s（%s）", "basis: %s (%s)", basis, a.sureness(t.Confidence)))
	}
	if note := t.Note.In(a.lang); note != "" {
		a.say(text.T(note, note))
	}
	rows := &table{out: a.out}
	rows.heading(a.t("标准代码\t方向\t对方代码\t", "canonical\tdirection\tpeer\t"))
	for _, l := range t.Links() {
		rows.row(a.linkCells(t, l)...)
	}
	rows.print()
	return nil
}

func (a *app) linkCells(t *schemas.CodeTable, l schemas.CodeLink) []string {
	code, peer, way, said := a.titled(t.Set, l.Code), a.titled(t.Peer, l.Peer), "↔", ""
	switch {
	case !l.In:
		way = "→"
	case !l.Out:
		way = "←"
	}
	if l.Code == "" {
		code = a.t("（无）", "(none)")
	}
	if l.Peer == "" {
		peer = a.t("（无）", "(none)")
	} else if codes, fit := t.In(l.Peer); l.In && fit == schemas.Several {
		said = a.t("收进时不明：", "ambiguous when it comes in: ") + strings.Join(codes, ", ")
	}
	return []string{code, way, peer, said}
}

// showDivision is the history of an administrative division.
func (a *app) showDivision(code string) error {
	list := []region.Division(nil)
	if region.LevelOf(code) != region.None {
		list = region.History(code[:6])
	}
	if list == nil {
		return usageError{errors.New(text.F("%s 不是行政区划代码：应为 6、9 或 12 位，前六位曾在 GB/T 2260 里", "%s is no division: 6, 9 or 12 digits, the first six once listed in GB/T 2260", code).In(a.lang))}
	}
	var hits []codeHit
	for _, d := range list {
		hits = append(hits, divisionHit(d))
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(hits)
	}
	if err := a.list(a.listedHits(hits, text.Text{})); err != nil {
		return err
	}
	if now, ok := region.Now(code[:6]); ok && now != code[:6] {
		d, _ := region.Latest(now)
		a.say(text.F("现在是 %s %s", "now %s %s", now, d.Name))
	}
	return nil
}
