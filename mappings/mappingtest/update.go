package mappingtest

import (
	"bytes"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/schemas"
)

// Update is the file with every expectation as the mapping has it now, and the names of
// the cases that changed. Only what differs is rewritten: comments, order and the
// spelling of everything else stay. Of a case that expects nothing yet every field that
// is not NULL is written down. The new file is run once more before it is handed out.
func (f *File) Update(m *mappings.Mapping, alloc memory.Allocator) ([]byte, []string, error) {
	outcomes, err := f.outcomes(m, alloc)
	if err != nil {
		return nil, nil, err
	}
	var edits []edit
	var changed []string
	for i, c := range f.cases {
		if len(f.compare(c, outcomes[i], m)) == 0 {
			continue
		}
		changed = append(changed, c.name)
		u := &caseUpdate{f: f, c: c, o: outcomes[i], m: m}
		u.write()
		edits = append(edits, u.edits...)
	}
	data := splice(f.data, edits)
	return data, changed, f.proven(data, m, alloc)
}

// proven refuses an updated file that does not say what the mapping does.
func (f *File) proven(data []byte, m *mappings.Mapping, alloc memory.Allocator) error {
	again, err := Parse(f.Path, data)
	if err == nil {
		var r *Report
		if r, err = again.Run(m, alloc); err == nil && r.Failed() == 0 && len(r.Cases) == len(f.cases) {
			return nil
		}
	}
	return fault.Wrap(err, fault.Bug, "update mapping test", f.Path, text.T("没能改写这个文件，原文件未动", "this file could not be rewritten; it was left as it is"),
		text.T("把例子写成一行一个键，再试一次", "write the cases one key a line and try again"))
}

// edit puts text in the place of bytes from to to.
type edit struct {
	from, to int
	text     string
}

// splice applies edits that do not overlap.
func splice(data []byte, edits []edit) []byte {
	slices.SortFunc(edits, func(a, b edit) int { return a.from - b.from })
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		out.Write(data[at:e.from])
		out.WriteString(e.text)
		at = e.to
	}
	out.Write(data[at:])
	return out.Bytes()
}

// caseUpdate rewrites one case.
type caseUpdate struct {
	f     *File
	c     *testCase
	o     *outcome
	m     *mappings.Mapping
	edits []edit
	added []string // keys to write, with their values
	drops []int    // keys to take out, as they stand in the case
}

// write settles every key that says what is expected.
func (u *caseUpdate) write() {
	u.expect()
	for _, l := range findingLists {
		u.findings(l.key, u.o.found[l.severity])
	}
	if u.o.kind == wasFiltered {
		u.put("filtered", "true", u.c.filters)
	} else {
		u.drop("filtered")
	}
	u.finish()
}

func (u *caseUpdate) expect() {
	_, said := u.c.outcome()
	switch {
	case u.o.kind != madeRecord:
		u.drop("expect")
	case u.c.expect != nil:
		u.records()
	case !said || u.refused():
		u.added = append(u.added, u.whole())
	}
}

// refused says that the case expected the row to be refused.
func (u *caseUpdate) refused() bool {
	k, said := u.c.outcome()
	return said && k != madeRecord
}

func (u *caseUpdate) findings(key string, found []finding) {
	have := u.c.node.get(key)
	if len(found) == 0 {
		if have != nil && len(have.vals) > 0 {
			u.drop(key)
		}
		return
	}
	same := false
	for _, l := range findingLists {
		if l.key == key {
			missing, extra := matchFindings(u.c.found[l.severity], found)
			same = len(missing) == 0 && len(extra) == 0
		}
	}
	u.put(key, renderFindings(found), same)
}

// put gives a key its value; same says that the one it has will do.
func (u *caseUpdate) put(key, value string, same bool) {
	switch have := u.c.node.get(key); {
	case have == nil:
		u.added = append(u.added, key+": "+value)
	case !same:
		u.replace(have, value)
	}
}

func (u *caseUpdate) replace(n *node, value string) {
	if n.unwritten {
		value = " " + value
	}
	u.edits = append(u.edits, edit{n.from, n.to, value})
}

// drop marks a key that has nothing to say any more.
func (u *caseUpdate) drop(key string) {
	if i := slices.IndexFunc(u.c.node.keys, func(k *node) bool { return k.text == key }); i >= 0 {
		u.drops = append(u.drops, i)
	}
}

// finish takes out the keys that were dropped and writes the new ones: in the place of
// the first that goes, else behind the last.
func (u *caseUpdate) finish() {
	n := u.c.node
	lead := ", "
	if !n.flow {
		lead = "\n" + strings.Repeat(" ", n.col-1)
	}
	slices.Sort(u.drops)
	for k, i := range u.drops {
		if k == 0 && len(u.added) > 0 {
			u.edits = append(u.edits, edit{n.keys[i].from, n.vals[i].to, strings.Join(u.added, lead)})
		} else {
			u.remove(i)
		}
	}
	if len(u.drops) == 0 && len(u.added) > 0 {
		at := n.vals[len(n.vals)-1].to
		if !n.flow {
			at = u.lineEnd(at)
		}
		u.edits = append(u.edits, edit{at, at, lead + strings.Join(u.added, lead)})
	}
}

// remove takes the i-th key out, with its lines where it has its own.
func (u *caseUpdate) remove(i int) {
	n, data := u.c.node, u.f.data
	if n.flow {
		u.edits = append(u.edits, edit{n.vals[i-1].to, n.vals[i].to, ""})
		return
	}
	from := bytes.LastIndexByte(data[:n.keys[i].from], '\n') + 1
	u.edits = append(u.edits, edit{from, min(u.lineEnd(n.vals[i].to)+1, len(data)), ""})
}

func (u *caseUpdate) lineEnd(at int) int {
	if i := bytes.IndexByte(u.f.data[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(u.f.data)
}

// records rewrites the values of expect that are not so.
func (u *caseUpdate) records() {
	list, counts := wantedRecords(u.c, u.m)
	for i, k := range keysOf(u.c.expect) {
		if n, named := counts[k]; named && n != len(u.o.records[k]) {
			u.replace(u.c.expect.vals[i], u.recordsOf(k))
		}
	}
	for _, w := range list {
		n, named := counts[w.subject]
		if named && n != len(u.o.records[w.subject]) {
			continue
		}
		got := u.o.records[w.subject][w.nth]
		for i, k := range w.fields.keys {
			v := w.fields.vals[i]
			if !slices.Equal(valuesOf(v), got[k.text]) {
				u.replace(v, render(got[k.text], u.isList(w.subject, k.text)))
			}
		}
	}
}

func (u *caseUpdate) isList(subject, field string) bool {
	return slices.ContainsFunc(u.m.Fields(subject), func(x schemas.Field) bool { return x.Name == field && x.Type == schemas.List })
}
