package schemas_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas"
)

// delivery is what the sink adds to a row; a table without row_guid has its own key.
var delivery = []string{"row_guid", "cd_operation", "cd_time", "cd_batch", "data_source"}

func TestDeliveryColumnsAreNoFieldsOfTheSubject(t *testing.T) {
	for _, table := range load(t).Tables() {
		if table.Use == schemas.UseInbox {
			if len(table.Columns) != len(table.Subject.Fields)+4 || table.Subject.ReadOnly || table.Receiver != nil || table.Subject.Field("record_version") != nil {
				t.Errorf("%s: %d columns, %d fields", table.Name, len(table.Columns), len(table.Subject.Fields))
			}
			continue
		}
		if table.Use == schemas.UsePassOn {
			if len(table.Columns) != len(table.Subject.Fields)+1 || table.Subject.ReadOnly || table.Receiver != nil || table.Subject.Field("row_guid") != nil {
				t.Errorf("%s: %d columns, %d fields", table.Name, len(table.Columns), len(table.Subject.Fields))
			}
			continue
		}
		if table.Use != schemas.UseWrite {
			if len(table.Columns) != len(table.Subject.Fields) || !table.Subject.ReadOnly || table.Receiver != nil {
				t.Errorf("%s is not written, yet something of it is kept from its subject", table.Name)
			}
			continue
		}
		added := 0
		for _, name := range delivery {
			c := table.Column(name)
			if c == nil && name == "row_guid" && !slices.Contains(table.Key, name) {
				continue
			}
			if added++; c == nil || !c.Delivery || !c.NotNull {
				t.Errorf("%s.%s is not a delivery column", table.Name, name)
			}
			if table.Subject.Field(name) != nil {
				t.Errorf("%s.%s is mapped", table.Name, name)
			}
		}
		if len(table.Columns) != len(table.Subject.Fields)+added || table.Subject.ReadOnly || len(table.Receiver) != 4 {
			t.Errorf("%s: %d columns, %d fields", table.Name, len(table.Columns), len(table.Subject.Fields))
		}
	}
}

// The exchange has tables we fill and tables that come down; a standard's data items and
// a province's evaluations stand beside them, and three that departments are given what
// came in by.
func TestTheExchangeHasItsSixtyFourTables(t *testing.T) {
	groups, uses := map[string]int{}, map[schemas.Use]int{}
	tables := load(t).Tables()
	for _, table := range tables {
		groups[table.Group]++
		uses[table.Use]++
		if down := strings.HasPrefix(table.Name, "dn_"); down != (table.Use == schemas.UseRead || table.Use == schemas.UsePassOn) || strings.HasPrefix(table.Name, "up_") != (table.Use == schemas.UseWrite) {
			t.Errorf("%s is used to %s", table.Name, table.Use)
		}
		if table.Title.ZH == "" || table.Title.EN == "" || table.Version == "" || table.Key == nil && table.Use != schemas.UseReference {
			t.Errorf("%s lacks title, version or key", table.Name)
		}
	}
	if len(tables) != 67 || groups["inbox"] != 3 || uses[schemas.UseInbox] != 3 || groups["case"] != 9 || groups["item"] != 19 || groups["licence"] != 1 || groups["user"] != 9 || groups["feedback"] != 26 ||
		uses[schemas.UseWrite] != 34 || uses[schemas.UseRead] != 21 || uses[schemas.UsePassOn] != 2 || uses[schemas.UseReference] != 7 {
		t.Errorf("%d tables: %v, %v", len(tables), groups, uses)
	}
}

func TestATableKnowsItsSpellings(t *testing.T) {
	cat := load(t)
	for name, want := range map[string]struct{ layout, column, spelled string }{
		"up_pro_accept":             {"2018", "project_no", "ProjectNo"},
		"up_pro_result":             {"2018", "cd_time", "Cd_time"},
		"up_task_directory":         {"2020", "by_law", "by_law"},
		"dn_task_general_basic":     {"2018", "catalog_code", "CatalogCode"},
		"up_uc_gov_staff":           {"2020", "cert_key", "cert_key"},
		"province_evainstance_ck":   {"provincial", "assess_number", "Assessnumber"},
		"up_pro_special_procedure":  {"2018", "special_time", "SpecialTime"},
		"up_task_public_extend":     {"2018", "user_character_topic_type", "UserCharacterTopicType"},
		"up_lic_data":               {"2018", "certificate_source_id", "CertificateSourceId"},
		"dn_task_public_questions":  {"2018", "task_guid", "TaskGuid"},
		"up_zone_organization":      {"2018", "org_short_name", "OrgShortName"},
		"dn_audit_abnormal":         {"2018", "table_cd_batch", "TableCdBatch"},
		"up_task_handle_basic":      {"2018", "is_permit_reduce", "IsPermitReduce"},
		"up_task_punish_basic":      {"2018", "punishment_method", "PunishmentMethod"},
		"up_task_check_basic":       {"2018", "power_source", "PowerSource"},
		"up_uc_corporator_identity": {"2020", "certificate_key", "certificate_key"},
	} {
		table, ok := cat.Table(name)
		if !ok {
			t.Fatalf("no table %s", name)
		}
		if got := table.Names(want.layout)[want.column]; got != want.spelled {
			t.Errorf("%s.%s is spelled %q in the layout of %s", name, want.column, got, want.layout)
		}
	}
	special, _ := cat.Table("up_pro_special_procedure")
	if special.Name2018 != "up_pro_specialprocedure" {
		t.Errorf("in 2018 it is %s", special.Name2018)
	}
	users, _ := cat.Table("up_uc_province_user")
	if users.Names("2018") != nil || users.In("2018") || !users.In("2020") {
		t.Error("the user tables' spelling of 2018 is not known")
	}
}

func TestATableMayBeLikeAnother(t *testing.T) {
	cat := load(t)
	up, _ := cat.Table("up_task_public_extend")
	down, _ := cat.Table("dn_task_public_extend")
	if len(up.Columns) != len(down.Columns) || up.Column("result_type").Width != 2 || down.Column("result_type").Width != 30 {
		t.Errorf("%d and %d columns", len(up.Columns), len(down.Columns))
	}
	for i := range up.Columns {
		if up.Columns[i].Name != down.Columns[i].Name {
			t.Errorf("column %d is %s", i, down.Columns[i].Name)
		}
	}
}

// English titles are words, not spellings of Chinese ones.
func TestEveryColumnHasATitleInBothLanguages(t *testing.T) {
	for _, table := range load(t).Tables() {
		seen := map[string]string{}
		for _, c := range table.Columns {
			if !strings.ContainsFunc(c.Title.ZH, func(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF }) || strings.ContainsAny(c.Title.EN, "_") {
				t.Errorf("%s.%s is called %v", table.Name, c.Name, c.Title)
			}
			if other, twice := seen[c.Title.EN]; twice {
				t.Errorf("%s: %s and %s are both called %q", table.Name, other, c.Name, c.Title.EN)
			}
			seen[c.Title.EN] = c.Name
		}
	}
}

func TestTwoFilesCannotHoldOneTable(t *testing.T) {
	table := "table: up_pro_accept\ntitle: {zh: 受理, en: acceptance}\nversion: \"1\"\ncolumns:\n  - {name: project_no, name_2018: ProjectNo, type: varchar(5), zh: 编号, en: number}\n"
	cat, err := schemas.Load(fstest.MapFS{"tables/own/up_pro_accept.yaml": {Data: []byte(table)}})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := cat.Table("up_pro_accept"); len(got.Columns) != 1 || got.Group != "own" || len(cat.TableNames()) != 67 {
		t.Error("the site's table does not take the place of the shipped one")
	}
	_, err = schemas.Load(fstest.MapFS{"tables/own/t.yaml": {Data: []byte("table: t\n")}, "tables/t.yaml": {Data: []byte("table: t\n")}})
	if !fault.Is(err, fault.Config) || !strings.Contains(fault.Say(err, text.EN), "tables/own/t.yaml") {
		t.Errorf("%v", err)
	}
}

func TestEveryCodeOfAListIsChecked(t *testing.T) {
	good := row{"task_name": "事项", "catalog_code": "442111662003", "task_type": "05", "by_law": "条例", "task_version": 1, "task_state": "1"}
	got := check(t, "national/up_task_directory", []row{
		with(good, row{"use_level": "2,3,4"}), with(good, row{"use_level": "2,8"}), with(good, row{"use_level": "1,2,3,4,5,6,7"}), with(good, row{"use_level": "2;3"}),
	})
	want := "1 use_level bad_code reject national/use_level,8; 2 use_level too_long reject 11,13; 3 use_level bad_code reject national/use_level,2;3"
	if strings.Join(got, "; ") != want {
		t.Errorf("got %q", strings.Join(got, "; "))
	}
}
