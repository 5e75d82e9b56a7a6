package jobs_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/connectors/memory"
	"banjian/connectors/sqlview"
	"banjian/internal/sqldialect"
	"banjian/ledger"
	"banjian/ledger/collect"
	"banjian/pipelines"
)

var lifeSeed = flag.Uint64("life-seed", 0, "seed of the simulated life of a view; 0: some of its own, and the time")

const (
	lifeHours    = 72
	lifeTick     = 10 * time.Minute
	lifeLookback = 30 * time.Minute
	stamp        = "2006-01-02 15:04:05.000"
)

// life is a department whose clock is virtual: it runs from 72 hours ago to now, and the
// reader is told how far behind the real one it is.
type life struct {
	*world
	rand  *rand.Rand
	cfg   sqldialect.Config
	db    *sql.DB
	now   time.Time
	steps time.Duration // what the department's clock was set by
	late  []lateCommit
	next  int
	sums  bool // the server hashes

	compares int // that came to their end
}

// lateCommit is a change whose time was set when it was made, and which appears later.
type lateCommit struct {
	at   time.Time // when
	stmt string
	args []any
}

func newLife(t *testing.T, seed uint64, sums bool) *life {
	l := &life{rand: rand.New(rand.NewPCG(seed, 7)), now: time.Now().Add(-lifeHours * time.Hour), sums: sums}
	l.world = newWorldAt(t, fastDir(t), func() time.Time { return l.now })
	l.cfg = sqldialect.Config{Kind: "sqlite", Path: filepath.Join(fastDir(t), "department.db")}
	var err error
	if l.db, err = l.cfg.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.db.Close() })
	l.exec("PRAGMA journal_mode=WAL")
	l.exec("PRAGMA synchronous=OFF")
	l.exec("CREATE TABLE c (local_no TEXT, n INTEGER, what TEXT, more TEXT, gxsj TEXT, PRIMARY KEY (local_no, n))")
	l.exec("CREATE INDEX c_gxsj ON c (gxsj)")
	l.exec("CREATE VIEW v AS SELECT * FROM c")
	return l
}

func (l *life) exec(q string, args ...any) {
	l.Helper()
	if _, err := l.db.Exec(q, args...); err != nil {
		l.Fatalf("%s: %v", q, err)
	}
}

// stamp is the time the department's clock shows, as it writes it.
func (l *life) stamp() string {
	return l.now.Add(l.steps).In(time.FixedZone("", 8*3600)).Format(stamp)
}

// happens changes one row: at once, or later with the time of now.
func (l *life) happens() {
	key := fmt.Sprint("A", l.rand.IntN(l.next+1))
	what := []string{"x", "y", "z", isBad, isSkipped}[l.rand.IntN(5)]
	var more any
	if l.rand.IntN(3) > 0 {
		more = []string{"初审", "复审"}[l.rand.IntN(2)]
	}
	var c lateCommit
	switch k := l.rand.IntN(20); {
	case k < 8:
		l.next++
		c = lateCommit{stmt: "INSERT OR IGNORE INTO c VALUES (?, 1, ?, ?, ?)", args: []any{fmt.Sprint("A", l.next), what, more, l.stamp()}}
	case k < 14:
		c = lateCommit{stmt: "UPDATE c SET what=?, more=?, gxsj=? WHERE local_no=?", args: []any{what, more, l.stamp(), key}}
	case k < 16: // by somebody who forgets the time of change
		c = lateCommit{stmt: "UPDATE c SET what=?, more=? WHERE local_no=?", args: []any{what, more, key}}
	case k < 17:
		c = lateCommit{stmt: "UPDATE c SET what=?, gxsj=NULL WHERE local_no=?", args: []any{what, key}}
	case k < 18:
		c = lateCommit{stmt: "UPDATE c SET what=?, gxsj='2099-01-01 00:00:00.000' WHERE local_no=?", args: []any{what, key}}
	default:
		c = lateCommit{stmt: "DELETE FROM c WHERE local_no=?", args: []any{key}}
	}
	switch k := l.rand.IntN(10); {
	case k < 7:
		l.exec(c.stmt, c.args...)
		return
	case k < 9:
		c.at = l.now.Add(time.Duration(l.rand.Int64N(int64(lifeLookback))))
	default: // a transaction longer than the lookback: only a compare finds it
		c.at = l.now.Add(time.Duration(l.rand.Int64N(int64(6 * time.Hour))))
	}
	l.late = append(l.late, c)
}

// passes lets time pass, and late commits appear; all: those that are still to come, too.
func (l *life) passes(all bool) {
	l.now = l.now.Add(lifeTick)
	var left []lateCommit
	for _, c := range l.late {
		if !all && c.at.After(l.now) {
			left = append(left, c)
			continue
		}
		l.exec(c.stmt, c.args...)
	}
	l.late = left
	if l.rand.IntN(30) == 0 { // somebody sets the department's clock
		l.steps += []time.Duration{-10 * time.Minute, 10 * time.Minute}[l.rand.IntN(2)]
	}
}

// runs collects once; the process may be killed before or after any write, and the source
// may fail in the middle.
func (l *life) runs(mode string, mayFail bool) {
	l.Helper()
	plan := l.collectPlan(subjectAccept, memory.NewView(sourceSchema), memory.Options{}, again)
	plan.Spec.From.Mode, plan.Spec.From.Absent = mode, pipelines.AbsentDelete
	plan.Deletes = collect.DeleteFuse{Max: 1 << 40, Ratio: 1}
	plan.Now = func() time.Time { return l.now }
	if mode == "incremental" {
		plan.Spec.From.Compare = &pipelines.Compares{Every: pipelines.Duration(24 * time.Hour)}
	}
	fails := mayFail && l.rand.IntN(4) == 0
	plan.Open = func(ctx context.Context, at pipelines.Position) (pipelines.Source, error) {
		behind := max(0, time.Since(l.now.Add(l.steps)))
		src, err := sqlview.Open(ctx, sqlview.Options{DB: l.cfg, View: "v", Columns: []string{"local_no", "n", "what", "more"}, Mode: sqlview.Mode(plan.Spec.From.Mode),
			Cursor: []string{"gxsj"}, Key: []string{"local_no"}, Lookback: lifeLookback, Lag: behind, BatchRows: 1 + l.rand.IntN(40), Alloc: l.alloc}, at)
		if err != nil || !l.sums {
			return src, err
		}
		return &hashingSource{Source: src, life: l, placed: plan.Placed}, nil
	}
	if fails {
		l.store.crashAt(1+l.rand.IntN(4), l.rand.IntN(2) == 0)
	}
	rep := l.runner.Collect(context.Background(), plan, nil)
	l.store.crashAt(0, false)
	if rep.Err != nil && !fails {
		l.Fatalf("%s: %v", mode, rep.Err)
	}
	if rep.Err == nil && rep.Run.Mode == "compare" {
		l.compares++
	}
	if rep.Err == nil && rep.Counts.Check() != nil {
		l.Errorf("%v", rep.Counts.Check())
	}
	if rep.Err != nil || l.rand.IntN(40) == 0 {
		l.reopen()
	}
}

// ledgerIsTheView compares what is alive in the ledger with the rows; of a row that is bad
// or left out what was good before still stands.
func (l *life) ledgerIsTheView() {
	l.Helper()
	rows, err := l.db.Query("SELECT local_no, what, coalesce(more, '') FROM v")
	if err != nil {
		l.Fatalf("%v", err)
	}
	defer rows.Close()
	accepts, steps := l.living(subjectAccept), l.living(subjectStep)
	for rows.Next() {
		var local, what, more string
		if err := rows.Scan(&local, &what, &more); err != nil {
			l.Fatalf("%v", err)
		}
		if what != isBad && what != isSkipped {
			if accepts[local] != what || steps[local] != more {
				l.Errorf("%s: the view has %s %s, the ledger %s %s", local, what, more, accepts[local], steps[local])
			}
		}
		delete(accepts, local)
		delete(steps, local)
	}
	if len(accepts)+len(steps) > 0 {
		l.Errorf("no longer in the view: %v %v", accepts, steps)
	}
}

// living is the value of every living record, by case.
func (l *life) living(subject string) map[string]string {
	l.Helper()
	stream := ledger.Stream{Source: sourceID, Subject: subject}
	got := map[string]string{}
	for _, r := range l.log(subject) {
		if !r.dead {
			got[r.key[:len(r.key)-2]] = r.what // less "/1"
		}
	}
	for local := range got {
		e, err := l.store.Lookup(context.Background(), stream, [][]byte{ledger.EncodeKey(local, "1")})
		if err != nil {
			l.Fatalf("%v", err)
		}
		if e[0].Deleted {
			delete(got, local)
		}
	}
	return got
}

// Three days of a department, by incremental runs that compare once a day by themselves, or
// by compares alone; on a server that hashes, or not. In the end the ledger is the view.
func TestAfterThreeDaysTheLedgerIsTheView(t *testing.T) {
	seeds := []uint64{1, 2, uint64(time.Now().UnixNano())}
	if *lifeSeed != 0 {
		seeds = []uint64{*lifeSeed}
	}
	for _, seed := range seeds {
		for _, c := range []struct {
			name        string
			incremental bool
			sums        bool
		}{{"incremental, comparing by itself", true, false}, {"the same, hashed", true, true}, {"compares alone", false, false}, {"the same, hashed", false, true}} {
			t.Run(c.name, func(t *testing.T) {
				t.Logf("-life-seed %d", seed)
				l := newLife(t, seed, c.sums)
				defer l.close()
				for tick := range lifeHours * int(time.Hour/lifeTick) {
					for range l.rand.IntN(4) {
						l.happens()
					}
					l.passes(false)
					switch {
					case c.incremental && tick%3 == 0:
						l.runs("incremental", true)
					case !c.incremental && tick%24 == 23:
						l.runs([]string{"compare", "full"}[l.rand.IntN(2)], true)
					}
				}
				if c.incremental && l.compares < lifeHours/24 {
					t.Errorf("%d compares in three days", l.compares)
				}
				l.passes(true)
				l.runs("compare", false)
				l.ledgerIsTheView()
				l.runs("compare", false)
				l.ledgerIsTheView()
				if n := len(l.living(subjectAccept)); n < 50 {
					t.Errorf("little happened: %d records", n)
				}
			})
		}
	}
}

// hashingSource stands in for a server that hashes rows where they lie. Parts are few, so
// that many rows share one.
type hashingSource struct {
	*sqlview.Source
	life   *life
	placed bool
	only   map[int64]bool
}

const lifeParts = 97

func leafOf(local string) int64 { return int64(crc32.ChecksumIEEE([]byte(local)) % lifeParts) }

func (s *hashingSource) Sums(context.Context) (*pipelines.Sums, error) {
	sums := pipelines.NewSums("life")
	rows, err := s.life.db.Query("SELECT local_no, what, coalesce(more, '-') FROM v")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var local, what, more string
		if err := rows.Scan(&local, &what, &more); err != nil {
			return nil, err
		}
		sums.Rows[leafOf(local)]++
		sums.Hash[leafOf(local)] += uint64(crc32.ChecksumIEEE([]byte(local + "|" + what + "|" + more)))
	}
	return sums, rows.Err()
}

func (s *hashingSource) Only(leaves []uint32) {
	s.only = map[int64]bool{}
	for _, l := range leaves {
		s.only[int64(l)] = true
	}
}

// Read adds the part of every row, and leaves out those that are not asked for.
func (s *hashingSource) Read(ctx context.Context) (pipelines.Batch, error) {
	b, err := s.Source.Read(ctx)
	if err != nil || !s.placed {
		return b, err
	}
	defer b.Record.Release()
	out := array.NewRecordBuilder(s.life.alloc, arrow.NewSchema(append(b.Record.Schema().Fields(), arrow.Field{Name: pipelines.LeafColumn, Type: arrow.PrimitiveTypes.Int64}), nil))
	defer out.Release()
	for row := range int(b.Record.NumRows()) {
		leaf := leafOf(b.Record.Column(0).(*array.String).Value(row))
		if s.only != nil && !s.only[leaf] {
			continue
		}
		for i, c := range b.Record.Columns() {
			switch c := c.(type) {
			case *array.Int64:
				out.Field(i).(*array.Int64Builder).Append(c.Value(row))
			case *array.String:
				if c.IsNull(row) {
					out.Field(i).AppendNull()
				} else {
					out.Field(i).(*array.StringBuilder).Append(c.Value(row))
				}
			}
		}
		out.Field(4).(*array.Int64Builder).Append(leaf)
	}
	b.Record = out.NewRecord()
	return b, nil
}
