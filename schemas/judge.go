package schemas

import (
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas/ids"
	"banjian/schemas/itemcode"
)

// Verdict is what `item check` and `id check` say of one text.
type Verdict struct {
	Kind    string    // basic, implementation, handling, local, unknown; or the kind asked for
	Verdict string    // ok, warn, reject
	Reason  text.Text // empty when ok
}

// JudgeItem judges an item code as given. When only folding would mend it, the reason
// says which code it would become, and the kind is that code's.
func JudgeItem(code string) Verdict {
	r := itemcode.Check(code)
	v := Verdict{Kind: r.Kind.String(), Verdict: r.Verdict.String()}
	if r.Verdict == itemcode.Reject && r.Kind != itemcode.Local {
		if folded := ids.Fold(code); folded != code {
			if f := itemcode.Check(folded); f.Verdict != itemcode.Reject {
				return Verdict{f.Kind.String(), v.Verdict, validAs(folded)}
			}
		}
	}
	v.Reason = itemReasons(&r)
	return v
}

// itemReasons is every fault in one sentence.
func itemReasons(r *itemcode.Result) text.Text {
	var zh, en []string
	for _, f := range r.Faults() {
		rule := "item_code"
		if f.Reason == itemcode.TEUnit {
			rule = "item_te_unit"
		}
		t := RuleText(rule, reasonArgs(string(f.Reason), f.Want, f.Pos))
		zh, en = append(zh, t.ZH), append(en, t.EN)
	}
	return text.T(strings.Join(zh, "；"), strings.Join(en, "; "))
}

// JudgeID judges an identity number as given. kind is one of IDKinds; another is a
// Config fault.
func JudgeID(kind, number string) (Verdict, error) {
	n, ok := numbers[kind]
	if !ok {
		return Verdict{}, fault.New(fault.Config, "check identity number", "--kind",
			text.F("没有 %s 这一类", "there is no kind %s", kind),
			text.F("可用：%s", "known: %s", strings.Join(IDKinds(), " ")))
	}
	f := n.check(number)
	if f.OK() {
		return Verdict{Kind: kind, Verdict: "ok"}, nil
	}
	if folded := ids.Fold(number); folded != number && n.check(folded).OK() {
		return Verdict{kind, "reject", validAs(folded)}, nil
	}
	return Verdict{kind, "reject", RuleText(n.rule, reasonArgs(string(f.Reason), f.Want, f.Pos))}, nil
}

// IDKinds is every kind of number JudgeID knows, sorted.
func IDKinds() []string { return sortedKeys(numbers) }

func validAs(folded string) text.Text {
	return text.F("规整后有效，应写作 %[1]s（valid as %[1]s）", "valid as %s", folded)
}
