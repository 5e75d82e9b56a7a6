package mappings

import (
	"unsafe"

	"banjian/internal/text"
)

// outcome is what a step makes of one value.
type outcome uint8

const (
	valued outcome = iota // the returned text is the value
	empty                 // the value is NULL
	failed                // scratch.rule and scratch.args say why
)

// step is one operation on one text value. run sees values that are not NULL and not
// empty; null sees NULL, and when it is nil a NULL stays NULL. A step keeps nothing
// between calls, so a chain may be shared; what it needs is in the scratch. The
// returned text may lie in the scratch or in v: it holds until the chain runs again.
type step struct {
	key  string
	run  func(s *scratch, v string) (string, outcome)
	null func(s *scratch) (string, outcome)
	cond bool // runs only in rows where the field's when holds
	say  text.Text
}

// chain is the steps of a field in the order written.
type chain []step

// run takes one value through the chain. on says that the field's when holds. An
// empty text is NULL, before the chain and after every step.
func (c chain) run(s *scratch, v string, null, on bool) (string, outcome) {
	for k := range c {
		st := &c[k]
		if st.cond && !on {
			s.trace.skip(st, v, null)
			continue
		}
		var o outcome
		s.at = k
		in := v
		if null = null || v == ""; !null {
			v, o = st.run(s, v)
		} else if st.null != nil {
			in = ""
			v, o = st.null(s)
		} else {
			continue
		}
		if s.trace != nil {
			s.trace.step(s, st, in, v, o)
		}
		if o == failed {
			return "", failed
		}
		null = o == empty
	}
	if null || v == "" {
		return "", empty
	}
	return v, valued
}

// finding is why a value failed, or a warning about it.
type finding struct {
	rule string
	args []string
}

// scratch is the memory one Program reuses for every value.
type scratch struct {
	at      int      // step under way
	bufs    [][]byte // one per step of the longest chain, grown on demand
	find    finding  // set by a step that failed
	warns   []finding
	trouble bool    // a head failed: find says why
	trace   *tracer // nil but while one row is traced

	day      int32 // of the row, for codes that are judged by a day
	from, to int32 // days for which what was found stands
}

// begin gives the buffer of the step under way, empty; end hands it back as the
// step's value. No copy is made.
func (s *scratch) begin() []byte {
	for len(s.bufs) <= s.at {
		s.bufs = append(s.bufs, make([]byte, 0, 64))
	}
	return s.bufs[s.at][:0]
}

func (s *scratch) end(b []byte) (string, outcome) {
	s.bufs[s.at] = b
	return unsafe.String(unsafe.SliceData(b), len(b)), valued
}

func (s *scratch) fail(rule string, args ...string) (string, outcome) {
	s.find = finding{rule, args}
	return "", failed
}

func (s *scratch) warn(rule string, args []string) {
	s.warns = append(s.warns, finding{rule, args})
}

// same says that a and b are the same bytes in memory.
func same(a, b string) bool {
	return len(a) == len(b) && unsafe.StringData(a) == unsafe.StringData(b)
}
