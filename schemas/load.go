package schemas

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas/itemlist"
)

// folders is what a schemas/ folder may hold.
var folders = []string{"codes", "profiles", "crosswalks", "rules", "canonical", "tables", "items", "lookups", "calendars"}

// loader puts files on the catalog's shelves and keeps what only parsing needs.
type loader struct {
	cat    *Catalog
	bases  shelf[rawSet]   // code sets before extends is followed
	blocks shelf[[]Field]  // canonical/blocks/
	files  map[string]file // of code sets and code tables by path, of tables by "tables/" and the name
	tables shelf[tableFile]
	years  shelf[calendarYear] // calendars/, "national/2026"
	shared shelf[*ruleSet]     // rules/blocks/
}

func extensions(folder string) []string {
	if folder == "items" {
		return []string{".tsv", ".csv"}
	}
	return []string{".yaml", ".tsv"}
}

func newLoader() *loader {
	return &loader{bases: shelf[rawSet]{}, blocks: shelf[[]Field]{}, files: map[string]file{}, tables: shelf[tableFile]{}, years: shelf[calendarYear]{}, shared: shelf[*ruleSet]{}, cat: &Catalog{
		subjects: shelf[*Subject]{}, tables: shelf[*Table]{}, sets: shelf[*CodeSet]{}, crosswalks: shelf[*Crosswalk]{},
		codeTables: shelf[*CodeTable]{},
		items:      shelf[*itemlist.List]{},
		lookups:    shelf[*Crosswalk]{}, calendars: shelf[*Calendar]{},
		rules: shelf[*ruleSet]{},
	}}
}

func (l *loader) collect(fsys fs.FS, folder string, layer int) error {
	return fs.WalkDir(fsys, folder, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return fault.Wrap(err, fault.Config, "read schema data", "schemas/"+name,
				text.T("读不到文件夹", "cannot read the folder"), text.Text{})
		case d.IsDir() || strings.HasPrefix(path.Base(name), "."):
			return nil
		}
		if ext, known := path.Ext(name), extensions(folder); !slices.Contains(known, ext) {
			return fault.New(fault.Config, "read schema data", "schemas/"+name,
				text.F("不认识的文件类型 %s", "unknown kind of file %s", ext),
				text.F("这里只放 %s 和 %s 文件", "only %s and %s files belong here", known[0], known[1]))
		}
		return l.put(file{fsys: fsys, path: name, layer: layer}, folder)
	})
}

// put gives a file the name it is asked by, which its path tells.
func (l *loader) put(f file, folder string) error {
	name, c := dataName(f.path, folder), l.cat
	switch folder {
	case "codes":
		c.sets[name] = lazy(f, func(src source) (*CodeSet, error) { return l.codeSet(src, name) })
		l.files["codes/"+name] = f
		l.bases[name] = lazy(f, func(src source) (rawSet, error) { return parseCodeSet(src, name) })
	case "profiles":
		if !strings.Contains(name, "/") {
			return nil // of a platform's messages, which this room does not read
		}
		l.files["profiles/"+name] = f
		c.codeTables[name] = lazy(f, func(src source) (*CodeTable, error) { return l.codeTable(src, name, f.site()) })
	case "crosswalks":
		c.crosswalks[name] = lazy(f, func(src source) (*Crosswalk, error) { return parseCrosswalk(src, name) })
	case "rules":
		if block, ok := strings.CutPrefix(name, "blocks/"); ok {
			l.shared[block] = lazy(f, func(src source) (*ruleSet, error) { return parseRules(src, l.sharedRules) })
			return nil
		}
		c.rules[name] = lazy(f, func(src source) (*ruleSet, error) { return parseRules(src, l.sharedRules) })
	case "items":
		c.items[name] = lazy(f, func(src source) (*itemlist.List, error) { return parseItems(src, name, f.path) })
	case "lookups":
		c.lookups[name] = lazy(f, func(src source) (*Crosswalk, error) { return parseCrosswalk(src, name) })
	case "calendars":
		l.putCalendar(f, name)
	case "tables":
		group := path.Dir(name)
		name = path.Base(name)
		if err := l.once(f, name); err != nil {
			return err
		}
		l.tables[name] = lazy(f, func(src source) (tableFile, error) { return parseTableFile(src, name) })
		t := lazy(f, func(src source) (*Table, error) { return l.table(src, name, group) })
		c.tables[name] = t
		c.subjects[tableSubject(group, name)] = &shelved[*Subject]{site: f.site(), get: func() (*Subject, error) {
			t, err := t.get()
			if err != nil {
				return nil, err
			}
			return t.Subject, nil
		}}
	case "canonical":
		if block, ok := strings.CutPrefix(name, "blocks/"); ok {
			l.blocks[block] = lazy(f, func(src source) ([]Field, error) { return parseBlock(src, block) })
			return nil
		}
		if !strings.Contains(name, "/") {
			name = "case/" + name
		}
		c.subjects[name] = lazy(f, func(src source) (*Subject, error) { return l.subject(src, name) })
	}
	return nil
}

// once refuses a second table of the same name in one layer.
func (l *loader) once(f file, name string) error {
	other, twice := l.files["tables/"+name]
	l.files["tables/"+name] = f
	if twice && other.layer == f.layer {
		return fault.New(fault.Config, "read schema data", "schemas/"+f.path,
			text.F("表 %s 已在 schemas/%s 中", "table %s is in schemas/%s already", name, other.path), text.T("一张表只写一个文件", "one file for one table"))
	}
	return nil
}

// checkSite parses the site's own files, and the shipped ones that stand on a file the
// site may have replaced: sets that extend a set, subjects that take in a block, tables like another.
func (l *loader) checkSite() error {
	sets, blocks, tables := anyOfSite(l.bases), anyOfSite(l.blocks), anyOfSite(l.tables)
	rules := anyOfSite(l.cat.rules) || anyOfSite(l.shared)
	return firstOf(
		func() error {
			return l.cat.sets.check(func(name string, site bool) bool { return site || sets && l.extends(name) })
		},
		func() error {
			return l.cat.codeTables.check(func(name string, site bool) bool { return site || sets && l.standsOnSite(name) })
		},
		func() error { return l.cat.crosswalks.check(ofSite) },
		func() error { return l.cat.lookups.check(ofSite) },
		func() error {
			site := anyOfSite(l.years)
			return l.cat.calendars.check(func(string, bool) bool { return site })
		},
		func() error { return l.blocks.check(ofSite) },
		func() error {
			return l.cat.subjects.check(func(name string, site bool) bool {
				national := isTable(name)
				return site || rules || blocks && !national || tables && national
			})
		},
		l.strayRules,
	)
}

// extends tells without parsing whether a set's file names another set.
func (l *loader) extends(name string) bool {
	src, err := l.files["codes/"+name].read()
	return err != nil || bytes.Contains(src.data, []byte("\nextends:"))
}

// standsOnSite tells without parsing whether a table's file names a set of the site.
func (l *loader) standsOnSite(table string) bool {
	src, err := l.files["profiles/"+table].read()
	if err != nil {
		return true
	}
	for name, it := range l.bases {
		if it.site && bytes.Contains(src.data, []byte(": "+name+"\n")) {
			return true
		}
	}
	return false
}

// codeSet is the set with the codes of the one it extends before its own. One step is
// enough: a base that extends another is refused.
func (l *loader) codeSet(src source, name string) (*CodeSet, error) {
	raw, err := l.bases[name].get()
	if err != nil {
		return nil, err
	}
	set := *raw.set
	if raw.extends == "" {
		return &set, set.close(src)
	}
	var base rawSet
	if it, ok := l.bases[raw.extends]; ok {
		if base, err = it.get(); err != nil {
			return nil, err
		}
	}
	if base.set == nil || base.extends != "" || base.set.open != nil {
		return nil, src.fail("$.extends",
			text.F("extends 要指向一个直接列出代码的代码集，%s 不是", "extends must name a set that lists its codes itself, %s does not", raw.extends), text.Text{})
	}
	before := len(base.set.Codes)
	set.Codes, set.Extra = append(slices.Clone(base.set.Codes), set.Codes...), base.set.Extra
	whole := rawSet{set: &set, place: func(i int) string { return raw.place(max(0, i-before)) }}
	if err := whole.index(); err != nil {
		return nil, err
	}
	return &set, set.close(src)
}

func (l *loader) subject(src source, name string) (*Subject, error) {
	s, err := parseSubject(src, func(block string) ([]Field, bool, error) {
		it, ok := l.blocks[block]
		if !ok {
			return nil, false, nil
		}
		fields, err := it.get()
		return fields, true, err
	})
	if err != nil {
		return nil, err
	}
	if s.Name != name {
		return nil, src.fail("$.subject", text.F("subject 应当是 %q，与文件名一致", "subject must be %q, like the name of the file", name), text.Text{})
	}
	if err := verifySubject(src, "fields", s, l.hasSet); err != nil {
		return nil, err
	}
	return s, l.addRules(s)
}

// table is a table with the columns of the one it is like. One step is enough: that
// one lists its columns itself.
func (l *loader) table(src source, name, group string) (*Table, error) {
	f, err := parseTableFile(src, name)
	if err != nil {
		return nil, err
	}
	var like []columnEntry
	if f.Like != "" {
		base, ok := l.tables[f.Like]
		if !ok {
			return nil, src.fail("$.like", text.F("没有表 %s", "there is no table %s", f.Like), text.Text{})
		}
		bf, err := base.get()
		if err != nil {
			return nil, err
		}
		if bf.Like != "" {
			return nil, src.fail("$.like", text.F("like 要指向一张自己列出各列的表，%s 不是", "like must name a table that lists its columns itself, %s does not", f.Like), text.Text{})
		}
		like = bf.Columns
	}
	t, err := buildTable(src, f, group, like)
	if err != nil {
		return nil, err
	}
	if err := verifySubject(src, "columns", t.Subject, l.hasSet); err != nil {
		return nil, err
	}
	return t, l.addRules(t.Subject)
}

func (l *loader) hasSet(name string) bool { return l.cat.sets[name] != nil }

func (l *loader) sharedRules(block string) (*ruleSet, error) {
	it, ok := l.shared[block]
	if !ok {
		return nil, nil
	}
	return it.get()
}

// addRules gives a subject the rules over several of its fields; those that ship are left
// out where a site's own layout of the subject does not have the fields.
func (l *loader) addRules(s *Subject) error {
	it, ok := l.cat.rules[s.Name]
	if !ok {
		return nil
	}
	set, err := it.get()
	if err != nil {
		return err
	}
	own := l.cat.subjects[s.Name]
	for i, r := range set.rules {
		bad := r.verify(s)
		switch {
		case bad.IsZero():
			s.Rules = append(s.Rules, r)
		case it.site || own == nil || !own.site:
			return set.fail(i, bad)
		}
	}
	return nil
}

// strayRules refuses a site's rules of a subject that does not exist.
func (l *loader) strayRules() error {
	for _, name := range l.cat.rules.names() {
		if it := l.cat.rules[name]; it.site && l.cat.subjects[name] == nil {
			set, err := it.get()
			if err != nil {
				return err
			}
			return set.src.fail("$", text.F("没有 %s 这种记录", "there is no subject %s", name), text.T("文件名就是主题，如 rules/case/accept.yaml", "the name of the file is the subject, such as rules/case/accept.yaml"))
		}
	}
	return nil
}
