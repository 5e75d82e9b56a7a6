package file

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/metadata"
)

// What a Parquet file may ask the library to make room for. A file that asks for more is
// refused before anything is made.
const (
	maxFooter   = 16 << 20  // bytes
	maxElements = 1_000_000 // of all lists of the footer together
	maxSchema   = 10_000    // columns and groups
	maxGroup    = 256 << 20 // bytes that the columns of one row group take while they are read
	maxHeader   = 1 << 20   // bytes of a page header
)

var errTooLarge = errors.New("more than a file may ask for")

func tooLarge(format string) error { return &refusal{ruleTooLarge, []string{format}} }

// largeOr is what an error of a guard means for the file.
func largeOr(err error) error {
	if errors.Is(err, errTooLarge) {
		return tooLarge("parquet")
	}
	return notWhole("parquet")
}

// checkFooter looks through the footer before the library does.
func checkFooter(f io.ReaderAt, size int64) error {
	var tail [8]byte
	if size < 12 {
		return notWhole("parquet")
	}
	if _, err := f.ReadAt(tail[:], size-8); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	n := int64(binary.LittleEndian.Uint32(tail[:4]))
	switch {
	case string(tail[4:]) != "PAR1", n > size-12:
		return notWhole("parquet") // an encrypted footer too
	case n > maxFooter:
		return tooLarge("parquet")
	}
	c := compact{b: make([]byte, n), elements: maxElements}
	if _, err := f.ReadAt(c.b, size-8-n); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	err := c.structure(0, func(id int64, kind byte) (bool, error) {
		if id != 2 || kind != thriftList { // the schema
			return false, nil
		}
		before := c.i
		n, _, err := c.list()
		if err == nil && n > maxSchema {
			err = errTooLarge
		}
		c.elements += int(n)
		c.i = before
		return false, err
	})
	if err != nil {
		return largeOr(err)
	}
	return nil
}

// pageHeader is what a header says of its page.
type pageHeader struct {
	size                     int64 // of the header
	kind                     int64 // 0 data, 2 dictionary, 3 data in the second form
	uncompressed, compressed int64
	values                   int64
	encoding                 int64
	plain                    bool  // it is not compressed, whatever its column is
	levels                   int64 // bytes of levels, which lie before the values and are not compressed
}

// weigh adds up what reading a column chunk takes at most: its largest page and its
// dictionary. It reads the headers of the pages alone.
func (p *parquetReader) weigh(col *metadata.ColumnChunkMetaData, level int16) (int64, error) {
	at := col.DataPageOffset()
	if col.HasDictionaryPage() && col.DictionaryPageOffset() > 0 {
		at = min(at, col.DictionaryPageOffset())
	}
	end := at + col.TotalCompressedSize()
	if at < 4 || col.TotalCompressedSize() < 0 || end > p.size {
		return 0, notWhole("parquet")
	}
	var page, dictionary int64
	for seen := int64(0); seen < col.NumValues() && at < end; {
		if err := p.halted(); err != nil {
			return 0, err
		}
		h, err := p.header(at)
		if err != nil {
			return 0, err
		}
		body := at + h.size
		at = body + h.compressed
		takes := h.uncompressed + h.compressed
		switch {
		case h.compressed < 0 || h.uncompressed < 0 || h.values < 0 || h.levels < 0 || h.levels > h.compressed || h.levels > h.uncompressed || at > p.size:
			return 0, notWhole("parquet")
		case takes > p.pageLimit():
			return 0, tooLarge("parquet")
		}
		codec := col.Compression()
		if h.plain {
			codec = compress.Codecs.Uncompressed
		}
		if err := p.inflates(codec, body+h.levels, h); err != nil {
			return 0, err
		}
		if h.kind != 2 && h.encoding >= deltaPacked && h.encoding <= deltaText {
			if err := p.deltas(codec, body, h, level); err != nil {
				return 0, err
			}
		}
		switch h.kind {
		case 0, 3:
			seen += h.values
			page = max(page, takes)
		case 2:
			const slot = 24 // bytes of a value in memory
			if dictionary += takes + slot*h.values; h.values > h.uncompressed {
				return 0, notWhole("parquet")
			}
		}
	}
	return page + dictionary, nil
}

// pageLimit is how large one page may be: some of the longest rows.
func (p *parquetReader) pageLimit() int64 { return 4 * int64(p.limit) }

// header reads the header of the page at at.
func (p *parquetReader) header(at int64) (h pageHeader, err error) {
	for n := int64(512); ; n *= 4 {
		c := compact{b: make([]byte, min(n, p.size-at)), elements: 100}
		if _, err := p.source.ReadAt(c.b, at); err != nil && !errors.Is(err, io.EOF) {
			return h, err
		}
		h = pageHeader{}
		err = c.structure(0, func(id int64, kind byte) (bool, error) { return c.headerField(&h, id, kind) })
		if h.size = int64(c.i); err == nil {
			return h, nil
		}
		if !errors.Is(err, errThriftShort) || n > maxHeader || int64(len(c.b)) < n {
			return h, largeOr(err)
		}
	}
}

func (c *compact) headerField(h *pageHeader, id int64, kind byte) (done bool, err error) {
	number := map[int64]*int64{1: &h.kind, 2: &h.uncompressed, 3: &h.compressed}[id]
	switch {
	case kind == thriftI32 && number != nil:
		*number, err = c.integer()
		return true, err
	case kind == thriftStruct && (id == 5 || id == 7 || id == 8): // data, dictionary, data in the second form
		return true, c.structure(1, func(part int64, kind byte) (bool, error) {
			switch {
			case id == 8 && part == 7:
				h.plain = kind == thriftFalse
				return false, nil
			case kind != thriftI32:
				return false, nil
			case part == 1:
				h.values, err = c.integer()
				return true, err
			case part == 2 && id == 5, part == 4 && id == 8:
				h.encoding, err = c.integer()
				return true, err
			case id == 8 && (part == 5 || part == 6):
				n, err := c.integer()
				h.levels += n
				return true, err
			}
			return false, nil
		})
	}
	return false, nil
}

// inflates refuses a page that its codec would make larger than its header says: the
// library's snappy and zstd believe the page itself.
func (p *parquetReader) inflates(codec compress.Compression, at int64, h pageHeader) error {
	switch codec {
	case compress.Codecs.Snappy:
		var head [binary.MaxVarintLen32]byte
		n, err := p.source.ReadAt(head[:], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if size, used := binary.Uvarint(head[:n]); used > 0 && size > uint64(h.uncompressed) {
			return tooLarge("parquet")
		}
	case compress.Codecs.Zstd:
		n, err := zstdBound(p.source, at, at+h.compressed-h.levels)
		switch {
		case errors.Is(err, errThrift):
			return notWhole("parquet")
		case err != nil:
			return err
		case n > p.pageLimit():
			return tooLarge("parquet")
		}
	}
	return nil
}

// Encodings whose values begin with how many there are, which the library believes.
const (
	deltaPacked = 5
	deltaText   = 7
)

const maxDeltas = 16 << 20 // values of one page

// deltas looks at the head of values that are written as differences.
func (p *parquetReader) deltas(codec compress.Compression, at int64, h pageHeader, level int16) error {
	body := make([]byte, h.compressed)
	if _, err := p.source.ReadAt(body, at); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	body = body[h.levels:]
	if codec != compress.Codecs.Uncompressed {
		c, err := compress.GetCodec(codec)
		if err != nil {
			return notWhole("parquet")
		}
		body = c.Decode(make([]byte, h.uncompressed-h.levels), body)
	}
	if h.kind == 0 && level > 0 { // the levels lie in the body
		if len(body) < 4 || uint64(binary.LittleEndian.Uint32(body)) > uint64(len(body)-4) {
			return notWhole("parquet")
		}
		body = body[4+binary.LittleEndian.Uint32(body):]
	}
	c := compact{b: body}
	block, err := c.varint()
	parts, also := c.varint()
	total, last := c.varint()
	switch {
	case errors.Join(err, also, last) != nil || total > uint64(h.values) || parts == 0 || parts > block:
		return notWhole("parquet")
	case block > 1<<20 || h.values > maxDeltas:
		return tooLarge("parquet")
	}
	return nil
}

// zstdBound is how much the frames of RFC 8878 that lie in f may become, without their being
// read: blocks say how long they are, and none becomes more than 128 KiB.
func zstdBound(f io.ReaderAt, at, end int64) (sum int64, err error) {
	const block = 128 << 10
	word := func(n int64) uint64 {
		var b [8]byte
		if err == nil && at+n > end {
			err = errThrift
		}
		if err == nil {
			if _, err = f.ReadAt(b[:n], at); errors.Is(err, io.EOF) {
				err = nil
			}
		}
		at += n
		return binary.LittleEndian.Uint64(b[:])
	}
	for at < end && err == nil {
		magic := word(4)
		if magic&^0xF == 0x184D2A50 { // to be skipped
			at += int64(word(4))
			continue
		}
		if magic != 0xFD2FB528 {
			return 0, errThrift
		}
		flags := word(1)
		single := flags>>5&1 == 1
		rest := []int64{0, 1, 2, 4}[flags&3] + []int64{0, 2, 4, 8}[flags>>6]
		switch {
		case !single:
			rest++ // the window
		case flags>>6 == 0:
			rest++ // a size of one byte
		}
		at += rest
		for last := false; !last && err == nil; {
			head := word(3)
			last = head&1 == 1
			size := int64(head >> 3)
			switch head >> 1 & 3 {
			case 0:
				sum, at = sum+size, at+size
			case 1:
				sum, at = sum+size, at+1
			case 2:
				sum, at = sum+block, at+size
			default:
				return 0, errThrift
			}
		}
		if flags>>2&1 == 1 {
			at += 4
		}
	}
	return sum, err
}
