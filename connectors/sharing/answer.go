package sharing

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Verdict is what a service says.
type Verdict uint8

const (
	Unknown Verdict = iota // it did not say
	Yes                    // it is so
	No                     // it is not so
	None                   // it knows no such person, body or licence
)

// Words of an Unknown.
const (
	Down      = "down"      // not reached, no answer in time, or trouble of its own
	Throttled = "throttled" // too many calls
	Key       = "key"       // key, signature or clock refused
	Garbled   = "answer"    // the answer is not as declared
	Refused   = "refused"   // it did not take the question
)

// Answer is what came of one question. Values are personal.
type Answer struct {
	Verdict Verdict
	Values  map[string]string // by the names of AnswerForm.Values; what is absent is left out
	Why     string            // of an Unknown
}

// read is what an answer says by its form.
func (f *AnswerForm) read(in any) Answer {
	if ok, _ := f.OK.holds(in); !ok {
		return Answer{Why: Refused}
	}
	if none, _ := f.None.holds(in); none && len(f.None) > 0 {
		return Answer{Verdict: None}
	}
	match, absent := f.Match.holds(in)
	switch {
	case match:
	case absent:
		return Answer{Why: Garbled}
	default:
		return Answer{Verdict: No}
	}
	a := Answer{Verdict: Yes}
	for name, path := range f.Values {
		if v, there := at(in, path); there {
			if a.Values == nil {
				a.Values = map[string]string{}
			}
			a.Values[name] = v
		}
	}
	return a
}

// decode reads one JSON value; numbers stay as they are written.
func decode(body []byte) (any, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil, false
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, false
	}
	return v, true
}

// at is the single value at a path; an object or list there, or nothing, is no value.
func at(in any, path string) (string, bool) {
	for _, step := range strings.Split(path, ".") {
		if s, ok := in.(string); ok {
			if in, ok = decode([]byte(s)); !ok {
				return "", false
			}
		}
		switch v := in.(type) {
		case map[string]any:
			var there bool
			if in, there = v[step]; !there {
				return "", false
			}
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 || n >= len(v) {
				return "", false
			}
			in = v[n]
		default:
			return "", false
		}
	}
	switch v := in.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// Told is one value of an answer.
type Told struct{ Path, Value string }

// told lists the values of an answer by path.
func told(in any, path string, list []Told) []Told {
	below := func(step string) string { return strings.TrimPrefix(path+"."+step, ".") }
	if s, ok := in.(string); ok && strings.IndexAny(strings.TrimSpace(s), "{[") == 0 {
		if inner, ok := decode([]byte(s)); ok {
			in = inner
		}
	}
	switch v := in.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			list = told(v[name], below(name), list)
		}
	case []any:
		for i := range v {
			list = told(v[i], below(strconv.Itoa(i)), list)
		}
	case nil:
		list = append(list, Told{path, ""})
	case string:
		list = append(list, Told{path, v})
	case json.Number:
		list = append(list, Told{path, v.String()})
	case bool:
		list = append(list, Told{path, strconv.FormatBool(v)})
	}
	return list
}
