package main

import (
	"cmp"
	"slices"
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
	names := startingWith(cat.CodeSetNames(), prefix)
	set := func(i int) *schemas.CodeSet {
		set, _ := cat.CodeSet(names[i])
		return set
	}
	return a.list(&listing{
		n:       len(names),
		heading: a.t("代码集\t名称\t代码数\t版本\t依据", "set\ttitle\tcodes\tversion\tbasis"),
		line:    func(i int) any { return lineOf(set(i)) },
		row: func(i int) []string {
			s := set(i)
			n := count(int64(len(s.Codes)))
			if !s.Listed() {
				n = a.t("按写法", "by form")
			}
			return []string{s.Name, s.Title.In(a.lang), n, s.Version, cmp.Or(s.Basis.In(a.lang), a.sureness(s.Confidence))}
		},
	})
}

func startingWith(names []string, prefix string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !strings.HasPrefix(name, prefix) })
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
	paths := startingWith(cat.CodeTableNames(), prefix)
	of := func(i int) *schemas.CodeTable {
		at := strings.LastIndexByte(paths[i], '/')
		x, _ := cat.CodeTable(paths[i][:at], paths[i][at+1:])
		return x
	}
	return a.list(&listing{
		n:       len(paths),
		heading: a.t("对照\t名称\t代码集\t对方代码集\t可信程度\t依据", "table\ttitle\tset\tpeer set\tconfidence\tbasis"),
		line: func(i int) any {
			x := of(i)
			return tableLine{x.Path(), x.Title.ZH, x.Title.EN, x.Set.Name, x.Peer.Name, x.Basis.ZH, x.Confidence}
		},
		row: func(i int) []string {
			x := of(i)
			return []string{x.Path(), x.Title.In(a.lang), x.Set.Name, x.Peer.Name, a.sureness(x.Confidence), x.Basis.In(a.lang)}
		},
	})
}
