package sharing

import (
	"container/list"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"sync"
	"time"
)

// mostRemembered bounds the answers that are remembered; one without values takes some
// 200 bytes.
const mostRemembered = 100_000

// digest names a question without telling it: HMAC-SHA256 under a key of this process.
type digest [sha256.Size]byte

// memory remembers answers, the latest used, in this process alone.
type memory struct {
	key  [32]byte
	most int

	mu    sync.Mutex
	known map[digest]*list.Element
	used  *list.List // of *remembered, latest first
}

type remembered struct {
	of     digest
	answer Answer
	until  time.Time
}

func newMemory(most int) *memory {
	m := &memory{most: most, known: map[digest]*list.Element{}, used: list.New()}
	_, _ = rand.Read(m.key[:]) // it never fails
	return m
}

// digest is over the service and the inputs, which come sorted by name.
func (m *memory) digest(q *Question) (d digest) {
	h := hmac.New(sha256.New, m.key[:])
	write := func(s string) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		_, _ = io.WriteString(h, s)
	}
	write(q.Service)
	for _, in := range q.With {
		write(in.Name)
		write(in.Value)
	}
	h.Sum(d[:0])
	return d
}

func (m *memory) get(d digest, now time.Time) (Answer, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.known[d]
	if e == nil {
		return Answer{}, false
	}
	r := e.Value.(*remembered)
	if !now.Before(r.until) {
		m.used.Remove(e)
		delete(m.known, d)
		return Answer{}, false
	}
	m.used.MoveToFront(e)
	return r.answer, true
}

func (m *memory) put(d digest, a Answer, until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.known[d]; e != nil {
		e.Value = &remembered{d, a, until}
		m.used.MoveToFront(e)
		return
	}
	m.known[d] = m.used.PushFront(&remembered{d, a, until})
	for m.used.Len() > m.most {
		last := m.used.Back()
		m.used.Remove(last)
		delete(m.known, last.Value.(*remembered).of)
	}
}
