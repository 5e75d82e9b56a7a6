package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// mend changes cells of an exported book: by the id of the reject, column to value.
func mend(t *testing.T, file, page string, cells map[string]map[string]string) {
	t.Helper()
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows(page)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows[2:] {
		for column, v := range cells[row[0]] {
			for j, head := range rows[1] {
				if head == column {
					at, _ := excelize.CoordinatesToCellName(j+1, i+3)
					if err := book.SetCellValue(page, at, v); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	if err := book.Save(); err != nil {
		t.Fatal(err)
	}
}

// A department mends its rows in the table it was given: they are read back, pass, go out,
// and stay as corrected for as long as the row is as it was.
func TestARowMendedInTheSheetTurnsGreenAndStaysSoUntilItChangesAtTheDepartment(t *testing.T) {
	w := newRan(t)
	const pipeline = "provident-fund-accept"
	no := w.ofDirt("unknown_applicant_type")
	open := w.rejects(pipeline, no, "open")
	if len(open) != 1 {
		t.Fatalf("%+v", open)
	}
	file := filepath.Join(t.TempDir(), "问题数据.xlsx")
	w.must(exitDone, "rejects", "export", "--out", file, "--pipeline", pipeline, "--with-source")
	w.must(exitDone, "rejects", "import", file) // as it was written: nothing to correct
	mend(t, file, pipeline, map[string]map[string]string{count(open[0].ID): {"sqrlx": "机关"}})
	before := w.text("SELECT COUNT(*) FROM up_pro_accept")
	w.must(exitDone, "rejects", "import", file, "--dry-run")
	if len(w.rejects(pipeline, no, "open")) != 1 {
		t.Error("a dry run mended")
	}
	if code, out, errOut := w.says("rejects", "import", file, "--json", "--site", w.dir); code != exitDone && code != exitNews {
		t.Fatalf("exited %d\n%s%s", code, out, errOut)
	}
	if left := w.rejects(pipeline, no, "open"); len(left) != 0 {
		t.Errorf("still open: %+v", left)
	}
	if after := w.text("SELECT COUNT(*) FROM up_pro_accept"); after == before {
		t.Error("nothing went out")
	}
	went := w.text("SELECT COUNT(*) FROM up_pro_accept")
	w.says("run", pipeline, "--mode", "full", "--json", "--site", w.dir)
	if len(w.rejects(pipeline, no, "open")) != 0 || w.text("SELECT COUNT(*) FROM up_pro_accept") != went {
		t.Error("the row as it was is refused again, or went out again")
	}
	if _, err := w.source.Exec("UPDATE gjj_ywsl SET sqrlx='外星', gxsj=" + w.settled + " WHERE slbh='" + no + "'"); err != nil {
		t.Fatal(err)
	}
	w.says("run", pipeline, "--mode", "full", "--json", "--site", w.dir)
	if len(w.rejects(pipeline, no, "open")) != 1 {
		t.Error("a correction outlived its row")
	}
}

func TestAMendedSheetThatDoesNotFitSaysWhereAndWhat(t *testing.T) {
	w := newRan(t)
	const pipeline = "provident-fund-accept"
	id := count(w.rejects(pipeline, w.ofDirt("unknown_applicant_type"), "open")[0].ID)
	file := filepath.Join(t.TempDir(), "r.xlsx")
	w.must(exitDone, "rejects", "export", "--out", file, "--pipeline", pipeline, "--with-source")
	mend(t, file, pipeline, map[string]map[string]string{id: {"编号": "999999"}})
	code, _, errOut := w.says("rejects", "import", file, "--dry-run", "--lang", "zh", "--site", w.dir)
	if code != exitUsage || !strings.Contains(errOut, "没有编号 999999") || !strings.Contains(errOut, "r.xlsx:") {
		t.Errorf("exited %d: %s", code, errOut)
	}
	if code, _, _ := w.says("rejects", "import", filepath.Join(t.TempDir(), "none.xlsx"), "--site", w.dir); code != exitUsage {
		t.Errorf("a missing file: exited %d", code)
	}
}

// A correction of a column that the mapping stopped reading does nothing, and one of any
// column stands beside a view read otherwise only until its row is read again: both are said
// when the table is read back.
func TestACorrectionThatTheMappingPassesOverIsToldAtImport(t *testing.T) {
	w := newRan(t)
	const pipeline = "provident-fund-accept"
	no := w.ofDirt("unknown_applicant_type")
	id := count(w.rejects(pipeline, no, "open")[0].ID)
	file := filepath.Join(t.TempDir(), "r.xlsx")
	w.must(exitDone, "rejects", "export", "--out", file, "--pipeline", pipeline, "--with-source")
	mend(t, file, pipeline, map[string]map[string]string{id: {"sqrlx": "机关", "yzbm": "510000"}})
	if _, _, errOut := w.says("rejects", "import", file, "--dry-run", "--lang", "en", "--site", w.dir); strings.Contains(errOut, "no effect") || strings.Contains(errOut, "stopped reading") {
		t.Errorf("the mapping reads both columns, and yet: %s", errOut)
	}
	w.overlay("provident-fund/accept", "  zip_code:          {from: yzbm, fold: width, trim: true, blank: [无, \"null\", \"-\"], check: zip, else: blank}\n", "")
	mapping, _, err := w.house().Reads(pipeline)
	if err != nil {
		t.Fatal(err)
	}
	version := mapping.Version()
	for lang, want := range map[string][]string{
		"zh": {`provident-fund-accept：列 yzbm 更正了 1 格，但映射 provident-fund/accept（版本 ` + version + `）已不读这一列`, `不再读 yzbm；更正只对现在的重推有效`},
		"en": {`provident-fund-accept: cells of column yzbm that were corrected: 1; mapping provident-fund/accept \(version ` + version + `\) does not read that column any more`, `stopped reading yzbm: corrections count for driving the rows again now`},
	} {
		_, _, errOut := w.says("rejects", "import", file, "--dry-run", "--lang", lang, "--site", w.dir)
		wantOnce(t, errOut, want)
	}
	if code, out, errOut := w.says("rejects", "import", file, "--lang", "en", "--site", w.dir); code > exitNews || !strings.Contains(errOut, "have no effect") {
		t.Fatalf("exited %d\n%s%s", code, out, errOut)
	}
	if left := w.rejects(pipeline, no, "open"); len(left) != 0 {
		t.Errorf("driven again as corrected, and still open: %+v", left)
	}
	w.says("run", pipeline, "--mode", "full", "--approve-changes", "--json", "--site", w.dir)
	if len(w.rejects(pipeline, no, "open")) != 1 {
		t.Error("what was said of the next reading is not so")
	}
}

// A table that is larger than is read is not read in part: what is too much is said, with how to
// go on, and nothing of it counts.
func TestAMendedTableThatIsTooLargeIsNotReadInPart(t *testing.T) {
	w := newRan(t)
	const pipeline = "provident-fund-accept"
	no := w.ofDirt("unknown_applicant_type")
	open := w.rejects(pipeline, no, "open")
	if len(open) != 1 {
		t.Fatalf("%+v", open)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "问题数据.xlsx")
	w.must(exitDone, "rejects", "export", "--out", file, "--pipeline", pipeline, "--with-source")
	mend(t, file, pipeline, map[string]map[string]string{count(open[0].ID): {"sqrlx": "机关"}})
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if err := book.SetCellValue(pipeline, "A20001", "999999"); err != nil {
		t.Fatal(err)
	}
	if err := book.Save(); err != nil {
		t.Fatal(err)
	}
	heavy := filepath.Join(dir, "heavy.csv")
	if err := os.WriteFile(heavy, bytes.Repeat([]byte("\n"), 9<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, what := range map[string]string{file: "more than 20000 rows", heavy: "larger than 8 MiB"} {
		code, out, errOut := w.says("rejects", "import", path, "--site", w.dir)
		if code != exitUsage || !strings.Contains(errOut, filepath.Base(path)) || !strings.Contains(errOut, what) || !strings.Contains(errOut, "nothing was read back") || !strings.Contains(errOut, "--department") {
			t.Errorf("exited %d\n%s%s", code, out, errOut)
		}
	}
	if still := w.rejects(pipeline, no, "open"); len(still) != 1 {
		t.Errorf("%+v", still)
	}
}
