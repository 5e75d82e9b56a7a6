package file

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"banjian/internal/fault"
	"banjian/pipelines"
)

// book writes rows into the first sheet of a workbook, as another program does.
func book(t *testing.T, name string, rows [][]any) {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, r := range rows {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Sheet1", cell, &r); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SaveAs(name); err != nil {
		t.Fatal(err)
	}
}

func (d *drop) ofBook(t *testing.T, make func(f *excelize.File)) {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	make(f)
	if err := f.SaveAs(filepath.Join(d.dir, "a.xlsx")); err != nil {
		t.Fatal(err)
	}
}

// raw puts values into a sheet as they stand in its XML.
func rawBook(t *testing.T, dir, sheet string) {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="表" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Target="worksheets/s.xml"/></Relationships>`,
		"xl/styles.xml":              `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/><numFmt numFmtId="171" formatCode="000000"/><numFmt numFmtId="172" formatCode="[h]:mm"/><numFmt numFmtId="173" formatCode="&quot;第&quot;0&quot;days&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="22"/><xf numFmtId="172"/><xf numFmtId="20"/><xf numFmtId="173"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml":       `<sst><si><t>id</t></si><si><t>v</t></si><si><r><t>岭</t></r><r><t xml:space="preserve"> 南</t></r><rPh><t>ling</t></rPh></si><si><t>a_x000D_b</t></si></sst>`,
		"xl/worksheets/s.xml":        `<worksheet><sheetData>` + sheet + `</sheetData></worksheet>`,
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, content)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "a.xlsx"), b.String())
}

const rawHeader = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>`

func TestCellsComeOutAsTheyShow(t *testing.T) {
	for value, want := range map[string]string{
		`<c r="C2"><v>440106199001011234</v></c>`:                          "440106199001011234",
		`<c r="C2"><v>4.4010619900101123E+17</v></c>`:                      "440106199001011230",
		`<c r="C2"><v>0.30000000000000004</v></c>`:                         "0.3",
		`<c r="C2"><v>1234.5</v></c>`:                                      "1234.5",
		`<c r="C2"><v>-1E-3</v></c>`:                                       "-0.001",
		`<c r="C2"><v>99999999.989999995</v></c>`:                          "99999999.99",
		`<c r="C2" s="1"><v>46328</v></c>`:                                 "2026-11-02",
		`<c r="C2" s="1"><v>46328.395833333336</v></c>`:                    "2026-11-02 09:30:00",
		`<c r="C2" s="3"><v>46328.395833333336</v></c>`:                    "2026-11-02 09:30:00",
		`<c r="C2" s="3"><v>46328</v></c>`:                                 "2026-11-02 00:00:00",
		`<c r="C2" s="3"><v>46327.999999999</v></c>`:                       "2026-11-02 00:00:00",
		`<c r="C2" s="5"><v>0.5</v></c>`:                                   "12:00:00",
		`<c r="C2" s="1"><v>60</v></c>`:                                    "1900-02-29",
		`<c r="C2" s="1"><v>1</v></c>`:                                     "1900-01-01",
		`<c r="C2" s="1"><v>-1</v></c>`:                                    "-1",
		`<c r="C2" s="2"><v>123</v></c>`:                                   "000123",
		`<c r="C2" s="4"><v>1.25</v></c>`:                                  "1.25",
		`<c r="C2" s="6"><v>3</v></c>`:                                     "3",
		`<c r="C2" t="b"><v>1</v></c>`:                                     "TRUE",
		`<c r="C2" t="str"><v>公式</v></c>`:                                  "公式",
		`<c r="C2" t="inlineStr"><is><t>内</t><rPh><t>n</t></rPh></is></c>`: "内",
		`<c r="C2" t="s"><v>2</v></c>`:                                     "岭 南",
		`<c r="C2" t="s"><v>3</v></c>`:                                     "a\rb",
		`<c r="C2"/>`:                                                      "∅",
		`<c r="C2" t="d"><v>2026-11-02T09:30:00</v></c>`:                   "2026-11-02T09:30:00",
	} {
		d := newDrop(t, Options{Files: "*.xlsx", Format: "xlsx"})
		rawBook(t, d.dir, rawHeader+`<row r="2"><c r="A2"><v>1</v></c>`+value+`</row>`)
		if d.wantRows(d.run(true), "1,"+want); t.Failed() {
			t.Fatal(value)
		}
	}
}

func TestAWorkbookIsReadByRowAndSheet(t *testing.T) {
	d := newDrop(t, Options{Files: "*.xlsx", Format: "xlsx"})
	rawBook(t, d.dir, rawHeader+`<row r="3"/><row r="5"><c r="A5"><v>1</v></c><c r="C5" t="e"><v>#N/A</v></c></row><row r="6"><c><v>2</v></c><c><v>x</v></c><c><v>7</v></c></row><row><c r="B7"><v>9</v></c></row>`)
	g := d.run(true)
	d.wantRows(g, "!cell_error:v,#N/A", "2,7", "∅,∅")
	if g.places[0] != "a.xlsx:5" || g.places[2] != "a.xlsx:7" {
		t.Errorf("%q", g.places)
	}

	two := 2
	d = newDrop(t, Options{Files: "*.xlsx", Format: "xlsx", Layout: pipelines.FileLayout{Sheet: "明细", Header: &two}})
	d.ofBook(t, func(f *excelize.File) {
		_, _ = f.NewSheet("明细")
		_ = f.SetCellValue("明细", "A1", "办件明细表")
		_ = f.SetSheetRow("明细", "A2", &[]any{" id ", "v"})
		_ = f.SetSheetRow("明细", "A3", &[]any{"001", time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)})
		_ = f.SetSheetRow("明细", "A4", &[]any{"440106199001011234", 12.5})
	})
	d.wantRows(d.run(true), "001,2026-11-02 09:30:00", "440106199001011234,12.5")

	d.o.Layout.Sheet = "明西"
	d.at = ""
	if g := d.run(true); !fault.Is(g.err, fault.Config) || !strings.Contains(fault.HintOf(g.err).ZH, "明细") {
		t.Errorf("%v", g.err)
	}
}

func TestABrokenWorkbookIsRefusedAsAFile(t *testing.T) {
	d := newDrop(t, Options{Files: "*.xlsx", Format: "xlsx", Rejected: "broken", BatchRows: 100})
	name := filepath.Join(d.dir, "a.xlsx")
	rows := [][]any{{"id", "v"}}
	for i := range 2000 {
		rows = append(rows, []any{i, strings.Repeat("办", i%50)})
	}
	book(t, name, rows)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for i, broken := range [][]byte{whole[:len(whole)/2], []byte("id,v\n1,a\n"), append(bytes.Repeat([]byte{7}, 3000), whole[3000:]...)} {
		put(t, name, string(broken))
		g := d.run(true)
		if g.err != nil || len(g.rows) == 0 || g.rows[len(g.rows)-1] != "!file_broken:xlsx" || g.whole {
			t.Errorf("%d: %d rows, %v", i, len(g.rows), g.err)
		}
	}
	rawBook(t, d.dir, rawHeader+`<row r="2"><c r="A2"><v>1</v></c></row><row r="3"><c`)
	g := d.run(true)
	d.wantRows(g, "1,∅", "!file_broken:xlsx")
}
