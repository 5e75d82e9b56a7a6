package schemas_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/schemas"
)

// good is an implementing body; org_short_name is 50 wide, org_name 100.
var goodBody = row{"org_name": "岭南市住房公积金管理中心", "org_short_name": "公积金中心", "credit_code": "11440000MB2C70271K", "exist_task": "1", "order_num": 1}

func TestWidthsCountWhatTheReceiverCounts(t *testing.T) {
	name := func(s string, n int) row { return with(goodBody, row{"org_short_name": strings.Repeat(s, n)}) }
	for _, c := range []struct {
		unit schemas.Unit
		row  row
		want string
	}{
		{schemas.Unit{}, name("金", 50), ""},
		{schemas.Unit{}, name("金", 51), "org_short_name too_long reject 50,51"},
		{schemas.Unit{Bytes: true}, name("a", 50), ""},
		{schemas.Unit{Bytes: true}, name("金", 16), ""},
		{schemas.Unit{Bytes: true}, name("金", 17), "org_short_name too_long_bytes reject 50,51,utf8"},
		{schemas.Unit{Bytes: true, Charset: "gbk"}, name("金", 25), ""},
		{schemas.Unit{Bytes: true, Charset: "gbk"}, name("金", 26), "org_short_name too_long_bytes reject 50,52,gbk"},
		{schemas.Unit{Bytes: true, Charset: "gbk"}, name("𠮷", 1), "org_short_name not_in_charset reject gbk"},
		{schemas.Unit{Bytes: true, Charset: "gb18030"}, name("𠮷", 12), ""},
		{schemas.Unit{Bytes: true, Charset: "gb18030"}, name("𠮷", 13), "org_short_name too_long_bytes reject 50,52,gb18030"},
		{schemas.Unit{Charset: "gbk"}, name("金", 50), ""},
		{schemas.Unit{Charset: "gbk"}, name("金", 51), "org_short_name too_long reject 50,51"},
		{schemas.Unit{Charset: "gbk"}, name("㐀", 1), "org_short_name not_in_charset reject gbk"},
		{schemas.Unit{Charset: "utf8mb3"}, name("㐀", 50), ""},
		{schemas.Unit{Charset: "utf8mb3"}, name("𠮷", 1), "org_short_name not_in_charset reject utf8mb3"},
		{schemas.Unit{Bytes: true, Charset: "gbk"}, with(goodBody, row{"org_short_name": ""}), "org_short_name required reject"},
		{schemas.Unit{Bytes: true, Charset: "gbk"}, with(goodBody, row{"org_short_name": "金\x01"}), "org_short_name bad_text reject"},
		{schemas.Unit{Bytes: true, Charset: "gbk"}, with(goodBody, row{"exist_task": "2"}), "exist_task bad_code reject national/yes_no,2"},
	} {
		t.Run(fmt.Sprintf("%v %v", c.unit, c.want), func(t *testing.T) {
			cat := load(t).Counting(c.unit)
			s, _ := cat.Subject("national/up_zone_organization")
			k, err := schemas.NewChecker(s, cat)
			if err != nil {
				t.Fatal(err)
			}
			rec := build(t, s, memory.DefaultAllocator, []row{c.row})
			defer rec.Release()
			var got []string
			for _, i := range k.Check(rec) {
				got = append(got, said(i))
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("got %q", strings.Join(got, "; "))
			}
		})
	}
}

func TestALongTextIsMeasuredWhole(t *testing.T) {
	cat := load(t).Counting(schemas.Unit{Bytes: true, Charset: "gbk"})
	s, _ := cat.Subject("national/up_zone_organization")
	k, err := schemas.NewChecker(s, cat)
	if err != nil {
		t.Fatal(err)
	}
	rec := build(t, s, memory.DefaultAllocator, []row{with(goodBody, row{"org_name": strings.Repeat("金", 5000)})})
	defer rec.Release()
	if issues := k.Check(rec); len(issues) != 1 || issues[0].Args[1] != "10000" {
		t.Errorf("%+v", issues)
	}
}

// Our own model is not the receiver's: its widths go on counting characters.
func TestTheCanonicalModelCountsCharacters(t *testing.T) {
	cat := load(t).Counting(schemas.Unit{Bytes: true, Charset: "gbk"})
	s, _ := cat.Subject("case/accept")
	k, err := schemas.NewChecker(s, cat)
	if err != nil {
		t.Fatal(err)
	}
	rec := build(t, s, memory.DefaultAllocator, []row{with(goodAccept, row{"applicant_name": strings.Repeat("张", 100)})})
	defer rec.Release()
	if issues := k.Check(rec); issues != nil {
		t.Errorf("%+v", issues)
	}
}

func TestAReceiversUnitIsRead(t *testing.T) {
	if u, err := schemas.UnitOf("bytes", "gbk"); err != nil || !u.Bytes || u.Charset != "gbk" {
		t.Errorf("%+v, %v", u, err)
	}
	if u, err := schemas.UnitOf("", ""); err != nil || u != (schemas.Unit{}) {
		t.Errorf("%+v, %v", u, err)
	}
	for _, c := range [][2]string{{"byte", ""}, {"bytes", "latin1"}} {
		if _, err := schemas.UnitOf(c[0], c[1]); !fault.Is(err, fault.Config) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestASubstituteStandsForWhatTheCharsetLacks(t *testing.T) {
	cat := load(t)
	gbk := cat.Counting(schemas.Unit{Charset: "gbk"})
	for _, c := range []struct {
		cat  *schemas.Catalog
		by   map[string]string
		says string
	}{
		{gbk, map[string]string{"𠮷": "吉"}, ""}, {gbk, nil, ""},
		{gbk, map[string]string{"吉": "x"}, "the receiver's charset has it"},
		{cat, map[string]string{"𠮷": "吉"}, "the receiver's charset has it"},
		{cat.Counting(schemas.Unit{Charset: "gb18030"}), map[string]string{"𠮷": "吉"}, "the receiver's charset has it"},
		{gbk, map[string]string{"𠮷𠮷": "吉"}, "not one character"}, {gbk, map[string]string{"": "吉"}, "not one character"},
		{gbk, map[string]string{"𠮷": "㐀"}, "lacks the substitute too"}, {gbk, map[string]string{"𠮷": ""}, "lacks the substitute too"},
	} {
		got, err := c.cat.Substituting(c.by)
		if c.says == "" && (err != nil || got == nil) || c.says != "" && (!fault.Is(err, fault.Config) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%v: %v", c.by, err)
		}
	}
	some, _ := gbk.Substituting(map[string]string{"𠮷": "吉"})
	table, _ := some.Subject("national/up_zone_organization")
	own, _ := some.Subject("case/accept")
	if some.SubstitutesFor(own) != nil || some.SubstitutesFor(table) == nil {
		t.Error("substitutes are for the receiver's tables alone")
	}
	if v, replaced := some.SubstitutesFor(table).Text("𠮷野㐀"); v != "吉野㐀" || len(replaced) != 1 {
		t.Errorf("%q, %v", v, replaced)
	}
}
