package reconcile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

var beijing = time.FixedZone("UTC+8", 8*3600)

func TestATimeIsReadAsSpreadsheetsWriteIt(t *testing.T) {
	c := Column{Heading: "受理时间", Time: true, Zone: beijing}
	for cell, want := range map[string]string{
		"2026-11-21 09:05:07": "2026-11-21 09:05:07", "2026/11/21 9:05:07": "2026-11-21 09:05:07", "2026-11-21T09:05:07": "2026-11-21 09:05:07", "20261121090507": "2026-11-21 09:05:07",
		"2026-11-21 09:05:07.000": "2026-11-21 09:05:07", "2026年11月21日9时5分7秒": "2026-11-21 09:05:07",
		"2026/1/2 9:05": "2026-01-02 09:05", "2026-01-02 09:05": "2026-01-02 09:05", "2026/1/2": "2026-01-02", "20260102": "2026-01-02", "2026年1月2日": "2026-01-02",
		"": "",
	} {
		fine := fineMost
		if err := c.check(cell, &fine); err != nil {
			t.Errorf("%s: %v", cell, err)
		}
		if got := c.listed(cell, fine); got != want {
			t.Errorf("%s is %s, want %s", cell, got, want)
		}
	}
	for _, cell := range []string{"上周三", "2026-02-30", "45000.5", "2026-11-21 25:00"} {
		fine := fineMost
		if err := c.check(cell, &fine); err == nil || err.Kind != fault.Config || strings.Contains(err.What.ZH, cell) {
			t.Errorf("%s: %v", cell, err)
		}
	}
}

func TestACellIsPutIntoTheReceiversWords(t *testing.T) {
	for _, c := range []struct {
		column     Column
		cell, want string
	}{
		{Column{Number: true}, "1,234.50", "1234.5"}, {Column{Number: true}, "+7.00", "7"}, {Column{Number: true}, "100", "100"},
		{Column{Codes: map[string]string{"准予许可": "6"}}, "准予许可", "6"}, {Column{Codes: map[string]string{"准予许可": "6"}}, "6", "6"},
		{Column{}, "甲 乙", "甲 乙"},
	} {
		if got := c.column.listed(c.cell, fineMost); got != c.want {
			t.Errorf("%q is %q, want %q", c.cell, got, c.want)
		}
	}
	if got := trimmed("\u3000 甲\u00a0\n"); got != "甲" {
		t.Errorf("%q", got)
	}
}

func TestColumnsAreFoundByTitleNameOrByWhatIsNamed(t *testing.T) {
	candidates := []Candidate{
		{Column: Column{Name: "SHOULI_YWSLSJ", Time: true}, Title: text.T("业务受理时间", "time of the decision")},
		{Column: Column{Name: "SBLSH_SHORT", Key: true}, Title: text.T("申报流水号", "flow number")},
		{Column: Column{Name: "SHOULI_YWSLRMC"}, Title: text.T("受理人", "accepting officer"), Asked: true},
		{Column: Column{Name: "SHOULI_YWSLBMMC"}, Title: text.T("受理部门名称", "accepting department")},
	}
	for _, c := range []struct {
		headings []string
		named    map[string]string
		want     []string // heading of each; or
		wrong    string
	}{
		{headings: []string{"业务受理时间", "受理人", "flow number", "别的"}, want: []string{"flow number", "业务受理时间"}},
		{headings: []string{"sblsh_short", "受理人", "受理日"}, named: map[string]string{"SHOULI_YWSLSJ": "受理日", "SHOULI_YWSLRMC": "受理人"}, want: []string{"sblsh_short", "受理日", "受理人"}},
		{headings: []string{"申报流水号", "受理部门名称"}, named: map[string]string{"SHOULI_YWSLBMMC": ""}, want: []string{"申报流水号"}},
		{headings: []string{"申报流水号", "受理部门名称", "受理部门名称"}, want: []string{"申报流水号"}},
		{headings: []string{"编号"}, wrong: "申报流水号（SBLSH_SHORT）"},
		{headings: []string{"申报流水号"}, named: map[string]string{"YWSLSJ": "x"}, wrong: "没有名为 YWSLSJ"},
		{headings: []string{"申报流水号", "时间"}, named: map[string]string{"SHOULI_YWSLSJ": "日期"}, wrong: "没有列 日期"},
	} {
		columns, err := Match("清单.csv", c.headings, candidates, c.named)
		if c.wrong != "" {
			if err == nil || !strings.Contains(fault.Say(err, text.ZH), c.wrong) {
				t.Errorf("%q: %v", c.headings, err)
			}
			continue
		}
		var got []string
		for _, one := range columns {
			got = append(got, one.Heading)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q, %v", c.headings, got, c.want, err)
		}
	}
}

func TestARecordOfNoDayIsCountedWhenAllDaysAre(t *testing.T) {
	day := time.Date(2026, 11, 21, 0, 0, 0, 0, beijing)
	for _, c := range []struct {
		days Days
		day  string
		has  bool
	}{
		{Days{Zone: beijing}, "", true}, {Days{Since: day, Zone: beijing}, "", false}, {Days{Since: day, Until: day, Zone: beijing}, "2026-11-21", true},
		{Days{Since: day, Zone: beijing}, "2026-11-20", false}, {Days{Until: day, Zone: beijing}, "2026-11-22", false},
	} {
		if got := c.days.has(c.day); got != c.has {
			t.Errorf("%+v has %q: %t", c.days, c.day, got)
		}
	}
	cal := newCalendar(beijing)
	if got := cal.day(time.Date(2026, 11, 20, 16, 0, 0, 0, time.UTC).Unix()); got != "2026-11-21" {
		t.Error(got)
	}
}
