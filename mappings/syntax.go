package mappings

import (
	"fmt"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

// File is a mapping file (映射文件) as written: read and checked for shape, not yet
// against any schema.
type File struct {
	Path   string // as given to Parse; first part of every place in an error
	Name   string // mapping:, "provident-fund/accept"
	Title  string // title:
	From   string // from:, the canonical subject a delivery mapping reads; empty for a department's
	blocks []block
	where  *node // CEL over source columns, for all blocks
	root   *node
	data   []byte // the file, for the lines errors quote

	unknown map[*node]bool // keys that were refused
}

// block is one subject that rows are mapped to.
type block struct {
	to     *node
	where  *node
	spread spreadNodes
	fields []field
	names  map[string]bool // of all fields written, those that are wrong too
	rules  []rule
}

// field is one entry of fields: in one of its forms.
type field struct {
	name *node
	def  *node // the whole value
	from *node // column it is copied from
	cons *node // {const: v}
	expr *node // {expr: "CEL"}
	item *node // {item_code: {…}}

	special *key  // {first_of: …}, {array: …}, {path: …}
	keys    []key // operations and modifiers, in the order written
}

// key is one key of a field's map with its value.
type key struct {
	name *node
	val  *node
}

// get is the value of a field's key, nil if it is not there.
func (f *field) get(name string) *node {
	for _, k := range f.keys {
		if k.name.text == name {
			return k.val
		}
	}
	return nil
}

// rule is one entry of rules:.
type rule struct {
	id    *node
	when  *node
	then  *node
	field *node // the field a person should look at; nil = none
	say   text.Text
	at    *node
}

// errors a person mends, at a node of the file.
func (f *File) fail(n *node, zh, en string, args ...any) error {
	return f.failHint(n, text.Text{}, zh, en, args...)
}

func (f *File) failHint(n *node, hint text.Text, zh, en string, args ...any) error {
	e := fault.New(fault.Config, "check mapping", f.at(n), text.F(zh, en, args...), hint).Quoting(f.data)
	if e.Hint.IsZero() {
		e.Hint = yamlfile.WideHint(e.Line)
	}
	return e
}

// at is the place of n: file:line:column.
func (f *File) at(n *node) string {
	if n == nil || n.line == 0 {
		return f.Path
	}
	return fmt.Sprintf("%s:%d:%d", f.Path, n.line, n.col)
}
