package exchangedb

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"banjian/internal/text"
	"banjian/schemas"
)

// Style is how a generation of receivers spells the logical snake_case names.
type Style string

const (
	Snake Style = "snake" // row_guid, cd_time: the 2020 transcription
	Camel Style = "camel" // RowGuid, Cd_time: the 2018 layout
	Flat  Style = "flat"  // rowguid, cd_time: interface copies of the tables
)

// Columns that we fill, by logical name.
const (
	colGUID      = "row_guid"
	colOperation = "cd_operation"
	colTime      = "cd_time"
	colBatch     = "cd_batch"
	colSource    = "data_source"
)

// ours are the columns a mapping never writes.
var ours = []string{colGUID, colOperation, colTime, colBatch, colSource}

// receiverOnly are the columns the receiver fills, without case and underscores.
var receiverOnly = map[string]bool{"id": true, "updatetime": true, "cdsource": true, "issync": true, "applyerpagekey": true}

// bare is a name without case and underscores, as far as every style agrees.
func bare(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// column spells one logical column name.
func (s Style) column(name string) string {
	rest, isCD := strings.CutPrefix(name, "cd_")
	switch {
	case s == Camel && isCD:
		return "Cd_" + rest
	case s == Camel:
		return camel(name)
	case s == Flat && !isCD:
		return strings.ReplaceAll(name, "_", "")
	}
	return name
}

func camel(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// table spells one logical table name; only the special procedure differs.
func (s Style) table(name string) string {
	if s == Camel || s == Flat {
		return strings.Replace(name, "_special_procedure", "_specialprocedure", 1)
	}
	return name
}

// names are the physical names of one table at one receiver.
type names struct {
	logical string
	table   string // quoted
	plain   string // not quoted, for errors and information_schema
	way     *way
	style   Style
	columns map[string]string
	layout  *schemas.Table
	guid    bool // the table has a row_guid
}

// names resolves a logical table name for the records of one source.
func (o *Options) names(table, source string) (*names, error) {
	suffix := o.Suffix
	own, ok := o.Suffixes[source]
	switch {
	case ok:
		suffix = own
	case len(o.Suffixes) > 0 && suffix == "" && source != "":
		return nil, o.config(text.F("来源 %s 没有自己的表：suffixes 里没有它", "source %s has no table of its own: suffixes does not name it", source),
			text.T("在接收方的 suffixes 里加上它，或写 suffix 作为其余来源的后缀", "add it to suffixes of the receiver, or write suffix for all other sources"))
	}
	return o.named(table, suffix)
}

// shards is every physical table of a logical one: one, unless sources have tables of
// their own. Then there is one without a suffix of a source only where Suffix says so.
func (o *Options) shards(table string) ([]*names, error) {
	var suffixes []string
	if o.Suffix != "" || len(o.Suffixes) == 0 {
		suffixes = append(suffixes, o.Suffix)
	}
	for _, source := range slices.Sorted(maps.Keys(o.Suffixes)) {
		if !slices.Contains(suffixes, o.Suffixes[source]) {
			suffixes = append(suffixes, o.Suffixes[source])
		}
	}
	var list []*names
	for _, suffix := range suffixes {
		n, err := o.named(table, suffix)
		if err != nil {
			return nil, err
		}
		if list = append(list, n); o.Tables[n.logical].Physical != "" {
			break // one table for all, whatever the suffix
		}
	}
	return list, nil
}

func (o *Options) named(table, suffix string) (*names, error) {
	logical := logicalTable(table)
	t := o.Tables[logical]
	w := &mysqlWay
	if o.Dialect != nil {
		w = wayOf(o.Dialect.Name)
	}
	plain := t.Physical
	spell := same // a name that was written out is meant as it stands
	if plain == "" {
		plain, spell = o.Style.table(logical)+suffix, w.fold
	}
	n := &names{logical: logical, way: w, style: o.Style, columns: t.Columns, layout: t.Layout}
	n.guid = t.Layout == nil || t.Layout.Column(colGUID) != nil
	parts := strings.Split(plain, ".")
	n.plain = spell(plain)
	for i, p := range parts {
		if !identifier(p) || len(parts) > 2 {
			return nil, o.badName(logical, plain)
		}
		parts[i] = w.quote(spell(p))
	}
	n.table = strings.Join(parts, ".")
	for _, physical := range t.Columns {
		if !identifier(physical) {
			return nil, o.badName(logical, physical)
		}
	}
	return n, nil
}

func (o *Options) badName(table, name string) error {
	return o.config(text.F("表 %s 的物理名称 %q 不合规", "table %s: %q is not a usable physical name", table, name),
		text.T("名称只能含文字、数字、_ 和 $，表名可加一个库名前缀", "names hold letters, digits, _ and $; a table may carry one schema prefix"))
}

// column is the physical name of a logical column.
func (n *names) column(logical string) string {
	if p, ok := n.columns[logical]; ok {
		return p
	}
	if logical == colSync { // the receiver's own, spelled so in every layout
		return n.way.fold(colSync)
	}
	if n.style == Camel && n.layout != nil {
		if c := n.layout.Column(logical); c != nil {
			return n.way.fold(c.Name2018)
		}
	}
	return n.way.fold(n.style.column(logical))
}

// quoted is the same, quoted.
func (n *names) quoted(logical string) string { return n.way.quote(n.column(logical)) }

// Logical is the table that a receiver's own name of it means, whatever case, underscores
// and suffix it has; empty for one that is none of ours.
func (t *Target) Logical(name string) string {
	name = name[strings.LastIndexByte(name, '.')+1:]
	found, length := "", 0
	for logical := range t.opts.Tables {
		shards, err := t.opts.shards(logical)
		if err != nil {
			continue
		}
		for _, n := range shards {
			if _, table := n.schema(); bare(table) == bare(name) {
				return logical
			}
		}
		if b := bare(logical); strings.HasPrefix(bare(name), b) && len(b) > length {
			found, length = logical, len(b)
		}
	}
	return found
}

// schema is the database the table name carries, empty for the connection's own,
// and the table name alone.
func (n *names) schema() (schema, table string) {
	if s, t, ok := strings.Cut(n.plain, "."); ok {
		return s, t
	}
	return "", n.plain
}

func identifier(s string) bool {
	if s == "" || len(s) > 192 {
		return false
	}
	for _, r := range s {
		if r != '_' && r != '$' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}
