package draft_test

import (
	"strings"
	"testing"
)

func TestAColumnThatAnExpressionCannotNameIsInNone(t *testing.T) {
	d, cat := drafter(t)
	s, _ := cat.Subject("case/step")
	for column, want := range map[string]bool{"jssj datetime": true, "结束时间 datetime": false} {
		f := d.Draft(view("v", "slbh varchar", column), "x", s)
		if got := strings.Contains(f.Mapping, "expr:"); got != want {
			t.Errorf("%s: an expression: %v, want %v\n%s", column, got, want, f.Mapping)
		}
		if err := compile(t, f); err == nil || !strings.Contains(err.Error(), "is not mapped") {
			t.Errorf("%s: %v", column, err)
		}
	}
}
