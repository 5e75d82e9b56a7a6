package file

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

// thriftWriter writes the compact protocol, whatever the numbers.
type thriftWriter struct {
	b    []byte
	last []int // field of each open structure
}

func (w *thriftWriter) varint(v uint64) { w.b = binary.AppendUvarint(w.b, v) }

func (w *thriftWriter) field(id int, kind byte) {
	top := &w.last[len(w.last)-1]
	w.b = append(w.b, byte(id-*top)<<4|kind)
	*top = id
}

func (w *thriftWriter) number(id int, kind byte, v int64) {
	w.field(id, kind)
	w.varint(uint64(v<<1) ^ uint64(v>>63))
}

func (w *thriftWriter) text(id int, s string) {
	w.field(id, thriftBinary)
	w.varint(uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *thriftWriter) list(id int, kind byte, n int) {
	w.field(id, thriftList)
	w.b = append(w.b, 0xF0|kind)
	w.varint(uint64(n))
}

// structure writes one; id 0 is an element of a list, or the outermost.
func (w *thriftWriter) structure(id int, fields func()) {
	if id > 0 {
		w.field(id, thriftStruct)
	}
	w.last = append(w.last, 0)
	fields()
	w.last = w.last[:len(w.last)-1]
	w.b = append(w.b, thriftStop)
}

// trapFile is a Parquet file of one optional column v of texts, as crafted as one likes.
type trapFile struct {
	schema   func(w *thriftWriter) // in the place of one column
	rows     int64
	codec    int64
	pages    []trapPage
	elements int // that the list of the schema says it has; 0: as many as it has
}

type trapPage struct {
	kind, uncompressed, compressed, values int64 // compressed < 0: the length of data
	encoding                               int64
	data                                   []byte
}

func (f trapFile) bytes() []byte {
	b := []byte("PAR1")
	start := len(b)
	values, dictionary := int64(0), int64(-1)
	for _, p := range f.pages {
		w := &thriftWriter{}
		if p.compressed < 0 {
			p.compressed = int64(len(p.data))
		}
		w.structure(0, func() {
			w.number(1, thriftI32, p.kind)
			w.number(2, thriftI32, p.uncompressed)
			w.number(3, thriftI32, p.compressed)
			w.structure(map[int64]int{0: 5, 2: 7}[p.kind], func() {
				w.number(1, thriftI32, p.values)
				w.number(2, thriftI32, p.encoding)
				if p.kind == 0 {
					w.number(3, thriftI32, 3) // levels in runs
					w.number(4, thriftI32, 3)
				}
			})
		})
		if p.kind == 2 {
			dictionary = int64(len(b))
		} else {
			values += p.values
		}
		b = append(append(b, w.b...), p.data...)
	}
	footer := f.footer(int64(start), int64(len(b)-start), dictionary, max(values, f.rows))
	b = append(b, footer...)
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(footer))), "PAR1"...)
}

func (f trapFile) footer(start, length, dictionary, values int64) []byte {
	w := &thriftWriter{}
	w.structure(0, func() {
		w.number(1, thriftI32, 1)
		if f.schema != nil {
			f.schema(w)
		} else {
			n := 2
			if f.elements > 0 {
				n = f.elements
			}
			w.list(2, thriftStruct, n)
			w.structure(0, func() { w.text(4, "root"); w.number(5, thriftI32, 1) })
			w.structure(0, func() {
				w.number(1, thriftI32, 6)
				w.number(3, thriftI32, 1)
				w.text(4, "v")
				w.number(6, thriftI32, 0)
			})
		}
		w.number(3, thriftI64, f.rows)
		w.list(4, thriftStruct, 1)
		w.structure(0, func() {
			w.list(1, thriftStruct, 1)
			w.structure(0, func() {
				w.number(2, thriftI64, start)
				w.structure(3, func() {
					w.number(1, thriftI32, 6)
					w.list(2, thriftI32, 1)
					w.varint(0)
					w.list(3, thriftBinary, 1)
					w.varint(1)
					w.b = append(w.b, 'v')
					w.number(4, thriftI32, f.codec)
					w.number(5, thriftI64, values)
					w.number(6, thriftI64, length)
					w.number(7, thriftI64, length)
					w.number(9, thriftI64, start)
					if dictionary >= 0 {
						w.number(11, thriftI64, dictionary)
					}
				})
			})
			w.number(2, thriftI64, length)
			w.number(3, thriftI64, f.rows)
		})
	})
	return w.b
}

// plainPage is n rows that say a.
func plainPage(n int) trapPage {
	data := []byte{2, 0, 0, 0, byte(n << 1), 1} // a run of n values that are there
	for range n {
		data = append(data, 1, 0, 0, 0, 'a')
	}
	return trapPage{uncompressed: int64(len(data)), compressed: -1, values: int64(n), data: data}
}

// zstdRuns is a frame that becomes n times 128 KiB of one byte.
func zstdRuns(n int) []byte {
	b := []byte{0x28, 0xB5, 0x2F, 0xFD, 0, 0x58} // no size told, a window of 2 MiB
	for i := range n {
		head := uint32(128<<10)<<3 | 1<<1
		if i == n-1 {
			head |= 1
		}
		b = append(b, byte(head), byte(head>>8), byte(head>>16), 'a')
	}
	return b
}

// A Parquet file whose numbers ask for more than there can be is refused before anything is
// made, and takes no more memory than another.
func TestParquetFilesThatAreTrapsAreRefused(t *testing.T) {
	nested := func(n int) func(w *thriftWriter) {
		return func(w *thriftWriter) {
			w.list(2, thriftStruct, n+1)
			for range n {
				w.structure(0, func() { w.number(3, thriftI32, 1); w.text(4, "g"); w.number(5, thriftI32, 1) })
			}
			w.structure(0, func() { w.number(1, thriftI32, 6); w.number(3, thriftI32, 1); w.text(4, "v") })
		}
	}
	page := plainPage(3)
	large := page
	large.uncompressed = math.MaxInt32
	long := page
	long.compressed = math.MaxInt32
	many := page
	many.values = math.MaxInt32
	whole := trapFile{rows: 3, pages: []trapPage{page}}.bytes()
	footless := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(footless[len(footless)-8:], math.MaxUint32)
	for name, c := range map[string]struct {
		file []byte
		want []string
	}{
		"no trap":                       {whole, []string{"a", "a", "a"}},
		"more groups than there are":    {trapFile{rows: 3, pages: []trapPage{page}, elements: 1 << 30}.bytes(), []string{"!file_broken:parquet"}},
		"groups in each other":          {trapFile{rows: 3, pages: []trapPage{page}, schema: nested(200_000)}.bytes(), []string{"!file_too_large:parquet"}},
		"a footer longer than the file": {footless, []string{"!file_broken:parquet"}},
		"a long footer":                 {append(append(append([]byte("PAR1"), make([]byte, 20<<20)...), binary.LittleEndian.AppendUint32(nil, 20<<20)...), "PAR1"...), []string{"!file_too_large:parquet"}},
		"structures in each other":      {append(append(append([]byte("PAR1"), bytes.Repeat([]byte{0x1C}, 1<<20)...), binary.LittleEndian.AppendUint32(nil, 1<<20)...), "PAR1"...), []string{"!file_broken:parquet"}},
		"more rows than there are":      {trapFile{rows: 1 << 60, pages: []trapPage{page}}.bytes(), []string{"!file_broken:parquet"}},
		"fewer rows than none":          {trapFile{rows: -1 << 60, pages: []trapPage{page}}.bytes(), []string{"!file_broken:parquet"}},
		"a page that becomes large":     {trapFile{rows: 3, pages: []trapPage{large}}.bytes(), []string{"!file_too_large:parquet"}},
		"a page longer than the file":   {trapFile{rows: 3, pages: []trapPage{long}}.bytes(), []string{"!file_broken:parquet"}},
		"a page of many values":         {trapFile{rows: math.MaxInt32, pages: []trapPage{many}}.bytes(), []string{"!file_broken:parquet"}},
		"a dictionary of many values":   {trapFile{rows: 3, pages: []trapPage{{kind: 2, uncompressed: 5, compressed: -1, values: math.MaxInt32, data: []byte{1, 0, 0, 0, 'a'}}, page}}.bytes(), []string{"!file_broken:parquet"}},
		"snappy that says it is large":  {trapFile{rows: 3, codec: 1, pages: []trapPage{{uncompressed: 50, compressed: -1, values: 3, data: binary.AppendUvarint(nil, math.MaxUint32)}}}.bytes(), []string{"!file_too_large:parquet"}},
		"zstd that becomes large":       {trapFile{rows: 3, codec: 6, pages: []trapPage{{uncompressed: 50, compressed: -1, values: 3, data: zstdRuns(1000)}}}.bytes(), []string{"!file_too_large:parquet"}},
		"zstd that is none":             {trapFile{rows: 3, codec: 6, pages: []trapPage{{uncompressed: 50, compressed: -1, values: 3, data: []byte("nothing")}}}.bytes(), []string{"!file_broken:parquet"}},
		"zstd that is not what it says": {trapFile{rows: 3, codec: 6, pages: []trapPage{{uncompressed: 50, compressed: -1, values: 3, data: zstdRuns(1)}}}.bytes(), []string{"!file_broken:parquet"}},
		"more differences than values":  {trapFile{rows: 3, pages: []trapPage{{encoding: 6, uncompressed: 30, compressed: -1, values: 3, data: append([]byte{2, 0, 0, 0, 6, 1, 128, 1, 4}, append(binary.AppendUvarint(nil, math.MaxInt32), make([]byte, 16)...)...)}}}.bytes(), []string{"!file_broken:parquet"}},
		"as many differences as values": {trapFile{rows: math.MaxInt32, pages: []trapPage{{encoding: 7, uncompressed: 30, compressed: -1, values: math.MaxInt32, data: append([]byte{2, 0, 0, 0, 6, 1, 128, 1, 4}, append(binary.AppendUvarint(nil, math.MaxInt32), make([]byte, 16)...)...)}}}.bytes(), []string{"!file_too_large:parquet"}},
		"a codec that nobody knows":     {trapFile{rows: 3, codec: 77, pages: []trapPage{page}}.bytes(), []string{"!file_broken:parquet"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDrop(t, Options{Files: "*.parquet", Format: "parquet", Columns: []string{"v"}, Rejected: "broken"})
			d.put("a.parquet", string(c.file))
			n := allocated(func() { d.wantRows(d.run(true), c.want...) })
			if n > 80 {
				t.Errorf("%d MiB were asked for", n)
			}
			if bad := strings.HasPrefix(c.want[0], "!"); bad {
				d.lies("broken/a.parquet")
			}
		})
	}
}

func FuzzParquet(f *testing.F) {
	f.Add(trapFile{rows: 3, pages: []trapPage{plainPage(3)}}.bytes())
	f.Add(trapFile{rows: 3, codec: 6, pages: []trapPage{{uncompressed: 50, compressed: -1, values: 3, data: zstdRuns(1)}}}.bytes())
	f.Add([]byte("PAR1\x15\x02\x00\x03\x00\x00\x00PAR1"))
	f.Fuzz(func(t *testing.T, content []byte) {
		d := newDrop(t, Options{Files: "*.parquet", Format: "parquet", Columns: []string{"v"}, rowLimit: 1 << 16})
		d.put("a.parquet", string(content))
		d.run(false)
	})
}
