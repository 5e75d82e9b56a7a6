package file

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	pq "github.com/apache/arrow/go/v17/parquet/file"

	"banjian/internal/text"
)

// parquetReader reads flat columns of a Parquet file, a few hundred rows of a row group at
// a time. It reads the columns themselves: the library's way to Arrow brings a network
// stack with it.
type parquetReader struct {
	file    *pq.Reader
	source  io.ReaderAt
	size    int64
	halted  func() error
	columns []parquetColumn
	limit   int
	group   int   // next row group
	left    int64 // rows of the open one that were not read into columns
	n, i    int   // rows in columns, and those given
	rows    int64
	cells   [][]byte
}

const parquetRows = 512

// parquetColumn is one mapped column.
type parquetColumn struct {
	at     int                      // in the file
	level  int16                    // definition level of a value that is there
	text   func([]byte, any) []byte // appends a value as text
	chunk  pq.ColumnChunkReader
	levels []int16
	values []parquetValue
	arena  []byte
	read   func(c *parquetColumn, n int64) (int, error)
}

// parquetValue is where a value lies in its column's arena; to < 0: NULL.
type parquetValue struct{ from, to int }

func newParquet(o *Options, name string, f File, size int64, from mark, halted func() error) (p *parquetReader, err error) {
	defer caught(&err)
	if err := checkFooter(f, size); err != nil {
		return nil, err
	}
	props := parquet.NewReaderProperties(memory.DefaultAllocator)
	props.BufferedStreamEnabled, props.BufferSize = true, maxHeader // else all of a column chunk is read at once
	r, err := pq.NewParquetReader(io.NewSectionReader(f, 0, size), pq.WithReadProps(props))
	if err != nil {
		return nil, notWhole("parquet")
	}
	p = &parquetReader{file: r, source: f, size: size, halted: halted, limit: o.rowLimit, cells: make([][]byte, len(o.Columns))}
	s := r.MetaData().Schema
	has := make([]string, s.NumColumns())
	for i := range has {
		has[i] = s.Column(i).Path()
	}
	at, err := bind(o, name, has)
	if err != nil {
		return nil, err
	}
	for i, column := range at {
		c := s.Column(column)
		pc := parquetColumn{at: column, level: c.MaxDefinitionLevel(), levels: make([]int16, parquetRows)}
		if pc.text, pc.read = parquetText(c, o.Zone); c.MaxRepetitionLevel() > 0 || pc.text == nil {
			return nil, o.config(name, text.F("列 %s 是列表或 %s，不能读", "column %s is a list or %s and cannot be read", o.Columns[i], c.PhysicalType().String()), text.T("请部门给出平的列", "have the department give plain columns"))
		}
		p.columns = append(p.columns, pc)
	}
	return p, p.skip(from.Row)
}

// skip passes over rows that were read before.
func (p *parquetReader) skip(rows int64) error {
	for i := range p.file.NumRowGroups() {
		if p.file.RowGroup(i).NumRows() < 0 {
			return notWhole("parquet")
		}
	}
	for p.group < p.file.NumRowGroups() && p.rows+p.file.RowGroup(p.group).NumRows() <= rows {
		p.rows += p.file.RowGroup(p.group).NumRows()
		p.group++
	}
	for p.rows < rows {
		if p.i == p.n {
			if err := p.load(); errors.Is(err, io.EOF) {
				return notWhole("parquet")
			} else if err != nil {
				return err
			}
		}
		step := min(int64(p.n-p.i), rows-p.rows)
		p.i += int(step)
		p.rows += step
	}
	return nil
}

// caught turns a panic of the library over a broken file into a refusal.
func caught(err *error) {
	if r := recover(); r != nil {
		*err = notWhole("parquet")
	}
}

func (p *parquetReader) at() mark { return mark{Row: p.rows} }

func (p *parquetReader) close() error {
	for i := range p.columns {
		p.columns[i].chunk = nil
	}
	return nil
}

func (p *parquetReader) next(r *row) (err error) {
	defer caught(&err)
	if p.i == p.n {
		if err := p.load(); err != nil {
			return err
		}
	}
	p.rows++
	r.clear(p.rows)
	for i := range p.columns {
		c := &p.columns[i]
		if v := c.values[p.i]; v.to >= 0 {
			r.cells[i] = c.arena[v.from:v.to:v.to]
			r.size += int64(v.to - v.from)
		}
	}
	p.i++
	if r.size > int64(p.limit) {
		r.refuse([]byte(strconv.FormatInt(p.rows, 10)), ruleTooLong, strconv.Itoa(p.limit))
	}
	return nil
}

// load reads the next rows into the columns; io.EOF is the end.
func (p *parquetReader) load() error {
	if err := p.halted(); err != nil {
		return err
	}
	for p.left == 0 {
		if p.group == p.file.NumRowGroups() {
			return io.EOF
		}
		g := p.file.RowGroup(p.group)
		p.group++
		p.left = g.NumRows()
		if err := p.open(g); err != nil {
			return err
		}
	}
	n := min(p.left, parquetRows)
	for i := range p.columns {
		if err := p.columns[i].load(int(n)); err != nil {
			return notWhole("parquet")
		}
	}
	p.left -= n
	p.n, p.i = int(n), 0
	return nil
}

// open opens the mapped columns of a row group, unless they ask for too much.
func (p *parquetReader) open(g *pq.RowGroupReader) error {
	sum := int64(0)
	for i := range p.columns {
		col, err := g.MetaData().ColumnChunk(p.columns[i].at)
		if err != nil {
			return notWhole("parquet")
		}
		takes, err := p.weigh(col, p.columns[i].level)
		if err != nil {
			return err
		}
		if sum += takes; sum > maxGroup {
			return tooLarge("parquet")
		}
		if p.columns[i].chunk, err = g.Column(p.columns[i].at); err != nil {
			return notWhole("parquet")
		}
	}
	return nil
}

// load reads n rows of a column.
func (c *parquetColumn) load(n int) error {
	c.values, c.arena = c.values[:0], c.arena[:0]
	for len(c.values) < n {
		got, err := c.read(c, int64(n-len(c.values)))
		if err != nil {
			return err
		}
		if got == 0 {
			return fmt.Errorf("column %d ends before its row group", c.at)
		}
	}
	return nil
}

// add books n rows of which the levels say what is there; the i-th value that is there is
// appended by value.
func (c *parquetColumn) add(n int, value func(i int) any) {
	there := 0
	for row := range n {
		if c.level > 0 && c.levels[row] < c.level {
			c.values = append(c.values, parquetValue{to: -1})
			continue
		}
		from := len(c.arena)
		c.arena = c.text(c.arena, value(there))
		c.values = append(c.values, parquetValue{from, len(c.arena)})
		there++
	}
}
