package gateway

import (
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
