package file

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// allocated is how many MiB a call asks for in all.
func allocated(call func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) >> 20
}

// repeated is a text n times, without its being held.
func repeated(text string, n int) io.Reader {
	readers := make([]io.Reader, n)
	for i := range readers {
		readers[i] = strings.NewReader(text)
	}
	return io.MultiReader(readers...)
}

// trap is a workbook whose parts are given, on top of those every one has.
func trap(t *testing.T, parts map[string]io.Reader) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	all := map[string]io.Reader{
		"xl/workbook.xml":            strings.NewReader(`<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="表" r:id="r1"/></sheets></workbook>`),
		"xl/_rels/workbook.xml.rels": strings.NewReader(`<Relationships><Relationship Id="r1" Target="worksheets/s.xml"/></Relationships>`),
		"xl/worksheets/s.xml":        strings.NewReader(`<worksheet><sheetData>` + inlineRow("id", "v") + inlineRow("1", "a") + `</sheetData></worksheet>`),
	}
	for name, r := range parts {
		all[name] = r
	}
	for name, r := range all {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.Copy(w, r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func inlineRow(values ...string) string {
	var b strings.Builder
	b.WriteString("<row>")
	for _, v := range values {
		b.WriteString(`<c t="inlineStr"><is><t>` + v + `</t></is></c>`)
	}
	return b.String() + "</row>"
}

// A workbook that grows a thousand times when it is unpacked is refused, with what stands
// before that read, and takes no more memory than another.
func TestWorkbooksThatAreTrapsAreRefused(t *testing.T) {
	head := `<worksheet><sheetData>` + inlineRow("id", "v") + inlineRow("1", "a")
	many := map[string]io.Reader{}
	for i := range 100_000 {
		many[fmt.Sprint("x/", i)] = strings.NewReader("")
	}
	for name, c := range map[string]struct {
		parts map[string]io.Reader
		want  []string
	}{
		"rows without end":          {map[string]io.Reader{"xl/worksheets/s.xml": io.MultiReader(strings.NewReader(head), repeated(strings.Repeat("<row/>", 1<<16), 40))}, []string{"1,a", "!file_too_large:xlsx"}},
		"a row without end":         {map[string]io.Reader{"xl/worksheets/s.xml": io.MultiReader(strings.NewReader(head+"<row>"), repeated(strings.Repeat("<c/>", 1<<16), 40))}, []string{"1,a", "!file_too_large:xlsx"}},
		"a text without end":        {map[string]io.Reader{"xl/worksheets/s.xml": io.MultiReader(strings.NewReader(head+`<row><c t="inlineStr"><is><t>`), repeated(strings.Repeat("aaaa", 1<<16), 80))}, []string{"1,a", "!file_too_large:xlsx"}},
		"an element without end":    {map[string]io.Reader{"xl/worksheets/s.xml": io.MultiReader(strings.NewReader(head+`<row `), repeated(strings.Repeat(`a="" `, 1<<13), 80))}, []string{"1,a", "!file_too_large:xlsx"}},
		"elements in each other":    {map[string]io.Reader{"xl/worksheets/s.xml": io.MultiReader(strings.NewReader(head), repeated(strings.Repeat("<a>", 1<<16), 80))}, []string{"1,a", "!file_too_large:xlsx"}},
		"a table of long strings":   {map[string]io.Reader{"xl/sharedStrings.xml": io.MultiReader(strings.NewReader("<sst>"), repeated("<si><t>"+strings.Repeat("办", 1<<14)+"</t></si>", 100))}, []string{"!file_too_large:xlsx"}},
		"a table of many strings":   {map[string]io.Reader{"xl/sharedStrings.xml": io.MultiReader(strings.NewReader("<sst>"), repeated(strings.Repeat("<si/>", 1<<14), 10))}, []string{"!file_too_large:xlsx"}},
		"styles without end":        {map[string]io.Reader{"xl/styles.xml": io.MultiReader(strings.NewReader("<styleSheet><cellXfs>"), repeated(strings.Repeat("<xf/>", 1<<14), 200))}, []string{"!file_broken:xlsx"}},
		"a part that is not a part": {map[string]io.Reader{"xl/workbook.xml": repeated(strings.Repeat("<a>", 1<<16), 40)}, []string{"!file_broken:xlsx"}},
		"parts without end":         {many, []string{"!file_too_large:xlsx"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDrop(t, Options{Files: "*.xlsx", Format: "xlsx", Rejected: "broken", rowLimit: 1 << 20, scale: 64})
			d.put("a.xlsx", trap(t, c.parts))
			n := allocated(func() { d.wantRows(d.run(true), c.want...) })
			if d.lies("broken/a.xlsx"); n > 200 {
				t.Errorf("%d MiB were asked for", n)
			}
		})
	}
}

func TestAWideSheetIsReadWithoutItsOtherColumns(t *testing.T) {
	const columns, rows = 16_384, 60
	var b strings.Builder
	line := func(cells func(i int) string) {
		b.WriteString("<row>")
		for i := range columns {
			b.WriteString(`<c t="inlineStr"><is><t>` + cells(i) + `</t></is></c>`)
		}
		b.WriteString("</row>")
	}
	b.WriteString("<worksheet><sheetData>")
	line(func(i int) string {
		return map[int]string{7: "id", columns - 1: "v"}[i] + map[bool]string{true: fmt.Sprint("c", i)}[i != 7 && i != columns-1]
	})
	var want []string
	for row := range rows {
		line(func(i int) string { return fmt.Sprint(row, "-", i) })
		want = append(want, fmt.Sprintf("%d-7,%d-%d", row, row, columns-1))
	}
	b.WriteString("</sheetData></worksheet>")
	d := newDrop(t, Options{Files: "*.xlsx", Format: "xlsx"})
	d.put("a.xlsx", trap(t, map[string]io.Reader{"xl/worksheets/s.xml": strings.NewReader(b.String())}))
	d.wantRows(d.run(true), want...)
}

// A line of delimiters alone is counted, not kept.
func TestLinesThatAreTrapsTakeNoMemory(t *testing.T) {
	commas := strings.Repeat(",", 4<<20)
	for content, want := range map[string][]string{
		"id,v\n1,a\n" + commas + "\n2,b\n":                 {"1,a", fmt.Sprintf("!row_ragged:2,%d", len(commas)+1), "2,b"},
		commas + "\n1,a\n":                                 {"!file_too_large:csv"},
		"id,v\n" + strings.Repeat("\"", 4<<20) + "\n2,b\n": {"!row_ragged:2,1", "2,b"},
	} {
		d := newDrop(t, Options{})
		d.put("a.csv", content)
		if n := allocated(func() { d.wantRows(d.run(true), want...) }); n > 60 {
			t.Errorf("%.20q: %d MiB were asked for", content, n)
		}
	}
	d := newDrop(t, Options{Files: "*.jsonl", Format: "jsonl"})
	d.put("a.jsonl", `{"id":`+strings.Repeat("[", 4<<20)+"\n"+`{"id":`+strings.Repeat(`{"a":`, 1<<20)+"\n"+`{"id":1,"v":"a"}`)
	d.wantRows(d.run(true), "!row_json:", "!row_json:", "1,a")
}
