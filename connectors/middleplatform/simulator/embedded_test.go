package simulator

import (
	"net/http"
	"testing"

	"banjian/internal/fault"
)

// Two processes of one site feed the same embedded platform one after the other: the
// second waits for the first, it is not misconfigured.
func TestAnEmbeddedSimulatorInUseElsewhereIsTriedAgain(t *testing.T) {
	w := newWorld(t, "")
	if err := w.s.Close(); err != nil {
		t.Fatal(err)
	}
	w.s = nil
	o := Options{Profile: w.p, Credentials: credentials, SM4Key: sm4Key, State: w.state}
	first, second := NewEmbedded(o), NewEmbedded(o)
	call := func(e *Embedded) error {
		resp, err := e.RoundTrip(w.request(EmbeddedBase, "accept", acceptXML))
		if err == nil && resp.StatusCode != http.StatusOK {
			t.Errorf("status %d", resp.StatusCode)
		}
		if err == nil {
			err = resp.Body.Close()
		}
		return err
	}
	if _, err := first.Effects(); err != nil {
		t.Fatal(err)
	}
	if err := call(second); !fault.Is(err, fault.Transient) {
		t.Errorf("got %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Effects(); err != nil {
		t.Errorf("given back, it is still refused: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
}
