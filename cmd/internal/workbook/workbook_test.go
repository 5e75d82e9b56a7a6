package workbook

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

func TestCellsThatBeginLikeAFormulaAreInertAndComeBackAsGiven(t *testing.T) {
	for in, want := range map[string]string{"=1+1": "'=1+1", "+8613": "'+8613", "-5": "'-5", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "＝1": "'＝1", "'=x": "''=x", "甲=1": "甲=1", "": "", "1-2": "1-2"} {
		if got := Inert(in); got != want || Given(got) != in {
			t.Errorf("%q: got %q, want %q; it comes back as %q", in, got, want, Given(got))
		}
	}
}

func TestPageNamesFitAndDiffer(t *testing.T) {
	long := strings.Repeat("管道", 20)
	first := PageName(long+"/[x]", nil)
	second := PageName(long+"/[y]", []string{first})
	if utf8.RuneCountInString(first) != 31 || utf8.RuneCountInString(second) != 31 || first == second || strings.ContainsAny(PageName("a/b[c]:d", nil), "/[]:") {
		t.Errorf("%q, %q", first, second)
	}
}

func TestAWorkbookHoldsItsPagesAsText(t *testing.T) {
	var out bytes.Buffer
	if err := Write(&out, []Page{
		{Name: "一", Widths: []float64{8, 20}, Frozen: 1, Rows: [][]Cell{Row(Heading, "代码", "名称", "备注"), nil, Row(Text, "001", "=1+1")}},
		{Name: "一", Print: true, Rows: [][]Cell{Row(Title, "封面")}}}); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("一")
	if err != nil || len(rows) != 3 || rows[2][0] != "001" || rows[2][1] != "'=1+1" {
		t.Errorf("%q, %v", rows, err)
	}
	if got := strings.Join(book.GetSheetList(), " "); got != "一 一-2" {
		t.Error(got)
	}
	if panes, err := book.GetPanes("一"); err != nil || panes.YSplit != 1 {
		t.Error(panes, err)
	}
}

func TestTheSamePagesLookTheSameHoweverOftenTheyAreWritten(t *testing.T) {
	look := func() string {
		t.Helper()
		var out bytes.Buffer
		if err := Write(&out, []Page{{Name: "一", Rows: [][]Cell{Row(Title, "封面"), Row(Bold, "代码"), Row(Text, "001")}}}); err != nil {
			t.Fatal(err)
		}
		book, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		styles, err := fs.ReadFile(book, "xl/styles.xml")
		if err != nil {
			t.Fatal(err)
		}
		return string(styles)
	}
	first := look()
	for range 8 {
		if look() != first {
			t.Fatal("the styles of two files are in another order")
		}
	}
}
