package schemas

import (
	"strings"

	"banjian/internal/text"
)

// RuleText is the sentence for a rule id, with args filled in: what is wrong and what
// to do about it, in words a clerk of the department understands. A rule of a check
// has a sentence for each reason, its first argument; receiver_refused with a single
// argument that is no reason holds the receiver's own words. An unknown id, a mapping's
// own rule for one, is its own text.
func RuleText(rule string, args []string) text.Text {
	if rule == "receiver_refused" && len(args) == 1 && args[0] != "other" {
		return fill(refusedWords, args)
	}
	if len(args) > 0 {
		if t, ok := reasonTexts[rule+"."+args[0]]; ok {
			return fill(t, args)
		}
	}
	if t, ok := ruleTexts[rule]; ok {
		return fill(t, args)
	}
	return text.T(rule, rule)
}

// fill puts args in; an argument that was not given shows as a dash.
func fill(t text.Text, args []string) text.Text {
	t = t.Fill(args...)
	if !strings.Contains(t.ZH, "{") && !strings.Contains(t.EN, "{") {
		return t
	}
	for _, mark := range []string{"{0}", "{1}", "{2}"} {
		t.ZH = strings.ReplaceAll(t.ZH, mark, "—")
		t.EN = strings.ReplaceAll(t.EN, mark, "—")
	}
	return t
}

// refusedWords is what is said around the words of a receiver.
var refusedWords = text.T("接收方拒收：{0}", "the receiver refused it: {0}")

// Rules is every rule id that has a sentence, sorted.
func Rules() []string { return sortedKeys(ruleTexts) }
