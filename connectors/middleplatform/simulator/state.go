package simulator

import (
	"slices"
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
	profile      *middleplatform.Profile
	applications func(flow string) *Application
	broken       map[string]bool // rules that are overlooked on purpose

	mu      sync.Mutex
	journal *journal
	order   []*held
	byKey   map[string]*held   // interface and key
	life    map[string][]*held // of a case, in order of the latest arrival
	counts  map[string]*Count
}

// held is an effect with its message read.
type held struct {
	Effect
	message *middleplatform.Element
	digest  digest // of a piece of a file
}

func openState(p *middleplatform.Profile, path string, applications func(string) *Application, broken map[string]bool) (*state, error) {
	s := &state{profile: p, applications: applications, broken: broken, byKey: map[string]*held{}, life: map[string][]*held{}, counts: map[string]*Count{}}
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

// take judges a message that is right in itself, all of its files or none. The refusal is zero
// when it was taken, now or before; an error means that it could not be made durable.
func (s *state) take(in *middleplatform.Interface, m *middleplatform.Element, now time.Time) (refused text.Text, err error) {
	list := in.Split(m)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.againstTogether(in, list) {
		if !s.broken[r.name] {
			s.counts[in.Name].Refused++
			return r.why, nil
		}
	}
	var fresh []*middleplatform.Element
	for i, one := range list {
		body, err := middleplatform.EncodeXML(kept(in, one))
		if err != nil {
			return text.Text{}, err
		}
		if known := s.byKey[keyOf(in, one)]; known != nil && known.Body == body {
			s.counts[in.Name].Repeats++
			if s.broken[in.Name+".repeat"] {
				return text.T("重复推送", "sent again"), nil
			}
			continue
		} else if known != nil && in.OnUpdate == "cannot" && !returned(known.message) && !s.broken[in.Name+".once"] {
			s.counts[in.Name].Refused++
			return text.F("%s只收一次，已收到的与此不同", "%s is taken once, and what came before is different", in.Title), nil
		}
		fresh = append(fresh, one)
		if i > 0 && s.broken[in.Name+".one_wrong"] {
			continue
		}
		for _, r := range s.against(in, one) {
			if s.broken[r.name] {
				continue
			}
			s.counts[in.Name].Refused++
			return r.why, nil
		}
	}
	for _, one := range fresh {
		if err := s.add(in, one, now); err != nil {
			return text.Text{}, err
		}
	}
	return text.Text{}, nil
}

// returned says that a case was sent back to its applicant, who may hand it in again: it is
// decided on once more.
func returned(m *middleplatform.Element) bool { return m.Value("SPBANJIE/BJJGDM") == "1" }

// add makes a message durable.
func (s *state) add(in *middleplatform.Interface, m *middleplatform.Element, now time.Time) error {
	body, err := middleplatform.EncodeXML(kept(in, m))
	if err != nil {
		return err
	}
	l := line{At: now.UTC(), Interface: in.Name, Revision: s.revision(in, m), Body: body}
	if p, is := pieceOf(in, m); is {
		all, _ := s.viewOf(m).behind(p).after(contentOf(m))
		l.Sum, l.Bytes = all.state, all.bytes
	}
	if err := s.journal.add(l); err != nil {
		return err
	}
	s.keep(in, kept(in, m), l)
	return nil
}

// smuggle keeps a message that was refused, as a broken platform does.
func (s *state) smuggle(in *middleplatform.Interface, m *middleplatform.Element, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range in.Split(m) {
		_ = s.add(in, one, now) // a broken platform loses some
	}
}

// corrected is the codes of the materials that the latest correction of a case asks
// for, empty if there was none.
func (s *state) corrected(flow string) map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	codes := map[string]bool{}
	for _, h := range s.order {
		if h.Interface == "correction" && len(h.Key) > 0 && h.Key[0] == flow {
			clear(codes)
			for _, code := range list(h.message.Value(notice + "/BQBZCLBM")) {
				codes[code] = true
			}
		}
	}
	return codes
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
	h.digest = digest{l.Sum, l.Bytes}
	h.message, h.Effect = m, Effect{Interface: in.Name, Key: in.KeyOf(m), Revision: l.Revision, At: l.At, Body: l.Body}
	whose := join(s.profile.CaseOf(m)...)
	s.life[whose] = append(slices.DeleteFunc(s.life[whose], func(old *held) bool { return old == h }), h)
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
