package itemcode

import "banjian/schemas/ids"

// Kind is what a code is by its form.
type Kind uint8

const (
	Unknown        Kind = iota
	Basic               // 基本编码
	Implementation      // 实施编码
	Handling            // 业务办理项编码, long or short
	Local               // 地方实施编码
)

var kindNames = [...]string{"unknown", "basic", "implementation", "handling", "local"}

func (k Kind) String() string { return kindNames[k] }

// Verdict is what becomes of a code.
type Verdict uint8

const (
	OK Verdict = iota
	Warn
	Reject
)

var verdictNames = [...]string{"ok", "warn", "reject"}

func (v Verdict) String() string { return verdictNames[v] }

// Reason is a short token for what is wrong with a segment.
type Reason string

const (
	Length       Reason = "length"        // no item code has this many characters
	Empty        Reason = "empty"         // there is no code
	MaterialCode Reason = "material_code" // an item code with a material number behind it
	LocalForm    Reason = "local"         // a province's own form: crosswalk needed
	Charset      Reason = "charset"       // a character that is neither digit nor capital
	UnitFormat   Reason = "unit_format"   // credit code: no digit where one must stand
	UnitAlphabet Reason = "unit_alphabet" // credit code: a letter outside its alphabet
	UnitCheck    Reason = "check_digit"   // credit code: wrong check character
	TEUnit       Reason = "te_unit"       // stand-in of a unit without a credit code
	Level        Reason = "level"         // 行使层级 is 1–7
	Region       Reason = "region"        // 00 or a province
	ItemType     Reason = "type"          // 事项类型 is 01–99
	Main         Reason = "main"          // 主项: digits, capitals without I O Z S V
	Sub          Reason = "sub"           // 子项 is three digits, 00Y in a basic code
	SubClass     Reason = "sub_class"     // 00Y, the head of sub-items, was never implemented
	HandlingItem Reason = "handling_item" // 业务办理项 is 01–99
)

// Fault is one thing wrong with a code.
type Fault struct {
	Reason Reason
	Pos    int  // 1-based place of the character, or of the segment it begins
	Want   byte // the expected check character, 0 when there is none to name
}

// maxFaults is one per segment: unit, level, region, type, main, sub, handling item.
const maxFaults = 7

// Result is the judgement of one code. It holds its faults itself, so that judging
// allocates nothing.
type Result struct {
	Kind    Kind
	Verdict Verdict
	faults  [maxFaults]Fault
	n       int
}

// Faults is what is wrong, in the order of the code; empty when the code is good.
func (r *Result) Faults() []Fault { return r.faults[:r.n] }

func (r *Result) add(reason Reason, pos int, want byte) {
	if reason == TEUnit {
		r.Verdict = max(r.Verdict, Warn)
	} else {
		r.Verdict = Reject
	}
	if r.n < maxFaults {
		r.faults[r.n] = Fault{reason, pos, want}
		r.n++
	}
}

// Check judges a code as given.
func Check(s string) Result {
	var r Result
	switch {
	case s == "":
		r.add(Empty, 0, 0)
	case isLocal(s):
		r.Kind = Local
		r.add(LocalForm, 0, 0)
	case !isASCII(s):
		r.add(Charset, firstForeign(s)+1, 0)
	default:
		r.byLength(s)
	}
	return r
}

func (r *Result) byLength(s string) {
	switch len(s) {
	case 12:
		r.Kind = Basic
		r.basic(s, 0, true)
	case 14:
		r.Kind = Handling
		r.basic(s[:12], 0, false)
		r.handling(s[12:], 12)
	case 31:
		r.Kind = Implementation
		r.implementation(s)
	case 33:
		r.Kind = Handling
		r.implementation(s[:31])
		r.handling(s[31:], 31)
	case 34, 36:
		if isMaterial(s) {
			r.add(MaterialCode, 0, 0)
			return
		}
		r.add(Length, 0, 0)
	default:
		r.add(Length, 0, 0)
	}
}

func (r *Result) implementation(s string) {
	r.unit(s[:18])
	if c := s[18]; c < '1' || c > '7' {
		r.add(Level, 19, 0)
	}
	r.basic(s[19:31], 19, false)
}

// unit judges the credit code of the implementing body.
func (r *Result) unit(s string) {
	f := ids.USCC(s)
	switch f.Reason {
	case ids.OK:
	case ids.TEUnit:
		r.add(TEUnit, 1, 0)
	case ids.Alphabet:
		r.add(UnitAlphabet, f.Pos, 0)
	case ids.CheckDigit:
		r.add(UnitCheck, f.Pos, f.Want)
	default:
		r.add(UnitFormat, f.Pos, 0)
	}
}

// basic judges the 12 characters of a basic code that begin at offset at. Directories
// also hold 00Y, the head of an item with sub-items; an implemented item never is one.
func (r *Result) basic(s string, at int, directory bool) {
	if s[:2] != "00" && !ids.Province(s) {
		r.add(Region, at+1, 0)
	}
	if !digit(s[2]) || !digit(s[3]) || s[2:4] == "00" {
		r.add(ItemType, at+3, 0)
	}
	for i := 4; i < 9; i++ {
		if !ids.InAlphabet(s[i]) {
			r.add(Main, at+i+1, 0)
			break
		}
	}
	switch sub := s[9:12]; {
	case digit(sub[0]) && digit(sub[1]) && digit(sub[2]):
	case sub != "00Y":
		r.add(Sub, at+10, 0)
	case !directory:
		r.add(SubClass, at+10, 0)
	}
}

func (r *Result) handling(s string, at int) {
	if !digit(s[0]) || !digit(s[1]) || s == "00" {
		r.add(HandlingItem, at+1, 0)
	}
}

// isMaterial says whether s is an item code of 31 or 33 characters with a material
// number of three digits behind it.
func isMaterial(s string) bool {
	n := len(s) - 3
	for _, c := range []byte(s[n:]) {
		if !digit(c) {
			return false
		}
	}
	r := Check(s[:n])
	return r.Verdict != Reject
}

func digit(c byte) bool { return c-'0' < 10 }

func isASCII(s string) bool { return firstForeign(s) == len(s) }

// firstForeign is the offset of the first byte outside ASCII, len(s) if there is none.
func firstForeign(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return i
		}
	}
	return len(s)
}
