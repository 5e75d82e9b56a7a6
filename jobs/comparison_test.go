package jobs_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/ledger/compare"
)

// comparing is the pair of the two systems, for all items but those of SB.
func comparing(each func(*compare.Compared) error) *compare.Pair {
	return &compare.Pair{First: coreSystem, Second: verticalSystem, Match: [][]string{{"case_no"}, {"flow_no", "item_code"}}, Ignore: []string{"item_region"},
		Covers: func(t ledger.Told) bool { return !slices.Contains(t.Items, "SB") }, Silent: time.Hour, Now: time.Now(), Each: each}
}

func compareSystems(t *testing.T, w *world, p func(each func(*compare.Compared) error) *compare.Pair) (compare.Sums, []string) {
	t.Helper()
	var said []string
	sum, err := compare.Systems(context.Background(), w.store, p(func(c *compare.Compared) error {
		line := c.Other + "/" + c.Local
		for _, f := range c.Fields {
			line += fmt.Sprintf(" %s.%s %s≠%s", strings.TrimPrefix(f.Subject, "case/"), f.Field, f.First, f.Second)
		}
		said = append(said, line)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(said)
	return sum, said
}

func TestTwoSystemsAreComparedFieldByField(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	for _, r := range [][4]string{
		{coreSystem, subjectAccept, "A1", "same flow_no=F1 item_code=I1 item_region=1"},
		{verticalSystem, subjectAccept, "V1", "same flow_no=F1 item_code=I1 item_region=1"}, // equal
		{coreSystem, subjectResult, "A1", "result_code=granted"},
		{verticalSystem, subjectResult, "V1", "result_code=granted"},
		{verticalSystem, subjectAccept, "V2", "said flow_no=F2 item_code=I1"}, // by its flow number; collected before the other
		{coreSystem, subjectAccept, "A2", "other flow_no=F2 item_code=I1 case_no=N2"},
		{coreSystem, subjectAccept, "A3", "x case_no=N3 item_code=I1"},
		{verticalSystem, subjectAccept, "V3", "x case_no=N3 item_code=I2"}, // by its case number, whatever the item
		{verticalSystem, subjectResult, "V3", "result_code=granted"},       // which the first does not have
		{verticalSystem, subjectStep, "V3", "s"},
		{coreSystem, subjectAccept, "A4", "x flow_no=F4 item_code=I1"},
		{verticalSystem, subjectAccept, "V4", "x flow_no=F4 item_code=I2"}, // another item: another case
		{verticalSystem, subjectAccept, "V5", "x flow_no=F1 item_code=SB"}, // the rule does not speak of it
		{coreSystem, subjectAccept, "A6", "x item_code=I1"},                // no number at all
		{verticalSystem, subjectAccept, "V6", "x item_code=I1"},
	} {
		w.tell(r[0], r[1], r[2], r[3])
	}
	sum, said := compareSystems(t, w, comparing)
	if want := (compare.Sums{First: 5, Second: 5, Equal: 1, Different: 2, Alone: 2, Silent: 2, Unmatched: 2}); sum != want {
		t.Errorf("%+v, want %+v", sum, want)
	}
	want := []string{"/V4", "/V6", "A2/V2 accept.what other flow_no=F2 item_code=I1 case_no=N2≠said flow_no=F2 item_code=I1",
		"A3/V3 accept.what x case_no=N3 item_code=I1≠x case_no=N3 item_code=I2 accept.item_code I1≠I2 result. 0≠1 step. 0≠1"}
	if !slices.Equal(said, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
	_, said = compareSystems(t, w, func(each func(*compare.Compared) error) *compare.Pair {
		p := comparing(each)
		p.Want = func(_, second string) bool { return second == "V1" }
		return p
	})
	if !slices.Equal(said, []string{"A1/V1"}) {
		t.Errorf("one case: %q", said)
	}
}

func TestAFlowNumberOfTwoCasesIsAnAliasConflictUnlessTheyAreAJointCase(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	for _, r := range [][2]string{{"A", "flow_no=F1 item_code=I1"}, {"B", "flow_no=F1 item_code=I1"}, {"C", "flow_no=F1 item_code=I2"}, {"D", "flow_no=F2 item_code=I1 group_no=G"}, {"E", "flow_no=F2 item_code=I1 group_no=G"}} {
		w.tell(coreSystem, subjectAccept, r[0], r[1])
	}
	caller := memory.NewCaller(nil)
	plan := w.platformPlan(caller, nil)
	plan.Subjects[0].Order.OneFlow = true
	deliver := func() string {
		before := len(caller.Effects())
		if err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()); err != nil {
			t.Fatal(err)
		}
		return strings.Join(w.standing(caller, before), ", ")
	}
	if err := w.store.IndexFlows(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := deliver(); got != "rejected alias_conflict accept B, accept A, accept C, accept D, accept E" {
		t.Errorf("a receiver that knows cases by flow number and item: %s", got)
	}
	w.tell(coreSystem, subjectAccept, "A", "flow_no=F1 item_code=I1 changed")
	w.tell(coreSystem, subjectAccept, "B", "flow_no=F3 item_code=I1")
	if got := deliver(); got != "accept A, accept B" {
		t.Errorf("a number that was mended: %s", got)
	}
	w.tell(coreSystem, subjectAccept, "B", "flow_no=F1 item_code=I1")
	list, err := ledger.AliasConflicts(context.Background(), w.store)
	if err != nil || len(list) != 1 || fmt.Sprint(list[0]) != "{gjj-core F1 I1 [A B]}" {
		t.Errorf("%v, %v", list, err)
	}
}
