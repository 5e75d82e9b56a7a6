package schemas_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/testdb"
	"banjian/schemas"
)

// ddlGoldens are tables that differ in kind: a case table, one without row_guid, one
// with codes in a list, one that comes down, a standard's data items, one with a
// spelling of its own.
var ddlGoldens = []string{
	"up_pro_accept", "up_pro_process", "up_lic_data", "up_task_directory", "dn_audit_abnormal", "gbt39046_apply", "province_evainstance_ck",
}

func TestDDLIsAsReviewed(t *testing.T) {
	cat := load(t)
	for _, name := range ddlGoldens {
		table, _ := cat.Table(name)
		for _, dialect := range schemas.DDLDialects {
			got, err := table.DDL(dialect)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", "ddl", table.Name+"."+dialect+".sql")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || got != string(want) {
				t.Errorf("%s differs (%v)", golden, err)
			}
		}
	}
}

// everyDDL is the statements of every table in every layout it is known in.
func everyDDL(t *testing.T, dialect string, each func(table *schemas.Table, layout, ddl string)) {
	t.Helper()
	for _, table := range load(t).Tables() {
		layouts := table.Layouts
		if len(layouts) == 0 {
			layouts = []string{""}
		}
		for _, layout := range layouts {
			ddl, err := table.DDLOf(dialect, layout)
			if err != nil {
				t.Fatalf("%s: %v", table.Name, err)
			}
			each(table, layout, ddl)
		}
	}
}

func TestSQLiteTakesTheDDLOfEveryTable(t *testing.T) {
	for _, layout := range []string{"2018", "2020"} {
		db, err := sqldialect.Config{Kind: "sqlite", Path: filepath.Join(t.TempDir(), "d.db")}.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), "PRAGMA synchronous = OFF"); err != nil {
			t.Fatal(err)
		}
		everyDDL(t, schemas.SQLite, func(table *schemas.Table, l, ddl string) {
			if l != layout && (layout == "2018" || l == "2018") {
				return
			}
			for _, statement := range strings.Split(strings.TrimSuffix(ddl, ";\n"), ";\n") {
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Errorf("%s in %s: %v", table.Name, l, err)
				}
			}
		})
	}
}

func TestMariaDBTakesTheDDLOfEveryTable(t *testing.T) {
	server := testdb.MySQL(t)
	for _, layout := range []string{"2018", "2020"} {
		name := server.CreateDatabase(t)
		everyDDL(t, schemas.MySQL, func(table *schemas.Table, l, ddl string) {
			if l == layout || layout == "2020" && l != "2018" {
				server.Exec(t, name, strings.TrimSuffix(ddl, ";\n"))
			}
		})
	}
}

// No server of these is at hand: what they are strict about is looked for.
func TestDDLKeepsToTheLimitsOfOracle(t *testing.T) {
	words := regexp.MustCompile(`(?m)^(?:CREATE (?:TABLE|INDEX|UNIQUE INDEX)|  )? *([A-Za-z_0-9]+)`)
	reserved := map[string]bool{}
	for _, w := range strings.Fields("access add all alter and any as asc audit between by char check cluster column comment compress connect create current date decimal default delete desc distinct drop else exclusive exists file float for from grant group having identified immediate in increment index initial insert integer intersect into is level like lock long maxextents minus mlslabel mode modify noaudit nocompress not nowait null number of offline on online option or order pctfree prior public raw rename resource row rowid rownum rows select session set share size smallint start successful synonym sysdate table then to trigger uid union unique update user validate values varchar varchar2 view whenever where with") {
		reserved[w] = true
	}
	everyDDL(t, schemas.Oracle, func(table *schemas.Table, _, ddl string) {
		indexes := map[string]bool{}
		for _, line := range strings.Split(ddl, "\n") {
			m := words.FindStringSubmatch(line)
			if m == nil || strings.HasPrefix(line, "COMMENT ON") {
				continue
			}
			if len(m[1]) > 30 || reserved[strings.ToLower(m[1])] {
				t.Errorf("%s: %s cannot be a name", table.Name, m[1])
			}
			if strings.HasPrefix(line, "CREATE ") && indexes[m[1]] {
				t.Errorf("%s: two indexes %s", table.Name, m[1])
			}
			indexes[m[1]] = true
		}
		if strings.Count(ddl, "COMMENT ON COLUMN") < len(table.Columns) {
			t.Errorf("%s has columns without a comment", table.Name)
		}
	})
}

func TestDDLOfWhatIsNotKnownIsRefused(t *testing.T) {
	users, _ := load(t).Table("up_uc_gov_org")
	if _, err := users.DDL("db2"); !fault.Is(err, fault.Config) {
		t.Errorf("unknown dialect: %v", err)
	}
	if _, err := users.DDLOf(schemas.MySQL, "2018"); !fault.Is(err, fault.Config) {
		t.Errorf("unknown layout: %v", err)
	}
}
