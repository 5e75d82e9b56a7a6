package schemas

import (
	"fmt"
	"strings"

	"banjian/internal/text"
)

// Table is a receiver's physical table, whole: what a mapping fills (Subject), what
// the sink adds to each row (Delivery) and what only the receiver writes (Receiver).
type Table struct {
	Name     string    // "up_pro_accept"
	Title    text.Text // 办件受理信息 / case acceptance
	Version  string    // of the layout: "2020"
	Columns  []Column  // mapped and delivery columns, in the order of the layout
	Receiver []Column  // ID, update_time, Cd_source, is_sync: never written by us
	Subject  *Subject  // the mapped columns as a subject, "national/" + Name
}

// Column is one physical column.
type Column struct {
	Name     string    // spelling of the 2020 layout
	Name2018 string    // spelling of the 2018 layout
	Title    text.Text // Chinese term and English words
	SQLType  string    // neutral: varchar, char, text, int, bigint, datetime
	Width    int       // characters, of varchar and char
	NotNull  bool
	CodeSet  string // name in the catalog, empty if none
	Delivery bool   // row_guid, cd_operation, cd_time, cd_batch, data_source: the sink's
	Personal bool
	Mask     Mask
}

// deliveryColumns are written by the sink for every row, never by a mapping.
var deliveryColumns = []string{"row_guid", "cd_operation", "cd_time", "cd_batch", "data_source"}

// receiverColumns stand in every UP_ table of the receiver.
var receiverColumns = []Column{
	{Name: "ID", Name2018: "ID", Title: text.T("主键（自增）", "surrogate key, counted by the receiver"), SQLType: "bigint", NotNull: true},
	{Name: "update_time", Name2018: "UpdateTime", Title: text.T("进入时间", "time of arrival"), SQLType: "datetime", NotNull: true},
	{Name: "Cd_source", Name2018: "Cd_source", Title: text.T("所属来源", "origin as the receiver sees it"), SQLType: "varchar", Width: 10},
	{Name: "is_sync", Name2018: "is_sync", Title: text.T("同步状态", "taken over by the receiver"), SQLType: "char", Width: 1, NotNull: true},
}

// Column finds a mapped or delivery column by its 2020 name, nil if there is none.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// Names leads from the 2020 spelling of every column to that of a layout, "2018" or
// "2020".
func (t *Table) Names(layout string) map[string]string {
	names := make(map[string]string, len(t.Columns))
	for _, c := range t.Columns {
		names[c.Name] = c.Name
		if layout == "2018" {
			names[c.Name] = c.Name2018
		}
	}
	return names
}

// tableFile is the YAML shape of a file in tables/.
type tableFile struct {
	Table   string        `yaml:"table"`
	Title   text.Text     `yaml:"title"`
	Version string        `yaml:"version"`
	Columns []columnEntry `yaml:"columns"`
	Orders  []orderEntry  `yaml:"orders"`
}

type columnEntry struct {
	Name     string `yaml:"name"`
	Name2018 string `yaml:"name_2018"`
	Type     string `yaml:"type"`
	NotNull  bool   `yaml:"not_null"`
	Codes    string `yaml:"codes"`
	Personal Mask   `yaml:"personal"`
	ZH       string `yaml:"zh"`
	EN       string `yaml:"en"`
}

func parseTable(src source, name string) (*Table, error) {
	var f tableFile
	if err := src.decode(&f); err != nil {
		return nil, err
	}
	if f.Table != name {
		return nil, src.fail("$.table", text.F("table 应当是 %q，与文件名一致", "table must be %q, like the name of the file", name), text.Text{})
	}
	t := &Table{Name: name, Title: f.Title, Version: f.Version, Receiver: receiverColumns}
	t.Subject = &Subject{Name: "national/" + name, Title: f.Title, Version: f.Version}
	for i, e := range f.Columns {
		c, ok := parseColumn(e)
		if !ok || t.Column(c.Name) != nil {
			return nil, src.fail(fmt.Sprintf("$.columns[%d]", i),
				text.F("列 %s 写得不完整、重复或类型不明", "column %s is incomplete, repeated or of an unknown type", e.Name),
				text.T("类型：varchar(n)、char(n)、text、int、bigint、datetime", "types: varchar(n), char(n), text, int, bigint, datetime"))
		}
		t.Columns = append(t.Columns, c)
		if !c.Delivery {
			t.Subject.Fields = append(t.Subject.Fields, c.field())
		}
	}
	var err error
	t.Subject.Orders, err = parseOrders(src, f.Orders)
	return t, err
}

func parseColumn(e columnEntry) (Column, bool) {
	c := Column{
		Name: e.Name, Name2018: e.Name2018, Title: text.T(e.ZH, e.EN), NotNull: e.NotNull,
		CodeSet: e.Codes, Personal: e.Personal != MaskNone, Mask: e.Personal,
	}
	for _, d := range deliveryColumns {
		c.Delivery = c.Delivery || d == c.Name
	}
	base, args, ok := splitType(e.Type)
	c.SQLType = base
	if len(args) == 1 {
		c.Width = args[0]
	}
	switch base {
	case "varchar", "char":
		ok = ok && c.Width > 0
	case "text", "int", "bigint", "datetime":
		ok = ok && len(args) == 0
	default:
		ok = false
	}
	return c, ok && c.Name != "" && c.Name2018 != "" && c.Title.ZH != "" && c.Title.EN != "" && c.Mask.known()
}

// field is the column as a field of the table's subject.
func (c *Column) field() Field {
	f := Field{
		Name: c.Name, Title: c.Title, Type: Text, Width: c.Width, CodeSet: c.CodeSet,
		Required: c.NotNull, Personal: c.Personal, Mask: c.Mask,
	}
	switch {
	case c.SQLType == "int", c.SQLType == "bigint":
		f.Type = Int
	case c.SQLType == "datetime":
		f.Type = Time
	case c.CodeSet != "":
		f.Type = Code
	}
	return f
}

// sqlName is the bare table name, whatever the case it was asked in.
func sqlName(name string) string { return strings.ToLower(strings.TrimPrefix(name, "national/")) }
