package rejects

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/cmd/internal/codesheet"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// shelf is a ledger with some rejects and one batch of source rows, kept as 7.
type shelf struct {
	rejects   []ledger.Reject
	batch     []byte
	corrected []ledger.Correction
}

func (s *shelf) Corrections(context.Context, string) ([]ledger.Correction, error) {
	return s.corrected, nil
}

func (s *shelf) Rejects(_ context.Context, q ledger.RejectQuery) ([]ledger.Reject, error) {
	for _, r := range s.rejects {
		if r.ID == q.ID {
			return []ledger.Reject{r}, nil
		}
	}
	return nil, nil
}

func (s *shelf) Kept(_ context.Context, id int64) ([]byte, error) {
	if id == 7 {
		return s.batch, nil
	}
	return nil, nil
}

// newShelf has two rows of two columns: a name and an integer. Rejects 1 and 2 are of the
// first, 3 is of the second, 4 is closed, and the row of 5 is gone.
func newShelf(t *testing.T) *shelf {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "xm", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "xh", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil))
	defer b.Release()
	b.Field(0).(*array.StringBuilder).AppendValues([]string{"王小明", "李四"}, []bool{true, true})
	b.Field(1).(*array.Int64Builder).AppendValues([]int64{1, 2}, []bool{true, false})
	rec := b.NewRecord()
	defer rec.Release()
	batch, err := ledger.Encode(rec)
	if err != nil {
		t.Fatal(err)
	}
	return &shelf{batch: batch, rejects: []ledger.Reject{
		{ID: 1, Pipeline: "p", State: "open", Kept: 7}, {ID: 2, Pipeline: "p", State: "open", Kept: 7}, {ID: 3, Pipeline: "q", State: "open", Kept: 7, KeptRow: 1},
		{ID: 4, Pipeline: "p", State: "closed", Kept: 7}, {ID: 5, Pipeline: "p", State: "open", Kept: 8}}}
}

// read reads a page of these rows below a watermark and the headings of an export.
func (s *shelf) read(t *testing.T, rows ...string) (*Mended, error) {
	t.Helper()
	page := &codesheet.Sheet{Name: "p", Lines: []codesheet.Line{{Row: 1, Cells: []string{"导出"}}, {Row: 2, Cells: strings.Split("编号|标识|xm|xh", "|")}}}
	for i, r := range rows {
		page.Lines = append(page.Lines, codesheet.Line{Row: i + 3, Cells: strings.Split(r, "|")})
	}
	return ReadMended(t.Context(), s, "f.xlsx", []*codesheet.Sheet{page}, "somebody", time.Unix(1, 0))
}

func TestOnlyCellsThatWereChangedAreCorrected(t *testing.T) {
	m, err := newShelf(t).read(t, "1|k|王小红|1", "2|k|王小红|1", "3|k||22", "4|k|x|y", "5|k||", "")
	if err != nil {
		t.Fatal(err)
	}
	list := m.Corrections()
	if m.Rows() != 2 || m.Cells() != 3 || m.Same != 1 || m.Closed != 1 || strings.Join(m.Pipelines, " ") != "p q" {
		t.Fatalf("%d rows, %d cells, %d the same, %d closed of %v", m.Rows(), m.Cells(), m.Same, m.Closed, m.Pipelines)
	}
	if c := list[0]; c.Reject != 1 || c.Who != "somebody" || len(c.Cells) != 1 || *c.Cells["xm"] != "王小红" {
		t.Errorf("the first row: %+v", c)
	}
	if c := list[1]; len(c.Cells) != 2 || c.Cells["xm"] != nil || *c.Cells["xh"] != "22" || c.Row == list[0].Row {
		t.Errorf("an emptied cell counts as no value: %+v", c)
	}
}

// A row that was mended once and is still refused is shown as it was mended, and what is left
// as it is stays mended.
func TestWhatWasMendedBeforeStaysMended(t *testing.T) {
	s := newShelf(t)
	m, err := s.read(t, "1|k|王小红|22")
	if err != nil || m.Rows() != 1 {
		t.Fatalf("%+v, %v", m, err)
	}
	s.corrected = m.Corrections()
	k := &kept{store: s}
	defer k.release()
	_, row, err := k.row(t.Context(), &s.rejects[0])
	if err != nil {
		t.Fatal(err)
	}
	shown, _, err := k.asCorrected(t.Context(), s, &s.rejects[0], row)
	if err != nil || len(shown) != 2 || shown[0] != (Column{"xh", "22"}) || shown[1] != (Column{"xm", "王小红"}) {
		t.Errorf("%v, %v", shown, err)
	}
	if m, err = s.read(t, "1|k|王小红|22"); err != nil || m.Same != 1 || m.Rows() != 0 {
		t.Errorf("left as it is: %+v, %v", m, err)
	}
	m, err = s.read(t, "1|k|王小红|23")
	if err != nil || m.Cells() != 1 {
		t.Fatalf("%+v, %v", m, err)
	}
	if c := m.Corrections()[0].Cells; len(c) != 2 || *c["xm"] != "王小红" || *c["xh"] != "23" {
		t.Errorf("%+v", c)
	}
	m, err = s.read(t, "1|k|王小明|22") // as it was at first
	if err != nil || *m.Corrections()[0].Cells["xm"] != "王小明" {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestAMaskedCellLeftAsItIsIsNoChange(t *testing.T) {
	s := newShelf(t)
	row, err := Row(t.Context(), s, &s.rejects[0])
	if err != nil || len(row) != 2 || row[0].Masked() == row[0].Value {
		t.Fatalf("%v, %v", row, err)
	}
	if m, err := s.read(t, "1|k|"+row[0].Masked()+"|"+row[1].Masked()); err != nil || m.Same != 1 || m.Rows() != 0 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestARowThatDoesNotFitIsToldByFileAndLine(t *testing.T) {
	for rows, want := range map[string]string{
		"十七|k|a|1":            "f.xlsx:3: the id is no number",
		"99|k|a|1":            "f.xlsx:3: there is no reject 99",
		"1|k|王小明|one":         "f.xlsx:3: the value of xh is not written as the column has it",
		"5|k|a|1":             "f.xlsx:3: the source row of reject 5 is not in the ledger",
		"1|k|甲|1;2|k|乙|1":     "f.xlsx:4: xm of one source row was changed to two values",
		"1|k|王小明|1;3|k|李四||z": "",
	} {
		_, err := newShelf(t).read(t, strings.Split(rows, ";")...)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(fault.Say(err, text.EN), want)) {
			t.Errorf("%s: %v, want %q", rows, err, want)
		}
	}
	_, err := ReadMended(t.Context(), newShelf(t), "f.xlsx", []*codesheet.Sheet{{Name: "p", Lines: []codesheet.Line{{Row: 1, Cells: []string{"x"}}}}}, "", time.Time{})
	if err == nil || !strings.Contains(fault.Say(err, text.EN), "no column “id”") {
		t.Errorf("without headings: %v", err)
	}
}

func TestMaskingShowsNoNameAndKeepsPlaces(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"xm", "李四", "李*"}, {"xh", "12", "12"}, {"bz", "", ""}, {pipelines.PlaceColumn, "办件.csv:12", "办件.csv:12"},
	} {
		if got := (Column{c.name, c.value}).Masked(); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.name, c.value, got, c.want)
		}
	}
}
