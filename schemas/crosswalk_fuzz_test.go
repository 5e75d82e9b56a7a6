package schemas_test

import (
	"testing"
	"testing/fstest"

	"banjian/internal/fault"
	"banjian/schemas"
)

func FuzzCrosswalk(f *testing.F) {
	for _, s := range []string{
		"local\ttask_code\nA1\tX\n", "# version: 1\nlocal\tt\tvalid_from\tvalid_to\nA\tX\t2020-01-01\t\nA\tY\t\t2019-12-31\n",
		"", "\ufefflocal\tt\r\n\r\n", "a\tb\nA\n", "a\tvalid_to\nA\t2026-13-01\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cat, err := schemas.Load(fstest.MapFS{"crosswalks/x.tsv": {Data: []byte(s)}})
		if err != nil {
			if !fault.Is(err, fault.Config) {
				t.Fatal(err)
			}
			return
		}
		x, _ := cat.Crosswalk("x")
		for _, local := range x.Locals() {
			if _, ok := x.Lookup(local); !ok {
				t.Fatalf("%q is lost", local)
			}
			if _, _, known := x.LookupAt(local, 20000); !known {
				t.Fatalf("%q is not known", local)
			}
		}
	})
}
