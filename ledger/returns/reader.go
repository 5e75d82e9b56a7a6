package returns

import (
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/ledger"
	"banjian/pipelines"
)

// Reader reads the rows of one table in which a receiver sends rows back.
type Reader struct {
	From    string                    // the table, as we call it
	Of      string                    // whose rows come back; empty: the column Names names it
	Logical func(named string) string // the table that the receiver's name means
	Words   func(said string) string  // makes what a receiver says fit to be kept and shown
	Zone    *time.Location            // of its times

	// Columns, as they are called in the record.
	Names, Row, Batch, Kind, Said, Time string
	ID                                  []string
}

// Read is one row.
func (r *Reader) Read(rec arrow.Record, row int) ledger.Return {
	get := func(name string) string {
		c := pipelines.Column(rec, name)
		if name == "" || c == nil || c.IsNull(row) {
			return ""
		}
		return strings.TrimSpace(c.ValueStr(row))
	}
	out := ledger.Return{From: r.From, Table: r.Of, Named: get(r.Row), Batch: get(r.Batch), Kind: r.Words(get(r.Kind)), Words: r.Words(get(r.Said)), At: r.moment(get(r.Time))}
	if r.Names != "" {
		out.Table = r.Logical(get(r.Names))
	}
	id := make([]string, len(r.ID))
	for i, name := range r.ID {
		id[i] = get(name)
	}
	out.Row = strings.Join(id, " ")
	return out
}

// moment is a time as databases write it; zero for what is none.
func (r *Reader) moment(said string) time.Time {
	said = strings.Replace(said, "T", " ", 1)
	if len(said) > len(time.DateTime) {
		said = said[:len(time.DateTime)]
	}
	for _, form := range []string{time.DateTime, time.DateOnly} {
		if t, err := time.ParseInLocation(form, said, r.Zone); err == nil {
			return t
		}
	}
	return time.Time{}
}
