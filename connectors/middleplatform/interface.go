package middleplatform

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	sizes "banjian/internal/pace"
)

// Interface is one call of the platform: where it goes, what it holds, what it waits
// for. Paths of values are BLOCK/FIELD, or FIELD for a child of the root.
type Interface struct {
	Name     string        `yaml:"-"`
	Number   int           `yaml:"number"` // 1 to 10, as the standard lists them
	Title    string        `yaml:"title"`
	EN       string        `yaml:"en"`
	Path     string        `yaml:"path"`
	Conf     string        `yaml:"conf"`      // of the path: client | analog | assumed
	Key      []string      `yaml:"key"`       // the values a repeat is known by
	OnUpdate string        `yaml:"on_update"` // resend | skip | cannot
	Repeat   string        `yaml:"repeat"`    // same | never: what the same message sent again does; default same
	Ask      *Inquiry      `yaml:"ask"`       // how it is found out whether a message arrived; default: it cannot be
	After    []After       `yaml:"after"`     // what must have arrived for the case
	NotAfter []string      `yaml:"not_after"` // interfaces after which none of this is taken
	Limits   LimitProfile  `yaml:"limits"`    // where it differs from the profile's
	Blocks   []Block       `yaml:"blocks"`
	Halves   *Halves       `yaml:"halves"`
	Instead  *Instead      `yaml:"instead"` // what it has no word for, another one tells
	Files    *FilesProfile `yaml:"files"`

	columns []string // of its messages' records: its own, then those it borrows
	borrows []Block  // of the interface that Instead names
}

// After is an interface that comes first, unless the message says otherwise.
type After struct {
	Interface string `yaml:"interface"`
	Unless    *When  `yaml:"unless"`
}

// Instead says that a record without a value at Missing goes as a message of another
// interface, with the values it has for Blocks of that one and those of the root: 不予受理 is
// told by interface 4, interface 8 has no code for it.
type Instead struct {
	Missing   string   `yaml:"missing"` // a path
	Interface string   `yaml:"interface"`
	Blocks    []string `yaml:"blocks"`
}

// Halves says that a record goes as several messages, one for each of these blocks that
// holds anything, in the order of the codes: Field tells which one a message has.
type Halves struct {
	Field  string            `yaml:"field"`  // of the root
	Blocks map[string]string `yaml:"blocks"` // code → block
}

// Block is an element below the root with its fields, or PARENT/ELEMENT below an
// element of its own; without a name, the root's own.
type Block struct {
	Block    string  `yaml:"block"`
	Required bool    `yaml:"required"`
	Many     bool    `yaml:"many"` // the element may be there more than once
	Open     bool    `yaml:"open"` // fields that are not listed may follow
	Conf     string  `yaml:"conf"` // of its fields: client | analog | assumed
	Fields   []Field `yaml:"fields"`
}

// Field is one value of a message.
type Field struct {
	Name  string `yaml:"name"`
	Title string `yaml:"title"`
	EN    string `yaml:"en"`
	// Type is text (default), time, region (12 digits), amount (two decimals at most), int,
	// file (its bytes in base64) or any (whatever stands there, elements too).
	Type         string     `yaml:"type"`
	Width        int        `yaml:"width"` // characters, of an amount or a whole number digits; 0 = as the type has it
	Codes        string     `yaml:"codes"` // name of a code set
	Required     bool       `yaml:"required"`
	RequiredWhen *When      `yaml:"required_when"`
	NotBefore    string     `yaml:"not_before"` // a time: FIELD of the same block, or INTERFACE/BLOCK/FIELD of the same case
	MD5Of        string     `yaml:"md5_of"`     // of the same block: a file whose MD5 this is, in hexadecimal
	Most         sizes.Size `yaml:"most"`       // of a file that is sent inline, in bytes; 0 = no limit
	PathIn       string     `yaml:"path_in"`    // of the same block: takes the address of a file that is not sent inline
	Conf         string     `yaml:"conf"`       // where it differs from the block's
	Aliases      []string   `yaml:"aliases"`    // other spellings that are read
	Personal     string     `yaml:"personal"`   // how a person sees it: name | id | phone | address | email | text; empty = as it is
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

// KeyOf is the values a message is known by, in the order of Key, and of a piece of a file
// its number.
func (in *Interface) KeyOf(m *Element) []string {
	key := make([]string, len(in.Key))
	for i, path := range in.Key {
		key[i] = m.Value(path)
	}
	if n := in.PieceNumber(m); n != "" {
		key = append(key, n)
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

// spelt is the field that is read under a name.
func (b *Block) spelt(name string) *Field {
	for i := range b.Fields {
		if b.Fields[i].Name == name || slices.Contains(b.Fields[i].Aliases, name) {
			return &b.Fields[i]
		}
	}
	return nil
}

// value is the text of a field in its block.
func (f *Field) value(block *Element) string {
	if v := block.Value(f.Name); v != "" || len(f.Aliases) == 0 {
		return v
	}
	for _, name := range f.Aliases {
		if v := block.Value(name); v != "" {
			return v
		}
	}
	return ""
}

// each calls do for every element of the block in a message.
func (b *Block) each(m *Element, do func(*Element)) {
	name := b.Block
	if name == "" {
		do(m)
		return
	}
	if parent, below, nested := strings.Cut(name, "/"); nested {
		if name, m = below, m.Child(parent); m == nil {
			return
		}
	}
	for _, c := range m.Children {
		if c.Name == name {
			do(c)
			if !b.Many {
				return
			}
		}
	}
}

// stands says that the block is there.
func (b *Block) stands(m *Element) (there bool) {
	b.each(m, func(*Element) { there = true })
	return there
}

func blockOf(blocks []Block, name string) *Block {
	for i := range blocks {
		if blocks[i].Block == name {
			return &blocks[i]
		}
	}
	return nil
}

func (in *Interface) block(name string) *Block { return blockOf(in.Blocks, name) }

// at is the field of a path, nil if there is none.
func (in *Interface) at(path string) *Field {
	cut := strings.LastIndexByte(path, '/')
	if b := in.block(path[:max(cut, 0)]); b != nil {
		return b.field(path[cut+1:])
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
	return block[strings.LastIndexByte(block, '/')+1:] + "_" + name
}

func join(block, name string) string {
	if block == "" {
		return name
	}
	return block + "/" + name
}
