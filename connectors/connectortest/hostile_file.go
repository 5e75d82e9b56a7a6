package connectortest

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/parquet"
	pq "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// HostileFile is the rows as a file of a format, in their order: csv, tsv, jsonl, xlsx,
// parquet. See HostileHeld for what a format cannot have.
func HostileFile(format string, rows []HostileRow) []byte {
	switch format {
	case "csv":
		return hostileLines(rows, ',')
	case "tsv":
		return hostileLines(rows, '\t')
	case "jsonl":
		var b bytes.Buffer
		for i := range rows {
			b.Write(rows[i].JSON())
			b.WriteByte('\n')
		}
		return b.Bytes()
	case "xlsx":
		return hostileWorkbook(rows)
	case "parquet":
		return hostileParquet(rows)
	}
	panic("connectortest: no format " + format)
}

// HostileHeld says whether a file or message of a format can hold a value: bytes that are no
// UTF-8 have no place in JSON and in XML.
func HostileHeld(format, value string) bool {
	return format != "jsonl" && format != "xlsx" || utf8.ValidString(value)
}

// HostileMessage is a row as a message of a topic: debezium, json, csv (in the order of
// HostileColumns). What JSON cannot hold goes in as the bytes it is.
func HostileMessage(format string, row *HostileRow) []byte {
	switch format {
	case "json":
		return row.JSON()
	case "debezium":
		return fmt.Appendf(nil, `{"before":null,"after":%s,"source":{"db":"bj","table":"bj"},"op":"c","ts_ms":1767265200123}`, row.JSON())
	case "csv":
		line := hostileLines([]HostileRow{*row}, ',')
		return line[bytes.IndexByte(line, '\n')+1:]
	}
	panic("connectortest: no format " + format)
}

// JSON is the row as an object; bytes that are no UTF-8 stay as they are.
func (r *HostileRow) JSON() []byte {
	var b bytes.Buffer
	for i, c := range r.Cells {
		b.WriteByte("{,"[min(i, 1)])
		fmt.Fprintf(&b, "%q:", HostileColumns[i])
		switch {
		case c == nil:
			b.WriteString("null")
		case utf8.ValidString(*c):
			text, err := json.Marshal(*c)
			if err != nil {
				panic(err) // a text
			}
			b.Write(text)
		default:
			b.WriteByte('"')
			for i := range len(*c) {
				if v := (*c)[i]; v < ' ' || v == '"' || v == '\\' {
					fmt.Fprintf(&b, `\u%04x`, v)
				} else {
					b.WriteByte(v)
				}
			}
			b.WriteByte('"')
		}
	}
	b.WriteByte('}')
	return b.Bytes()
}

// hostileLines puts every value that is there into quotation marks.
func hostileLines(rows []HostileRow, delimiter byte) []byte {
	var b bytes.Buffer
	b.WriteString(strings.Join(HostileColumns, string(delimiter)) + "\n")
	for i := range rows {
		for k, c := range rows[i].Cells {
			if k > 0 {
				b.WriteByte(delimiter)
			}
			if c != nil {
				b.WriteString(`"` + strings.ReplaceAll(*c, `"`, `""`) + `"`)
			}
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// hostileWorkbook has every value as a text in its cell, as Excel writes what XML lacks.
func hostileWorkbook(rows []HostileRow) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	part := func(name, content string) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(content))
		}
		if err != nil {
			panic(err) // memory
		}
	}
	part("xl/workbook.xml", `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="bj" r:id="r1"/></sheets></workbook>`)
	part("xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="worksheets/s.xml"/></Relationships>`)
	var s strings.Builder
	s.WriteString("<worksheet><sheetData>")
	line := func(n int, cells []*string) {
		fmt.Fprintf(&s, `<row r="%d">`, n)
		for i, c := range cells {
			if c != nil {
				fmt.Fprintf(&s, `<c r="%c%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, 'A'+i, n, cellText(*c))
			}
		}
		s.WriteString("</row>")
	}
	var header []*string
	for i := range HostileColumns {
		header = append(header, &HostileColumns[i])
	}
	line(1, header)
	for i := range rows {
		line(i+2, rows[i].Cells)
	}
	s.WriteString("</sheetData></worksheet>")
	part("xl/worksheets/s.xml", s.String())
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// cellText is a text in XML; characters that XML lacks are written _x0000_.
func cellText(v string) string {
	var b strings.Builder
	for i, r := range v {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		case r < ' ' && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF, r == '_' && strings.HasPrefix(v[i:], "_x"):
			fmt.Fprintf(&b, "_x%04X_", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func hostileParquet(rows []HostileRow) []byte {
	fields := make(schema.FieldList, len(HostileColumns))
	for i, name := range HostileColumns {
		fields[i] = schema.MustPrimitive(schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Optional, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1))
	}
	must := func(err error) {
		if err != nil {
			panic(err) // memory
		}
	}
	var b bytes.Buffer
	w := pq.NewParquetWriter(&b, schema.MustGroup(schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)))
	for len(rows) > 0 {
		part := rows[:min(len(rows), 3000)]
		rows = rows[len(part):]
		g := w.AppendRowGroup()
		for k := range HostileColumns {
			var values []parquet.ByteArray
			def := make([]int16, len(part))
			for i := range part {
				if c := part[i].Cells[k]; c != nil {
					values, def[i] = append(values, parquet.ByteArray(*c)), 1
				}
			}
			c, err := g.NextColumn()
			must(err)
			_, err = c.(*pq.ByteArrayColumnChunkWriter).WriteBatch(values, def, nil)
			must(err)
			must(c.Close())
		}
		must(g.Close())
	}
	must(w.Close())
	return b.Bytes()
}
