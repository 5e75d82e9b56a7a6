package schemas

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"regexp"
	"slices"

	"banjian/internal/text"
	"banjian/schemas/ids"
)

// CodeSet (代码集) is the values a code may have. Most are lists; a set with a Form or
// a Pattern is open: it takes every well-formed code, and Codes is empty.
type CodeSet struct {
	Name       string     // "result"; "national/result_type"
	Title      text.Text  // 办结结果 / result
	Version    string     // of the list
	Basis      text.Text  // the standard it is taken from, empty when it is our own
	Confidence Confidence // how sure the list is, empty for our own and for standards
	Tags       []string   // fields of the receiver that carry it: BJJGDM
	Note       text.Text  // what a person should know before using it
	Form       string     // "" for a list, "region12" for administrative divisions
	Pattern    string     // "" for a list; a regular expression the whole code must match
	Extra      []string   // what else is known of a code: alpha2, numeric
	Codes      []CodeValue

	newest map[string]int32 // code → its newest entry in Codes
	spans  []span           // of each entry; nil when no code has dates
	open   func(string) bool
	digest string
}

// CodeValue is one code and what it means. A code that came to mean something else is
// listed again, for other days.
type CodeValue struct {
	Code       string
	Title      text.Text
	ValidFrom  string   // first day, "2006-01-02"; empty: always
	ValidTo    string   // last day
	Successors []string // what it was replaced by; several when it was split
	Note       text.Text
	Extra      []string // in the order of CodeSet.Extra
}

// Confidence is how sure a list or a table is.
type Confidence string

// Ordered from sure to unsure.
const (
	Standard   Confidence = "standard" // printed in a standard
	High       Confidence = "high"     // agreed on by several systems in use
	Client     Confidence = "client"   // seen in a client of the receiver
	Medium     Confidence = "medium"
	Analog     Confidence = "analog" // of a receiver of the same kind
	Low        Confidence = "low"
	Assumed    Confidence = "assumed" // our choice
	NotSettled Confidence = "none"    // the receiver publishes nothing
)

var confidences = []Confidence{Standard, High, Client, Medium, Analog, Low, Assumed, NotSettled}

// span is the days an entry is good for, both included, counted from 1970-01-01, and
// the entry of the same code before it, -1 if there is none.
type span struct{ from, to, older int32 }

// forms are the open sets' rules of well-formedness.
var forms = map[string]func(string) bool{
	"region12": ids.Region12,
}

// Has says whether code belongs to the set, on whatever day. It allocates nothing.
func (s *CodeSet) Has(code string) bool {
	if s.open != nil {
		return s.open(code)
	}
	_, ok := s.newest[code]
	return ok
}

// HasOn says whether code belongs to the set on a day, counted from 1970-01-01 (Arrow
// date32). It allocates nothing.
func (s *CodeSet) HasOn(code string, day int32) bool {
	if s.open != nil {
		return s.open(code)
	}
	return s.at(code, day) >= 0
}

// Listed says whether the set is a list of codes rather than a form of them.
func (s *CodeSet) Listed() bool { return s.open == nil }

// Value finds a listed code, as it is used now.
func (s *CodeSet) Value(code string) (CodeValue, bool) {
	i, ok := s.newest[code]
	if !ok {
		return CodeValue{}, false
	}
	return s.Codes[i], true
}

// Holds is the days around day for which HasOn answers the same.
func (s *CodeSet) Holds(code string, day int32) (from, to int32) {
	from, to = math.MinInt32, math.MaxInt32
	i, ok := s.newest[code]
	if !ok || s.spans == nil {
		return from, to
	}
	for ; i >= 0; i = s.spans[i].older {
		switch p := s.spans[i]; {
		case p.to < day:
			return max(from, p.to+1), to
		case p.from <= day:
			return max(from, p.from), min(to, p.to)
		default:
			to = p.from - 1
		}
	}
	return from, to
}

// at is the entry of code that is good on day, -1 if there is none.
func (s *CodeSet) at(code string, day int32) int32 {
	i, ok := s.newest[code]
	if !ok {
		return -1
	}
	if s.spans == nil {
		return i
	}
	for ; i >= 0; i = s.spans[i].older {
		if p := s.spans[i]; p.from <= day && day <= p.to {
			return i
		}
	}
	return -1
}

// Digest is a hex hash of the codes, their dates and successors (not of their titles):
// two sets of equal digest accept the same values.
func (s *CodeSet) Digest() string { return s.digest }

func (s *CodeSet) seal() {
	h := sha256.New()
	h.Write([]byte(s.Form))
	if s.Pattern != "" {
		fmt.Fprintf(h, "pattern %q", s.Pattern)
	}
	for _, v := range s.Codes {
		h.Write([]byte{0})
		h.Write([]byte(v.Code))
		if v.ValidFrom != "" || v.ValidTo != "" || len(v.Successors) > 0 {
			fmt.Fprintf(h, "%q %q %q", v.ValidFrom, v.ValidTo, v.Successors)
		}
	}
	s.digest = hex.EncodeToString(h.Sum(nil))
}

// index settles which entry of a code is good when. The entry it returns with a text
// is the one something is wrong with.
func (s *CodeSet) index() (int, text.Text) {
	s.newest = make(map[string]int32, len(s.Codes))
	s.spans = make([]span, len(s.Codes))
	dated := false
	for i := range s.Codes {
		v := &s.Codes[i]
		p, what := v.span()
		if !what.IsZero() {
			return i, what
		}
		dated = dated || v.ValidFrom != "" || v.ValidTo != ""
		s.spans[i] = p
		if what := s.insert(int32(i)); !what.IsZero() {
			return i, what
		}
	}
	if !dated {
		s.spans = nil
	}
	for i, v := range s.Codes {
		for _, next := range v.Successors {
			if _, ok := s.newest[next]; !ok || next == v.Code {
				return i, noSuccessor(next)
			}
		}
	}
	return 0, text.Text{}
}

// insert puts entry i among those of its code, newest first.
func (s *CodeSet) insert(i int32) text.Text {
	code := s.Codes[i].Code
	at, again := s.newest[code]
	if !again {
		s.newest[code] = i
		return text.Text{}
	}
	newer := int32(-1)
	for at >= 0 && s.spans[at].from > s.spans[i].from {
		newer, at = at, s.spans[at].older
	}
	if at >= 0 && s.spans[at].to >= s.spans[i].from || newer >= 0 && s.spans[i].to >= s.spans[newer].from {
		return text.F("代码 %s 重复", "code %s is listed twice", code)
	}
	s.spans[i].older = at
	if newer < 0 {
		s.newest[code] = i
	} else {
		s.spans[newer].older = i
	}
	return text.Text{}
}

func (v *CodeValue) span() (span, text.Text) {
	p := span{math.MinInt32, math.MaxInt32, -1}
	switch {
	case v.Code == "" || v.Title.ZH == "":
		return p, text.T("每个代码都要有 code 和 zh", "every code needs code and zh")
	case slices.ContainsFunc([]rune(v.Code), func(r rune) bool { return r <= ' ' || r == '\u00a0' || r == '\u3000' || r == '\ufeff' }):
		return p, text.F("代码 %s 里有空白", "code %s holds white space", v.Code)
	}
	for _, d := range []struct {
		text string
		day  *int32
	}{{v.ValidFrom, &p.from}, {v.ValidTo, &p.to}} {
		if d.text == "" {
			continue
		}
		day, ok := parseDay(d.text)
		if !ok || len(d.text) != len("2006-01-02") {
			return p, text.F("%s 不是日期", "%s is no date", d.text)
		}
		*d.day = day
	}
	if p.from > p.to {
		return p, text.T("valid_to 早于 valid_from", "valid_to lies before valid_from")
	}
	return p, text.Text{}
}

// compilePattern is the test of an open set's regular expression.
func compilePattern(expr string) (func(string) bool, error) {
	if _, err := regexp.Compile(expr); err != nil {
		return nil, err
	}
	return regexp.MustCompile("^(?:" + expr + ")$").MatchString, nil
}

// Confidences is every confidence as files write it, from sure to unsure.
func Confidences() []string {
	out := make([]string, len(confidences))
	for i, c := range confidences {
		out[i] = string(c)
	}
	return out
}
