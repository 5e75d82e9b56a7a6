package middleplatform_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/fault"
	"banjian/pipelines"
)

// askable is a platform that says whether it has a message, and the way to it. between stands
// before it; nil: nothing does.
func askable(t *testing.T, between func(p *middleplatform.Profile, sim http.Handler) http.Handler) (server *httptest.Server, target *middleplatform.Target, deliver func(op pipelines.Op, row map[string]string) *pipelines.Delivery) {
	t.Helper()
	p, err := middleplatform.LoadProfile("json")
	if err != nil {
		t.Fatal(err)
	}
	sim, err := simulator.New(simulator.Options{Profile: p, Credentials: who, SM4Key: keys.SM4Key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sim.Close() })
	var handler http.Handler = sim
	if between != nil {
		handler = between(p, sim)
	}
	server = httptest.NewServer(handler)
	t.Cleanup(server.Close)
	target, err = middleplatform.New(middleplatform.Options{Name: "platform", Profile: p, Base: server.URL, Keys: []middleplatform.Keys{keys}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { target.Close() })
	subject, _ := catalogOf(t, p).Subject(p.SubjectName(p.Interfaces["accept"]))
	return server, target, func(op pipelines.Op, row map[string]string) *pipelines.Delivery {
		return &pipelines.Delivery{ID: "b", Table: "accept", Record: recordOf(t, subject.Arrow(), row), Ops: []pipelines.Op{op}, GUIDs: make([][16]byte, 1)}
	}
}

// A platform with a question for it says whether it has a message, and in which version.
func TestAPlatformSaysWhichVersionOfAMessageItHas(t *testing.T) {
	server, target, deliver := askable(t, nil)
	first, second := deliver(pipelines.OpInsert, acceptRow), deliver(pipelines.OpInsert, with(acceptRow, "SHOULI_YWSLRMC", "李四 <二>"))
	ask := func(d *pipelines.Delivery, want pipelines.Arrival) {
		t.Helper()
		got, err := target.Inquire(t.Context(), d, 0)
		if err != nil || got != want {
			t.Errorf("got %d, %v, want %d", got, err, want)
		}
	}
	ask(first, pipelines.NotArrived)
	if is, err := target.Call(t.Context(), first, 0); is != nil || err != nil {
		t.Fatal(is, err)
	}
	ask(first, pipelines.Arrived)
	ask(second, pipelines.NotArrived)
	if is, err := target.Call(t.Context(), second, 0); is != nil || err != nil {
		t.Fatal(is, err)
	}
	ask(second, pipelines.Arrived)
	ask(first, pipelines.NotArrived)
	if !target.Repeats("accept") {
		t.Error("equal messages count once, the profile says")
	}
	server.Close()
	if _, err := target.Inquire(t.Context(), first, 0); !fault.Is(err, fault.Transient) {
		t.Errorf("a question that is not answered is asked again, got %v", err)
	}
}

// That a platform has a message of that identity already says that it took this one only if it
// is this one that it has.
func TestAPlatformThatHasAnotherVersionAlreadyHasNotTakenThisOne(t *testing.T) {
	conflicts := false
	_, target, deliver := askable(t, func(p *middleplatform.Profile, sim http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if conflicts && r.URL.Path == p.Interfaces["accept"].Path {
				w.WriteHeader(http.StatusConflict)
				return
			}
			sim.ServeHTTP(w, r)
		})
	})
	call := func(row map[string]string) (*pipelines.Issue, error) {
		return target.Call(t.Context(), deliver(pipelines.OpUpdate, row), 0)
	}
	if is, err := call(acceptRow); is != nil || err != nil {
		t.Fatal(is, err)
	}
	conflicts = true
	if is, err := call(acceptRow); is != nil || err != nil {
		t.Errorf("the same again: %+v, %v", is, err)
	}
	if is, err := call(with(acceptRow, "SHOULI_YWSLRMC", "李四")); err != nil || is == nil || is.Rule != middleplatform.RuleRefused {
		t.Errorf("another version: %+v, %v", is, err)
	}
}

// A platform nobody knows a question for is not asked.
func TestAPlatformWithoutAQuestionIsNotAsked(t *testing.T) {
	p := profileOf(t)
	target, err := middleplatform.New(middleplatform.Options{Name: "platform", Profile: p, Base: "http://127.0.0.1:1", Keys: []middleplatform.Keys{keys}})
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	if got, err := target.Inquire(t.Context(), &pipelines.Delivery{Table: "accept"}, 0); got != pipelines.ArrivalUnclear || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
}
