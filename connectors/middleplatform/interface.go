package middleplatform

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Interface is one call of the platform: where it goes, what it holds, what it waits
// for. Paths of values are BLOCK/FIELD, or FIELD for a child of the root.
type Interface struct {
	Name     string       `yaml:"-"`
	Number   int          `yaml:"number"` // 1 to 10, as the standard lists them
	Title    string       `yaml:"title"`
	EN       string       `yaml:"en"`
	Path     string       `yaml:"path"`
	Key      []string     `yaml:"key"`       // the values a repeat is known by
	OnUpdate string       `yaml:"on_update"` // resend | skip | cannot
	After    []After      `yaml:"after"`     // what must have arrived for the case
	NotAfter []string     `yaml:"not_after"` // interfaces after which none of this is taken
	Limits   LimitProfile `yaml:"limits"`    // where it differs from the profile's
	Blocks   []Block      `yaml:"blocks"`

	columns []string // of its messages' records
}

// After is an interface that comes first, unless the message says otherwise.
type After struct {
	Interface string `yaml:"interface"`
	Unless    *When  `yaml:"unless"`
}

// Block is an element below the root with its fields; without a name, the root's own.
type Block struct {
	Block    string  `yaml:"block"`
	Required bool    `yaml:"required"`
	Fields   []Field `yaml:"fields"`
}

// Field is one value of a message.
type Field struct {
	Name         string `yaml:"name"`
	Title        string `yaml:"title"`
	EN           string `yaml:"en"`
	Type         string `yaml:"type"`  // text (default) | time | region (12 digits) | amount (two decimals at most)
	Width        int    `yaml:"width"` // characters, of an amount digits; 0 = as the type has it
	Codes        string `yaml:"codes"` // name of a code set
	Required     bool   `yaml:"required"`
	RequiredWhen *When  `yaml:"required_when"`
	NotBefore    string `yaml:"not_before"` // a time: FIELD of the same block, or INTERFACE/BLOCK/FIELD of the same case
	Personal     string `yaml:"personal"`   // how a person sees it: name | id | phone | address | email | text; empty = as it is
}

// When asks one value; exactly one list is given. An absent value is the empty text.
type When struct {
	Field string   `yaml:"field"` // of the same block; a path where there is none
	Is    []string `yaml:"is"`
	IsNot []string `yaml:"is_not"`
}

func (w *When) holds(value string) bool {
	if w.Is != nil {
		return slices.Contains(w.Is, value)
	}
	return !slices.Contains(w.IsNot, value)
}

// ByNumber lists the interfaces in the order of the standard.
func (p *Profile) ByNumber() []*Interface {
	return slices.SortedFunc(maps.Values(p.Interfaces), func(a, b *Interface) int { return cmp.Compare(a.Number, b.Number) })
}

// ByPath is the interface behind the path of a request, nil if there is none.
func (p *Profile) ByPath(path string) *Interface {
	for _, in := range p.Interfaces {
		if in.Path == path {
			return in
		}
	}
	return nil
}

// URL is the address of an interface at a platform's base address.
func (in *Interface) URL(base string) string { return strings.TrimSuffix(base, "/") + in.Path }

// KeyOf is the values a message is known by, in the order of Key.
func (in *Interface) KeyOf(m *Element) []string {
	key := make([]string, len(in.Key))
	for i, path := range in.Key {
		key[i] = m.Value(path)
	}
	return key
}

// CaseOf is whose case a message belongs to.
func (p *Profile) CaseOf(m *Element) []string {
	values := make([]string, len(p.Body.Case))
	for i, name := range p.Body.Case {
		values[i] = m.Value(name)
	}
	return values
}

// Waits is the interfaces that must have arrived before this message.
func (in *Interface) Waits(m *Element) []string {
	var names []string
	for _, a := range in.After {
		if a.Unless == nil || !a.Unless.holds(m.Value(a.Unless.Field)) {
			names = append(names, a.Interface)
		}
	}
	return names
}

func (b *Block) field(name string) *Field {
	for i := range b.Fields {
		if b.Fields[i].Name == name {
			return &b.Fields[i]
		}
	}
	return nil
}

func (in *Interface) block(name string) *Block {
	for i := range in.Blocks {
		if in.Blocks[i].Block == name {
			return &in.Blocks[i]
		}
	}
	return nil
}

// at is the field of a path, nil if there is none.
func (in *Interface) at(path string) *Field {
	block, name, nested := strings.Cut(path, "/")
	if !nested {
		block, name = "", path
	}
	if b := in.block(block); b != nil {
		return b.field(name)
	}
	return nil
}

// Laters lists the fields of the message that must not be before one of another
// message of the case: their path and INTERFACE/BLOCK/FIELD.
func (in *Interface) Laters() [][2]string {
	var pairs [][2]string
	for _, b := range in.Blocks {
		for _, f := range b.Fields {
			if strings.Contains(f.NotBefore, "/") {
				pairs = append(pairs, [2]string{join(b.Block, f.Name), f.NotBefore})
			}
		}
	}
	return pairs
}

// column is the column of a message's record that holds a field.
func column(block, name string) string {
	if block == "" {
		return name
	}
	return block + "_" + name
}

func join(block, name string) string {
	if block == "" {
		return name
	}
	return block + "/" + name
}
