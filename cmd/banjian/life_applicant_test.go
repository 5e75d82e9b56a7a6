package main

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
)

// applies hands a case in, and withdraws it where the script says so.
func (w *lifeTown) applies(l *life) {
	time.Sleep(l.begins)
	if got := w.announce(simulator.Announcement{Flow: l.flow, Express: l.express()}); got != "200" {
		w.t.Errorf("%s is answered %s", l.flow, got)
	}
	w.hands(l, 0, l.express(), nil)
	switch {
	case l.withdrawn:
		time.Sleep(l.between(10*time.Second, 12*time.Minute))
		w.withdraws(l, "200", "accepted")
	case l.tooLate:
		<-l.accepted
		time.Sleep(30 * time.Minute) // the ledger has the acceptance by then
		w.withdraws(l, "0", "refused")
	}
}

func (w *lifeTown) withdraws(l *life, status, answer string) {
	by := w.application(l.flow).Name
	if got := w.announce(simulator.Announcement{Flow: l.flow, Withdrawn: true, By: by, At: wall(time.Now())}); got != status {
		w.t.Errorf("%s, withdrawn, is answered %s", l.flow, got)
	}
	w.model.receives("withdrawal", l.flow, l.submissions(), by, answer)
}

// withdrawsWhatNobodyKnows leaves no row anywhere.
func (w *lifeTown) withdrawsWhatNobodyKnows() {
	if got := w.announce(simulator.Announcement{Flow: middleplatform.TryOutFlow(1), Withdrawn: true, By: "张样例"}); got != "0" {
		w.t.Errorf("a number nobody knows, withdrawn, is answered %s", got)
	}
}

// hands foresees what a submission puts into the inbox.
func (w *lifeTown) hands(l *life, submission int, express string, r *reply) {
	app := w.application(l.flow)
	name, number := app.Name, app.ID
	if app.Company {
		name, number = app.OrgName, app.OrgCode
	}
	var papers []string
	for _, m := range app.Materials {
		papers = append(papers, m.Name)
	}
	by, at, materials := "", "", ""
	if r != nil {
		by, at, materials = app.Name, r.at, joinedBy(r.names, "；")
	}
	w.model.receives("application", l.flow, submission, express, middleplatform.TryOutItem, name, number, wall(app.AppliedAt), joinedBy(papers, "；"), by, at, materials, 0)
	for i := range app.Materials {
		m := &app.Materials[i]
		if r != nil && !slices.Contains(r.codes, m.Code) {
			continue
		}
		seq, kind, state, content := md5.Sum([]byte(l.flow+m.Code)), "paper", "", ""
		if m.File != nil {
			sum := sha256.Sum256(m.File)
			kind, state, content = "electronic", "stored", fmt.Sprintf("sha256:%x;%d;", sum, len(m.File))
		}
		w.model.receives("material", l.flow, submission, hex.EncodeToString(seq[:]), m.Code, m.Name, kind, state, content, 0)
	}
}

// submissions is how many times the applicant has handed something in again.
func (l *life) submissions() int {
	n := 0
	if l.again {
		n = 1
	}
	for _, r := range l.replies {
		if r.at != "" {
			n++
		}
	}
	return n
}

// corrects answers the notices and refusals that reach the platform, until ctx ends.
func (w *lifeTown) corrects(ctx context.Context, lives map[string]*life) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for seen := 0; sleep(ctx, 3*time.Minute); {
		effects := w.platform.Effects()
		for _, e := range effects[seen:] {
			switch l := lives[e.Key[0]]; {
			case e.Interface == "correction":
				wg.Go(func() { w.replies(l, e.Key[2]) })
			case e.Interface == "accept" && l.returned:
				wg.Go(func() { w.resubmits(l) })
			}
		}
		seen = len(effects)
	}
}

// resubmits hands in anew, with other files, what was not accepted.
func (w *lifeTown) resubmits(l *life) {
	time.Sleep(l.between(10*time.Minute, 30*time.Minute))
	app := w.application(l.flow)
	var codes []string
	for _, m := range app.Materials {
		if m.File != nil {
			codes = append(codes, m.Code)
		}
	}
	w.mu.Lock()
	w.apps[l.flow] = corrected(app, codes, 1)
	w.mu.Unlock()
	l.again = true
	if got := w.announce(simulator.Announcement{Flow: l.flow, Express: "9"}); got != "200" {
		w.t.Errorf("%s, handed in again, is answered %s", l.flow, got)
	}
	w.hands(l, 1, "9", nil)
}

func (w *lifeTown) replies(l *life, notice string) {
	at := slices.IndexFunc(l.replies, func(r *reply) bool { return r.notice == notice })
	if at < 0 || l.lapses && at == l.corrections-1 {
		return
	}
	r := l.replies[at]
	time.Sleep(l.between(10*time.Minute, 30*time.Minute))
	r.at = wall(time.Now())
	w.mu.Lock()
	w.apps[l.flow] = corrected(w.apps[l.flow], r.codes, at+1)
	w.mu.Unlock()
	app := w.application(l.flow)
	if got := w.announce(simulator.Announcement{Flow: l.flow, Express: "1", By: app.Name, Corrected: joinedBy(r.names, ";"), At: r.at}); got != "200" {
		w.t.Errorf("%s, corrected, is answered %s", l.flow, got)
	}
	w.hands(l, at+1, "1", r)
}
