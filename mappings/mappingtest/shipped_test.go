package mappingtest_test

import (
	"slices"
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/mappings/mappingtest"
	"banjian/schemas"
)

// tested are the shipped mappings that must have tests, and how many of their places the
// tests may leave out: remarks of a thousand characters, an entry where lets no row reach.
var tested = map[string]int{
	"provident-fund/accept": 1, "provident-fund/step": 2, "provident-fund/material": 1, "provident-fund/result": 1,
	"national-2020/accept": 0, "national-2020/process": 0, "national-2020/material": 0, "national-2020/result": 0,
	"national-2020/lic_data": 0, "national-2020/task_check_basic": 0, "national-2020/task_check_questions": 0, "national-2020/task_directory": 0,
	"national-2020/task_general_basic": 0, "national-2020/task_general_extend": 0, "national-2020/task_general_fee_project": 0,
	"national-2020/task_general_material": 0, "national-2020/task_general_questions": 0, "national-2020/task_handle_basic": 0,
	"national-2020/task_handle_material": 0, "national-2020/task_handle_questions": 0, "national-2020/task_public_basic": 0,
	"national-2020/task_public_extend": 0, "national-2020/task_public_fee_project": 0, "national-2020/task_public_material": 0,
	"national-2020/task_public_questions": 0, "national-2020/task_punish_basic": 0, "national-2020/task_punish_questions": 0,
	"national-2020/zone_organization": 0,
	"national-2020/uc_province_user":  0, "national-2020/uc_corporator_identity": 0, "national-2020/uc_corporator_account": 0, "national-2020/uc_info_enterprise": 0,
	"national-2020/uc_info_association": 0, "national-2020/uc_info_central_dept": 0, "national-2020/uc_gov_org": 0, "national-2020/uc_gov_region": 0, "national-2020/uc_gov_staff": 0,
	"national-2020/special_procedure": 0, "national-2020/correction": 0, "national-2020/special_planned": 0, "national-2020/process_pending": 0,
	"national-down/task_check_basic": 0, "national-down/task_check_questions": 0, "national-down/task_directory": 0, "national-down/task_general_basic": 0,
	"national-down/task_general_extend": 0, "national-down/task_general_fee_project": 0, "national-down/task_general_material": 0, "national-down/task_general_questions": 0,
	"national-down/task_handle_basic": 0, "national-down/task_handle_material": 0, "national-down/task_handle_questions": 0, "national-down/task_public_basic": 0,
	"national-down/task_public_extend": 0, "national-down/task_public_fee_project": 0, "national-down/task_public_material": 0, "national-down/task_public_questions": 0,
	"national-down/task_punish_basic": 0, "national-down/task_punish_questions": 0,
}

func TestShippedMappingsDoWhatTheirTestsSay(t *testing.T) {
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	files := shippedTests(t)
	var seen []string
	for _, file := range files {
		t.Run(file.Path, func(t *testing.T) {
			f, err := mappingtest.Parse(file.Path, file.Data)
			if err != nil {
				t.Fatal(err, fault.HintOf(err))
			}
			seen = append(seen, f.Mapping)
			r, err := f.Run(shipped(t, cat, f.Mapping), checked(t))
			if err != nil {
				t.Fatal(err, fault.HintOf(err))
			}
			for _, c := range r.Cases {
				for _, d := range c.Differences {
					t.Errorf("%s: %s: %s %s", d.At, c.Name, d.Field, d.What.In(text.EN))
				}
			}
			if most, ours := tested[f.Mapping]; ours && len(r.Cover.Missing()) > most {
				t.Errorf("%d places are not reached, %d at most: %v", len(r.Cover.Missing()), most, r.Cover.Missing())
			}
		})
	}
	for name := range tested {
		if !slices.Contains(seen, name) {
			t.Errorf("%s has no test", name)
		}
	}
}

// shippedTests leaves out what fills the messages of a platform: these are known to its
// connector, and the command line's tests run them.
func shippedTests(t *testing.T) []mappings.TestFile {
	t.Helper()
	all, err := mappings.Tests()
	if err != nil || len(all) == 0 {
		t.Fatal("no tests are shipped", err)
	}
	return slices.DeleteFunc(all, func(f mappings.TestFile) bool {
		data, _, err := mappings.Load(strings.TrimPrefix(strings.TrimSuffix(f.Path, mappings.TestSuffix), "mappings/catalog/"))
		return err == nil && strings.Contains(string(data), "platform/")
	})
}

func shipped(t *testing.T, cat *schemas.Catalog, name string) *mappings.Mapping {
	t.Helper()
	data, path, err := mappings.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return compile(t, cat, path, string(data))
}

func compile(t testing.TB, cat *schemas.Catalog, path, source string) *mappings.Mapping {
	t.Helper()
	f, err := mappings.Parse(path, []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	m, err := mappings.Compile(f, cat, nil)
	if err != nil {
		t.Fatal(err, fault.HintOf(err))
	}
	return m
}

// An update of a test that passes changes no byte, whatever is written around it.
func TestUpdatingATestThatPassesLeavesItAsItIs(t *testing.T) {
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	files := shippedTests(t)
	for _, file := range files {
		f, err := mappingtest.Parse(file.Path, file.Data)
		if err != nil {
			t.Fatal(err)
		}
		data, changed, err := f.Update(shipped(t, cat, f.Mapping), checked(t))
		if err != nil || len(changed) > 0 || string(data) != string(file.Data) {
			t.Errorf("%s: %v changed, %v", file.Path, changed, err)
		}
	}
}

// Without their expectations the shipped tests fill themselves so that they pass.
func TestUpdatingATestWithoutExpectationsFillsIt(t *testing.T) {
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	files := shippedTests(t)
	for _, file := range files {
		var bare []string
		skip := false
		for line := range strings.Lines(string(file.Data)) {
			if strings.HasPrefix(line, "    ") && !strings.HasPrefix(line, "     ") {
				key, _, _ := strings.Cut(strings.TrimSpace(line), ":")
				skip = slices.Contains([]string{"expect", "rejects", "holds", "blanks", "warns", "not_applicable", "filtered"}, key)
			} else if !strings.HasPrefix(line, "     ") {
				skip = false
			}
			if !skip {
				bare = append(bare, line)
			}
		}
		f, err := mappingtest.Parse(file.Path, []byte(strings.Join(bare, "")))
		if err != nil {
			t.Fatal(err)
		}
		m := shipped(t, cat, f.Mapping)
		if _, changed, err := f.Update(m, checked(t)); err != nil || len(changed) == 0 {
			t.Errorf("%s: %v changed, %v", file.Path, changed, err)
		}
	}
}
