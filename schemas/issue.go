package schemas

// Severity says what becomes of a row an Issue was found in.
type Severity uint8

const (
	Reject        Severity = iota // the source row becomes a reject (问题数据), whole
	Blank                         // one optional value was emptied, counted (置空告警)
	Warn                          // noted and counted, nothing changed
	Hold                          // delivery only: wait (挂起), try again later
	NotApplicable                 // delivery only: this receiver does not take the record (不适用)
)

var severityNames = [...]string{"reject", "blank", "warn", "hold", "not_applicable"}

func (s Severity) String() string { return severityNames[s] }

// Issue is one finding about one row. Row counts from 0 within the record that was
// checked. Args fill the {0} {1} … of the rule's sentence; they never hold a
// personal value, only widths, code-set names, code values and expected characters.
type Issue struct {
	Row      int32
	Field    string // canonical field or receiver column; empty for a rule over several
	Rule     string // a rule of rules.go, or the id of a mapping's own rule
	Args     []string
	Severity Severity
}
