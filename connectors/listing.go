package connectors

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"banjian/connectors/file"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Listing (清单) is a table that people exported from another system: csv, tsv or xlsx.
type Listing struct {
	Path    string
	Charset string // of csv and tsv; empty: UTF-8
	Sheet   string // of xlsx; empty: the first
	Header  int    // row of the headings, from 1; 0: the first
}

// Name is the file as people know it.
func (l Listing) Name() string { return filepath.Base(l.Path) }

// Headings are the headings of its columns, in their order.
func (l Listing) Headings(ctx context.Context) ([]string, error) {
	o, err := l.options()
	if err != nil {
		return nil, err
	}
	has, err := file.Headings(ctx, o)
	if err == nil && len(has) == 0 {
		err = fault.New(fault.Config, "read listing", l.Path, text.T("读不出列名", "no column names can be read"), text.T("是空文件，或不是所说的格式；用 --sheet、--header、--charset 指明", "it is empty, or not what its name says; --sheet, --header and --charset tell how it is to be read"))
	}
	return has, err
}

// Open reads the columns with these headings, as text.
func (l Listing) Open(ctx context.Context, headings []string) (pipelines.Source, error) {
	o, err := l.options()
	if err != nil {
		return nil, err
	}
	o.Columns = headings
	return file.Open(ctx, o, "")
}

var globs = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

func (l Listing) options() (file.Options, error) {
	format := pipelines.FormatOf(l.Path)
	if format != "csv" && format != "tsv" && format != "xlsx" {
		return file.Options{}, fault.New(fault.Config, "read listing", l.Path, text.T("只读 .csv、.tsv 和 .xlsx 文件", "only .csv, .tsv and .xlsx files are read"), nearest.Hint(format, []string{"csv", "tsv", "xlsx"}))
	}
	if _, err := os.Stat(l.Path); err != nil {
		return file.Options{}, fault.Wrap(err, fault.Config, "read listing", l.Path, text.T("读不了这个文件", "cannot read the file"), text.T("检查路径和权限", "check its path and our rights"))
	}
	folder, err := file.OpenLocal(filepath.Dir(l.Path))
	if err != nil {
		return file.Options{}, err
	}
	o := file.Options{Name: filepath.Dir(l.Path), Folder: folder, Files: globs.Replace(filepath.Base(l.Path)), Format: format, Layout: pipelines.FileLayout{Charset: l.Charset, Sheet: l.Sheet}}
	if l.Header > 0 {
		o.Layout.Header = &l.Header
	}
	return o, nil
}
