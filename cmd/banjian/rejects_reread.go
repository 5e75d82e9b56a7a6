package main

import (
	"banjian/internal/text"
)

// noteVanished tells of rows that were asked for again and are not there any more.
func (w *work) noteVanished() {
	for _, p := range w.plans {
		rep := w.reports[p.Spec.Pipeline]
		if p.Again == nil || rep.Err != nil {
			continue
		}
		if gone := int64(p.Again.Keys) - rep.Counts.Read; gone > 0 {
			w.app.note(text.F("%[1]s：%[2]d 行已不在部门视图里，问题数据仍未决", "%[1]s: %[2]d of the rows are not in the department's view any more, their rejects stay open", p.Spec.Pipeline, gone))
		}
	}
}
