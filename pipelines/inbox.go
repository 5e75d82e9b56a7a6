package pipelines

import (
	"slices"
	"strings"

	"banjian/internal/nearest"
	"banjian/internal/text"
)

// ModeInbox is the mode of a pipeline that reads what a middle platform sent us.
const ModeInbox = "inbox"

// InboxKinds is what a middle platform sends.
var InboxKinds = []string{"application", "application_material", "withdrawal"}

// Continuous (持续管道) says that the pipeline is followed where banjian serves: it reads a
// topic, or what a platform sends.
func (s *Spec) Continuous() bool { return s.From.Topic != "" || s.From.Inbox != "" }

// checkInbox finds what can be wrong in a pipeline that reads what a platform sent.
func (s *Spec) checkInbox(relations int) error {
	f := &s.From
	bad := func(what, hint text.Text, key string) error { return s.Fault(what, hint, "from", key) }
	if !slices.Contains(InboxKinds, f.Inbox) {
		hint := nearest.Hint(f.Inbox, InboxKinds)
		if hint.IsZero() {
			known := strings.Join(InboxKinds, ", ")
			hint = text.F("用 %[1]s", "use one of %[1]s", known)
		}
		return bad(text.F("管道 %s 的 inbox %q 不认识", "pipeline %s: inbox %q is not known", s.Pipeline, f.Inbox), hint, "inbox")
	}
	for _, k := range []struct {
		key   string
		there bool
	}{{"view", relations > 0}, {"cursor", f.Cursor != ""}, {"lookback", f.Lookback != 0}, {"settle", f.Settle != nil}, {"lag", f.Lag != 0}, {"mode", f.Mode != "" && f.Mode != ModeInbox},
		{"absent", f.Absent != "" && f.Absent != AbsentKeep}, {"deleted", f.Deleted != nil}, {"splits", f.Splits != 0}, {"columns", f.Columns != nil}, {"key", f.Key.None()}, {"nth", len(f.Nth) > 0}} {
		if k.there {
			return bad(text.F("管道 %s 读的是业务中台推来的，不写 %s", "pipeline %s reads what a platform sent: %s does not belong there", s.Pipeline, k.key), text.F("去掉 %s", "drop %s", k.key), k.key)
		}
	}
	return nil
}
