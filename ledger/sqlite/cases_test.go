package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"banjian/ledger"
	"banjian/pipelines"
)

// accepted is a change of one accept record of case A.
func accepted(round string, version uint32, c ledger.Case) *ledger.Change {
	c.Source, c.LocalNo, c.Again = stream.Source, "A", version > 1 || c.Round > 1
	c.Rec = c.Round
	e := ledger.Entry{Key: ledger.EncodeKey("A", round), Rec: c.Rec, Version: version, Run: 1}
	return &ledger.Change{Run: 1, Pipeline: "p", Position: pipelines.Position("1"),
		Batches: []ledger.LogBatch{{Stream: stream, Payload: []byte("x"), Entries: []ledger.Entry{e}, Before: []ledger.Place{{}}, Cases: []ledger.Case{c}}}}
}

func TestAFlowNumberIsKnownFromAnEarlierRound(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "ledger.db"))
	defer s.Close()
	ctx := context.Background()
	for _, c := range []*ledger.Change{accepted("1", 1, ledger.Case{Round: 1, CaseNo: "N-1", FlowNo: "F"}), accepted("2", 1, ledger.Case{Round: 2, CaseNo: "N-2"})} {
		if _, err := s.Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	for _, number := range []string{"A", "F", "N-1", "N-2"} {
		list, err := s.FindCases(ctx, number)
		if err != nil || len(list) != 1 || list[0].Round != 2 || list[0].FlowNo != "F" || list[0].CaseNo != "N-2" {
			t.Errorf("by %s: %+v, %v", number, list, err)
		}
	}
}

func TestAWithdrawalFindsItsCaseByAnIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := openAt(t, path)
	defer s.Close()
	for range 2 {
		if err := s.IndexFlows(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var id, parent, unused int
	var plan string
	if err := db.QueryRow("EXPLAIN QUERY PLAN SELECT key FROM records WHERE +stream=?1 AND flow_no=?2", 1, "F").Scan(&id, &parent, &unused, &plan); err != nil || !strings.Contains(plan, "records_flow") {
		t.Errorf("%s, %v", plan, err)
	}
}

// Another case number makes the store look at a row twice; it must not take a row that
// moved meanwhile for one of those.
func TestAMovedRecordWithAnotherCaseNumberConflicts(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "ledger.db"))
	defer s.Close()
	ctx := context.Background()
	for _, step := range []struct {
		version uint32
		number  string
		want    error
	}{{1, "N-1", nil}, {2, "N-2", nil}, {2, "N-2", ledger.ErrConflict}, {2, "N-1", ledger.ErrConflict}, {4, "N-3", ledger.ErrConflict}, {3, "N-3", nil}} {
		if _, err := s.Commit(ctx, accepted("1", step.version, ledger.Case{Round: 1, CaseNo: step.number})); !errors.Is(err, step.want) {
			t.Errorf("version %d with %s: %v, want %v", step.version, step.number, err, step.want)
		}
	}
	if list, err := s.Cases(ctx, stream.Source, []string{"A"}); err != nil || list[0].CaseNo != "N-3" {
		t.Errorf("%+v, %v", list, err)
	}
}
