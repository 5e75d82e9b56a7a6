// Package fault is the one kind of error that crosses package borders: what was
// being done, what kind of trouble it is, where, and what to do about it.
package fault

import (
	"errors"
	"strings"
	"time"

	"banjian/internal/text"
)

// Kind says what a caller does with an error.
type Kind uint8

const (
	Bug       Kind = iota // our mistake: stop and report
	Transient             // try again with backoff
	Data                  // one record is wrong: it becomes a reject
	Config                // a person must change something: stop and say what
	Blocked               // a receiver or a department refuses us (login, hours): stop that connection only
	Gone                  // a position is no longer available: a person decides
	Unknown               // a write may or may not have taken effect: ask before repeating it
)

var kindNames = [...]string{"bug", "transient", "data", "config", "blocked", "gone", "unknown"}

func (k Kind) String() string { return kindNames[k] }

// Error is a fault. The zero Kind is Bug on purpose: an error nobody classified
// must not be retried for ever.
type Error struct {
	Op    string    // what was being done, verb first: "open view"
	Kind  Kind      // what to do with it
	Where string    // file:line:column, a connection name, a table; never a row value
	Line  string    // the line of a file at Where, as written, for Excerpt; empty = not known
	What  text.Text // what is wrong
	Hint  text.Text // how to mend it
	Err   error     // the cause, if another package gave one

	Ours  bool          // Blocked: it is our login, key or signature that is refused; a person mends it here
	After time.Duration // Transient: the other side asks us to come back no earlier; 0 = it did not say
}

// New is a fault without a cause.
func New(kind Kind, op, where string, what, hint text.Text) *Error {
	return &Error{Op: op, Kind: kind, Where: where, What: what, Hint: hint}
}

// Wrap is a fault around a cause.
func Wrap(err error, kind Kind, op, where string, what, hint text.Text) *Error {
	return &Error{Op: op, Kind: kind, Where: where, What: what, Hint: hint, Err: err}
}

// Refused is a Blocked fault of who does not take our login, key or signature; err may be nil.
func Refused(err error, op, where string, what, hint text.Text) *Error {
	return &Error{Op: op, Kind: Blocked, Where: where, What: what, Hint: hint, Err: err, Ours: true}
}

func (e *Error) Error() string { return e.In(text.EN) }

// In is the whole error as one line in lang, without the hint.
func (e *Error) In(lang text.Lang) string {
	var parts []string
	for _, p := range []string{e.Where, e.What.In(lang)} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if len(parts) == 0 || e.What.IsZero() {
		parts = append(parts, e.Op)
	}
	if e.Err != nil {
		parts = append(parts, Say(e.Err, lang))
	}
	return strings.Join(parts, ": ")
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of the outermost fault in err's chain; an error nobody
// classified is a Bug.
func KindOf(err error) Kind {
	var f *Error
	if errors.As(err, &f) {
		return f.Kind
	}
	return Bug
}

// Is says whether err's outermost fault is of kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Ours says that a fault in err's chain is a refusal of our login, key or signature.
func Ours(err error) bool {
	var f *Error
	for errors.As(err, &f) {
		if f.Ours {
			return true
		}
		err = f.Err
	}
	return false
}

// AfterOf is how long the other side asked us to wait; 0 = it did not say.
func AfterOf(err error) time.Duration {
	var f *Error
	if errors.As(err, &f) {
		return f.After
	}
	return 0
}

// Say is err as one line in lang; several found in one go are a line each.
func Say(err error, lang text.Lang) string {
	if many, ok := err.(several); ok {
		lines := make([]string, len(many))
		for i, one := range many {
			lines[i] = Say(one, lang)
		}
		return strings.Join(lines, "\n")
	}
	var f *Error
	if errors.As(err, &f) {
		return f.In(lang)
	}
	return err.Error()
}

// HintOf is the outermost hint in err's chain.
func HintOf(err error) text.Text {
	var f *Error
	for errors.As(err, &f) {
		if !f.Hint.IsZero() {
			return f.Hint
		}
		err = f.Err
		if err == nil {
			break
		}
	}
	return text.Text{}
}
