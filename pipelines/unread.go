package pipelines

import (
	"encoding/json"

	"github.com/apache/arrow/go/v17/arrow"
)

// Columns that a source adds to its records beside the mapped ones.
const (
	// PlaceColumn is text: where the row stands, such as "办件_20261101.csv:17". It is kept
	// with the row and is no part of what the row says: a row is known again wherever it stands.
	PlaceColumn = "_at"
	// UnreadColumn is text: an Unread, NULL for a row that could be read.
	UnreadColumn = "_unread"
)

// Unread is why a row could not be read. The row is refused by that rule; what of it could
// be read is in its record, the rest is NULL.
type Unread struct {
	Rule  string   `json:"rule"`
	Field string   `json:"field,omitempty"`
	Args  []string `json:"args,omitempty"`
	Raw   string   `json:"raw,omitempty"` // what tells the row from others that cannot be read: a hash of its bytes
}

// Pack is u for UnreadColumn.
func (u Unread) Pack() string {
	b, err := json.Marshal(u)
	if err != nil {
		panic(err) // texts only
	}
	return string(b)
}

// UnpackUnread reads what Pack wrote.
func UnpackUnread(s string) (u Unread, err error) {
	err = json.Unmarshal([]byte(s), &u)
	return u, err
}

// said is the columns of a record that say something of the row: all but the one that says
// where it stands.
func said(rec arrow.Record) []arrow.Array {
	columns := rec.Columns()
	at := rec.Schema().FieldIndices(PlaceColumn)
	if len(at) == 0 {
		return columns
	}
	out := make([]arrow.Array, 0, len(columns)-1)
	return append(append(out, columns[:at[0]]...), columns[at[0]+1:]...)
}
