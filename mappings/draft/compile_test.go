package draft_test

import (
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/mappings/draft"
)

// compile reads a draft as the product does.
func compile(t *testing.T, f draft.Files) error {
	t.Helper()
	_, cat := drafter(t)
	file, err := mappings.Parse(f.Name+".yaml", []byte(f.Mapping))
	if err != nil {
		return err
	}
	_, err = mappings.Compile(file, cat, nil)
	return err
}

func TestADraftCompilesUnlessSomethingIsMissing(t *testing.T) {
	d, cat := drafter(t)
	for name, v := range views {
		f := d.Draft(v, name, d.Kinds(v)...)
		err := compile(t, f)
		if len(f.Missing) == 0 && err != nil {
			t.Errorf("%s: %s", name, fault.Say(err, text.EN))
		}
		if len(f.Missing) > 0 && (err == nil || !strings.Contains(err.Error(), f.Missing[0].Field.Name)) {
			t.Errorf("%s lacks %s: %v", name, f.Missing[0].Field.Name, err)
		}
		for _, s := range cat.Subjects() { // whatever it is taken for, the file can be read
			if !strings.HasPrefix(s.Name, "case/") {
				continue
			}
			f := d.Draft(v, name, s)
			if err := compile(t, f); err != nil && (len(f.Missing) == 0 || !strings.Contains(err.Error(), "is not mapped")) {
				t.Errorf("%s as %s: %s", name, s.Name, fault.Say(err, text.EN))
			}
		}
	}
}

func TestHostileNamesCommentsAndValuesBreakNothing(t *testing.T) {
	d, cat := drafter(t)
	s, _ := cat.Subject("case/accept")
	v := view("v", "slbh varchar", "null varchar", "slsj datetime")
	v.Comment = "受理\nmapping: other"
	v.Columns = append(v.Columns,
		draft.Column{Name: "a b\n  evil: x", Kind: sqldialect.Text, Comment: "申请人姓名"},
		draft.Column{Name: "no", Kind: sqldialect.Text, Comment: "受理人\nrules: []"},
		draft.Column{Name: "sqrlx", Kind: sqldialect.Text, Comment: "申请人类型", Values: []string{"个人", "x\": y\n#", "'", "- a", "{}"}},
		draft.Column{Name: "yes", Kind: sqldialect.Text, Comment: "事项名称", Values: []string{string([]byte{0xff, 0xfe})}})
	f := d.Draft(v, "x", s)
	err := compile(t, f)
	if err == nil || !strings.Contains(err.Error(), "is not mapped") {
		t.Errorf("%v\n%s", err, f.Mapping)
	}
	file, err := mappings.Parse("x.yaml", []byte(f.Mapping))
	if err != nil || file.Name != "x" || strings.Contains(f.Mapping, "\n  evil") {
		t.Errorf("%v\n%s", err, f.Mapping)
	}
}
