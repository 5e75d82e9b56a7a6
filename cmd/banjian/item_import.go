package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/spf13/cobra"

	"banjian/connectors/sqlview"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas/itemlist"
)

// itemImport is the flags of item import.
type itemImport struct{ connection, view string }

func (a *app) itemImportCommand() *cobra.Command {
	var o itemImport
	c := &cobra.Command{
		Use:   "import NAME [FILE]",
		Short: a.t("把事项目录并入 schemas/items/NAME.tsv：来自文件，或部门库的视图或表；已有的版本都保留", "merge a catalogue of items into schemas/items/NAME.tsv, from a file or from a view or table; every version seen is kept"),
		Example: "  banjian item import province items.csv\n" +
			"  banjian item import province --connection sxk --view up_task_general_basic",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) > 2 {
				return usageError{errors.New(a.t("写出目录的名称，再写一个文件", "give the name of the list, then a file"))}
			}
			if (len(args) == 2) == (o.connection != "" || o.view != "") || (o.connection == "") != (o.view == "") {
				return usageError{errors.New(a.t("写一个文件，或同时写 --connection 和 --view", "name a file, or --connection together with --view"))}
			}
			return a.withHouse(func(h *house) error {
				if len(args) == 2 {
					o.view = ""
					return a.importItems(h, args[0], func() (*itemlist.List, error) { return itemsOfFile(args[0], args[1]) })
				}
				return a.importItems(h, args[0], func() (*itemlist.List, error) { return itemsOfView(cmd.Context(), h, args[0], o) })
			})
		},
	}
	c.Flags().StringVar(&o.connection, "connection", "", a.t("banjian.yaml 里的连接", "a connection of banjian.yaml"))
	c.Flags().StringVar(&o.view, "view", "", a.t("这个视图或表，如 up_task_general_basic", "this view or table, such as up_task_general_basic"))
	return c
}

// itemsImported is what --json says of an import.
type itemsImported struct {
	List    string `json:"list"`
	File    string `json:"file"`
	Read    int    `json:"read"`
	New     int    `json:"new"`
	Changed int    `json:"changed"`
	Total   int    `json:"total"`
}

// importItems lays what read gives over the site's list and writes that anew, whole or
// not at all.
func (a *app) importItems(h *house, name string, read func() (*itemlist.List, error)) error {
	if !filepath.IsLocal(name) {
		return usageError{errors.New(a.t("NAME 是 schemas/items/ 下的名称，如 province", "NAME is a name under schemas/items/, such as province"))}
	}
	newer, err := read()
	if err != nil {
		return err
	}
	old, known, err := h.Schemas().ItemList(name)
	if err != nil {
		return err
	}
	out := itemsImported{List: name, File: filepath.Join(h.Site().Dir, "schemas", "items", filepath.FromSlash(name)+".tsv"), Read: newer.Len(), New: newer.Len(), Total: newer.Len()}
	list := newer
	if known {
		if _, err := os.Stat(out.File); err != nil {
			return fault.New(fault.Config, "import items", "schemas/items/"+name+".csv", text.T("目录是 CSV 文件，不能并入", "the list is a CSV file and cannot be merged into"),
				text.F("先改存为 schemas/items/%s.tsv", "keep it as schemas/items/%s.tsv first", name))
		}
		list = itemlist.Merge(old, newer)
		out.New, out.Total = list.Len()-old.Len(), list.Len()
		out.Changed = changedItems(old, newer)
	}
	if err := writeItems(out.File, list); err != nil {
		return err
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(out)
	}
	a.say(text.F("读到 %d 个事项版本：新增 %d，有变化 %d；目录 %s 现有 %d", "%d version{|s} of items read: %d new, %d changed; list %s holds %d",
		out.Read, out.New, out.Changed, name, out.Total))
	return nil
}

// changedItems counts the versions both lists have with something else said of them.
func changedItems(old, newer *itemlist.List) int {
	n := 0
	for _, it := range newer.Items() {
		for _, was := range old.Versions(it.Code) {
			if was.Version == it.Version && !was.Same(it) {
				n++
			}
		}
	}
	return n
}

func writeItems(path string, list *itemlist.List) (err error) {
	failed := func(err error) error {
		return fault.Wrap(err, fault.Config, "write item list", path, text.T("写不了文件", "cannot write the file"), text.Text{})
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return failed(err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".items-*")
	if err != nil {
		return failed(err)
	}
	defer os.Remove(f.Name())
	if err := errors.Join(list.Write(f), f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return failed(err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return failed(err)
	}
	return nil
}

func itemsOfFile(name, file string) (*itemlist.List, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "read item list", file, text.T("打不开文件", "cannot open the file"), text.Text{})
	}
	return itemlist.Read(name, file, data)
}

// itemsOfView reads the columns of a view or table that a list of items has use for.
func itemsOfView(ctx context.Context, h *house, name string, o itemImport) (*itemlist.List, error) {
	look, err := h.Look(o.connection)
	if err != nil {
		return nil, err
	}
	rel, _, err := sqlview.Look(ctx, look, o.view, 0)
	if err != nil {
		return nil, err
	}
	for _, c := range rel.Columns {
		if itemlist.Uses(c.Name) {
			look.Columns = append(look.Columns, c.Name)
		}
	}
	where := o.connection + "." + o.view
	b, wrong := itemlist.NewBuilder(look.Columns)
	if wrong != nil {
		return nil, fault.New(fault.Config, "import items", where, wrong.What, wrong.Hint)
	}
	look.View = o.view
	src, err := sqlview.Open(ctx, look, "")
	if err != nil {
		return nil, err
	}
	defer src.Close()
	for row := 1; ; {
		batch, err := src.Read(ctx)
		if errors.Is(err, io.EOF) {
			return b.List(name), nil
		}
		if err != nil {
			return nil, err
		}
		row, wrong = addItems(b, batch.Record, row)
		batch.Record.Release()
		if wrong != nil {
			return nil, fault.New(fault.Config, "import items", fmt.Sprintf("%s: %s", where, look.Columns[max(wrong.Cell, 0)]),
				text.F("第 %[1]d 行：%[2]s", "row %[1]d: %[3]s", row, wrong.What.ZH, wrong.What.EN), wrong.Hint)
		}
	}
}

// addItems adds the rows of a record and returns the number of the next, or of the one
// that is wrong.
func addItems(b *itemlist.Builder, rec arrow.Record, row int) (int, *itemlist.CellError) {
	for i := range int(rec.NumRows()) {
		cells := make([]string, rec.NumCols())
		for k, col := range rec.Columns() {
			switch col := col.(type) {
			case *array.String:
				if col.IsValid(i) {
					cells[k] = string([]byte(col.Value(i)))
				}
			default:
				if col.IsValid(i) {
					cells[k] = col.ValueStr(i)
				}
			}
		}
		if wrong := b.Add(cells); wrong != nil {
			return row, wrong
		}
		row++
	}
	return row, nil
}
