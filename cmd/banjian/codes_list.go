package main

import (
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/schemas"
)

func (a *app) codesListCommand() *cobra.Command {
	var profiles bool
	c := &cobra.Command{
		Use:     "list [PREFIX]",
		Short:   a.t("列出代码集；--profiles 列出各接收方的代码对照", "list code sets; with --profiles the code tables of each receiver"),
		Example: "  banjian codes list\n  banjian codes list national/\n  banjian codes list --profiles",
		Args:    a.atMostOne(text.T("只写一个名称的开头", "at most one beginning of a name")),
		RunE: func(_ *cobra.Command, args []string) error {
			cat, _, err := a.codeCatalog()
			if err != nil {
				return err
			}
			prefix := ""
			if len(args) > 0 {
				prefix = args[0]
			}
			if profiles {
				return a.listTables(cat, prefix)
			}
			return a.listSets(cat, prefix)
		},
	}
	c.Flags().BoolVar(&profiles, "profiles", false, a.t("列出代码对照", "list code tables"))
	return c
}

// setLine is a code set as --json lists it, one a line.
type setLine struct {
	Set        string             `json:"set"`
	Title      string             `json:"title"`
	TitleEN    string             `json:"title_en"`
	Codes      int                `json:"codes"`
	Version    string             `json:"version"`
	Basis      string             `json:"basis,omitempty"`
	Confidence schemas.Confidence `json:"confidence,omitempty"`
	Form       string             `json:"form,omitempty"`
}

func lineOf(s *schemas.CodeSet) setLine {
	form := s.Form
	if s.Pattern != "" {
		form = s.Pattern
	}
	return setLine{s.Name, s.Title.ZH, s.Title.EN, len(s.Codes), s.Version, s.Basis.ZH, s.Confidence, form}
}

func (a *app) listSets(cat *schemas.Catalog, prefix string) error {
	t := &table{out: a.out}
	t.heading(a.t("代码集\t名称\t代码数\t版本\t依据", "set\ttitle\tcodes\tversion\tbasis"))
	enc := json.NewEncoder(a.out)
	for _, name := range cat.CodeSetNames() {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		set, _ := cat.CodeSet(name)
		if a.json {
			if err := enc.Encode(lineOf(set)); err != nil {
				return err
			}
			continue
		}
		n := count(int64(len(set.Codes)))
		if !set.Listed() {
			n = a.t("按写法", "by form")
		}
		basis := set.Basis.In(a.lang)
		if basis == "" {
			basis = a.sureness(set.Confidence)
		}
		t.row(set.Name, set.Title.In(a.lang), n, set.Version, basis)
	}
	if !a.json {
		t.print()
	}
	return nil
}

// tableLine is a code table as --json lists it, one a line.
type tableLine struct {
	Table      string             `json:"table"`
	Title      string             `json:"title"`
	TitleEN    string             `json:"title_en"`
	Set        string             `json:"set"`
	Peer       string             `json:"peer"`
	Basis      string             `json:"basis,omitempty"`
	Confidence schemas.Confidence `json:"confidence,omitempty"`
}

func (a *app) listTables(cat *schemas.Catalog, prefix string) error {
	t := &table{out: a.out}
	t.heading(a.t("对照\t名称\t代码集\t对方代码集\t可信程度\t依据", "table\ttitle\tset\tpeer set\tconfidence\tbasis"))
	enc := json.NewEncoder(a.out)
	for _, path := range cat.CodeTableNames() {
		if !strings.HasPrefix(path, prefix) {
			continue
		}
		at := strings.LastIndexByte(path, '/')
		x, _ := cat.CodeTable(path[:at], path[at+1:])
		if a.json {
			if err := enc.Encode(tableLine{x.Path(), x.Title.ZH, x.Title.EN, x.Set.Name, x.Peer.Name, x.Basis.ZH, x.Confidence}); err != nil {
				return err
			}
			continue
		}
		t.row(x.Path(), x.Title.In(a.lang), x.Set.Name, x.Peer.Name, a.sureness(x.Confidence), x.Basis.In(a.lang))
	}
	if !a.json {
		t.print()
	}
	return nil
}
