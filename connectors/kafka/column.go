package kafka

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// column is text in Arrow's layout.
type column struct {
	data  []byte
	ends  []int32
	valid []byte // bitmap
	nulls int
}

// array gives the values away; the column begins anew, with room for as many again.
func (c *column) array() arrow.Array {
	n := c.len()
	data := array.NewData(arrow.BinaryTypes.String, n, []*memory.Buffer{memory.NewBufferBytes(c.valid), memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.ends)), memory.NewBufferBytes(c.data)}, nil, c.nulls, 0)
	defer data.Release()
	room := len(c.data) + len(c.data)/8
	*c = column{ends: make([]int32, 1, n+1), valid: make([]byte, 0, n/8+1), data: make([]byte, 0, room)}
	return array.NewStringData(data)
}

func (c *column) len() int { return len(c.ends) - 1 }

// end closes the value whose bytes were appended to data.
func (c *column) end() {
	c.bit(true)
	c.ends = append(c.ends, int32(len(c.data)))
}

func (c *column) null() {
	c.bit(false)
	c.nulls++
	c.ends = append(c.ends, int32(len(c.data)))
}

func (c *column) bit(on bool) {
	n := c.len()
	if n&7 == 0 {
		c.valid = append(c.valid, 0)
	}
	if on {
		c.valid[n>>3] |= 1 << (n & 7)
	}
}

func (c *column) isNull(i int) bool { return c.valid[i>>3]&(1<<(i&7)) == 0 }

// last is the newest value, nil for NULL.
func (c *column) last() []byte {
	n := c.len() - 1
	if c.isNull(n) {
		return nil
	}
	return c.data[c.ends[n]:c.ends[n+1]:c.ends[n+1]]
}

// cut takes back everything behind the first n values, and what was appended of the next.
func (c *column) cut(n int) {
	for i := n; i < c.len(); i++ {
		if c.isNull(i) {
			c.nulls--
		}
		c.valid[i>>3] &^= 1 << (i & 7)
	}
	c.ends = c.ends[:n+1]
	c.valid = c.valid[:(n+7)/8]
	c.data = c.data[:c.ends[n]]
}
