package ledger

import (
	"bytes"
	"math/bits"
)

// encoder is the memory one payload is encoded in: nothing of it outlives Encode, so it
// is used again. A sync.Pool would lose it at the next collection of garbage, which
// large batches bring about all the time.
type encoder struct {
	buf     bytes.Buffer
	scratch scratch
}

// encoders are those nobody works with.
var encoders = make(chan *encoder, 4)

// encoderMost is the memory beyond which an encoder is not kept, in bytes.
const encoderMost = 16 << 20

func newEncoder() *encoder {
	select {
	case e := <-encoders:
		return e
	default:
		return &encoder{}
	}
}

func (e *encoder) putBack() {
	if e.buf.Reset(); e.buf.Cap()+e.scratch.size > encoderMost {
		return
	}
	select {
	case encoders <- e:
	default:
	}
}

// scratch is an Arrow allocator that gives out again what was freed, in powers of two.
// One goroutine uses it.
type scratch struct {
	free [bits.UintSize][][]byte
	size int // ever made, in bytes
}

func (s *scratch) Allocate(size int) []byte {
	if size == 0 {
		return nil
	}
	class := bits.Len(uint(size - 1))
	list := s.free[class]
	if len(list) == 0 {
		s.size += 1 << class
		return make([]byte, 1<<class)[:size]
	}
	b := list[len(list)-1][:size]
	s.free[class] = list[:len(list)-1]
	clear(b)
	return b
}

func (s *scratch) Reallocate(size int, b []byte) []byte {
	if size <= cap(b) {
		return b[:size]
	}
	bigger := s.Allocate(size)
	copy(bigger, b)
	s.Free(b)
	return bigger
}

func (s *scratch) Free(b []byte) {
	if n := cap(b); n > 0 && n&(n-1) == 0 {
		s.free[bits.Len(uint(n-1))] = append(s.free[bits.Len(uint(n-1))], b[:0])
	}
}
