package rejects

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/xuri/excelize/v2"

	"banjian/cmd/internal/codesheet"
	"banjian/cmd/internal/workbook"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
)

// names puts rows with a column of text each on a shelf, refused as 1, 2 … under their key.
func names(t *testing.T, values ...string) (*shelf, *Sheets) {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "xm", Type: arrow.BinaryTypes.String, Nullable: true}}, nil))
	defer b.Release()
	b.Field(0).(*array.StringBuilder).AppendValues(values, nil)
	rec := b.NewRecord()
	defer rec.Release()
	batch, err := ledger.Encode(rec)
	if err != nil {
		t.Fatal(err)
	}
	s, page := &shelf{batch: batch}, &sheet{pipeline: "p", columns: []string{"xm"}}
	for i, v := range values {
		id := string(rune('1' + i))
		r := ledger.Reject{ID: int64(i + 1), Pipeline: "p", State: "open", Kept: 7, KeptRow: int32(i), Key: ledger.EncodeKey("SP"+id, id)}
		s.rejects = append(s.rejects, r)
		page.rows = append(page.rows, sheetRow{fixed: []string{id, keyText(&r), "", "", "", "", "", "", ""}, source: map[string]string{"xm": v}})
	}
	return s, &Sheets{list: []*sheet{page}, watermark: "w"}
}

// back reads a file as rejects import does.
func (s *shelf) back(t *testing.T, name string, data []byte) (*Mended, error) {
	t.Helper()
	sheets, err := codesheet.Read(name, data, text.Text{})
	if err != nil {
		t.Fatal(err)
	}
	return ReadMended(t.Context(), s, name, sheets, "somebody", time.Unix(1, 0))
}

func TestATableThatComesBackUntouchedCorrectsNothing(t *testing.T) {
	for _, v := range []string{"张样例", " 两头有空格 ", "a\r\nb", "a\nb", "a\rb", "a\tb", "_x000D_", "'-5", "''", "=1+1", "\u3000全角", "\u200b零宽", "\ufeff标记", "a\x01b", "a\x00b",
		"𠮷", "a\ufffeb", "王\xff\xfeff\xff", "王\xffb", "1.20", "00123", "1E+5", "<a&b>", "\"q\"", "a,b", "\ue5e5", strings.Repeat("长", 40_000), "=" + strings.Repeat("𠮷", 17_000)} {
		for _, name := range []string{"f.xlsx", "f.csv"} {
			s, all := names(t, v)
			var out bytes.Buffer
			write := func() error { return workbook.Write(&out, all.PageEach()) }
			if filepath.Ext(name) == ".csv" {
				write = func() error { return workbook.WriteCSV(&out, &all.OnePage()[0]) }
			}
			if err := write(); err != nil {
				t.Fatal(err)
			}
			if m, err := s.back(t, name, out.Bytes()); err != nil || m.Rows() != 0 || m.Same != 1 {
				t.Errorf("%s, %.10q: %+v, %v", name, v, m, err)
			}
		}
	}
}

func TestRowsOfATableMayBeSortedAndDeletedAndIdsNotAlone(t *testing.T) {
	for _, c := range []struct{ name, rows, corrected, want string }{
		{"sorted", "2|SP2 / 2|李四;1|SP1 / 1|王小红", "王小红", ""},
		{"deleted", "2|SP2 / 2|李小四", "李小四", ""},
		{"the ids alone sorted", "2|SP1 / 1|王小明;1|SP2 / 2|李四", "", "f.xlsx:3: the id 2 is not of this row"},
		{"without keys", "1||王小红", "王小红", ""},
		{"a control character taken out", "3|SP3 / 3|ab", "ab", ""},
		{"a number typed into a cell of no format", "1|SP1 / 1|3.70102E+17", "", "f.xlsx:3: the spreadsheet rewrote the value of xm"},
	} {
		s, _ := names(t, "王小明", "李四", "a\x01b")
		m, err := s.read(t, strings.Split(c.rows, ";")...)
		switch {
		case c.want != "":
			if err == nil || !strings.Contains(fault.Say(err, text.EN), c.want) {
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
		case err != nil || m.Rows() != 1 || *m.Corrections()[0].Cells["xm"] != c.corrected:
			t.Errorf("%s: %+v, %v", c.name, m, err)
		}
	}
}

func TestACellOfAWorkbookKeepsTheDigitsThatAreTypedIntoIt(t *testing.T) {
	_, all := names(t, "370102199001010011")
	var out bytes.Buffer
	if err := workbook.Write(&out, all.PageEach()); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	cell, err := book.GetCellStyle("p", "J3")
	if err != nil {
		t.Fatal(err)
	}
	const asText = 49
	if style, err := book.GetStyle(cell); err != nil || style.NumFmt != asText {
		t.Errorf("%+v, %v", style, err)
	}
}
