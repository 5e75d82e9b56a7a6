package schemas_test

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"banjian/schemas"
)

func TestMasksShowNoMoreThanTheyShould(t *testing.T) {
	for _, c := range []struct {
		mask        schemas.Mask
		value, want string
	}{
		{schemas.MaskID, "110101199003071234", "110***********1234"},
		{schemas.MaskID, "110101900307123", "110********7123"},
		{schemas.MaskID, "E12345678", "E********"},
		{schemas.MaskID, "1", "*"},
		{schemas.MaskPhone, "13800000000", "138****0000"},
		{schemas.MaskPhone, "0777-6428820", "077*****8820"},
		{schemas.MaskPhone, "6428820", "6******"},
		{schemas.MaskName, "张三", "张*"},
		{schemas.MaskName, "欧阳三丰", "欧***"},
		{schemas.MaskName, "张", "*"},
		{schemas.MaskAddress, "岭南市越秀区示例路一号", "岭南市越秀区******"},
		{schemas.MaskAddress, "示例路", "******"},
		{schemas.MaskEmail, "zhang@example.cn", "z***@example.cn"},
		{schemas.MaskEmail, "nobody", "no******"},
		{schemas.MaskText, "个人账户变更（张三）", "个人******"},
		{schemas.MaskSecret, "12", "******"},
		{schemas.MaskName, "", ""},
		{schemas.MaskNone, "公开", "公开"},
		{"unheard-of", "张三", "******"},
	} {
		if got := c.mask.Apply(c.value); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.mask, c.value, got, c.want)
		}
	}
}

func TestEveryMaskHidesAtLeastAThirdOfANumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.StringMatching("[1-9A-Z]{1,30}").Draw(t, "value")
		for _, m := range []schemas.Mask{schemas.MaskID, schemas.MaskPhone, schemas.MaskName} {
			hidden := 0
			for _, r := range m.Apply(v) {
				if r == '*' {
					hidden++
				}
			}
			if 3*hidden < utf8.RuneCountInString(v) {
				t.Fatalf("%s shows %q of %q", m, m.Apply(v), v)
			}
		}
	})
}

func TestFieldShowsItsMaskedValue(t *testing.T) {
	f := subject(t, "case/accept").Field("applicant_name")
	if got := f.Show("张三"); got != "张*" {
		t.Errorf("shown as %s", got)
	}
}
