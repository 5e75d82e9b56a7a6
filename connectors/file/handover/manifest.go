package handover

import (
	"bytes"
	"encoding/json"

	"banjian/pipelines"
)

// manifest tells who reads what a file has. See docs/receivers.md for its fields.
type manifest struct {
	File     string           `json:"file"`
	Format   string           `json:"format"`
	Bytes    int64            `json:"bytes"`
	SM3      string           `json:"sm3"`
	Rows     int              `json:"rows"`
	Inserts  int              `json:"inserts"`
	Updates  int              `json:"updates"`
	Deletes  int              `json:"deletes"`
	Batch    string           `json:"batch"`
	Receiver string           `json:"receiver"`
	Subject  string           `json:"subject"`
	Source   string           `json:"source_id"`
	FrozenAt string           `json:"frozen_at"`
	Columns  []manifestColumn `json:"columns"`
}

type manifestColumn struct {
	Name string `json:"name"`
	Type string `json:"type"` // text, int, float, bool, time, date, list
}

func manifestOf(d *pipelines.Delivery, subject string, columns []column) *manifest {
	m := &manifest{Rows: len(d.GUIDs), Batch: d.ID, Subject: subject, Source: d.Source}
	for _, op := range d.Ops {
		switch op {
		case pipelines.OpInsert:
			m.Inserts++
		case pipelines.OpUpdate:
			m.Updates++
		case pipelines.OpDelete:
			m.Deletes++
		}
	}
	for i := range columns {
		m.Columns = append(m.Columns, manifestColumn{columns[i].name, columns[i].kind.String()})
	}
	return m
}

func (m *manifest) json() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		panic(err) // texts and numbers
	}
	return b.Bytes()
}
