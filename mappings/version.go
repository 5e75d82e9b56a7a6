package mappings

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
)

// semantics changes when an operation comes to mean something else.
const semantics = "1"

// Version is a hash of everything that changes what the mapping makes of a row: the
// file without titles, sentences, comments and layout, the code sets, crosswalks and item
// catalogues it uses and the shape of its subjects. 32 hexadecimal digits.
func (m *Mapping) Version() string { return m.version }

func versionOf(m *Mapping, u uses) string {
	h := sha256.New()
	fmt.Fprintln(h, "mapping", semantics)
	writeNode(h, m.file.root, "title", "say")
	if m.from != nil {
		fmt.Fprintf(h, "from %q\n", m.from.Name)
	}
	for _, b := range m.blocks {
		fmt.Fprintf(h, "subject %q %q\n", b.subject.Name, b.subject.Version)
		for _, f := range b.subject.Fields {
			fmt.Fprintf(h, "%q %s %d %d %q %v %q\n", f.Name, f.Type, f.Width, f.Scale, f.CodeSet, f.Required, f.RequiredWhen)
			if set, ok := m.cat.CodeSet(f.CodeSet); ok && f.CodeSet != "" {
				u.sets[f.CodeSet] = set
			}
		}
		fmt.Fprintf(h, "%v\n", b.subject.Orders)
		if b.swap != nil {
			fmt.Fprintf(h, "substitutes %s\n", b.swap.Digest())
		}
		for _, r := range b.subject.Rules {
			fmt.Fprintf(h, "rule %s\n", r.Digest())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(u.sets)) {
		fmt.Fprintf(h, "set %q %s\n", name, u.sets[name].Digest())
	}
	for _, name := range slices.Sorted(maps.Keys(u.tables)) {
		fmt.Fprintf(h, "code table %q %s\n", name, u.tables[name].Digest())
	}
	for _, name := range slices.Sorted(maps.Keys(u.walks)) {
		fmt.Fprintf(h, "crosswalk %q %s\n", name, u.walks[name].Digest())
	}
	for _, name := range slices.Sorted(maps.Keys(u.lists)) {
		fmt.Fprintf(h, "items %q %s\n", name, u.lists[name])
	}
	for _, name := range slices.Sorted(maps.Keys(u.lookups)) {
		fmt.Fprintf(h, "lookup %q %s\n", name, u.lookups[name].Digest())
	}
	for _, name := range slices.Sorted(maps.Keys(u.calendars)) {
		fmt.Fprintf(h, "calendar %q %s\n", name, u.calendars[name].Digest())
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// writeNode writes a node so that equal texts mean equal mappings; keys in skip are
// left out at the top and in rules.
func writeNode(w io.Writer, n *node, skip ...string) {
	switch n.kind {
	case scalarNode:
		fmt.Fprintf(w, "%q ", n.text)
	case nullNode:
		fmt.Fprint(w, "null ")
	case listNode:
		fmt.Fprint(w, "[")
		for _, v := range n.vals {
			writeNode(w, v, skip...)
		}
		fmt.Fprint(w, "]")
	case mapNode:
		fmt.Fprint(w, "{")
		for i, k := range n.keys {
			if slices.Contains(skip, k.text) {
				continue
			}
			fmt.Fprintf(w, "%q:", k.text)
			below := skip
			if k.text == "fields" {
				below = nil
			}
			writeNode(w, n.vals[i], below...)
		}
		fmt.Fprint(w, "}")
	}
}
