package schemas

import (
	"slices"
	"testing"
)

func TestConditionsInTheirThreeForms(t *testing.T) {
	s := &Subject{Fields: []Field{{Name: "state", Type: Code}, {Name: "note", Type: Text}, {Name: "n", Type: Int}, {Name: "BLOCK_A1", Type: Text}}}
	for text, want := range map[string]*condition{
		"state == 'done'":            {field: "state", values: []string{"done"}},
		" note!='' ":                 {field: "note", negate: true, values: []string{""}},
		"state in ['a','b' , 'c,d']": nil, // a comma within a value is not understood
		"state in ['a', 'b']":        {field: "state", values: []string{"a", "b"}},
		"BLOCK_A1 == 'x'":            {field: "BLOCK_A1", values: []string{"x"}},
		"BLOCK_A1 in ['x']":          {field: "BLOCK_A1", values: []string{"x"}},
		"block_a1 == 'x'":            nil,
		"state in []":                nil,
		"state in ['a',]":            nil,
		"n == '1'":                   nil,
		"other == 'x'":               nil,
		"state == \"done\"":          nil,
		"state == done":              nil,
		"state == 'a' && n > 1":      nil,
		"!(state == 'a')":            nil,
		"state = 'a'":                nil,
		"state == 'it''s'":           nil,
		"":                           nil,
	} {
		got, err := parseCondition(text, s)
		if (err == nil) != (want != nil) {
			t.Errorf("%q: %+v, %v", text, got, err)
			continue
		}
		if want != nil && (got.field != want.field || got.negate != want.negate || !slices.Equal(got.values, want.values)) {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestTypesInTheirShortForm(t *testing.T) {
	for text, want := range map[string]Field{
		"text":             {Type: Text},
		"text(100)":        {Type: Text, Width: 100},
		"code:result":      {Type: Code, CodeSet: "result"},
		"code:region(12)":  {Type: Code, CodeSet: "region", Width: 12},
		"dec(16,2)":        {Type: Decimal, Width: 16, Scale: 2},
		"dec(16, 0)":       {Type: Decimal, Width: 16},
		"ts":               {Type: Time},
		"list":             {Type: List},
		"code:national/a1": {Type: Code, CodeSet: "national/a1"},
	} {
		var got Field
		if !parseType(text, &got) || got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
	for _, text := range []string{"", "code:", "text(0)", "text(-1)", "text(a)", "text(1,2)", "text(1", "dec", "dec(2,2)", "dec(2)", "ts(3)", "varchar(2)"} {
		if parseType(text, new(Field)) {
			t.Errorf("%s is taken for a type", text)
		}
	}
}
