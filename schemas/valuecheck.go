package schemas

import (
	"strconv"

	"banjian/schemas/ids"
	"banjian/schemas/itemcode"
	"banjian/schemas/region"
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

// ValueCheck finds a named check, see CheckOf. A check judges the value as given, is
// safe for concurrent use and allocates only for findings.
func ValueCheck(name string) (check func(string) Finding, ok bool) {
	if name == "item_code" {
		return itemCode, true
	}
	n, ok := numbers[name]
	if !ok {
		return nil, false
	}
	return n.find, true
}

// ValueChecks is the names of all checks, sorted.
func ValueChecks() []string {
	names := map[string]struct{}{"item_code": {}}
	for name := range numbers {
		names[name] = struct{}{}
	}
	return sortedKeys(names)
}

// numberCheck is the check of one kind of number.
type numberCheck struct {
	rule  string
	check func(string) ids.Fault
}

func (n numberCheck) find(v string) Finding {
	f := n.check(v)
	if f.OK() {
		return Finding{OK: true}
	}
	return Finding{Rule: n.rule, Args: reasonArgs(string(f.Reason), f.Want, f.Pos)}
}

var numbers = map[string]numberCheck{
	"resident_id":        {"check_resident_id", ids.ResidentID},           // GB 11643—1999
	"resident_id_strict": {"check_resident_id", ids.ResidentIDStrict},     // GB 11643—1999
	"resident_id_form":   {"check_resident_id", ids.ResidentForm},         // GB 11643—1999
	"residence_permit":   {"check_residence_permit", ids.ResidencePermit}, // GB 11643—1999
	"uscc":               {"check_uscc", ids.USCC},                        // GB 32100—2015
	"org_code":           {"check_org_code", ids.OrgCode},                 // GB 11714—1997
	"licence_id":         {"check_licence_id", ids.LicenceID},             // GB/T 36904—2018
	"passport":           {"check_passport", ids.Passport},                // ICAO 9303
	"passport_cn":        {"check_passport_cn", ids.ChinesePassport},
	"hk_macao_permit":    {"check_hk_macao_permit", ids.HKMacaoPermit},
	"taiwan_permit":      {"check_taiwan_permit", ids.TaiwanPermit},
	"hk_macao_travel":    {"check_hk_macao_travel", ids.HKMacaoTravel},
	"taiwan_travel":      {"check_taiwan_travel", ids.TaiwanTravel},
	"foreigner_permit":   {"check_foreigner_permit", ids.ForeignerPermit}, // GB 11643—1999
	"division":           {"check_division", division},                    // GB/T 2260
	"mobile":             {"check_mobile", ids.Mobile},
	"zip":                {"check_zip", ids.Zip},
	"email":              {"check_email", ids.Email},
}

// division checks a code of 6, 9 or 12 digits: its form, and that its first six digits
// were a division at some time.
func division(s string) ids.Fault {
	switch {
	case len(s) != 6 && len(s) != 9 && len(s) != 12:
		return ids.Fault{Reason: ids.Length}
	case region.LevelOf(s) == region.None:
		return ids.Fault{Reason: ids.Format, Pos: 1}
	case !region.Ever(s[:6]):
		return ids.Fault{Reason: ids.AreaUnknown, Pos: 1}
	}
	return ids.Fault{}
}

// documentChecks is the check of a document's number by canonical id_type
// (GA/T 2000.156—2016).
var documentChecks = map[string]string{
	"001": "uscc",
	"111": "resident_id", "112": "resident_id",
	"412": "passport_cn", "413": "passport_cn", "414": "passport",
	"511": "taiwan_permit", "512": "taiwan_permit", "513": "hk_macao_travel", "516": "hk_macao_permit", "517": "taiwan_travel",
	"553": "foreigner_permit",
	"811": "org_code",
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
