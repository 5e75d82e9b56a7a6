package sqlite

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"banjian/ledger"
)

// plansOf asks how the statements that were prepared meanwhile find their rows, by statement.
func (s *Store) plansOf(t *testing.T) map[string]string {
	t.Helper()
	plans := map[string]string{}
	err := s.w.do(t.Context(), func(x *tx) error {
		var queries []string
		for q := range x.w.stmts {
			queries = append(queries, q)
		}
		s.read.mu.Lock()
		for q := range s.read.stmts {
			queries = append(queries, q)
		}
		s.read.mu.Unlock()
		for _, q := range queries {
			if verb, _, _ := strings.Cut(q, " "); verb != "SELECT" && verb != "UPDATE" && verb != "DELETE" && verb != "WITH" {
				continue
			}
			if err := x.each("EXPLAIN QUERY PLAN "+parameters.ReplaceAllString(q, "5"), nil, func(scan func(...any) error) error {
				var id, parent, unused int
				var detail string
				err := scan(&id, &parent, &unused, &detail)
				plans[q] += detail + "\n"
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return plans
}

var parameters = regexp.MustCompile(`\?\d*`)

func openFresh(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// A receiver may have a million records put aside, and a person may have ten thousand of them
// tried again.
func TestARejectFindsItsRecordByItsKey(t *testing.T) {
	s := openFresh(t)
	if _, err := s.RedriveOf(t.Context(), "national", []ledger.Reject{{Pipeline: "p", Subject: "case/accept", Key: ledger.EncodeKey("A"), Rule: "r"}}); err != nil {
		t.Fatal(err)
	}
	for q, plan := range s.plansOf(t) {
		if strings.HasPrefix(q, "UPDATE exceptions") && !strings.Contains(plan, "SEARCH exceptions USING PRIMARY KEY (receiver=? AND rec=?)") {
			t.Errorf("%s\n%s", q, plan)
		}
	}
}

// What is over is kept: runs for years, rejects that were closed, what was replaced. Looking
// whether all is well reads none of it.
func TestALookReadsNoHistory(t *testing.T) {
	s := openFresh(t)
	ctx := t.Context()
	for _, look := range []func() error{
		func() error { _, err := s.LastRuns(ctx); return err },
		func() error { _, err := s.GoodRuns(ctx); return err },
		func() error { _, err := s.RunsSince(ctx, time.Now()); return err },
		func() error { _, err := s.RejectTotals(ctx); return err },
		func() error { _, err := s.openReturned(ctx, "national"); return err },
	} {
		if err := look(); err != nil {
			t.Fatal(err)
		}
	}
	whole := regexp.MustCompile(`(?m)^SCAN (runs|rejects|r)\b`)
	for q, plan := range s.plansOf(t) {
		if whole.MatchString(plan) && !strings.Contains(q, "ORDER BY num DESC LIMIT 1") {
			t.Errorf("%s\n%s", q, plan)
		}
	}
}

// Every payload that is dropped is dropped in a transaction that others wait for, so none of
// these reads the log, or all that is put aside.
func TestPruningWritesWithoutReadingTheLogThrough(t *testing.T) {
	s := openFresh(t)
	s.replaced(t)
	if n, err := s.Prune(t.Context(), time.Time{}); n != 2*pruneAtOnce || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	whole := regexp.MustCompile(`(?m)^SCAN (log|l|exceptions|e)\b`)
	for q, plan := range s.plansOf(t) {
		if !strings.HasPrefix(q, "SELECT") && whole.MatchString(plan) {
			t.Errorf("%s\n%s", q, plan)
		}
	}
}

// A row that comes back while batches are pruned may be put aside where it lies: they stay.
func TestPruningStopsForWhatAReceiverSendsBack(t *testing.T) {
	s := openFresh(t)
	s.replaced(t)
	seqs, back, err := s.emptied(t.Context())
	if err != nil || len(seqs) != 2*pruneAtOnce {
		t.Fatalf("%v, %v", seqs, err)
	}
	for _, want := range []int64{pruneAtOnce, 0} {
		if err := s.w.do(t.Context(), func(x *tx) error {
			n, err := x.empty(seqs[:pruneAtOnce], back)
			if err == nil && n != want {
				t.Errorf("%d batches emptied, want %d", n, want)
			}
			seqs = seqs[pruneAtOnce:]
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.TakeReturns(t.Context(), &ledger.Take{Name: "returns", Receiver: "national", Rows: []ledger.Return{{Receiver: "national", From: "dn", Row: "1", State: ledger.ReturnedWild}}}); err != nil {
			t.Fatal(err)
		}
	}
}

// replaced fills the log with batches whose one row was replaced.
func (s *Store) replaced(t *testing.T) {
	t.Helper()
	if err := s.w.do(t.Context(), func(x *tx) error {
		stream, err := x.streamFor(ledger.Stream{Source: "gjj", Subject: "case/accept"})
		if err != nil {
			return err
		}
		for seq := range 2 * pruneAtOnce {
			if err := x.exec("INSERT INTO log(seq, stream, pipeline, run, mapping, at, rows, payload) VALUES(?,?,'p',1,'m',1,1,'x')", seq+1, stream); err != nil {
				return err
			}
			if err := x.exec("INSERT INTO dead(seq, rows) VALUES(?,1)", seq+1); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// Of what a receiver has put aside a reader may want the few that wait for one thing.
func TestWhatWaitsForOneReasonIsFoundByIt(t *testing.T) {
	s := openFresh(t)
	if err := s.w.do(t.Context(), func(x *tx) error {
		if _, err := x.receiverFor("national"); err != nil {
			return err
		}
		_, err := x.streamFor(ledger.Stream{Source: "gjj", Subject: "case/step"})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Exceptions(t.Context(), ledger.ExceptionQuery{Receiver: "national", Source: "gjj", Subject: "case/step", Rule: ledger.RuleWaitsParent, State: ledger.Held, After: 7, Limit: 10}); err != nil {
		t.Fatal(err)
	}
	for q, plan := range s.plansOf(t) {
		if strings.Contains(q, "FROM exceptions e") && !strings.Contains(plan, "exceptions_rule (receiver=? AND stream=? AND rule=? AND state=? AND rec>?)") {
			t.Errorf("%s\n%s", q, plan)
		}
	}
}
