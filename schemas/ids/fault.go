package ids

// Reason is a short token that says why a value was refused.
type Reason string

const (
	OK          Reason = ""              // nothing is wrong
	Length      Reason = "length"        // too short or too long
	Format      Reason = "format"        // a character that cannot stand where it stands
	Alphabet    Reason = "alphabet"      // I, O, Z, S, V or a small letter in a credit code
	Area        Reason = "area"          // no such province, or not the area of such a document
	Date        Reason = "date"          // no such calendar day
	CheckDigit  Reason = "check_digit"   // the last character does not follow from the others
	AreaUnknown Reason = "area_unknown"  // six digits that never were a division
	AreaNotThen Reason = "area_not_then" // a division, but not one at the birth
	TEUnit      Reason = "te_unit"       // the stand-in of a unit that has no credit code yet
	Prefix      Reason = "prefix"        // not the object identifier of licences
	Type        Reason = "type"          // the type segment of a licence identifier
	Version     Reason = "version"       // the version segment of a licence identifier
)

// Fault is what is wrong with a value; the zero Fault is a good value.
type Fault struct {
	Reason Reason
	Pos    int  // 1-based place of the offending character, 0 when it is the whole
	Want   byte // the character expected at Pos, 0 when there is none to name
}

// OK says that nothing is wrong.
func (f Fault) OK() bool { return f.Reason == OK }

func bad(r Reason, pos int) Fault { return Fault{Reason: r, Pos: pos} }

func isDigit(c byte) bool { return c-'0' < 10 }
func isUpper(c byte) bool { return c-'A' < 26 }

// firstNotDigit is the place of the first character that is no digit, -1 if all are.
func firstNotDigit(s string) int {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return i
		}
	}
	return -1
}
