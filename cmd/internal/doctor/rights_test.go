package doctor

import (
	"slices"
	"strings"
	"testing"
	"time"

	"banjian/connectors/sqlview"
	"banjian/internal/sqldialect"
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
		"what PUBLIC has": {grants: []string{"GRANT SELECT ON `gjj`.`v_a` TO `r`@`%`", "GRANT SELECT ON `gjj`.`v_b` TO `r`@`%`", "GRANT SELECT, INSERT ON `test`.* TO PUBLIC"},
			verdict: Fail, what: "INSERT ON `test`.*", sql: []string{"REVOKE INSERT, SELECT ON `test`.* FROM PUBLIC;"}},
		"what a role has": {grants: []string{"GRANT `reader` TO `r`@`%`", "GRANT SELECT ON `gjj`.`v_a` TO `r`@`%`", "GRANT SELECT ON `gjj`.`v_b` TO `r`@`%`", "GRANT INSERT ON `gjj`.* TO `reader`"},
			verdict: Fail, what: "INSERT ON `gjj`.*", sql: []string{"REVOKE `reader` FROM 'r'@'%';"}},
		"a query reads what nobody knows": {grants: []string{"GRANT SELECT ON `gjj`.* TO `r`@`%`"}, open: true, verdict: OK, what: "not judged"},
		"a standby's own state":           {grants: []string{"GRANT SLAVE MONITOR ON *.* TO `r`@`%`", "GRANT SELECT ON `gjj`.`v_a` TO `r`@`%`", "GRANT SELECT ON `gjj`.`v_b` TO `r`@`%`"}, standby: true, verdict: OK},
		"a query and writing":             {grants: []string{"GRANT SELECT, DELETE ON `gjj`.* TO `r`@`%`"}, open: true, verdict: Fail, what: "DELETE ON `gjj`.*"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &Report{About: "gjj"}
			r.rights(dialect(t, "mysql"), &sqlview.Server{Rights: c.grants, Account: "r@%", Schema: "gjj", Lag: sqlview.Lag{Standby: c.standby}}, []string{"v_a", "gjj.v_b"}, c.open)
			if len(r.Lines) != 1 {
				t.Fatalf("%d lines", len(r.Lines))
			}
			if l := r.Lines[0]; l.Verdict != c.verdict || !strings.Contains(l.What.EN, c.what) || c.sql != nil && !slices.Equal(l.SQL, c.sql) {
				t.Errorf("%s: %s\n%s", l.Verdict, l.What.EN, strings.Join(l.SQL, "\n"))
			}
		})
	}
}

func dialect(t *testing.T, name string) *sqldialect.Dialect {
	t.Helper()
	d, err := sqldialect.ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Servers write their grants, and take them back, each in its own way.
func TestRightsOfOtherServers(t *testing.T) {
	for name, c := range map[string]struct {
		dialect string
		server  sqlview.Server
		verdict Verdict
		what    string
		sql     []string
	}{
		"oracle, the view alone": {"oracle", sqlview.Server{Account: "RO", Schema: "GJJ", Rights: []string{"GRANT CONNECT TO RO", "GRANT CREATE SESSION TO RO", "GRANT SELECT ON GJJ.V_A TO RO"}}, OK, "SELECT GJJ.V_A", nil},
		"oracle, too much": {"oracle", sqlview.Server{Account: "RO", Schema: "RO", Rights: []string{"GRANT SELECT ANY TABLE TO RO", "GRANT CREATE TABLE TO RO", "GRANT RESOURCE TO RO", "GRANT DELETE ON GJJ.BJ TO RO WITH GRANT OPTION"}}, Fail,
			"CREATE TABLE; DELETE ON GJJ.BJ; GRANT OPTION ON GJJ.BJ; SELECT ANY TABLE; ROLE RESOURCE",
			[]string{`GRANT SELECT ON "GJJ"."V_A" TO RO;`, "REVOKE SELECT ANY TABLE FROM RO;", "REVOKE CREATE TABLE FROM RO;", "REVOKE RESOURCE FROM RO;", "REVOKE DELETE ON GJJ.BJ FROM RO;", "REVOKE GRANT OPTION ON GJJ.BJ FROM RO;"}},
		"sql server, the view alone": {"sqlserver", sqlview.Server{Account: "[ro]", Schema: "dbo", Rights: []string{"GRANT CONNECT ON *.* TO [ro]", "GRANT SELECT ON [gjj].[v_a] TO [ro]"}}, OK, "SELECT gjj.v_a", nil},
		"sql server, a role": {"sqlserver", sqlview.Server{Account: "[ro]", Schema: "dbo", Rights: []string{"GRANT [db_datareader] TO [ro]"}}, Warn, "ROLE [db_datareader]",
			[]string{"GRANT SELECT ON [gjj].[v_a] TO [ro];", "ALTER ROLE [db_datareader] DROP MEMBER [ro];"}},
		"postgres, writing": {"postgres", sqlview.Server{Account: "ro", Schema: "public", Rights: []string{"GRANT INSERT, SELECT ON public.bj TO ro"}}, Fail, "INSERT ON public.bj; SELECT ON public.bj",
			[]string{`GRANT SELECT ON "gjj"."v_a" TO ro;`, "REVOKE INSERT, SELECT ON public.bj FROM ro;"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &Report{About: "gjj"}
			r.rights(dialect(t, c.dialect), &c.server, []string{"gjj.v_a"}, false)
			if l := r.Lines[0]; l.Verdict != c.verdict || !strings.Contains(l.What.EN, c.what) || !slices.Equal(l.SQL, c.sql) {
				t.Errorf("%s: %s\n%s", l.Verdict, l.What.EN, strings.Join(l.SQL, "\n"))
			}
		})
	}
}

func TestATableOfFlagsMayBeWritten(t *testing.T) {
	for grant, want := range map[string]Verdict{"GRANT SELECT, UPDATE (`tqbz`) ON `gjj`.`tq` TO `r`@`%`": OK, "GRANT SELECT ON `gjj`.`tq` TO `r`@`%`": Warn} {
		r := &Report{}
		r.rights(dialect(t, "mysql"), &sqlview.Server{Rights: []string{"GRANT SELECT ON `gjj`.`v` TO `r`@`%`", grant}, Account: "r@%", Schema: "gjj"}, []string{"v"}, false, "tq")
		if len(r.Lines) != 2 || r.Lines[0].Verdict != OK || r.Lines[1].Verdict != want || (want == Warn) != (len(r.Lines[1].SQL) == 1) {
			t.Errorf("%s: %+v", grant, r.Lines)
		}
	}
}

func TestAServerWithoutRightsIsNotJudged(t *testing.T) {
	r := &Report{}
	r.rights(dialect(t, "sqlite"), &sqlview.Server{}, []string{"v"}, false)
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
