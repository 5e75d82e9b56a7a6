package sqlview

import (
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// keepCell is a column whose bytes somebody else keeps.
type keepCell struct {
	to    *array.StringBuilder
	keep  func([]byte) (string, error)
	tally *tally
}

func (c *keepCell) Scan(src any) error {
	var content []byte
	switch v := src.(type) {
	case nil:
		c.to.AppendNull()
		return nil
	case []byte:
		content = v
	default:
		var err error
		if content, err = appendText(nil, src); err != nil {
			return err
		}
	}
	c.tally.bytes += int64(len(content))
	word, err := c.keep(content)
	if err == nil {
		c.to.Append(word)
	}
	return err
}

// keepers settles which mapped columns' bytes are kept by somebody else: what is held of
// them is text.
func (s *session) keepers(d *description) error {
	for i := range d.mapped {
		c := &d.mapped[i]
		keep := s.o.Keep[c.name]
		if keep == nil {
			continue
		}
		if c.kind != sqldialect.Binary && !s.d.Loose {
			return fault.New(fault.Config, "read files", s.o.where(), text.F("列 %s 是 %s，不是二进制，里面没有附件", "column %s is %s, which is not binary: there are no files in it", c.name, c.typeName),
				text.T("attachments.bytes 写二进制列；列里是路径或网址的不写 bytes", "attachments.bytes names a binary column; leave it out where the column holds paths or addresses"))
		}
		c.kind, c.keep = sqldialect.Text, keep
	}
	return nil
}
