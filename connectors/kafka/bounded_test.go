package kafka

import (
	"testing"

	"banjian/pipelines"
)

func TestRunsWithALimitReadAPartitionBitByBitAndCutNoMessage(t *testing.T) {
	c := fake(t)
	name := topic(t, c, 1)
	put(t, c, name, texts(`{"id":1}`, `{"id":2}`, `[{"id":3},{"id":4}]`, `{"id":5}`)...)
	o := Options{Cluster: c, Topic: name, Format: JSON, Columns: []string{"id"}, BatchRows: 2, Limit: 3}
	at := pipelines.Position("")
	for i, want := range []string{"1\n2\n3\n4", "5", ""} {
		var got string
		if got, at = readAll(t, o, at); got != want {
			t.Errorf("run %d read %q, want %q", i, got, want)
		}
	}
	s, err := Open(t.Context(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for err == nil {
		var b pipelines.Batch
		if b, err = s.Read(t.Context()); err == nil {
			b.Record.Release()
		}
	}
	if !s.Cut() {
		t.Error("a message is left")
	}
}
