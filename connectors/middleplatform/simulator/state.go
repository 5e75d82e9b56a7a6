package simulator

import (
	"strings"
	"sync"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/text"
)

// Effect is one message the platform has, in its latest revision.
type Effect struct {
	Interface string
	Key       []string
	Revision  int // 1 for the first body
	At        time.Time
	Body      string // XML
}

// Count is what became of the calls of one interface since the start; effects and
// revisions include those of the state file.
type Count struct {
	Effects   int // different keys
	Repeats   int // the same body again
	Revisions int // another body for a known key
	Refused   int // understood and not taken
}

// state is what the platform knows. It may be used concurrently.
type state struct {
	profile *middleplatform.Profile

	mu      sync.Mutex
	journal *journal
	order   []*held
	byKey   map[string]*held            // interface and key
	byCase  map[string]map[string]*held // case, then interface: the latest effect
	counts  map[string]*Count
}

// held is an effect with its message read.
type held struct {
	Effect
	message *middleplatform.Element
}

func openState(p *middleplatform.Profile, path string) (*state, error) {
	s := &state{profile: p, byKey: map[string]*held{}, byCase: map[string]map[string]*held{}, counts: map[string]*Count{}}
	for name := range p.Interfaces {
		s.counts[name] = &Count{}
	}
	var err error
	s.journal, err = openJournal(path, s.replay)
	return s, err
}

func (s *state) replay(l line) error {
	in := s.profile.Interfaces[l.Interface]
	m, err := middleplatform.DecodeXML(l.Body)
	if err != nil {
		return err
	}
	if in == nil || len(s.profile.Check(in, m)) > 0 || l.Revision != s.revision(in, m) {
		return errForeign
	}
	s.keep(in, m, l)
	return nil
}

func join(parts ...string) string { return strings.Join(parts, "\x00") }

func keyOf(in *middleplatform.Interface, m *middleplatform.Element) string {
	return join(append([]string{in.Name}, in.KeyOf(m)...)...)
}

// revision is which one a message would be.
func (s *state) revision(in *middleplatform.Interface, m *middleplatform.Element) int {
	if known := s.byKey[keyOf(in, m)]; known != nil {
		return known.Revision + 1
	}
	return 1
}

// take judges a message that is right in itself. The refusal is zero when it was
// taken, now or before; an error means that it could not be made durable.
func (s *state) take(in *middleplatform.Interface, m *middleplatform.Element, now time.Time) (refusal text.Text, err error) {
	body, err := middleplatform.EncodeXML(m)
	if err != nil {
		return text.Text{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.byKey[keyOf(in, m)]; known != nil && known.Body == body {
		s.counts[in.Name].Repeats++
		return text.Text{}, nil
	}
	if refusal := s.outOfOrder(in, m); !refusal.IsZero() {
		s.counts[in.Name].Refused++
		return refusal, nil
	}
	l := line{At: now.UTC(), Interface: in.Name, Revision: s.revision(in, m), Body: body}
	if err := s.journal.add(l); err != nil {
		return text.Text{}, err
	}
	s.keep(in, m, l)
	return text.Text{}, nil
}

// outOfOrder is why a message may not come now.
func (s *state) outOfOrder(in *middleplatform.Interface, m *middleplatform.Element) text.Text {
	arrived := s.byCase[join(s.profile.CaseOf(m)...)]
	for _, name := range in.Waits(m) {
		if arrived[name] == nil {
			title := s.profile.Interfaces[name].Title
			return text.F("顺序不对：该办件还没有%[1]s", "out of order: the case has no %[2]s yet", title, name)
		}
	}
	for _, name := range in.NotAfter {
		if arrived[name] != nil {
			title := s.profile.Interfaces[name].Title
			return text.F("顺序不对：该办件已有%[1]s", "out of order: the case already has %[2]s", title, name)
		}
	}
	for _, pair := range in.Laters() {
		name, path, _ := strings.Cut(pair[1], "/")
		if arrived[name] == nil {
			continue
		}
		own, ok := s.profile.ParseTime(m.Value(pair[0]))
		other, known := s.profile.ParseTime(arrived[name].message.Value(path))
		if ok && known && own.Before(other) {
			return text.F("%s 早于 %s", "%s is before %s", pair[0], path)
		}
	}
	return text.Text{}
}

// keep holds a message that is durable.
func (s *state) keep(in *middleplatform.Interface, m *middleplatform.Element, l line) {
	h := s.byKey[keyOf(in, m)]
	if h == nil {
		h = &held{}
		s.byKey[keyOf(in, m)] = h
		s.order = append(s.order, h)
		s.counts[in.Name].Effects++
	} else {
		s.counts[in.Name].Revisions++
	}
	h.message, h.Effect = m, Effect{Interface: in.Name, Key: in.KeyOf(m), Revision: l.Revision, At: l.At, Body: l.Body}
	whose := join(s.profile.CaseOf(m)...)
	if s.byCase[whose] == nil {
		s.byCase[whose] = map[string]*held{}
	}
	s.byCase[whose][in.Name] = h
}

func (s *state) refused(in *middleplatform.Interface) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[in.Name].Refused++
}

func (s *state) effects() []Effect {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Effect, len(s.order))
	for i, h := range s.order {
		list[i] = h.Effect
	}
	return list
}

func (s *state) count(name string) Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.counts[name]; c != nil {
		return *c
	}
	return Count{}
}

func (s *state) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal.close()
}
