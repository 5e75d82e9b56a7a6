package mappings

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatAReceiverMustHaveAndADepartmentDoesNotFillIsNamed(t *testing.T) {
	for _, c := range []struct {
		name, subject string
		filled, want  []string
	}{
		{"national-2020/accept", "case/accept", nil, []string{"catalog_code", "project_no", "task_code"}},
		{"national-2020/accept", "case/accept", []string{"case_no", "catalog_code"}, []string{"task_code"}},
		{"national-2020/material", "case/material", []string{"local_no"}, []string{"material_name"}}, // the number is the case's
	} {
		alloc, cat := checked(t), catalog(t)
		data, file, err := Load(c.name)
		if err != nil {
			t.Fatal(err)
		}
		from, _ := cat.Subject(c.subject)
		m, err := Read(file, data, cat, from)
		if err != nil {
			t.Fatal(err)
		}
		list, err := m.Unfed(c.filled, alloc)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range list {
			names = append(names, f.Field.Name)
		}
		for _, want := range c.want {
			if !slices.Contains(names, want) {
				t.Errorf("%s fed with %v: %s is not among %v", c.name, c.filled, want, names)
			}
		}
		for _, fed := range append([]string{"row_guid", "data_source"}, c.filled...) {
			if slices.Contains(names, fed) || fed == "case_no" && slices.Contains(names, "project_no") {
				t.Errorf("%s fed with %v: %s is among %v", c.name, c.filled, fed, names)
			}
		}
		t.Log(c.name, names)
	}
}

func TestWhatAReceiverMustHaveIsNamedThoughItTakesNoRecordWithoutIt(t *testing.T) {
	alloc, cat := checked(t), catalog(t)
	data, file, err := Load("national-2020/accept")
	if err != nil {
		t.Fatal(err)
	}
	const rule = "  - {id: no_case_no, when: \"case_no == null\", then: not_applicable, say: 不报}\n"
	text, had := string(data), strings.Contains(string(data), "\nrules:\n")
	if had {
		text += rule
	} else {
		text += "rules:\n" + rule
	}
	from, _ := cat.Subject("case/accept")
	m, err := Read(file, []byte(text), cat, from)
	if err != nil {
		t.Fatal(err)
	}
	list, err := m.Unfed([]string{"case_no"}, alloc)
	if err != nil || !slices.ContainsFunc(list, func(f FieldDescription) bool { return f.Field.Name == "task_code" }) {
		t.Errorf("got %v, %v", list, err)
	}
}
