package gateway

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"banjian/pipelines"
)

func TestOnlyWhatTheLedgerHasIsDropped(t *testing.T) {
	w := newWorld(t)
	var application, material pipelines.Position
	for _, no := range []string{"A", "B"} {
		w.platform.put(no)
		w.announce(no, "0", "")
		w.fetch(time.Minute)
		if no == "A" {
			_, application = w.rows(Application, "", "submission")
			_, material = w.rows(Material, "", "submission")
		}
	}
	for _, c := range []struct {
		why   string
		reach func(Reached)
		want  []string
	}{
		{"nobody reads", func(Reached) {}, []string{"A", "B"}},
		{"another kind is not read", func(r Reached) { r.Least("ywzt", Application, application) }, []string{"A", "B"}},
		{"another platform's are read", func(r Reached) { r.Least("sjzt", Application, application); r.Least("sjzt", Material, material) }, []string{"A", "B"}},
		{"a second pipeline has not begun", func(r Reached) {
			r.Least("ywzt", Application, application)
			r.Least("ywzt", Application, "")
			r.Least("ywzt", Material, material)
		}, []string{"A", "B"}},
		{"all have it", func(r Reached) {
			r.Least("ywzt", Application, application)
			r.Least("ywzt", Application, "9999")
			r.Least("ywzt", Material, material)
		}, []string{"B"}},
	} {
		reached := Reached{}
		c.reach(reached)
		if err := w.journal.Prune(t.Context(), w.clock.Now().Add(time.Hour), reached); err != nil {
			t.Fatal(err)
		}
		got, _ := w.rows(Application, "", "SBLSH_SHORT")
		t.Log(c.why)
		w.want(got, c.want...)
	}
	w.announce("A", "0", "")
	w.wantSubmissions("A", "0:0:fetched:2")
}

// A city's month of numbers: each look at one of them is a look in an index, and no write takes
// so many that a call has to wait for it.
func TestPruningFindsWhatTheFeedToldOfASubmissionByItsNumber(t *testing.T) {
	w := newWorld(t)
	const many = 2*pruneAtOnce + 7
	if err := w.journal.do(t.Context(), func(tx *sql.Tx) error {
		for i := range int64(many) {
			if _, err := tx.Exec(`INSERT INTO applications(id, system, platform, flow_no, submission, item, kind, replied, message, received, called, calls, state, due, details, materials)
				VALUES(?,'gjj','ywzt',?,0,'i','0','','<a/>',1,1,1,'fetched',1,'<d/>','<m/>')`, i+1, i); err != nil {
				return err
			}
			if _, err := tx.Exec("INSERT INTO feed(platform, kind, ref) VALUES('ywzt',?,?)", Application, i+1); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.journal.Prune(t.Context(), w.clock.Now(), Reached{"ywzt/" + Application: many - 1}); err != nil {
		t.Fatal(err)
	}
	var left, told int
	if err := w.journal.read.QueryRow("SELECT (SELECT sum(materials IS NOT NULL) FROM applications), (SELECT count(*) FROM feed)").Scan(&left, &told); err != nil || left != 1 || told != 1 {
		t.Errorf("%d submissions with content, %d entries of the feed, %v", left, told, err)
	}
	for query, want := range map[string]string{
		newestOf + "(1,2) GROUP BY ref, platform, kind":              "INDEX feed_ref (ref=?",
		"DELETE FROM feed WHERE kind<>'withdrawal' AND ref IN (1,2)": "INDEX feed_ref (ref=?",
		unstoredOf + "(1,2)": "PRIMARY KEY (application=?)",
	} {
		var id, parent, unused int
		var plan string
		if err := w.journal.read.QueryRow("EXPLAIN QUERY PLAN "+query).Scan(&id, &parent, &unused, &plan); err != nil || !strings.Contains(plan, want) {
			t.Errorf("%s: %s, %v", query, plan, err)
		}
	}
}
