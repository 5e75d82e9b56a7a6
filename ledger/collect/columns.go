package collect

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/ledger"
	"banjian/pipelines"
)

// casesOf reads what each accept record says of its case.
func casesOf(source string, rec arrow.Record, entries []ledger.Entry) []ledger.Case {
	local, no, flow, item := textColumn(rec, "local_no"), textColumn(rec, "case_no"), textColumn(rec, "flow_no"), textColumn(rec, "item_code")
	round, _ := pipelines.Column(rec, "round").(*array.Int64)
	at, _ := pipelines.Column(rec, "accepted_at").(*array.Timestamp)
	cases := make([]ledger.Case, len(entries))
	for i := range cases {
		cases[i] = ledger.Case{Source: source, LocalNo: cellText(local, i), CaseNo: cellText(no, i), FlowNo: cellText(flow, i), ItemCode: cellText(item, i), Rec: entries[i].Rec}
		if round != nil && !round.IsNull(i) {
			cases[i].Round = round.Value(i)
		}
		cases[i].Again = entries[i].Version > 1 || cases[i].Round > 1
		if at != nil && !at.IsNull(i) {
			cases[i].AcceptedAt = int64(at.Value(i))
		}
	}
	return cases
}

// flowsOf is the flow numbers that records bring of their own; nil = none does.
func flowsOf(rec arrow.Record) []string {
	c := textColumn(rec, "flow_no")
	if c == nil || c.NullN() == c.Len() {
		return nil
	}
	return textsOf(rec, "flow_no")
}

func textColumn(rec arrow.Record, name string) *array.String {
	c, _ := pipelines.Column(rec, name).(*array.String)
	return c
}

func cellText(c *array.String, row int) string {
	if c == nil || c.IsNull(row) {
		return ""
	}
	return c.Value(row)
}

// textsOf is a column of rec, empty where it is NULL or not there.
func textsOf(rec arrow.Record, name string) []string {
	c := textColumn(rec, name)
	list := make([]string, rec.NumRows())
	for i := range list {
		list[i] = cellText(c, i)
	}
	return list
}
