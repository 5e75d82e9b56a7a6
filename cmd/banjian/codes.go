package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/nearest"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/schemas"
)

func (a *app) codesCommand() *cobra.Command {
	c := &cobra.Command{Use: "codes", Short: a.t("代码集，以及各接收方怎么写它们", "code sets, and how each receiver writes them")}
	c.AddCommand(a.codesListCommand(), a.codesShowCommand(), a.codesSearchCommand(), a.codesExportCommand(), a.codesImportCommand())
	return c
}

// codeCatalog is what the site knows of codes, without a site what ships. The site is
// nil without one.
func (a *app) codeCatalog() (*schemas.Catalog, *site.Site, error) {
	s, err := a.site()
	if err != nil {
		if a.siteDir != "" {
			return nil, nil, err
		}
		if _, found := site.Find("."); found == nil {
			return nil, nil, err // there is one, and it is wrong
		}
		cat, err := schemas.Load()
		return cat, nil, err
	}
	cat, err := schemas.Load(schemaFolders(s)...)
	return cat, s, err
}

func schemaFolders(s *site.Site) []fs.FS {
	if f := s.Folder("schemas"); f != nil {
		return []fs.FS{f}
	}
	return nil
}

// noCodeSet is a name that is no code set.
func (a *app) noCodeSet(cat *schemas.Catalog, name string) error {
	if near := nearest.Words(name, cat.CodeSetNames(), 3); len(near) > 0 {
		return usageError{fmt.Errorf(a.t("没有代码集 %s；是不是 %s？", "there is no code set %s; did you mean %s?"), name, strings.Join(near, ", "))}
	}
	return usageError{fmt.Errorf(a.t("没有代码集 %s；banjian codes list 列出全部", "there is no code set %s; banjian codes list lists them"), name)}
}

// tableOf is a profile's table, by its name or, where that is clear, by the canonical
// set's.
func (a *app) tableOf(cat *schemas.Catalog, profile, name string) (*schemas.CodeTable, error) {
	if t, ok := cat.CodeTable(profile, name); ok {
		return t, nil
	}
	var tables []string
	for _, path := range cat.CodeTableNames() {
		if table, ok := strings.CutPrefix(path, profile+"/"); ok {
			tables = append(tables, table)
		}
	}
	if tables == nil {
		return nil, usageError{fmt.Errorf(a.t("没有代码对照 %s；有 %s", "there is no profile %s; there are %s"), profile, strings.Join(cat.Profiles(), ", "))}
	}
	return nil, usageError{fmt.Errorf(a.t("%s 没有 %s 的对照；有 %s", "%s has no table %s; it has %s"), profile, name, strings.Join(tables, ", "))}
}

// titled is a code with what it means.
func (a *app) titled(set *schemas.CodeSet, code string) string {
	if v, ok := set.Value(code); ok {
		return code + " " + v.Title.In(a.lang)
	}
	return code
}

// days is the days a code is good for, empty when it always is.
func (a *app) days(v schemas.CodeValue) string {
	switch {
	case v.ValidFrom != "" && v.ValidTo != "":
		return v.ValidFrom + " – " + v.ValidTo
	case v.ValidFrom != "":
		return a.t("自 ", "from ") + v.ValidFrom
	case v.ValidTo != "":
		return a.t("至 ", "until ") + v.ValidTo
	}
	return ""
}

// replaced is what a code was replaced by.
func (a *app) replaced(v schemas.CodeValue) string {
	if len(v.Successors) == 0 {
		return ""
	}
	return "→ " + strings.Join(v.Successors, ", ")
}

// sureness is a confidence in words.
func (a *app) sureness(c schemas.Confidence) string {
	words := map[schemas.Confidence]text.Text{
		schemas.Standard: text.T("标准所载", "standard"), schemas.High: text.T("高", "high"), schemas.Client: text.T("见于客户端", "seen in a client"),
		schemas.Medium: text.T("中", "medium"), schemas.Analog: text.T("按同类系统", "by analogy"), schemas.Low: text.T("低", "low"),
		schemas.Assumed: text.T("自定", "assumed"), schemas.NotSettled: text.T("未公布", "not published"),
	}
	return words[c].In(a.lang)
}

// atMostOne allows no argument or one.
func (a *app) atMostOne(what text.Text) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usageError{errors.New(what.In(a.lang))}
		}
		return nil
	}
}
