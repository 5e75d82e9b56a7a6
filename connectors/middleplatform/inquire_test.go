package middleplatform_test

import (
	"net/http/httptest"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/fault"
	"banjian/pipelines"
)

// A platform with a question for it says whether it has a message, and in which version.
func TestAPlatformSaysWhichVersionOfAMessageItHas(t *testing.T) {
	p, err := middleplatform.LoadProfile("json")
	if err != nil {
		t.Fatal(err)
	}
	sim, err := simulator.New(simulator.Options{Profile: p, Credentials: who, SM4Key: keys.SM4Key})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	defer server.Close()
	defer sim.Close()
	target, err := middleplatform.New(middleplatform.Options{Name: "platform", Profile: p, Base: server.URL, Keys: []middleplatform.Keys{keys}})
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	subject, _ := catalogOf(t, p).Subject(p.SubjectName(p.Interfaces["accept"]))
	delivery := func(row map[string]string) *pipelines.Delivery {
		return &pipelines.Delivery{ID: "b", Table: "accept", Record: recordOf(t, subject.Arrow(), row), Ops: []pipelines.Op{pipelines.OpInsert}, GUIDs: make([][16]byte, 1)}
	}
	first, second := delivery(acceptRow), delivery(with(acceptRow, "SHOULI_YWSLRMC", "李四 <二>"))
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
