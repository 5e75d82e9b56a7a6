package mappingtest_test

import (
	"testing"

	"banjian/internal/fault"
	"banjian/mappings/mappingtest"
	"banjian/schemas"
)

// A test file is read or refused with a reason, whatever it holds; one that fits the
// mapping can be updated so that it passes, or is left as it is.
func FuzzATestFileIsReadOrRefused(f *testing.F) {
	for _, seed := range []string{
		base + "  - {name: a, expect: {local_no: A1, attach_name: [a, b]}}\n",
		base + "  - name: a # x\n    source: {fs: 'x'}\n    expect:\n      get_num:\n    blanks: [{field: get_num, rule: bad_int}]\n",
		base + "  - name: a\n    rejects:\n      - required\n  - {name: b, filtered: true}",
		"mapping: my/material\ncases: [{name: \"a\\n\"}]",
		"mapping: [",
	} {
		f.Add(seed)
	}
	cat, err := schemas.Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data string) {
		file, err := mappingtest.Parse("my/material_test.yaml", []byte(data))
		if err != nil {
			if !fault.Is(err, fault.Config) {
				t.Fatalf("%v of %q", err, data)
			}
			return
		}
		if file.Mapping != "my/material" {
			return
		}
		m := compile(t, cat, "my.yaml", one)
		if _, err := file.Run(m, checked(t)); err != nil {
			return
		}
		if _, _, err := file.Update(m, checked(t)); err != nil && !fault.Is(err, fault.Bug) {
			t.Fatalf("%v of %q", err, data)
		}
	})
}
