package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
)

// lifeModel is what the script says the platform, the inbox and the ledger are to hold.
type lifeModel struct {
	profile *middleplatform.Profile

	mu       sync.Mutex
	messages map[string]*foreseen // by interface and key
	inbox    map[string][]string  // rows of each table
	aside    []string             // receiver, rule and key of what does not go
}

// foreseen is one message of the platform.
type foreseen struct {
	name   string
	values map[string]string // by path, as it is in the end
	forms  int               // how many it had on the way
}

func newLifeModel(p *middleplatform.Profile) *lifeModel {
	return &lifeModel{profile: p, messages: map[string]*foreseen{}, inbox: map[string][]string{}}
}

// sends foresees a message, or another form of one; a value that is empty is left out.
func (m *lifeModel) sends(name string, l *life, pairs ...string) {
	values := map[string]string{"SBLSH_SHORT": l.flow, "SXBM": middleplatform.TryOutItem}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values[pairs[i]] = pairs[i+1]
		}
	}
	root := &middleplatform.Element{Name: m.profile.Body.Root}
	for path, text := range values {
		at, parts := root, strings.Split(path, "/")
		for _, part := range parts[:len(parts)-1] {
			next := at.Child(part)
			if next == nil {
				next = at.Add(part, "")
			}
			at = next
		}
		at.Add(parts[len(parts)-1], text)
	}
	key := effectKey(name, m.profile.Interfaces[name].KeyOf(root))
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.messages[key]
	if known == nil {
		known = &foreseen{name: name}
		m.messages[key] = known
	}
	if !maps.Equal(known.values, values) {
		known.values, known.forms = values, known.forms+1
	}
}

// receives foresees a row of an inbox table, its columns joined by |.
func (m *lifeModel) receives(table string, columns ...any) {
	said := make([]string, len(columns))
	for i, c := range columns {
		said[i] = fmt.Sprint(c)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inbox[table] = append(m.inbox[table], strings.Join(said, "|"))
}

// stays foresees a record that a receiver is not given.
func (m *lifeModel) stays(receiver, state, rule string, key ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.aside = append(m.aside, fmt.Sprint(receiver, " ", state, " ", rule, " ", key))
}

// leaves is a message by the paths of its values.
func leaves(e *middleplatform.Element) map[string]string {
	values := map[string]string{}
	var walk func(e *middleplatform.Element, at string)
	walk = func(e *middleplatform.Element, at string) {
		if len(e.Children) == 0 {
			values[at] = e.Text
		}
		for _, c := range e.Children {
			walk(c, strings.TrimPrefix(at+"/"+c.Name, "/"))
		}
	}
	walk(e, "")
	return values
}

// agrees says that the platform has all that is foreseen, in its last form.
func (m *lifeModel) agrees(platform *simulator.Simulator) bool {
	effects := platform.Effects()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(effects) != len(m.messages) {
		return false
	}
	return !slices.ContainsFunc(effects, func(e simulator.Effect) bool {
		f := m.messages[effectKey(e.Interface, e.Key)]
		return f == nil || len(f.differs(e)) > 0
	})
}

// differs is what of a message is otherwise than foreseen.
func (f *foreseen) differs(e simulator.Effect) (wrong []string) {
	m, err := middleplatform.DecodeXML(e.Body)
	if err != nil {
		return []string{err.Error()}
	}
	got := leaves(m)
	for _, path := range slices.Sorted(maps.Keys(f.values)) {
		if got[path] != f.values[path] {
			wrong = append(wrong, fmt.Sprintf("%s = %.60q, want %.60q", path, got[path], f.values[path]))
		}
	}
	for _, path := range slices.Sorted(maps.Keys(got)) {
		if _, known := f.values[path]; !known {
			wrong = append(wrong, fmt.Sprintf("%s = %.60q, want it left out", path, got[path]))
		}
	}
	return wrong
}

// wantPlatform compares every message of the platform, value by value: none is missing, none
// too many, none came in more forms than the department gave it.
func (m *lifeModel) wantPlatform(t *testing.T, platform *simulator.Simulator) {
	t.Helper()
	left := maps.Clone(m.messages)
	wrong := 0
	complain := func(key string, what any) {
		if wrong++; wrong <= 20 {
			t.Errorf("platform, %s: %v", key, what)
		}
	}
	for _, e := range platform.Effects() {
		key := effectKey(e.Interface, e.Key)
		f := left[key]
		delete(left, key)
		switch {
		case f == nil:
			complain(key, "not foreseen")
		case e.Revision > f.forms:
			complain(key, fmt.Sprintf("revision %d of %d", e.Revision, f.forms))
		default:
			for _, w := range f.differs(e) {
				complain(key, w)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(left)) {
		complain(key, "missing")
	}
	if wrong > 20 {
		t.Errorf("%d mistakes at the platform", wrong)
	}
}
