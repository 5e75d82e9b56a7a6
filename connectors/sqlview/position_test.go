package sqlview

import (
	"testing"

	"banjian/internal/fault"
)

func TestAPositionOfAnotherViewIsNotGoneOnFrom(t *testing.T) {
	o := Options{View: "v_new", Mode: Incremental, Cursor: []string{"gxsj"}}
	if _, err := decode(`{"v":1,"mode":"incremental","of":"v_old","by":["gxsj"],"cursor":"2026-01-01"}`, o); !fault.Is(err, fault.Gone) {
		t.Errorf("got %v, want Gone", err)
	}
	if _, err := decode(`{"v":1,"mode":"incremental","of":"v_new","by":["gxsj"],"cursor":"2026-01-01"}`, o); err != nil {
		t.Error(err)
	}
}
