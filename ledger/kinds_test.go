package ledger

import (
	"fmt"
	"testing"
)

func TestRejectsAreCountedByRuleAndFieldsTheMostFirst(t *testing.T) {
	of := func(key, rule, field string, args ...string) Reject {
		return Reject{Pipeline: "p", Key: []byte(key), Rule: rule, Field: field, Args: args}
	}
	var k Kinds
	k.Add(of("a", "bad_time", "accepted_at"), of("b", "bad_code", "region", "999"), of("c", "bad_code", "region", "888"), of("d", "bad_code", "channel"))
	k.Add(Together([]Reject{of("e", "required", "x"), of("e", "required", "y"), of("f", "required", "x")})...)
	var got []string
	for _, one := range k.List() {
		got = append(got, fmt.Sprintf("%d %s %s%v %s %t", one.Count, one.First.Rule, one.First.Field, one.First.Also, one.First.Key, one.Args))
	}
	want := "[2 bad_code region[] b false 1 bad_time accepted_at[] a true 1 bad_code channel[] d true 1 required x[y] e true 1 required x[] f true]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
}
