package main

import (
	"testing"
)

// A receiver gets the records of the pipelines that name it and of no others, whoever
// else is fed; a pipeline that names it later has them sent by themselves.
func TestRecordsGoOnlyWhereTheirPipelineSays(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.overlayPipelines("mapping: provident-fund/material\ndeliver: [national]", "mapping: provident-fund/material\ndeliver: []")
	w.mustRun()
	if n := w.count("up_pro_material"); n != 0 {
		t.Errorf("%d materials went out", n)
	}
	if n := w.count("up_pro_accept"); n != len(w.e.national["up_pro_accept"]) {
		t.Errorf("%d acceptances went out", n)
	}
	w.edit("pipelines/provident-fund.yaml", "deliver: []", "deliver: [national]")
	w.mustRun()
	if n := w.count("up_pro_material"); n != len(w.e.national["up_pro_material"]) {
		t.Errorf("%d materials went out, want %d", n, len(w.e.national["up_pro_material"]))
	}
}
