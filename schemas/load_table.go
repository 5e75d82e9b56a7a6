package schemas

import (
	"fmt"
	"slices"

	"banjian/internal/text"
)

// tableFile is the YAML shape of a file in tables/.
type tableFile struct {
	Table    string        `yaml:"table"`
	Name2018 string        `yaml:"name_2018"`
	Title    text.Text     `yaml:"title"`
	Version  string        `yaml:"version"`
	Basis    string        `yaml:"basis"`
	Use      Use           `yaml:"use"`     // write when it is not said
	Layouts  []string      `yaml:"layouts"` // 2018 and 2020 when it is not said
	Key      []string      `yaml:"key"`     // row_guid when it is not said
	Like     string        `yaml:"like"`    // another table whose columns these are
	Columns  []columnEntry `yaml:"columns"` // with like: those that differ
	Orders   []orderEntry  `yaml:"orders"`
}

type columnEntry struct {
	Name     string `yaml:"name"`
	Name2018 string `yaml:"name_2018"`
	Spelling string `yaml:"spelling"`
	Type     string `yaml:"type"`
	NotNull  bool   `yaml:"not_null"`
	Codes    string `yaml:"codes"`
	Many     string `yaml:"many"`
	Personal Mask   `yaml:"personal"`
	ZH       string `yaml:"zh"`
	EN       string `yaml:"en"`
}

func parseTableFile(src source, name string) (f tableFile, err error) {
	if err := src.decode(&f); err != nil {
		return f, err
	}
	if f.Table != name {
		return f, src.fail("$.table", text.F("table 应当是 %q，与文件名一致", "table must be %q, like the name of the file", name), text.Text{})
	}
	if f.Use == "" {
		f.Use = UseWrite
	}
	if f.Layouts == nil {
		f.Layouts = []string{"2018", "2020"}
	}
	if f.Name2018 == "" {
		f.Name2018 = name
	}
	return f, nil
}

// buildTable makes a table of its file; own entries of a table that is like another
// take the place of the other's columns.
func buildTable(src source, f tableFile, group string, like []columnEntry) (*Table, error) {
	switch f.Use {
	case UseWrite, UseRead, UsePassOn, UseReference, UseInbox:
	default:
		return nil, src.fail("$.use", text.T("use 只能是 write、read、pass_on、reference 或 inbox", "use is write, read, pass_on, reference or inbox"), text.Text{})
	}
	t := &Table{Name: f.Table, Name2018: f.Name2018, Title: f.Title, Version: f.Version, Group: group, Basis: f.Basis, Use: f.Use, Layouts: f.Layouts, Key: f.Key}
	t.Subject = &Subject{Name: tableSubject(group, f.Table), Title: f.Title, Version: f.Version, ReadOnly: f.Use == UseRead || f.Use == UseReference}
	if f.Use == UseWrite {
		t.Receiver = receiverColumns
	}
	for _, e := range like {
		if i := slices.IndexFunc(f.Columns, func(own columnEntry) bool { return own.Name == e.Name }); i >= 0 {
			e = f.Columns[i]
		}
		if bad := t.add(e); !bad.IsZero() {
			return nil, src.fail("$.like", bad, columnHint)
		}
	}
	for i, e := range f.Columns {
		if like != nil && t.Column(e.Name) != nil {
			continue
		}
		if bad := t.add(e); !bad.IsZero() {
			return nil, src.fail(fmt.Sprintf("$.columns[%d]", i), bad, columnHint)
		}
	}
	if t.Key == nil && t.Column("row_guid") != nil {
		t.Key = []string{"row_guid"}
	}
	for i, k := range t.Key {
		if t.Column(k) == nil {
			return nil, src.fail("$.key", text.F("第 %d 个键列 %s 不存在", "key column %d, %s, does not exist", i+1, k), text.Text{})
		}
	}
	var err error
	t.Subject.Orders, err = parseOrders(src, f.Orders)
	return t, err
}

var columnHint = text.T(
	"类型：varchar(n)、char(n)、text、int、bigint、decimal(p,s)、date、datetime、blob",
	"types: varchar(n), char(n), text, int, bigint, decimal(p,s), date, datetime, blob")

// add appends a column, unless something is wrong with it.
func (t *Table) add(e columnEntry) text.Text {
	c, ok := t.parseColumn(e)
	if !ok || t.Column(c.Name) != nil {
		return text.F("列 %s 写得不完整、重复或类型不明", "column %s is incomplete, repeated or of an unknown type", e.Name)
	}
	t.Columns = append(t.Columns, c)
	if !c.Delivery {
		t.Subject.Fields = append(t.Subject.Fields, c.field())
	}
	return text.Text{}
}

func (t *Table) parseColumn(e columnEntry) (Column, bool) {
	c := Column{
		Name: e.Name, Name2018: e.Name2018, Spelling: e.Spelling, Title: text.T(e.ZH, e.EN), NotNull: e.NotNull,
		CodeSet: e.Codes, Many: e.Many, Personal: e.Personal != MaskNone, Mask: e.Personal,
		Delivery: t.Use == UseWrite && slices.Contains(deliveryColumns, e.Name) || t.Use == UseInbox && slices.Contains(inboxColumns, e.Name) ||
			t.Use == UsePassOn && slices.Contains(passedColumns, e.Name),
	}
	base, args, ok := splitType(e.Type)
	numbers, known := sqlTypes[base]
	if !ok || !known || len(args) != numbers {
		return c, false
	}
	c.SQLType = base
	if numbers > 0 {
		c.Width = args[0]
	}
	if numbers > 1 {
		c.Scale = args[1]
	}
	ok = c.Name != "" && c.Title.ZH != "" && c.Title.EN != "" && c.Mask.known() &&
		(numbers == 0 || c.Width > c.Scale && c.Scale >= 0) && (c.Many == "" || c.CodeSet != "")
	for _, layout := range t.Layouts {
		ok = ok && c.spelled(layout) != ""
	}
	return c, ok
}
