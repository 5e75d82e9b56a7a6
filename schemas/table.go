package schemas

import (
	"slices"
	"strings"

	"banjian/internal/text"
)

// Table is a table of the national exchange, whole: what a mapping fills (Subject),
// what the sink adds to each row (Delivery) and what only the receiver writes
// (Receiver).
type Table struct {
	Name     string    // "up_pro_accept"; that of the 2020 layout
	Name2018 string    // of the 2018 layout, the same for most
	Title    text.Text // 办件受理信息 / case acceptance
	Version  string    // of the layout: "2020"
	Group    string    // case, item, licence, user, feedback, inbox
	Basis    string    // the standard it is taken from, empty for the exchange itself
	Use      Use
	Layouts  []string // the generations whose spelling is known: "2018", "2020"; "provincial"; none for data items
	Key      []string // columns that name a record: row_guid unless the table has none
	Columns  []Column // mapped and delivery columns, in the order of the layout
	Receiver []Column // ID, update_time, Cd_source, is_sync: never written by us
	Subject  *Subject // the mapped columns as a subject, see tableSubject
}

// Use is what we do with a table.
type Use string

const (
	UseWrite     Use = "write"     // up_: filled by a mapping, appended to
	UseRead      Use = "read"      // dn_: what the centre sends down; never written
	UsePassOn    Use = "pass_on"   // dn_: sent down too, and passed on in this layout: no up_ table has it
	UseReference Use = "reference" // data items of a standard, a province's own table
	UseInbox     Use = "inbox"     // of a department: filled by a mapping, a row known by its key
)

// inboxGroup is the group of the tables that departments are given what came in by.
const inboxGroup = "inbox"

// tableSubject is the name of a table's columns as a subject: national/up_pro_accept, of a
// department's inbox inbox/application.
func tableSubject(group, name string) string {
	if group == inboxGroup {
		return inboxGroup + "/" + strings.TrimPrefix(name, inboxGroup+"_")
	}
	return "national/" + name
}

// isTable says that a subject is the columns of a table.
func isTable(subject string) bool {
	return strings.HasPrefix(subject, "national/") || strings.HasPrefix(subject, inboxGroup+"/")
}

// Column is one physical column.
type Column struct {
	Name     string    // spelling of the 2020 layout; our own in a table without layouts
	Name2018 string    // spelling of the 2018 layout, empty where that is not known
	Spelling string    // in a table whose only layout is neither
	Title    text.Text // Chinese term and English words
	SQLType  string    // neutral, one of sqlTypes
	Width    int       // characters, of varchar and char; digits in all, of decimal
	Scale    int       // digits behind the point, of decimal
	NotNull  bool
	CodeSet  string // name in the catalog, empty if none
	Many     string // stands between the codes of a column that holds several; empty = one code
	Delivery bool   // row_guid, cd_operation, cd_time, cd_batch, data_source: the sink's
	Personal bool
	Mask     Mask
}

// sqlTypes is the neutral types and how many numbers stand behind each.
var sqlTypes = map[string]int{
	"varchar": 1, "char": 1, "text": 0, "int": 0, "bigint": 0, "decimal": 2, "date": 0, "datetime": 0, "blob": 0,
}

// deliveryColumns are written by the sink for every row, never by a mapping.
var deliveryColumns = []string{"row_guid", "cd_operation", "cd_time", "cd_batch", "data_source"}

// passedColumns are written by the sink where a row is passed on.
var passedColumns = []string{"row_guid"}

// inboxColumns are written by the sink into a department's inbox.
var inboxColumns = []string{"row_guid", "record_version", "deleted", "written_at"}

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

// In says whether the spelling of a layout is known: "2018" or "2020".
func (t *Table) In(layout string) bool { return slices.Contains(t.Layouts, layout) }

// Names leads from the logical name of every column to its spelling in a layout; nil
// for a layout whose spelling is not known.
func (t *Table) Names(layout string) map[string]string {
	if !t.In(layout) {
		return nil
	}
	names := make(map[string]string, len(t.Columns))
	for _, c := range t.Columns {
		names[c.Name] = c.spelled(layout)
	}
	return names
}

func (c *Column) spelled(layout string) string {
	switch layout {
	case "2020":
		return c.Name
	case "2018":
		return c.Name2018
	}
	return c.Spelling
}

// field is the column as a field of the table's subject.
func (c *Column) field() Field {
	f := Field{
		Name: c.Name, Title: c.Title, Type: Text, Width: c.Width, Scale: c.Scale, CodeSet: c.CodeSet, Many: c.Many,
		Required: c.NotNull, Personal: c.Personal, Mask: c.Mask,
	}
	switch c.SQLType {
	case "int", "bigint":
		f.Type = Int
	case "decimal":
		f.Type = Decimal
	case "date":
		f.Type = Date
	case "datetime":
		f.Type = Time
	case "blob":
		f.Type = File
	default:
		if c.CodeSet != "" && c.Many == "" {
			f.Type = Code
		}
	}
	return f
}

// sqlName is the bare table name, whatever the case it was asked in.
func sqlName(name string) string {
	if rest, found := strings.CutPrefix(name, inboxGroup+"/"); found {
		name = inboxGroup + "_" + rest
	}
	return strings.ToLower(strings.TrimPrefix(name, "national/"))
}
