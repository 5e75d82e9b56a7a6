package doctor

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRightsAreHeldAgainstWhatIsRead(t *testing.T) {
	for name, c := range map[string]struct {
		grants        []string
		open, standby bool
		verdict       Verdict
		what          string
		sql           []string
	}{
		"the views alone": {grants: []string{"GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*6BB4837EB74329105EE4568DDA7DC67ED2CA2AD9'", "GRANT SELECT, SHOW VIEW ON `gjj`.`v_a` TO `r`@`%`", "GRANT SELECT (`x`, `y`) ON `gjj`.`v_b` TO `r`@`%`"},
			verdict: OK, what: "SELECT gjj.v_a, gjj.v_b"},
		"one table too many": {grants: []string{"GRANT SELECT ON `gjj`.`v_a` TO `r`@`%`", "GRANT SELECT ON `gjj`.`v_b` TO `r`@`%`", "GRANT SELECT ON `gjj`.`yh, ON` TO `r`@`%`"},
			verdict: Warn, what: "SELECT ON `gjj`.`yh, ON`", sql: []string{"REVOKE SELECT ON `gjj`.`yh, ON` FROM 'r'@'%';"}},
		"the whole schema": {grants: []string{"GRANT SELECT ON `gjj`.* TO `r`@`%`"},
			verdict: Warn, what: "SELECT ON `gjj`.*", sql: []string{"GRANT SELECT ON `gjj`.`v_a` TO 'r'@'%';", "GRANT SELECT ON `gjj`.`v_b` TO 'r'@'%';", "REVOKE SELECT ON `gjj`.* FROM 'r'@'%';"}},
		"a pattern of a schema": {grants: []string{"GRANT SELECT ON `gj\\_%`.* TO `r`@`%`"},
			verdict: Warn, what: "`gj\\_%`.*", sql: []string{"GRANT SELECT ON `gjj`.`v_a` TO 'r'@'%';", "GRANT SELECT ON `gjj`.`v_b` TO 'r'@'%';", "REVOKE SELECT ON `gj\\_%`.* FROM 'r'@'%';"}},
		"writing": {grants: []string{"GRANT SELECT, INSERT, UPDATE ON `gjj`.`v_a` TO `r`@`%`", "GRANT SELECT ON `gjj`.`v_b` TO `r`@`%`"},
			verdict: Fail, what: "INSERT, UPDATE ON `gjj`.`v_a`", sql: []string{"REVOKE INSERT, UPDATE ON `gjj`.`v_a` FROM 'r'@'%';"}},
		"everything": {grants: []string{"GRANT ALL PRIVILEGES ON *.* TO `r`@`%` WITH GRANT OPTION"},
			verdict: Fail, what: "ALL PRIVILEGES ON *.*; GRANT OPTION ON *.*", sql: []string{"GRANT SELECT ON `gjj`.`v_a` TO 'r'@'%';", "GRANT SELECT ON `gjj`.`v_b` TO 'r'@'%';", "REVOKE ALL PRIVILEGES ON *.* FROM 'r'@'%';", "REVOKE GRANT OPTION ON *.* FROM 'r'@'%';"}},
		"a role": {grants: []string{"GRANT `reader` TO `r`@`%`", "GRANT SELECT ON `gjj`.`v_a` TO `r`@`%`", "GRANT SELECT ON `gjj`.`v_b` TO `r`@`%`", "SET DEFAULT ROLE `reader` FOR `r`@`%`"},
			verdict: Warn, what: "ROLE `reader`", sql: []string{"REVOKE `reader` FROM 'r'@'%';"}},
		"a query reads what nobody knows": {grants: []string{"GRANT SELECT ON `gjj`.* TO `r`@`%`"}, open: true, verdict: OK, what: "not judged"},
		"a standby's own state":           {grants: []string{"GRANT SLAVE MONITOR ON *.* TO `r`@`%`", "GRANT SELECT ON `gjj`.`v_a` TO `r`@`%`", "GRANT SELECT ON `gjj`.`v_b` TO `r`@`%`"}, standby: true, verdict: OK},
		"a query and writing":             {grants: []string{"GRANT SELECT, DELETE ON `gjj`.* TO `r`@`%`"}, open: true, verdict: Fail, what: "DELETE ON `gjj`.*"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &Report{About: "gjj"}
			r.rights(c.grants, "r@%", "gjj", []string{"v_a", "gjj.v_b"}, c.open, c.standby)
			if len(r.Lines) != 1 {
				t.Fatalf("%d lines", len(r.Lines))
			}
			if l := r.Lines[0]; l.Verdict != c.verdict || !strings.Contains(l.What.EN, c.what) || c.sql != nil && !slices.Equal(l.SQL, c.sql) {
				t.Errorf("%s: %s\n%s", l.Verdict, l.What.EN, strings.Join(l.SQL, "\n"))
			}
		})
	}
}

func TestAServerWithoutRightsIsNotJudged(t *testing.T) {
	r := &Report{}
	r.rights(nil, "", "", []string{"v"}, false, false)
	if len(r.Lines) != 0 {
		t.Errorf("%+v", r.Lines)
	}
}

func TestAClockThatIsFarOffIsTold(t *testing.T) {
	for offset, want := range map[time.Duration]Verdict{time.Second: OK, -29 * time.Second: OK, time.Minute: Warn, -time.Hour: Warn} {
		r := &Report{}
		r.Clock(&offset)
		if r.Lines[0].Verdict != want || (want == Warn) == r.Lines[0].Hint.IsZero() {
			t.Errorf("%s: %+v", offset, r.Lines[0])
		}
	}
}
