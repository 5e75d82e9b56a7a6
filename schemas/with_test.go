package schemas_test

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas"
)

func message() (*schemas.Subject, *schemas.CodeSet) {
	set := &schemas.CodeSet{Name: "p/state", Title: text.T("状态", "state"), Codes: []schemas.CodeValue{{Code: "0", Title: text.T("否", "no")}, {Code: "1", Title: text.T("是", "yes")}}}
	s := &schemas.Subject{Name: "platform/p/accept", Fields: []schemas.Field{
		{Name: "NO", Type: schemas.Text, Width: 5, Required: true},
		{Name: "BLOCK_STATE", Type: schemas.Code, CodeSet: "p/state"},
		{Name: "BLOCK_WHY", Type: schemas.Text, RequiredWhen: "BLOCK_STATE in ['0']"},
	}}
	return s, set
}

func TestCatalogWithMoreKnowsTheOldAndTheNew(t *testing.T) {
	s, set := message()
	base := load(t)
	cat, err := base.With([]*schemas.Subject{s}, []*schemas.CodeSet{set})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"platform/p/accept", "case/accept"} {
		if _, ok := cat.Subject(name); !ok {
			t.Errorf("no subject %s", name)
		}
	}
	got, ok := cat.CodeSet("p/state")
	if !ok || !got.Has("1") || got.Has("2") || got.Digest() == "" {
		t.Errorf("the code set is %+v", got)
	}
	if _, ok := cat.Table("up_pro_accept"); !ok {
		t.Error("the tables are gone")
	}
	if _, ok := base.Subject("platform/p/accept"); ok {
		t.Error("the old catalog changed")
	}
	if set.Has("1") {
		t.Error("the given set changed")
	}
}

func TestConditionsOverUpperCaseFieldsAreChecked(t *testing.T) {
	s, set := message()
	cat, err := load(t).With([]*schemas.Subject{s}, []*schemas.CodeSet{set})
	if err != nil {
		t.Fatal(err)
	}
	k, err := schemas.NewChecker(s, cat)
	if err != nil {
		t.Fatal(err)
	}
	alloc := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer alloc.AssertSize(t, 0)
	b := array.NewRecordBuilder(alloc, s.Arrow())
	defer b.Release()
	for _, state := range []string{"0", "1"} {
		b.Field(0).(*array.StringBuilder).Append("1")
		b.Field(1).(*array.StringBuilder).Append(state)
		b.Field(2).AppendNull()
	}
	rec := b.NewRecord()
	defer rec.Release()
	issues := k.Check(rec)
	if len(issues) != 1 || issues[0].Row != 0 || issues[0].Field != "BLOCK_WHY" || issues[0].Rule != "required" {
		t.Errorf("%+v", issues)
	}
}

func TestCatalogIsNotExtendedByWhatDoesNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*schemas.Subject, *schemas.CodeSet)
		says  string
	}{
		"subject there":     {func(s *schemas.Subject, _ *schemas.CodeSet) { s.Name = "case/accept" }, "there is a case/accept already"},
		"set there":         {func(_ *schemas.Subject, c *schemas.CodeSet) { c.Name = "result" }, "there is a result already"},
		"field twice":       {func(s *schemas.Subject, _ *schemas.CodeSet) { s.Fields[2].Name = "NO" }, "field NO is listed twice"},
		"code twice":        {func(_ *schemas.Subject, c *schemas.CodeSet) { c.Codes[1].Code = "0" }, "code 0 is listed twice"},
		"no codes":          {func(_ *schemas.Subject, c *schemas.CodeSet) { c.Codes = nil }, "empty"},
		"unknown set":       {func(s *schemas.Subject, _ *schemas.CodeSet) { s.Fields[1].CodeSet = "p/nothing" }, "no code set p/nothing"},
		"unknown condition": {func(s *schemas.Subject, _ *schemas.CodeSet) { s.Fields[2].RequiredWhen = "STATE in ['0']" }, "STATE"},
	} {
		s, set := message()
		c.spoil(s, set)
		_, err := load(t).With([]*schemas.Subject{s}, []*schemas.CodeSet{set})
		if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
