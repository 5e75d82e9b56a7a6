package ledger

import (
	"context"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// flowShelf finds acceptances by flow number, if it can.
type flowShelf struct {
	DeliverStore
	mates   []Case
	indexed bool
}

func (s *flowShelf) FlowMates(context.Context, string, []string) ([]Case, bool, error) {
	return s.mates, s.indexed, nil
}

// acceptance is a delivery batch of one record, number 5: local number, flow number, item and
// group number.
func acceptance(alloc memory.Allocator, values ...string) arrow.Record {
	var fields []arrow.Field
	var cols []arrow.Array
	for i, name := range []string{"local_no", "flow_no", "item_code", "group_no"} {
		b := array.NewStringBuilder(alloc)
		b.Append(values[i])
		cols = append(cols, b.NewArray())
		b.Release()
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
	}
	bare := array.NewRecord(arrow.NewSchema(fields, nil), cols, 1)
	for _, c := range cols {
		c.Release()
	}
	defer bare.Release()
	return withSystemColumns(bare, []Entry{{Rec: 5, Version: 1, Key: EncodeKey(values[0], "1")}}, alloc)
}

// A receiver that knows a case by flow number and item is not given a second case of both; a
// joint case has them by right.
func TestASecondCaseOfAFlowNumberIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		row     string
		mate    Case
		blind   bool // nothing can be found by flow number
		many    bool // the receiver knows cases by another number
		refused bool
	}{
		"an older case has both":         {row: "B F1 I1 -", mate: Case{Rec: 3, LocalNo: "A", FlowNo: "F1", ItemCode: "I1"}, refused: true},
		"a newer case has both":          {row: "B F1 I1 -", mate: Case{Rec: 9, LocalNo: "C", FlowNo: "F1", ItemCode: "I1"}},
		"an older round of the same":     {row: "A F1 I1 -", mate: Case{Rec: 3, LocalNo: "A", FlowNo: "F1", ItemCode: "I1"}},
		"of another item":                {row: "B F1 I2 -", mate: Case{Rec: 3, LocalNo: "A", FlowNo: "F1", ItemCode: "I1"}},
		"of another flow number":         {row: "B F2 I1 -", mate: Case{Rec: 3, LocalNo: "A", FlowNo: "F1", ItemCode: "I1"}},
		"without an item":                {row: "B F1 - -", mate: Case{Rec: 3, LocalNo: "A", FlowNo: "F1"}},
		"a joint case":                   {row: "B F1 I1 G1", mate: Case{Rec: 3, LocalNo: "A", FlowNo: "F1", ItemCode: "I1"}},
		"nothing can be found":           {row: "B F1 I1 -", mate: Case{Rec: 3, LocalNo: "A", FlowNo: "F1", ItemCode: "I1"}, blind: true},
		"the receiver knows it by other": {row: "B F1 I1 -", mate: Case{Rec: 3, LocalNo: "A", FlowNo: "F1", ItemCode: "I1"}, many: true},
	} {
		alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
		in := acceptance(alloc, strings.Split(strings.ReplaceAll(c.row, "-", ""), " ")...)
		s := &DeliverStage{Order: Order{OneFlow: !c.many}, Store: &flowShelf{mates: []Case{c.mate}, indexed: !c.blind}}
		issues, pass, err := s.dropAliases(context.Background(), in, []int32{0})
		if refused := len(issues) == 1 && issues[0].Rule == ruleAliasConflict && issues[0].Args[0] == "A"; err != nil || refused != c.refused || len(pass)+len(issues) != 1 {
			t.Errorf("%s: %+v, %v, %v", name, issues, pass, err)
		}
		in.Release()
		alloc.AssertSize(t, 0)
	}
}
