package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/deploy/demo"
	"banjian/pipelines"
)

// effect is one message the platform has: its values by path, in which revision.
type effect struct {
	revision int
	values   map[string]string
}

// effectKey is what a message is known by.
func effectKey(name string, key []string) string {
	return strings.Join(append([]string{name}, key...), " ")
}

func platformProfile(t *testing.T) *middleplatform.Profile {
	t.Helper()
	p, err := middleplatform.LoadProfile("sd-ywzt-2024")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// effects is what the demo's platform has. A simulator of its own reads the state file,
// and finds fault with a line that is no message, or out of its order.
func (w *world) effects() map[string]effect {
	w.t.Helper()
	s, err := simulator.New(simulator.Options{Profile: platformProfile(w.t), Credentials: middleplatform.Credentials{Key: "test", Secret: "test"}, SM4Key: "test",
		State: filepath.Join(w.dir, demo.PlatformFile)})
	if err != nil {
		w.t.Fatal(err)
	}
	defer s.Close()
	got := map[string]effect{}
	for _, e := range s.Effects() {
		m, err := middleplatform.DecodeXML(e.Body)
		if err != nil {
			w.t.Fatal(err)
		}
		got[effectKey(e.Interface, e.Key)] = effect{e.Revision, valuesOf(m)}
	}
	return got
}

// valuesOf is a message by the paths of its values.
func valuesOf(m *middleplatform.Element) map[string]string {
	values := map[string]string{}
	for _, e := range m.Children {
		if len(e.Children) == 0 {
			values[e.Name] = e.Text
		}
		for _, f := range e.Children {
			values[e.Name+"/"+f.Name] = f.Text
		}
	}
	return values
}

// foretoldValues is the same of a message the generator foretells.
func foretoldValues(m demo.Message) map[string]string {
	values := map[string]string{}
	for name, v := range m.Message {
		block, nested := v.(map[string]any)
		if !nested {
			values[name] = fmt.Sprint(v)
		}
		for field, text := range block {
			values[name+"/"+field] = fmt.Sprint(text)
		}
	}
	return values
}

// wantPlatform compares every message of the platform, value by value: none is missing,
// none is too many, none came in two forms.
func (w *world) wantPlatform(e expectation) {
	w.t.Helper()
	got := w.effects()
	wrong := 0
	complain := func(key, format string, args ...any) {
		if wrong++; wrong <= 20 {
			w.t.Errorf("platform, %s: "+format, append([]any{key}, args...)...)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(e.messages)) {
		want, has := foretoldValues(e.messages[key]), got[key]
		switch {
		case has.revision == 0:
			complain(key, "missing")
		case has.revision != 1:
			complain(key, "revision %d", has.revision)
		}
		for _, path := range slices.Sorted(maps.Keys(want)) {
			if has.revision > 0 && has.values[path] != want[path] {
				complain(key, "%s = %q, want %q", path, has.values[path], want[path])
			}
		}
		for _, path := range slices.Sorted(maps.Keys(has.values)) {
			if _, foretold := want[path]; !foretold {
				complain(key, "%s = %q, want it left out", path, has.values[path])
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, foretold := e.messages[key]; !foretold {
			complain(key, "not foretold")
		}
	}
	if wrong > 0 || len(got) != len(e.messages) {
		w.t.Errorf("the platform has %d messages, %d are foretold; %d mistakes", len(got), len(e.messages), wrong)
	}
}

// TestForetoldMessagesAreRightInThemselves holds the generator's own messages against
// the platform's description: whatever it expects could arrive.
func TestForetoldMessagesAreRightInThemselves(t *testing.T) {
	p, e := platformProfile(t), expect(t)
	for key, message := range e.messages {
		m := &middleplatform.Element{Name: p.Body.Root}
		for name, v := range message.Message {
			block, nested := v.(map[string]any)
			if !nested {
				m.Add(name, fmt.Sprint(v))
				continue
			}
			b := m.Add(name, "")
			for field, text := range block {
				b.Add(field, fmt.Sprint(text))
			}
		}
		in := p.Interfaces[message.Interface]
		if found := p.Check(in, m); len(found) > 0 {
			t.Errorf("%s: %v", key, found)
		}
		if effectKey(in.Name, in.KeyOf(m)) != key {
			t.Errorf("%s: its key is %v", key, in.KeyOf(m))
		}
		for _, name := range in.Waits(m) {
			if _, comes := e.messages[effectKey(name, p.CaseOf(m))]; !comes {
				t.Errorf("%s: the case has no %s", key, name)
			}
		}
	}
}

// TestDemoPipelinesAreTheShippedOnesFedToThePlatformToo keeps the demo's copy honest.
func TestDemoPipelinesAreTheShippedOnesFedToThePlatformToo(t *testing.T) {
	dir := t.TempDir()
	if err := demo.Layout(demo.Site{Dir: dir, ExchangeEnv: "EXCHANGE_DSN"}); err != nil {
		t.Fatal(err)
	}
	shipped, err := pipelines.LoadSpecs(nil)
	if err != nil {
		t.Fatal(err)
	}
	own, err := pipelines.LoadSpecs(os.DirFS(filepath.Join(dir, "pipelines")))
	if err != nil || len(own) != len(shipped) {
		t.Fatalf("%d pipelines, %d are shipped: %v", len(own), len(shipped), err)
	}
	for i := range own {
		want := shipped[i]
		want.File = own[i].File
		if strings.HasPrefix(want.Pipeline, "provident-fund-") && want.Pipeline != "provident-fund-material" {
			want.Deliver = []string{demo.National, demo.Platform}
		}
		got, _ := json.Marshal(own[i])
		if wanted, _ := json.Marshal(want); string(got) != string(wanted) {
			t.Errorf("%s, want %s", got, wanted)
		}
	}
}
