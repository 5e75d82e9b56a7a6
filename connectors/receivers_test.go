package connectors_test

import (
	"path/filepath"
	"testing"

	"banjian/connectors"
	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
)

// What a site says of one interface goes before what it says of all, and that before the
// profile.
func TestASiteLimitsSingleInterfaces(t *testing.T) {
	p, err := middleplatform.LoadProfile(middleplatform.DefaultProfile)
	if err != nil {
		t.Fatal(err)
	}
	way, err := connectors.OpenPlatform(connectors.PlatformOptions{Name: "platform", Profile: p, Embedded: filepath.Join(t.TempDir(), "platform.jsonl"), Keys: []middleplatform.Keys{simulator.TryOut},
		Limit: middleplatform.Limit{Connections: 5}, Limits: map[string]middleplatform.Limit{"result_file": {Connections: 2}}})
	if err != nil {
		t.Fatal(err)
	}
	defer way.Close()
	for name, want := range map[string]int{"accept": 5, "result_file": 2} {
		if got := way.Connections(name); got != want {
			t.Errorf("%s: %d connections, want %d", name, got, want)
		}
	}
}
