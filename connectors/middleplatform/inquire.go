package middleplatform

import (
	"context"
	"encoding/hex"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/gm"
	"banjian/pipelines"
)

// Inquiry is how a platform is asked whether it has a message: a call with the values of
// the interface's key, whose answer has data.
type Inquiry struct {
	Path string `yaml:"path"`
	Conf string `yaml:"conf"` // of all of it: client | analog | assumed
	Has  *When  `yaml:"has"`  // what the data says when the platform has one of that key
	// Digest is the field of the data with the SM3, in hexadecimal, of the message it has, as
	// it was written before it was sealed. Without one only a first version can be told.
	Digest string `yaml:"digest"`
}

// Ways to send what may have arrived already.
const (
	RepeatSame  = "same"  // equal messages count once; the default
	RepeatNever = "never" // the second one is a second effect
)

func (p *Profile) wrongInquiry(at string, in *Interface) *mistake {
	if in.Repeat == "" {
		in.Repeat = RepeatSame
	}
	if m := oneOf(at+".repeat", in.Repeat, RepeatSame, RepeatNever); m != nil {
		return m
	}
	a := in.Ask
	if a == nil {
		return nil
	}
	if !strings.HasPrefix(a.Path, "/") || a.Has == nil || a.Has.Field == "" || (a.Has.Is == nil) == (a.Has.IsNot == nil) {
		return wrongAt(at+".ask", "ask 要有 path（以 / 开头）和 has: {field, is 或 is_not}", "ask has a path that begins with / and has: {field, is or is_not}")
	}
	for _, b := range in.Blocks {
		for _, f := range b.Fields {
			if f.Type == "file" && a.Digest != "" {
				return wrongAt(at+".ask.digest", "带文件的报文不按摘要比对", "a message with a file is not known by a digest")
			}
		}
	}
	fields := []Field{{Name: a.Has.Field}}
	if a.Digest != "" {
		fields = append(fields, Field{Name: a.Digest})
	}
	p.learn([]Block{{Fields: fields}})
	return oneOf(at+".ask.conf", a.Conf, confidences...)
}

// question is the interface an interface is asked by.
func (in *Interface) question() *Interface {
	return &Interface{Name: in.Name + "?", Number: in.Number, Title: in.Title, EN: in.EN, Path: in.Ask.Path}
}

// ways is the interface and, where it can be asked, its question.
func (in *Interface) ways() []*Interface {
	if in.Ask == nil {
		return []*Interface{in}
	}
	return []*Interface{in, in.question()}
}

// Question is what asks for a message: the values of its key.
func (p *Profile) Question(in *Interface, m *Element) *Element {
	root := &Element{Name: p.Body.Root}
	for _, path := range in.Key {
		value := m.Value(path)
		if value == "" {
			continue
		}
		e, names := root, strings.Split(path, "/")
		for _, name := range names[:len(names)-1] {
			next := e.Child(name)
			if next == nil {
				next = e.Add(name, "")
			}
			e = next
		}
		e.Add(names[len(names)-1], value)
	}
	return root
}

// DigestOf is what a message is known by at a platform that is asked.
func (p *Profile) DigestOf(m *Element) (string, error) {
	written, err := p.write(m)
	if err != nil {
		return "", err
	}
	sum := gm.SM3([]byte(written))
	return hex.EncodeToString(sum[:]), nil
}

// ByQuestion is the interface that is asked by a path, nil if none is.
func (p *Profile) ByQuestion(path string) *Interface {
	for _, in := range p.Interfaces {
		if in.Ask != nil && in.Ask.Path == path {
			return in
		}
	}
	return nil
}

// Repeats says whether the platform takes the same message twice as once.
func (t *Target) Repeats(name string) bool {
	in := t.profile.Interfaces[name]
	return in == nil || in.Repeat != RepeatNever
}

// Inquire asks whether the platform has the messages of a row, see pipelines.Inquirer. Of a
// record that goes as several all must be there.
func (t *Target) Inquire(ctx context.Context, d *pipelines.Delivery, row int) (pipelines.Arrival, error) {
	in := t.profile.Interfaces[d.Table]
	if in == nil || in.Ask == nil {
		return pipelines.ArrivalUnclear, nil
	}
	in, messages, err := t.profile.Messages(in, d.Record, row)
	if err != nil || in.Ask == nil {
		return pipelines.ArrivalUnclear, err
	}
	there := 0
	for _, m := range messages {
		a, err := t.has(ctx, in, m, d.Ops[row] == pipelines.OpInsert)
		if err != nil || a == pipelines.ArrivalUnclear {
			return pipelines.ArrivalUnclear, err
		}
		if a == pipelines.Arrived {
			there++
		}
	}
	switch {
	case there == len(messages):
		return pipelines.Arrived, nil
	case there == 0:
		return pipelines.NotArrived, nil
	}
	return pipelines.ArrivalUnclear, nil // the same again is for those who count it once
}

// has asks for one message; first says that no other version of it was ever sent.
func (t *Target) has(ctx context.Context, in *Interface, m *Element, first bool) (pipelines.Arrival, error) {
	ask, question := in.question(), t.profile.Question(in, m)
	plain, err := t.profile.write(question)
	if err != nil {
		return pipelines.ArrivalUnclear, err
	}
	a, err := t.exchange(ctx, ask, letter{question, plain})
	switch {
	case fault.Is(err, fault.Unknown):
		return pipelines.ArrivalUnclear, askAgain(err)
	case err != nil, a.meaning != taken, a.data == nil:
		return pipelines.ArrivalUnclear, err
	case !in.Ask.Has.holds(a.data.Value(in.Ask.Has.Field)):
		return pipelines.NotArrived, nil
	case in.Ask.Digest == "" && first:
		return pipelines.Arrived, nil
	case in.Ask.Digest == "":
		return pipelines.ArrivalUnclear, nil
	}
	digest, err := t.profile.DigestOf(m)
	if err == nil && strings.EqualFold(digest, a.data.Value(in.Ask.Digest)) {
		return pipelines.Arrived, nil
	}
	return pipelines.NotArrived, err
}

// Joins says whether records of an interface may go together in one call.
func (t *Target) Joins(name string) bool {
	in := t.profile.Interfaces[name]
	return in != nil && in.Files != nil
}
