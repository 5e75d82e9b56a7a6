package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
)

// life is one case of the script: what the applicant does and what the department decides.
type life struct {
	n       int
	flow    string
	localNo string
	r       *rand.Rand

	withdrawn   bool // before anybody looked at it
	tooLate     bool // asks to withdraw it after the acceptance
	corrections int  // before the acceptance
	later       bool // one more after it
	lapses      bool // the last correction is not answered
	refused     bool // 不予受理
	returned    bool // the same, and handed in again (EXPRESSTYPE 9)
	rethought   bool // the same, and accepted after all before anybody was told
	instant     bool
	steps       int
	special     bool
	open        bool // stops with a step under way
	result      string
	files       int
	lateFile    bool   // its row is there before it is
	amends      string // what the department mends after it was told: accept, step or file

	begins time.Duration // after the start

	replies  []*reply
	again    bool          // handed in again
	round    int           // of the acceptance
	accepted chan struct{} // closed by the department
}

// reply is what the applicant hands in when asked to correct.
type reply struct {
	notice string // time of the notice, which is its key
	codes  []string
	names  []string
	at     string
}

// lifeOf is case n of a script of so many, that begins within a span.
func lifeOf(n, cases int, span time.Duration) *life {
	flow := middleplatform.TryOutFlow(int64(26030200000 + n))
	l := &life{n: n, flow: flow, localNo: fmt.Sprintf("SP2026%06d", n+1), r: rand.New(rand.NewPCG(7, uint64(n))), steps: 2 + n%2, result: "准予", files: 1, accepted: make(chan struct{}),
		begins: span * time.Duration(n) / time.Duration(cases)}
	switch {
	case n%20 == 7:
		l.withdrawn = true
	case n%40 == 13:
		l.refused = true
	case n%40 == 33:
		l.returned = true
	case n%40 == 17, n%40 == 37:
		l.rethought = true
	case n%50 == 31:
		l.corrections, l.lapses = 1, true
	case n%10 == 4:
		l.instant = true
	default:
		l.tooLate = n%25 == 11
		l.special = n%4 == 0
		l.open = n%33 == 32
		l.later = n%30 == 9
		l.lateFile = n%10 == 8
		l.amends = map[int]string{1: "accept", 2: "file", 3: "step"}[n%20]
		if n%5 == 0 {
			l.corrections = 1 + (n/5)%3/2
		}
		switch n % 10 {
		case 3:
			l.result, l.files = "不予许可", 0
		case 6:
			l.result, l.files = "出证", 2
		}
	}
	return l
}

// between is a time within bounds, to the second.
func (l *life) between(least, most time.Duration) time.Duration {
	return (least + time.Duration(l.r.Int64N(int64(most-least)))).Truncate(time.Second)
}

// express is why the platform announces it first.
func (l *life) express() string {
	if l.instant {
		return "2"
	}
	return "0"
}

// asks picks materials to correct, of those the application has: the first that are files.
func (l *life) asks(app *simulator.Application, round int) (codes, names []string) {
	for _, m := range app.Materials {
		if m.File != nil && len(codes) <= round%2 {
			codes, names = append(codes, m.Code), append(names, m.Name)
		}
	}
	return codes, names
}

// corrected is an application with other files in the place of some.
func corrected(app *simulator.Application, codes []string, round int) *simulator.Application {
	mended := *app
	mended.Materials = slices.Clone(app.Materials)
	for i := range mended.Materials {
		m := &mended.Materials[i]
		if slices.Contains(codes, m.Code) {
			m.Path = fmt.Sprintf("/tryout/%s/%s-%d", app.Flow, m.Code, round)
			m.File = fmt.Appendf(nil, "%%PDF-1.7\n%% %s %s 第 %d 次补正\n%%%%EOF\n", app.Flow, m.Name, round)
		}
	}
	return &mended
}
