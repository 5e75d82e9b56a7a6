package pipelines

import (
	"encoding/json"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Columns that a source adds to its records beside the mapped ones.
const (
	// PlaceColumn is text: where the row stands, such as "办件_20261101.csv:17". It is kept
	// with the row and is no part of what the row says: a row is known again wherever it stands.
	PlaceColumn = "_at"
	// UnreadColumn is text: an Unread, NULL for a row that could be read.
	UnreadColumn = "_unread"
	// MessageColumn is the same of a source of messages, the last column, behind GoneColumn,
	// and no part of the row: empty for a message with nothing to collect, which counts as
	// filtered.
	MessageColumn = "_message"
)

// RuleBadMessage (无法解析的消息) is the rule that a message which could not be read is
// refused by; its arguments are topic, partition, offset and why.
const RuleBadMessage = "bad_message"

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
	if err = json.Unmarshal([]byte(s), &u); err != nil {
		err = fault.Wrap(err, fault.Bug, "read rows", "", text.T("来源给出的原因无法识别", "the source's reason cannot be read"), text.Text{})
	}
	return u, err
}

// UnreadIssue is the reject of a row that could not be read, by what Pack wrote.
func UnreadIssue(row int, packed string) (Issue, error) {
	u, err := UnpackUnread(packed)
	return Issue{Row: int32(row), Field: u.Field, Rule: u.Rule, Args: u.Args}, err
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
