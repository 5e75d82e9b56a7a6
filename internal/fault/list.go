package fault

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"banjian/internal/text"
)

// List gathers faults of a work that goes on after each, in the order they were found.
// The zero List is ready.
type List struct{ errs []error }

// Add adds what is wrong, each of several; nil adds nothing. It says whether anything
// was.
func (l *List) Add(err error) bool {
	l.errs = append(l.errs, All(err)...)
	return err != nil
}

// Len is how many there are.
func (l *List) Len() int { return len(l.errs) }

// Err is nil, the only one, or all of them as one error.
func (l *List) Err() error {
	switch len(l.errs) {
	case 0:
		return nil
	case 1:
		return l.errs[0]
	}
	return several(l.errs)
}

// Sort brings them into the order of their files, those without a place first.
func (l *List) Sort() {
	slices.SortStableFunc(l.errs, func(a, b error) int {
		var x, y *Error
		if !errors.As(a, &x) || !errors.As(b, &y) {
			return 0
		}
		xf, xl, xc := x.Place()
		yf, yl, yc := y.Place()
		return cmp.Or(strings.Compare(xf, yf), cmp.Compare(xl, yl), cmp.Compare(xc, yc))
	})
}

// All is each of the errors that a List put into err, err itself if none did.
func All(err error) []error {
	var many several
	switch {
	case err == nil:
		return nil
	case errors.As(err, &many):
		return many
	}
	return []error{err}
}

// About has each of the errors begin with what comes of it, after the place it is at.
func About(err error, what text.Text) error {
	var found List
	for _, one := range All(err) {
		var f *Error
		if errors.As(one, &f) {
			more := *f
			more.What = text.T(what.In(text.ZH)+"："+f.What.In(text.ZH), what.In(text.EN)+": "+f.What.In(text.EN))
			one = &more
		}
		found.Add(one)
	}
	return found.Err()
}

// several is errors that were found in one go.
type several []error

func (s several) Error() string {
	lines := make([]string, len(s))
	for i, err := range s {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

func (s several) Unwrap() []error { return s }
