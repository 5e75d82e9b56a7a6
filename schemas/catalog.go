package schemas

import (
	"embed"
	"io/fs"
	"slices"
	"strings"

	"banjian/internal/text"
	"banjian/schemas/itemlist"
)

//go:embed canonical tables codes profiles crosswalks calendars rules
var shipped embed.FS

// Catalog is everything known about the shape of records: subjects, tables, code
// sets and crosswalks. What it holds never changes after Load; a shipped file is
// parsed when it is first asked for. It is safe for concurrent use.
type Catalog struct {
	subjects   shelf[*Subject]
	tables     shelf[*Table]
	sets       shelf[*CodeSet]
	crosswalks shelf[*Crosswalk]
	unit       *Unit        // of one receiver, see Counting; nil = characters, every one of them
	swap       *Substitutes // of that receiver, see Substituting
	codeTables shelf[*CodeTable]
	items      shelf[*itemlist.List]
	lookups    shelf[*Crosswalk]
	calendars  shelf[*Calendar]
	rules      shelf[*ruleSet] // by subject
}

// DepartmentGroups is the groups of subjects that a department's system gives.
var DepartmentGroups = []string{"case", "item", "licence", "user"}

// Load takes stock of the shipped data with a site's schemas/ folders laid over it: a
// file of a later overlay takes the place of one of the same name. An overlay is
// rooted at the schemas/ folder itself. A site's own files are parsed and checked
// here, with the shipped ones that stand on them; what is wrong is a Config fault with
// its place.
func Load(overlays ...fs.FS) (*Catalog, error) {
	l := newLoader()
	for i, fsys := range append([]fs.FS{shipped}, overlays...) {
		for _, folder := range folders {
			if err := l.collect(fsys, folder, i); err != nil {
				return nil, err
			}
		}
	}
	if err := l.checkSite(); err != nil {
		return nil, err
	}
	return l.cat, nil
}

// Check parses and checks the whole catalog, what ships and large lists of items as
// well. The mistakes of all files of one kind are told together; what stands on them is
// looked at when they are mended.
func (c *Catalog) Check() error {
	return firstOf(
		func() error { return c.sets.check(everything) },
		func() error { return c.codeTables.check(everything) },
		func() error { return c.crosswalks.check(everything) },
		func() error { return c.subjects.check(everything) },
		func() error { return c.tables.check(everything) },
		func() error { return c.items.check(everything) },
		func() error { return c.lookups.check(everything) },
		func() error { return c.calendars.check(everything) },
	)
}

// Subject finds "case/accept", "national/up_pro_accept" and so on.
func (c *Catalog) Subject(name string) (*Subject, bool) { return c.subjects.find(name) }

// Subjects is every subject of the groups ("case", "item", "national" …), of all when
// none is named, sorted by name.
func (c *Catalog) Subjects(groups ...string) []*Subject {
	var out []*Subject
	for _, name := range c.SubjectNames(groups...) {
		s, _ := c.subjects.find(name)
		out = append(out, s)
	}
	return out
}

// SubjectNames is the names of Subjects, and parses none.
func (c *Catalog) SubjectNames(groups ...string) []string {
	names := c.subjects.names()
	if len(groups) == 0 {
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool {
		group, _, _ := strings.Cut(name, "/")
		return !slices.Contains(groups, group)
	})
}

// CodeSet finds "result", "national/result_type" and so on.
func (c *Catalog) CodeSet(name string) (*CodeSet, bool) { return c.sets.find(name) }

// CodeSets is every code set, sorted by name.
func (c *Catalog) CodeSets() []*CodeSet { return c.sets.all() }

// CodeSetNames is the names of CodeSets, and parses none.
func (c *Catalog) CodeSetNames() []string { return c.sets.names() }

// CodeTable finds a table of a profile, as "ea-jc" and "result".
func (c *Catalog) CodeTable(profile, table string) (*CodeTable, bool) {
	return c.codeTables.find(profile + "/" + table)
}

// CodeTables is every table of every profile, sorted by path.
func (c *Catalog) CodeTables() []*CodeTable { return c.codeTables.all() }

// CodeTableNames is the paths of CodeTables, "ea-jc/result", and parses none.
func (c *Catalog) CodeTableNames() []string { return c.codeTables.names() }

// Profiles is the names of all profiles with code tables, sorted.
func (c *Catalog) Profiles() []string {
	var out []string
	for _, path := range c.codeTables.names() {
		if name := path[:strings.LastIndexByte(path, '/')]; len(out) == 0 || out[len(out)-1] != name {
			out = append(out, name)
		}
	}
	return out
}

// Crosswalk finds "provident-fund/items" and so on.
func (c *Catalog) Crosswalk(name string) (*Crosswalk, bool) { return c.crosswalks.find(name) }

// CrosswalkNames is the names of Crosswalks, and parses none.
func (c *Catalog) CrosswalkNames() []string { return c.crosswalks.names() }

// Lookup finds a table of the site's own, lookups/NAME.tsv below its schemas/ folder: like
// a crosswalk, the first line names the columns and the first column is the key.
func (c *Catalog) Lookup(name string) (*Crosswalk, bool) { return c.lookups.find(name) }

// LookupNames is every lookup table, sorted, and parses none.
func (c *Catalog) LookupNames() []string { return c.lookups.names() }

// Table finds a receiver's table as "up_pro_accept" or "national/up_pro_accept", in
// any case.
func (c *Catalog) Table(name string) (*Table, bool) { return c.tables.find(sqlName(name)) }

// RecordRules is every rule over several fields, sorted by id.
func (c *Catalog) RecordRules() []*RecordRule {
	var out []*RecordRule
	for _, set := range c.rules.all() {
		out = append(out, set.rules...)
	}
	slices.SortStableFunc(out, func(a, b *RecordRule) int { return strings.Compare(a.ID, b.ID) })
	return slices.CompactFunc(out, func(a, b *RecordRule) bool { return a.ID == b.ID })
}

// RuleText is the sentence for a rule id: a rule over several fields says it itself, for
// all others see the function of that name.
func (c *Catalog) RuleText(rule string, args []string) text.Text {
	if _, known := ruleTexts[rule]; !known {
		for _, r := range c.RecordRules() {
			if r.ID == rule {
				return r.Say
			}
		}
	}
	return RuleText(rule, args)
}

// Tables is every table, sorted by name.
func (c *Catalog) Tables() []*Table { return c.tables.all() }

// TableNames is the names of Tables, and parses none.
func (c *Catalog) TableNames() []string { return c.tables.names() }
