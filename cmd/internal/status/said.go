package status

import (
	"strconv"
	"time"

	"banjian/internal/text"
)

// Moment is a time; as JSON RFC 3339 to the second, empty for one that never was.
type Moment struct{ time.Time }

func (m Moment) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte(`""`), nil
	}
	return strconv.AppendQuote(nil, m.Format(time.RFC3339)), nil
}

func (m *Moment) UnmarshalJSON(data []byte) error {
	if string(data) == `""` {
		*m = Moment{}
		return nil
	}
	return m.Time.UnmarshalJSON(data)
}

// earliest is the earlier of two moments, of which one that never was is none.
func (m Moment) earliest(t time.Time) Moment { return Moment{Earliest(m.Time, t)} }

// Earliest is the earlier of two times, of which a zero one is none.
func Earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Words is a sentence in both languages; as JSON in the one its report is put In.
type Words struct {
	text.Text
	lang text.Lang
}

func (w Words) MarshalText() ([]byte, error) { return []byte(w.In(w.lang)), nil }

func (w *Words) UnmarshalText(data []byte) error {
	w.Text = text.T(string(data), string(data))
	return nil
}

// both makes a sentence in one language at a time.
func both(say func(text.Lang) string) text.Text { return text.T(say(text.ZH), say(text.EN)) }

// ShortTime is a time as people read it, a dash for none.
func ShortTime(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(zone).Format("2006-01-02 15:04")
}
