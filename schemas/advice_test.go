package schemas

import (
	"strings"
	"testing"
)

func TestEveryAdviceBelongsToARuleAndIsInBothLanguages(t *testing.T) {
	for id, advice := range advices {
		rule, _, _ := strings.Cut(id, ".")
		_, whole := ruleTexts[rule]
		_, fine := reasonTexts[id]
		if !whole && !fine {
			t.Errorf("%s: there is no such rule", id)
		}
		if advice.ZH == "" || advice.EN == "" {
			t.Errorf("%s: %+v", id, advice)
		}
	}
}

func TestAdviceFitsTheFinding(t *testing.T) {
	for _, c := range []struct {
		rule string
		args []string
		want string
	}{
		{"too_long", []string{"18", "17"}, "缩短到 18 个字符"},
		{"item_code", []string{"local"}, "对照表"},
		{"item_code", []string{"length"}, "事项目录"},
		{"promise_after_accept", nil, "下次归集会自动重新读取"},
	} {
		if got := Advice(c.rule, c.args).ZH; !strings.Contains(got, c.want) {
			t.Errorf("%s %v: %s", c.rule, c.args, got)
		}
	}
}
