package schemas

import (
	"strconv"

	"banjian/schemas/ids"
	"banjian/schemas/itemcode"
)

// Finding is the outcome of a check of one value; exactly one of three:
//
//	OK            good; everything else is zero
//	Warn          usable, worth noting: Rule and Args say what
//	neither       refused: Rule and Args say why
//
// Args are a reason token, the character expected ("" when there is none to name) and
// the 1-based place ("" when it is the whole value); never the value itself.
type Finding struct {
	OK   bool
	Warn bool
	Rule string
	Args []string
}

// ValueCheck finds a named check: resident_id, uscc, org_code, licence_id, mobile,
// zip, email, item_code. A check judges the value as given, is safe for concurrent use
// and allocates only for findings.
func ValueCheck(name string) (check func(string) Finding, ok bool) {
	check, ok = valueChecks[name]
	return check, ok
}

// ValueChecks is the names of all checks, sorted.
func ValueChecks() []string { return sortedKeys(valueChecks) }

var valueChecks = map[string]func(string) Finding{
	"resident_id": number("check_resident_id", ids.ResidentID),
	"uscc":        number("check_uscc", ids.USCC),
	"org_code":    number("check_org_code", ids.OrgCode),
	"licence_id":  number("check_licence_id", ids.LicenceID),
	"mobile":      number("check_mobile", ids.Mobile),
	"zip":         number("check_zip", ids.Zip),
	"email":       number("check_email", ids.Email),
	"item_code":   itemCode,
}

func number(rule string, check func(string) ids.Fault) func(string) Finding {
	return func(v string) Finding {
		f := check(v)
		if f.OK() {
			return Finding{OK: true}
		}
		return Finding{Rule: rule, Args: reasonArgs(string(f.Reason), f.Want, f.Pos)}
	}
}

// itemCode reports the first fault that decides the verdict.
func itemCode(v string) Finding {
	r := itemcode.Check(v)
	switch r.Verdict {
	case itemcode.OK:
		return Finding{OK: true}
	case itemcode.Warn:
		f := r.Faults()[0]
		return Finding{Warn: true, Rule: "item_te_unit", Args: reasonArgs(string(f.Reason), f.Want, f.Pos)}
	}
	for _, f := range r.Faults() {
		if f.Reason != itemcode.TEUnit {
			return Finding{Rule: "item_code", Args: reasonArgs(string(f.Reason), f.Want, f.Pos)}
		}
	}
	return Finding{Rule: "item_code", Args: reasonArgs(string(itemcode.Length), 0, 0)}
}

func reasonArgs(reason string, want byte, pos int) []string {
	args := []string{reason, "", ""}
	if want != 0 {
		args[1] = string(want)
	}
	if pos > 0 {
		args[2] = strconv.Itoa(pos)
	}
	return args
}
