package schemas

import (
	"embed"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

//go:embed canonical tables codes crosswalks
var shipped embed.FS

// Catalog is everything known about the shape of records: subjects, tables, code
// sets and crosswalks. It never changes after Load.
type Catalog struct {
	subjects   map[string]*Subject
	tables     map[string]*Table
	sets       map[string]*CodeSet
	crosswalks map[string]*Crosswalk
}

// Load reads the shipped data with a site's schemas/ folders laid over it: a file of
// a later overlay takes the place of one at the same path. An overlay is rooted at
// the schemas/ folder itself. What is wrong is a Config fault with its place.
func Load(overlays ...fs.FS) (*Catalog, error) {
	files, err := layers(append([]fs.FS{shipped}, overlays...))
	if err != nil {
		return nil, err
	}
	l := &loader{files: files, cat: &Catalog{
		subjects: map[string]*Subject{}, tables: map[string]*Table{},
		sets: map[string]*CodeSet{}, crosswalks: map[string]*Crosswalk{},
	}}
	for _, step := range []func() error{l.codeSets, l.crosswalks, l.subjects, l.tables} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return l.cat, nil
}

// Subject finds "case/accept", "national/up_pro_accept" and so on.
func (c *Catalog) Subject(name string) (*Subject, bool) {
	s, ok := c.subjects[name]
	return s, ok
}

// Subjects is every subject, sorted by name.
func (c *Catalog) Subjects() []*Subject { return sorted(c.subjects) }

// CodeSet finds "result", "national/result_type" and so on.
func (c *Catalog) CodeSet(name string) (*CodeSet, bool) {
	s, ok := c.sets[name]
	return s, ok
}

// CodeSets is every code set, sorted by name.
func (c *Catalog) CodeSets() []*CodeSet { return sorted(c.sets) }

// Crosswalk finds "provident-fund/items" and so on.
func (c *Catalog) Crosswalk(name string) (*Crosswalk, bool) {
	x, ok := c.crosswalks[name]
	return x, ok
}

// Crosswalks is every crosswalk, sorted by name.
func (c *Catalog) Crosswalks() []*Crosswalk { return sorted(c.crosswalks) }

// Table finds a receiver's table as "up_pro_accept" or "national/up_pro_accept", in
// any case.
func (c *Catalog) Table(name string) (*Table, bool) {
	t, ok := c.tables[sqlName(name)]
	return t, ok
}

// Tables is every table, sorted by name.
func (c *Catalog) Tables() []*Table { return sorted(c.tables) }

func sorted[T any](m map[string]T) []T {
	out := make([]T, 0, len(m))
	for _, name := range sortedKeys(m) {
		out = append(out, m[name])
	}
	return out
}

func sortedKeys[T any](m map[string]T) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// layers is path → file, the last layer that has it.
func layers(stack []fs.FS) (map[string]source, error) {
	files := map[string]source{}
	for _, fsys := range stack {
		for _, folder := range []string{"canonical", "tables", "codes", "crosswalks"} {
			if err := collect(fsys, folder, files); err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

func collect(fsys fs.FS, folder string, files map[string]source) error {
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
		if ext := path.Ext(name); ext != ".yaml" && ext != ".tsv" {
			return fault.New(fault.Config, "read schema data", "schemas/"+name,
				text.F("不认识的文件类型 %s", "unknown kind of file %s", ext),
				text.T("这里只放 .yaml 和 .tsv 文件", "only .yaml and .tsv files belong here"))
		}
		files[name], err = readSource(fsys, name)
		return err
	})
}

// loader fills the catalog step by step; code sets first, since fields name them.
type loader struct {
	files map[string]source
	cat   *Catalog
}

// in is the files of a folder, sorted.
func (l *loader) in(folder string) []string {
	var out []string
	for _, name := range sortedKeys(l.files) {
		if strings.HasPrefix(name, folder+"/") {
			out = append(out, name)
		}
	}
	return out
}

func (l *loader) codeSets() error {
	extends := map[string]string{}
	for _, file := range l.in("codes") {
		name := dataName(file, "codes")
		set, base, err := parseCodeSet(l.files[file], name)
		if err != nil {
			return err
		}
		l.cat.sets[name] = set
		if base != "" {
			extends[name] = base
		}
	}
	for _, name := range sortedKeys(l.cat.sets) {
		src := l.files["codes/"+name+".yaml"]
		if err := extendSet(src, l.cat.sets, name, extends); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) crosswalks() error {
	for _, file := range l.in("crosswalks") {
		name := dataName(file, "crosswalks")
		x, err := parseCrosswalk(l.files[file], name)
		if err != nil {
			return err
		}
		l.cat.crosswalks[name] = x
	}
	return nil
}

func (l *loader) subjects() error {
	blocks := map[string][]Field{}
	for _, file := range l.in("canonical/blocks") {
		name := dataName(file, "canonical/blocks")
		fields, err := parseBlock(l.files[file], name)
		if err != nil {
			return err
		}
		blocks[name] = fields
	}
	for _, file := range l.in("canonical") {
		if strings.HasPrefix(file, "canonical/blocks/") {
			continue
		}
		src := l.files[file]
		s, err := parseSubject(src, blocks)
		if err != nil {
			return err
		}
		if want := "case/" + dataName(file, "canonical"); s.Name != want {
			return src.fail("$.subject", text.F("subject 应当是 %q，与文件名一致", "subject must be %q, like the name of the file", want), text.Text{})
		}
		if err := verifySubject(src, "fields", s, l.cat.sets); err != nil {
			return err
		}
		l.cat.subjects[s.Name] = s
	}
	return nil
}

func (l *loader) tables() error {
	for _, file := range l.in("tables") {
		src := l.files[file]
		t, err := parseTable(src, dataName(file, "tables"))
		if err != nil {
			return err
		}
		if err := verifySubject(src, "columns", t.Subject, l.cat.sets); err != nil {
			return err
		}
		l.cat.tables[t.Name] = t
		l.cat.subjects[t.Subject.Name] = t.Subject
	}
	return nil
}
