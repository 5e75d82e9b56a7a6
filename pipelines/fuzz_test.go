package pipelines_test

import (
	"testing"
	"testing/fstest"

	"banjian/internal/fault"
	"banjian/pipelines"
)

func FuzzLoadSpecs(f *testing.F) {
	f.Add([]byte(spec))
	f.Add([]byte("pipeline: x\nfrom: {lookback: 9999999d, scope: [{field: a, since: year}]}\n---\n- a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := pipelines.LoadSpecs(fstest.MapFS{"a.yaml": {Data: data}}); err != nil && !fault.Is(err, fault.Config) {
			t.Errorf("%v is a %s fault", err, fault.KindOf(err))
		}
	})
}
