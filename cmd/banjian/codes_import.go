package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/codesheet"
	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/schemas"
)

func (a *app) codesImportCommand() *cobra.Command {
	var dry, replace bool
	c := &cobra.Command{
		Use:     "import FILE",
		Short:   a.t("把改好的表格收回为站点的代码集或代码对照（xlsx 或 csv）", "take an edited table back as a code set or code table of the site (xlsx or csv)"),
		Example: "  banjian codes import 代码集.xlsx --dry-run\n  banjian codes import ea-jc.xlsx --replace",
		Args:    a.exactly(1, text.T("写一个 .xlsx 或 .csv 文件", "name an .xlsx or .csv file")),
		RunE: func(_ *cobra.Command, args []string) error {
			cat, s, err := a.codeCatalog()
			if err != nil {
				return err
			}
			if s == nil {
				_, err := a.site() // says how to get one
				return err
			}
			drafts, err := a.draftsOf(cat, args[0])
			if err != nil {
				return err
			}
			return a.takeCodes(s, drafts, dry, replace)
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, a.t("只说会怎样，不写文件", "say what would be done, write nothing"))
	c.Flags().BoolVar(&replace, "replace", false, a.t("替换站点里已有的文件", "replace files the site has already"))
	return c
}

// draftsOf reads a file; every mistake in it is told by row.
func (a *app) draftsOf(cat *schemas.Catalog, file string) ([]*codesheet.Draft, error) {
	data, err := readAtMost(file, codesheet.MaxBytes+1)
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "import codes", file, text.T("读不了这个文件", "cannot read the file"), text.Text{})
	}
	sheets, err := codesheet.Read(file, data, text.Text{})
	if err != nil {
		return nil, err
	}
	if len(sheets) == 0 {
		return nil, fault.New(fault.Config, "import codes", file, text.T("文件是空的", "the file is empty"), text.Text{})
	}
	var drafts []*codesheet.Draft
	var found fault.List
	for _, s := range sheets {
		d, wrong := s.Draft(cat)
		for _, m := range wrong {
			found.Add(fault.New(fault.Config, "import codes", placeOf(file, len(sheets) > 1, m), mistakeText(m), m.Hint))
		}
		drafts = append(drafts, d)
	}
	return drafts, found.Err()
}

// placeOf is file:row, with the sheet where there are several.
func placeOf(file string, several bool, m codesheet.Mistake) string {
	at := filepath.Base(file)
	if several {
		at += " [" + m.Sheet + "]"
	}
	if m.Row > 0 {
		at += fmt.Sprintf(":%d", m.Row)
	}
	return at
}

func mistakeText(m codesheet.Mistake) text.Text {
	if m.Column.IsZero() {
		return m.What
	}
	return text.T(m.Column.ZH+"："+m.What.ZH, m.Column.EN+": "+m.What.EN)
}

func readAtMost(file string, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// imported is one file as --json prints it, one a line.
type imported struct {
	File    string   `json:"file"`
	Name    string   `json:"name"`
	Added   []string `json:"added"`
	Removed []string `json:"removed"`
	Changed []string `json:"changed"`
	Written bool     `json:"written"`
}

// takeCodes checks drafts with the rest of the site and writes them.
func (a *app) takeCodes(s *site.Site, drafts []*codesheet.Draft, dry, replace bool) error {
	if err := fitTheSite(s, drafts); err != nil {
		return err
	}
	for _, d := range drafts {
		path := filepath.Join(s.Dir, "schemas", filepath.FromSlash(d.Path))
		if _, err := os.Stat(path); err == nil && !replace && !dry {
			return usageError{errors.New(text.F("站点已有 %s；确实要替换用 --replace", "the site has %s already; to replace it use --replace", "schemas/"+d.Path).In(a.lang))}
		}
	}
	for _, d := range drafts {
		if !dry {
			path := filepath.Join(s.Dir, "schemas", filepath.FromSlash(d.Path))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			if err := writeWhole(path, func(temp string) error { return os.WriteFile(temp, d.YAML, 0o600) }); err != nil {
				return err
			}
		}
		if err := a.sayImported(d, !dry); err != nil {
			return err
		}
	}
	return nil
}

// fitTheSite loads the site's schemas with the drafts laid over them.
func fitTheSite(s *site.Site, drafts []*codesheet.Draft) error {
	temp, err := os.MkdirTemp("", "banjian-codes-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	for _, d := range drafts {
		path := filepath.Join(temp, filepath.FromSlash(d.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, d.YAML, 0o600); err != nil {
			return err
		}
	}
	_, err = schemas.Load(append(schemaFolders(s), os.DirFS(temp))...)
	return err
}

func (a *app) sayImported(d *codesheet.Draft, written bool) error {
	if a.json {
		list := func(l []string) []string { return append([]string{}, l...) }
		return json.NewEncoder(a.out).Encode(imported{"schemas/" + d.Path, d.Name, list(d.Added), list(d.Removed), list(d.Changed), written})
	}
	said := text.F("schemas/%s 已写", "schemas/%s written", d.Path)
	if !written {
		said = text.F("schemas/%s 没有错误，没有写", "schemas/%s is right, nothing was written", d.Path)
	}
	a.say(said)
	for _, l := range []struct {
		is   text.Text
		list []string
	}{{text.T("新增", "added"), d.Added}, {text.T("删去", "removed"), d.Removed}, {text.T("改动", "changed"), d.Changed}} {
		if len(l.list) > 0 {
			a.say(text.T("  "+l.is.ZH+"："+strings.Join(l.list, "、"), "  "+l.is.EN+": "+strings.Join(l.list, ", ")))
		}
	}
	return nil
}
