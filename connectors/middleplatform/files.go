package middleplatform

import (
	"math"
	"slices"
	"strings"

	sizes "banjian/internal/pace"
)

// FilesProfile says how files of an interface go when one message is not one file.
type FilesProfile struct {
	// Together is how many files of a case a message has at most; their contents together are
	// no more than what the field of the file allows one (most).
	Together int           `yaml:"together"`
	Pieces   *PieceProfile `yaml:"pieces"` // how a file goes that is larger; none: it is refused
}

// PieceProfile (分片) says how a file is divided, and which fields of its block tell. The sender
// fills them: records have no columns for them.
type PieceProfile struct {
	Size    sizes.Size `yaml:"size"`    // bytes of each piece but the last
	Largest sizes.Size `yaml:"largest"` // of a whole file
	Number  string     `yaml:"number"`  // which piece, from 1
	Count   string     `yaml:"count"`   // of how many
	MD5     string     `yaml:"md5"`     // of the piece
	Bytes   string     `yaml:"bytes"`   // of the whole file
}

func (p *PieceProfile) fields() []string { return []string{p.Number, p.Count, p.MD5, p.Bytes} }

// pieces is how large files of the interface go; nil: they do not.
func (in *Interface) pieces() *PieceProfile {
	if in.Files == nil {
		return nil
	}
	return in.Files.Pieces
}

// PieceNumber is which piece of a file a message has, empty for one that has files whole.
func (in *Interface) PieceNumber(m *Element) string {
	p, b := in.pieces(), in.fileBlock()
	if p == nil || b == nil {
		return ""
	}
	return m.Value(join(b.Block, p.Number))
}

// together is how many files a message has at most.
func (in *Interface) together() int {
	if in.Files == nil {
		return 1
	}
	return max(in.Files.Together, 1)
}

// MostOfFiles is how many bytes the files of a message have at most.
func (in *Interface) MostOfFiles() int64 {
	if b := in.fileBlock(); b != nil && b.file().Most > 0 {
		return int64(b.file().Most)
	}
	return math.MaxInt64
}

// fileBlock is the block that has a file; nil: none does.
func (in *Interface) fileBlock() *Block {
	for i := range in.Blocks {
		if in.Blocks[i].file() != nil {
			return &in.Blocks[i]
		}
	}
	return nil
}

// file is the block's file; nil: it has none.
func (b *Block) file() *Field {
	for i := range b.Fields {
		if b.Fields[i].Type == "file" {
			return &b.Fields[i]
		}
	}
	return nil
}

// made says that a field is filled by the sender, and no record has a column for it.
func (in *Interface) made(b *Block, f *Field) bool {
	p := in.pieces()
	return p != nil && b.file() != nil && slices.Contains(p.fields(), f.Name)
}

// Split is a message as one for each of its files: what it has beside them stands in each.
func (in *Interface) Split(m *Element) []*Element {
	b := in.fileBlock()
	if b == nil || !b.Many {
		return []*Element{m}
	}
	var list []*Element
	b.each(m, func(at *Element) { list = append(list, in.with(m, b, at)) })
	if len(list) < 2 {
		return []*Element{m}
	}
	return list
}

// with is a message with these elements as the only ones of a block.
func (in *Interface) with(m *Element, b *Block, elements ...*Element) *Element {
	parent, name, nested := strings.Cut(b.Block, "/")
	if !nested {
		name = parent
	}
	only := func(e *Element) *Element {
		out := &Element{Name: e.Name, Text: e.Text}
		for _, c := range e.Children {
			if c.Name != name {
				out.Children = append(out.Children, c)
			} else if elements != nil {
				out.Children = append(out.Children, elements...)
				elements = nil
			}
		}
		return out
	}
	if !nested {
		return only(m)
	}
	out := &Element{Name: m.Name, Text: m.Text}
	for _, c := range m.Children {
		if c.Name == parent {
			c = only(c)
		}
		out.Children = append(out.Children, c)
	}
	return out
}

// merged is the files of several messages of a case in the first of them.
func (in *Interface) merged(messages []*Element) *Element {
	b := in.fileBlock()
	var elements []*Element
	for _, m := range messages {
		b.each(m, func(at *Element) { elements = append(elements, at) })
	}
	return in.with(messages[0], b, elements...)
}

// wrongFiles is what is wrong with how an interface's files go.
func wrongFiles(at string, in *Interface) *mistake {
	if in.Files == nil {
		return nil
	}
	b := in.fileBlock()
	if b == nil {
		return wrongAt(at, "接口没有文件字段", "the interface has no file")
	}
	f, p := b.file(), in.Files.Pieces
	if in.Files.Together < 0 || in.Files.Together > 1 && (!b.Many || f.Most <= 0) {
		return wrongAt(at+".together", "together 大于一时，文件的块要 many: true，文件要写 most", "together above one goes with many: true of the file's block and most of the file")
	}
	if p == nil {
		return nil
	}
	if f.Most <= 0 || p.Size <= 0 || p.Size > f.Most || p.Largest < f.Most {
		return wrongAt(at+".pieces", "size 要大于零且不超过文件的 most，largest 不小于 most", "size is above zero and no more than most of the file, largest no less than most")
	}
	for i, name := range p.fields() {
		if one := b.field(name); one == nil || one.Required || one.RequiredWhen != nil || slices.Contains(p.fields()[:i], name) {
			return wrongAt(at+".pieces", "number、count、md5、bytes 是文件同块里四个不同的非必填字段", "number, count, md5 and bytes are four fields of the file's block, none of them required")
		}
	}
	return nil
}
