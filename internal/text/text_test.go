package text_test

import (
	"testing"

	"banjian/internal/text"
)

func TestTheLocalePicksTheLanguage(t *testing.T) {
	for locale, want := range map[string]text.Lang{"zh_CN.UTF-8": text.ZH, "ZH": text.ZH, "zh-Hans": text.ZH, "en_GB.UTF-8": text.EN, "C": text.EN, "": text.EN, "de_DE": text.EN} {
		if got := text.FromLocale(locale); got != want {
			t.Errorf("%q: %s, want %s", locale, got, want)
		}
	}
}

func TestAMissingSentenceFallsBackToTheOther(t *testing.T) {
	both, zh, en := text.T("问题", "trouble"), text.T("问题", ""), text.T("", "trouble")
	for _, c := range []struct {
		t    text.Text
		lang text.Lang
		want string
	}{{both, text.ZH, "问题"}, {both, text.EN, "trouble"}, {zh, text.EN, "问题"}, {en, text.ZH, "trouble"}, {text.Text{}, text.ZH, ""}} {
		if got := c.t.In(c.lang); got != c.want {
			t.Errorf("%+v in %s: %q", c.t, c.lang, got)
		}
	}
	if !(text.Text{}).IsZero() || zh.IsZero() || both.String() != "trouble" {
		t.Error("a text is taken for another")
	}
}

func TestArgumentsComeIntoBothSentences(t *testing.T) {
	if got := text.F("%d 行中有 %s", "%[2]s in %[1]d rows", 3, "错"); got != text.T("3 行中有 错", "错 in 3 rows") {
		t.Errorf("got %+v", got)
	}
	for n, want := range map[int]string{0: "0 rows are read of 3", 1: "1 row is read of 3", 21: "21 rows are read of 3", 1001: "1001 rows are read of 3"} {
		if got := text.F("读 %d 行，共 %d", "%d row{|s} {is|are} read of %d", n, 3).EN; got != want {
			t.Errorf("%d: got %q", n, got)
		}
	}
	if got := text.F("%s", "%s (a|b) {x|y}", "{one|many}").EN; got != "{one|many} (a|b) {x|y}" {
		t.Errorf("no number: got %q", got)
	}
	if got := text.T("{1} 超过 {0}：{1}", "{0} < {1}").Fill("18", "20"); got != text.T("20 超过 18：20", "18 < 20") {
		t.Errorf("got %+v", got)
	}
	if got := text.T("{0}{1}{2}", "").Fill("a"); got.ZH != "a{1}{2}" {
		t.Errorf("an argument that is missing: %q", got.ZH)
	}
}
