package jobs_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

const subjectMaterial = "case/material"

// arrival is one record as it is collected.
type arrival struct{ subject, local, what string }

// wholeCases are all records of five cases: one with everything, an instant one, a joint one
// of two, and one that lapsed. Versions of a record stand in their order.
var wholeCases = []arrival{
	{subjectApplication, "F1", "item_code=I1"},
	{subjectCorrection, "A", "flow_no=F1"},
	{subjectAccept, "A", "flow_no=F1 item_code=I1 case_no=N1"},
	{subjectMaterial, "A", "m"},
	{subjectStep, "A", "pending"}, {subjectStep, "A", "done"},
	{subjectSpecial, "A", "asked"}, {subjectSpecial, "A", "over ended_at=2"},
	{subjectResult, "A", "result_code=granted"},
	{subjectFile, "A", "f"},
	{subjectAccept, "I", "flow_no=F2 item_code=I1 case_no=N2"}, {subjectStep, "I", "done"}, {subjectResult, "I", "result_code=issued"}, {subjectFile, "I", "f"},
	{subjectAccept, "J1", "flow_no=F3 item_code=I1 case_no=N3 group_no=G"}, {subjectStep, "J1", "done"}, {subjectResult, "J1", "result_code=refused"}, {subjectFile, "J1", "f"},
	{subjectAccept, "J2", "flow_no=F3 item_code=I2 case_no=N4 group_no=G"}, {subjectStep, "J2", "done"}, {subjectResult, "J2", "result_code=granted"},
	{subjectApplication, "F4", "item_code=I1"},
	{subjectCorrection, "L", "flow_no=F4 case_no=N5"}, {subjectResult, "L", "result_code=lapsed flow_no=F4 case_no=N5"},
}

// nationalPlan feeds the subjects of the national tables in the order of the profile with
// all five.
func (w *world) nationalPlan(c pipelines.Caller) *jobs.DeliverPlan {
	const national = "national-five"
	hold := func(what ...string) pipelines.Stage {
		marks := map[string]pipelines.Severity{}
		for _, one := range what {
			marks[one] = pipelines.Hold
		}
		return marking(w, marks)
	}
	plan := &jobs.DeliverPlan{Receiver: national, Caller: c}
	for _, s := range []jobs.SubjectPlan{
		{Order: ledger.Order{Subject: subjectAccept}},
		{Order: ledger.Order{Subject: subjectMaterial, Parent: true}},
		{Order: ledger.Order{Subject: subjectStep, Parent: true}, Stage: hold("pending")},
		{Order: ledger.Order{Subject: subjectSpecial, Parent: true}, Stage: hold("asked")},
		{Order: ledger.Order{Subject: subjectResult, Parent: true, Unless: ledger.Unless{Field: "result_code", In: []string{"not_accepted", "lapsed"}}, Needs: []string{"case_no"}}},
	} {
		s.Order.Receiver, s.Table, s.Calls = national, s.Order.Subject, 1
		if s.Stage == nil {
			s.Stage = marking(w, nil)
		}
		plan.Subjects = append(plan.Subjects, s)
	}
	return plan
}

// Whatever the order in which a case's records arrive, and however often is delivered in
// between, each receiver is told of them in an order that is allowed (canonical order), and
// has the same in the end.
func TestAnyOrderOfArrivalGivesAValidOrderAndTheSameEnd(t *testing.T) {
	dir := fastDir(t)
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue { // one takes near half a second
		defer func() { _ = checks.Value.Set(checks.DefValue) }()
		if err := checks.Value.Set("20"); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, dir)
		defer w.close()
		platform, national := memory.NewCaller(nil), memory.NewCaller(nil)
		story := &arriving{w: w, platform: platform, national: national, ended: map[string]bool{}, special: map[string]bool{}}
		for len(story.left()) > 0 {
			next := rapid.SampledFrom(story.left()).Draw(t, "arrives")
			story.arrive(next)
			if rapid.IntRange(0, 5).Draw(t, "delivered") == 0 {
				story.deliver()
			}
		}
		story.deliver()
		story.check(t)
	})
}

// arriving is what arrived so far and what became of it.
type arriving struct {
	w                  *world
	platform, national *memory.Caller
	came               []int // of wholeCases
	special, ended     map[string]bool
	checked            [2]int
	wrong              []string
}

// left are the records that may arrive next: any, but a version not before the one before it.
func (s *arriving) left() []int {
	var list []int
	for i, a := range wholeCases {
		earlier := i > 0 && wholeCases[i-1].subject == a.subject && wholeCases[i-1].local == a.local
		if !slices.Contains(s.came, i) && (!earlier || slices.Contains(s.came, i-1)) {
			list = append(list, i)
		}
	}
	return list
}

func (s *arriving) arrive(i int) {
	a := wholeCases[i]
	s.came = append(s.came, i)
	s.w.say(a.subject, a.local, a.what)
	if a.subject == subjectSpecial {
		s.special[a.local] = true
		s.ended[a.local] = strings.Contains(a.what, "ended_at")
	}
}

// numberOf is the flow number of cases that have an application.
var numberOf = map[string]string{"A": "F1", "L": "F4"}

func (s *arriving) arrived(subject, local string) bool {
	return slices.ContainsFunc(s.came, func(i int) bool { return wholeCases[i].subject == subject && wholeCases[i].local == local })
}

func (s *arriving) deliver() {
	s.w.Helper()
	plan := s.w.platformPlan(s.platform, map[string]pipelines.Severity{"pending": pipelines.Hold})
	step := plan.Subjects[2]
	step.Order.Subject, step.Table = subjectStep, subjectStep
	plan.Subjects = slices.Insert(plan.Subjects, 2, step)
	for _, p := range []*jobs.DeliverPlan{plan, s.w.nationalPlan(s.national)} {
		if err := s.w.runner.Deliver(context.Background(), p, jobs.NewCollecting()); err != nil {
			s.w.Fatalf("%v", err)
		}
	}
	s.judge()
}

// judge looks at what was delivered since the last time: each effect against those before it.
func (s *arriving) judge() {
	for k, caller := range []*memory.Caller{s.platform, s.national} {
		list := caller.Effects()
		has := func(before int, subject, local, what string) bool {
			return slices.ContainsFunc(list[:before], func(e memory.Effect) bool {
				return e.Table == subject && e.Values["local_no"] == local && strings.Contains(e.Values["what"], what)
			})
		}
		for i := s.checked[k]; i < len(list); i++ {
			e := list[i]
			local, what := e.Values["local_no"], e.Values["what"]
			bad := func(why string) {
				s.wrong = append(s.wrong, fmt.Sprintf("receiver %d: %s %s %q %s", k, e.Table, local, what, why))
			}
			accepted := has(i, subjectAccept, local, "")
			switch e.Table {
			case subjectStep, subjectMaterial, subjectSpecial:
				if !accepted {
					bad("before its acceptance")
				}
				if what == "pending" {
					bad("a pending step")
				}
				if k == 1 && what == "asked" {
					bad("half a special procedure")
				}
			case subjectCorrection:
				if !s.arrived(subjectApplication, numberOf[local]) && !s.arrived(subjectAccept, local) {
					bad("without its item")
				}
			case subjectResult:
				if !accepted && !strings.Contains(what, "lapsed") {
					bad("before its acceptance")
				}
				if k == 0 && s.special[local] && !has(i, subjectSpecial, local, "ended_at") {
					bad("while a special procedure is open")
				}
			case subjectFile:
				if !has(i, subjectResult, local, "granted") && !has(i, subjectResult, local, "issued") {
					bad("without a result that was granted")
				}
			}
		}
		s.checked[k] = len(list)
	}
}

// check says what was told in the wrong order, and what is not as it must be in the end.
func (s *arriving) check(t *rapid.T) {
	for _, w := range s.wrong {
		t.Error(w)
	}
	takes := []string{subjectAccept, subjectCorrection, subjectStep, subjectSpecial, subjectResult, subjectFile}
	for k, caller := range []*memory.Caller{s.platform, s.national} {
		if k == 1 {
			takes = []string{subjectAccept, subjectMaterial, subjectStep, subjectSpecial, subjectResult}
		}
		want, got := map[string]string{}, map[string]string{}
		for _, a := range wholeCases {
			if slices.Contains(takes, a.subject) && !(a.subject == subjectFile && a.local == "J1") { // refused: no file
				want[a.subject+" "+a.local] = a.what
			}
		}
		for _, e := range caller.Effects() {
			got[e.Table+" "+e.Values["local_no"]] = e.Values["what"]
		}
		if !maps.Equal(got, want) {
			t.Errorf("receiver %d has in the end\n%v, want\n%v", k, got, want)
		}
	}
	list, err := s.w.store.Exceptions(context.Background(), ledger.ExceptionQuery{})
	if err != nil || len(list) != 1 || list[0].Rule != "not_due" {
		t.Errorf("put aside in the end: %+v, %v", list, err)
	}
}
