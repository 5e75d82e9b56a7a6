package file

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"banjian/internal/fault"
	"banjian/pipelines"
)

func gbk(t testing.TB, s string) string {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLinesAreReadAsTheyStand(t *testing.T) {
	zero, two := 0, 2
	for _, c := range []struct {
		name    string
		layout  pipelines.FileLayout
		content string
		want    []string
	}{
		{"unix", pipelines.FileLayout{}, "id,v\n1,a\n2,b", []string{"1,a", "2,b"}},
		{"windows, with a byte order mark", pipelines.FileLayout{}, "\ufeffid,v\r\n1,a\r\n2,\r\n", []string{"1,a", "2,∅"}},
		{"other columns", pipelines.FileLayout{}, "x,V, id \n,a,1\n", []string{"1,a"}},
		{"quoted", pipelines.FileLayout{}, "id,v\n1,\"a,\"\"b\"\"\r\nc\"\n2,\"\"\n", []string{"1,a,\"b\"\r\nc", "2,"}},
		{"marks within", pipelines.FileLayout{}, "id,v\n1,5\" 管\n", []string{"1,5\" 管"}},
		{"blank lines", pipelines.FileLayout{}, "id,v\n\n1,a\n\r\n\n", []string{"1,a"}},
		{"ragged", pipelines.FileLayout{}, "id,v\n1\n1,a,b\n2,b\n", []string{"!row_ragged:2,1", "!row_ragged:2,3", "2,b"}},
		{"open quotation", pipelines.FileLayout{}, "id,v\n1,\"a\n2,b\n3,c\n", []string{"!row_quote:", "2,b", "3,c"}},
		{"goes on behind", pipelines.FileLayout{}, "id,v\n1,\"a\"b\n2,b\n", []string{"!row_quote:", "2,b"}},
		{"nulls", pipelines.FileLayout{Nulls: []string{"NULL", `\N`}}, "id,v\n1,NULL\n2,\"NULL\"\n3,\\N\n", []string{"1,∅", "2,NULL", "3,∅"}},
		{"pipes", pipelines.FileLayout{Delimiter: "|"}, "id|v\n1|a,b\n", []string{"1,a,b"}},
		{"no quotation", pipelines.FileLayout{Quote: "none"}, "id,v\n1,\"a\n", []string{"1,\"a"}},
		{"title above", pipelines.FileLayout{Header: &two}, "明细表\"\nid,v\n1,a\n", []string{"1,a"}},
		{"no header", pipelines.FileLayout{Header: &zero, Columns: []string{"v", "id"}}, "a,1\n", []string{"1,a"}},
		{"gbk", pipelines.FileLayout{Charset: "gbk"}, gbk(t, "id,v\n1,岭南市\n"), []string{"1,岭南市"}},
		{"gbk, second bytes that look like delimiters", pipelines.FileLayout{Charset: "gbk", Delimiter: "|"}, gbk(t, "id|v\n鄚|倈|\n鄚|亅\n"), []string{"!row_ragged:2,3", "鄚,亅"}},
		{"gb18030, four bytes", pipelines.FileLayout{Charset: "gb18030"}, gbk(t, "id,v\n1,㐀𠮷\n"), []string{"1,㐀𠮷"}},
		{"a bad byte is marked", pipelines.FileLayout{Charset: "gbk"}, "id,v\n1,a\xFFb\n", []string{"1,a\xFF\xFEff\xFFb"}},
		{"bad UTF-8 stays bad", pipelines.FileLayout{}, "id,v\n1,a\xB0b\n2,b\n", []string{"1,a\xB0b", "2,b"}},
		{"NUL", pipelines.FileLayout{}, "id,v\n1,a\x00b\n", []string{"1,a\x00b"}},
		{"UTF-16", pipelines.FileLayout{}, "\xFF\xFEi\x00d\x00", []string{"!file_charset:UTF-16,utf8"}},
		{"a workbook", pipelines.FileLayout{}, "PK\x03\x04....", []string{"!file_charset:Excel,utf8"}},
		{"UTF-8 where GBK was agreed", pipelines.FileLayout{Charset: "gbk"}, "\ufeffid,v\n", []string{"!file_charset:utf8,gbk"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, rows := range []int{1, 100} {
				d := newDrop(t, Options{Layout: c.layout, BatchRows: rows})
				d.put("a.csv", c.content)
				d.wantRows(d.run(true), c.want...)
			}
		})
	}
}

func TestAMissingColumnStopsTheRunAndIsNamed(t *testing.T) {
	for content, want := range map[string]string{
		"id,vv\n1,a\n":             "the file has no column v",
		"id,v,v\n1,a,b\n":          "2 columns v",
		"id,\xB0\xEC\xBC\xFE\n1,a": "not in utf8",
		"\"id,v\n1,a\n":            "cannot be read",
	} {
		d := newDrop(t, Options{})
		d.put("a.csv", content)
		g := d.run(true)
		if !fault.Is(g.err, fault.Config) || !strings.Contains(g.err.Error(), want) || fault.HintOf(g.err).IsZero() {
			t.Errorf("%q: %v, want %s", content, g.err, want)
		}
	}
}

func TestARowIsKnownAgainWhereverItStands(t *testing.T) {
	d := newDrop(t, Options{})
	d.put("a.csv", "id,v\n1,2,3\n4,d\n")
	first := d.run(true)
	d.put("b.csv", "id,v\n4,d\n\n1,2,3\n")
	second := d.run(true)
	slices.Reverse(second.rows)
	if !slices.Equal(first.rows, second.rows) || second.places[1] != "b.csv:4" {
		t.Errorf("%q and %q", first.rows, second.rows)
	}
}

func TestALineThatIsTooLongIsRefusedAlone(t *testing.T) {
	const limit, more = 300 << 10, 100 << 10
	d := newDrop(t, Options{rowLimit: limit})
	d.put("a.csv", "id,v\n1,a\n2,"+strings.Repeat("x", 3*limit)+"\n3,\""+strings.Repeat("y\n", 3)+"\"\n4,\"open\n5,e\n"+strings.Repeat("6,f\n", more))
	g := d.run(true)
	if g.err != nil || len(g.rows) != 5+more {
		t.Fatalf("%d rows, %v", len(g.rows), g.err)
	}
	want := []string{"1,a", fmt.Sprintf("!row_too_long:%d", limit), "3,y\ny\ny\n", "!row_quote:", "5,e"}
	if !slices.Equal(g.rows[:5], want) {
		t.Errorf("%.200q", g.rows[:5])
	}
	if last := g.places[len(g.places)-1]; last != fmt.Sprintf("a.csv:%d", 9+more) {
		t.Errorf("the last line is %s", last)
	}
}

// benchFile is a file of n lines, 10 columns.
func benchFile(tb testing.TB, dir string, n int) int64 {
	var b bytes.Buffer
	b.WriteString("id,v,a,b,c,d,e,f,g,h\n")
	for i := range n {
		fmt.Fprintf(&b, "GJJ-2026-%07d,购房提取,\"张三,李四\",440106199001011234,2026-11-02 09:30:00,岭南市第四区体育西横街,,1,13800000000,备注\n", i)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.csv"), b.Bytes(), 0o644); err != nil {
		tb.Fatal(err)
	}
	return int64(b.Len())
}
