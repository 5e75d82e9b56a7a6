package file

import "errors"

// compact walks over Apache Thrift's compact protocol, in which Parquet writes its footer and
// page headers, without making anything of it: the library believes every number it reads
// there, and makes room for what a list says it has.
type compact struct {
	b        []byte
	i        int
	elements int // of lists that may yet come
}

// Kinds of values.
const (
	thriftStop, thriftTrue, thriftFalse, thriftByte = 0, 1, 2, 3
	thriftI16, thriftI32, thriftI64, thriftDouble   = 4, 5, 6, 7
	thriftBinary, thriftList, thriftSet, thriftMap  = 8, 9, 10, 11
	thriftStruct                                    = 12
)

const thriftDepth = 24 // of structures in each other; Parquet has some ten

var (
	errThrift      = errors.New("no compact Thrift")
	errThriftShort = errors.New("compact Thrift ends too early")
)

func (c *compact) byte() (byte, error) {
	if c.i >= len(c.b) {
		return 0, errThriftShort
	}
	c.i++
	return c.b[c.i-1], nil
}

func (c *compact) varint() (uint64, error) {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		b, err := c.byte()
		if err != nil {
			return 0, err
		}
		if v |= uint64(b&0x7F) << shift; b < 0x80 {
			return v, nil
		}
	}
	return 0, errThrift
}

func (c *compact) integer() (int64, error) {
	v, err := c.varint()
	return int64(v>>1) ^ -int64(v&1), err
}

// structure walks over the fields of a structure. field may read the value of one, and says
// whether it did.
func (c *compact) structure(depth int, field func(id int64, kind byte) (bool, error)) error {
	if depth > thriftDepth {
		return errThrift
	}
	for id := int64(0); ; {
		head, err := c.byte()
		if err != nil || head == thriftStop {
			return err
		}
		kind := head & 0x0F
		if delta := head >> 4; delta != 0 {
			id += int64(delta)
		} else if id, err = c.integer(); err != nil {
			return err
		}
		done := false
		if field != nil {
			if done, err = field(id, kind); err != nil {
				return err
			}
		}
		if !done {
			if err := c.skip(kind, depth); err != nil {
				return err
			}
		}
	}
}

// skip walks over a value of a field.
func (c *compact) skip(kind byte, depth int) error {
	switch kind {
	case thriftTrue, thriftFalse:
		return nil
	case thriftByte:
		return c.pass(1)
	case thriftI16, thriftI32, thriftI64:
		_, err := c.varint()
		return err
	case thriftDouble:
		return c.pass(8)
	case thriftBinary:
		n, err := c.varint()
		if err != nil {
			return err
		}
		return c.pass(n)
	case thriftList, thriftSet:
		n, of, err := c.list()
		for ; n > 0 && err == nil; n-- {
			err = c.element(of, depth)
		}
		return err
	case thriftMap:
		n, err := c.varint()
		if err != nil || n == 0 {
			return err
		}
		kinds, err := c.byte()
		if err == nil {
			err = c.count(n)
		}
		for ; n > 0 && err == nil; n-- {
			if err = c.element(kinds>>4, depth); err == nil {
				err = c.element(kinds&0x0F, depth)
			}
		}
		return err
	case thriftStruct:
		return c.structure(depth+1, nil)
	}
	return errThrift
}

// element is skip within a list, where a truth takes a byte.
func (c *compact) element(kind byte, depth int) error {
	if kind == thriftTrue || kind == thriftFalse {
		return c.pass(1)
	}
	return c.skip(kind, depth+1)
}

// list is the head of a list.
func (c *compact) list() (n uint64, of byte, err error) {
	head, err := c.byte()
	if err != nil {
		return 0, 0, err
	}
	if n = uint64(head >> 4); n == 15 {
		if n, err = c.varint(); err != nil {
			return 0, 0, err
		}
	}
	return n, head & 0x0F, c.count(n)
}

// count takes elements that a list says it has: no more than there are bytes for.
func (c *compact) count(n uint64) error {
	if n > uint64(len(c.b)-c.i) {
		return errThriftShort
	}
	if n > uint64(c.elements) {
		return errTooLarge
	}
	c.elements -= int(n)
	return nil
}

func (c *compact) pass(n uint64) error {
	if n > uint64(len(c.b)-c.i) {
		return errThriftShort
	}
	c.i += int(n)
	return nil
}
