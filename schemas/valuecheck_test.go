package schemas

import "testing"

func TestDocumentsAreCheckedByTheirKind(t *testing.T) {
	for code, name := range documentChecks {
		if _, ok := ValueCheck(name); !ok {
			t.Errorf("%s names the check %s, which does not exist", code, name)
		}
	}
	if documentChecks["111"] != "resident_id" {
		t.Errorf("111 is checked by %s", documentChecks["111"])
	}
}
