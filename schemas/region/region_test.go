package region_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"banjian/schemas/region"
)

func TestAnAbolishedDivisionIsKnownByItsDates(t *testing.T) {
	for _, c := range []struct {
		code string
		m    region.Month
		name string // "" = not then
	}{
		{"110103", region.MonthOf(1999, 5), "崇文区"}, {"110103", region.MonthOf(2012, 1), ""},
		{"120110", region.MonthOf(1980, 12), "东郊区"}, {"120110", region.MonthOf(1992, 12), "东丽区"},
		{"500154", region.MonthOf(1993, 1), ""}, {"500154", region.MonthOf(2020, 1), "开州区"},
		{"411082", region.MonthOf(1989, 1), ""}, {"411082", region.MonthOf(1993, 12), "长葛市"},
		{"362324", region.MonthOf(1982, 1), "铅山县"}, {"362324", region.MonthOf(2005, 1), ""},
		{"140120", region.MonthOf(1979, 1), "市区"}, {"140120", region.MonthOf(1990, 1), ""},
		{"330113", region.MonthOf(2026, 1), "临平区"}, {"653228", region.MonthOf(2026, 1), "和康县"},
		{"650102", region.MonthOf(2000, 1), "天山区"}, {"632321", region.MonthOf(1999, 1), "同仁县"},
		{"152222", region.MonthOf(2026, 1), "科尔沁右翼中旗"}, {"810001", region.MonthOf(2026, 1), "中西区"},
		{"999999", region.MonthOf(2026, 1), ""},
	} {
		d, ok := region.At(c.code, c.m)
		if ok != (c.name != "") || d.Name != c.name {
			t.Errorf("%s in %s is %q, want %q", c.code, c.m, d.Name, c.name)
		}
		if c.name == "" && c.code[0] != '9' && !region.Ever(c.code) {
			t.Errorf("%s was never a division", c.code)
		}
	}
}

func TestSuccessorsLeadToACodeInForce(t *testing.T) {
	for code, want := range map[string]string{
		"110103": "110101", "310119": "310115", "330103": "330105", "362324": "361124", "441282": "445381", "512225": "500235",
		"110101": "110101", "320602": "320613", "430624": "430624",
	} {
		if got, ok := region.Now(code); !ok || got != want {
			t.Errorf("%s is now %q", code, got)
		}
	}
	for _, code := range []string{"999999", "130305", "11010"} {
		if got, ok := region.Now(code); ok {
			t.Errorf("%s is said to be %s now", code, got)
		}
	}
}

func TestNamesComeWithThoseAbove(t *testing.T) {
	for _, c := range []struct {
		code string
		m    region.Month
		want string
	}{
		{"440104", region.MonthOf(2026, 1), "广东省广州市越秀区"},
		{"110101", region.MonthOf(2026, 1), "北京市东城区"},
		{"659012", region.MonthOf(2026, 1), "新疆维吾尔自治区白杨市"},
		{"371202", region.MonthOf(2010, 1), "山东省莱芜市莱城区"},
		{"430000", region.MonthOf(2026, 1), "湖南省"},
		{"999999", region.MonthOf(2026, 1), ""},
	} {
		if got := region.FullName(c.code, c.m); got != c.want {
			t.Errorf("%s: %q", c.code, got)
		}
	}
}

func TestLevelsFollowTheForm(t *testing.T) {
	for _, c := range []struct {
		code  string
		level region.Level
	}{
		{"440000000000", region.Province}, {"440000", region.Province},
		{"440100", region.Prefecture}, {"440104", region.County},
		{"440104001", region.Township}, {"440104001002", region.Village},
		{"441900003", region.Township}, {"810001", region.County},
		{"440104000002", region.None}, {"440000001000", region.None}, {"440003000000", region.None},
		{"000000", region.None}, {"4401", region.None}, {"44010A", region.None}, {"", region.None},
	} {
		if got := region.LevelOf(c.code); got != c.level {
			t.Errorf("%s is of level %d", c.code, got)
		}
	}
	if !region.Known("440104001002") || region.Known("440199001002") {
		t.Error("twelve digits are not judged by their first six")
	}
}

// TestShippedDivisionsAreInForm holds the file to what its reader takes for granted.
func TestShippedDivisionsAreInForm(t *testing.T) {
	data, err := os.ReadFile("divisions/gbt2260.tsv")
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`^\d{6}\t\p{Han}+(\t(\d{4}-\d\d)?(\t(\d{4}-\d\d)?(\t(\d{6})?(\tstat)?)?)?)?$`)
	last, rows := "", 0
	ends := map[string]string{}
	for n, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if line[0] == '#' || strings.HasPrefix(line, "code\t") {
			continue
		}
		cells := append(strings.Split(line, "\t"), "", "", "", "", "")
		switch code, from, to := cells[0], cells[2], cells[3]; {
		case !form.MatchString(line):
			t.Fatalf("line %d: %s", n+1, line)
		case code < last:
			t.Fatalf("line %d is out of order", n+1)
		case from != "" && to != "" && from > to:
			t.Errorf("line %d ends before it begins", n+1)
		case code == last && (from == "" || ends[code] == "" || from < "1981"):
			t.Errorf("line %d follows a row without an end", n+1)
		}
		last, rows = cells[0], rows+1
		ends[cells[0]] = cells[3]
	}
	for _, line := range strings.Split(string(data), "\n") {
		if c := strings.Split(line, "\t"); len(c) > 4 && c[4] != "" && c[0] != "code" {
			if _, ok := ends[c[4]]; !ok || c[3] == "" {
				t.Errorf("%s leads to %s", c[0], c[4])
			}
		}
	}
	current := 0
	for _, to := range ends {
		if to == "" {
			current++
		}
	}
	if rows < 7000 || current < 3300 || current > 4000 {
		t.Errorf("%d rows, %d codes in force", rows, current)
	}
}

func TestAskingAllocatesNothing(t *testing.T) {
	region.Ever("110101")
	if n := testing.AllocsPerRun(100, func() { region.At("110103", region.MonthOf(1999, 1)) }); n != 0 {
		t.Errorf("a question allocates %v times", n)
	}
}

func BenchmarkAt(b *testing.B) {
	region.Ever("110101")
	b.ReportAllocs()
	for b.Loop() {
		region.At("440104", region.MonthOf(1999, 1))
	}
}

func FuzzCodes(f *testing.F) {
	for _, s := range []string{"440104", "440104001", "440104001002", "110103000000", "", "44010", "４４０１０４"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		level := region.LevelOf(s)
		if full := s + "000000000000"[:max(0, 12-len(s))]; level != region.None && region.LevelOf(full) != level {
			t.Fatalf("%q filled up is %q", s, full)
		}
		if region.Known(s) && level == region.None {
			t.Fatalf("%q is known and no code", s)
		}
		region.Now(s)
		region.FullName(s, region.MonthOf(2000, 1))
		region.At(s, region.MonthOf(2000, 1))
	})
}
