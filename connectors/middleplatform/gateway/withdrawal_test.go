package gateway

import (
	"testing"
	"time"
)

func TestAWithdrawalIsAnsweredOnceAndForEver(t *testing.T) {
	w := newWorld(t)
	withdraw := func(flowNo, want string) {
		t.Helper()
		for range 2 {
			if got := w.call(cancelPath, cancelXML(flowNo)); got.status != want || got.http != 200 {
				t.Errorf("%s: %+v, want %s", flowNo, got, want)
			}
		}
	}
	withdraw("A", "0") // nobody knows it
	w.announce("A", "0", "")
	withdraw("A", "200") // not fetched yet
	w.accepted["A"] = w.clock.Now()
	withdraw("A", "200") // what was answered stays answered

	w.announce("B", "0", "")
	w.accepted["B"] = w.clock.Now()
	withdraw("B", "0")
	delete(w.accepted, "B")
	withdraw("B", "0")

	w.announce("C", "0", "")
	w.accepted["C"] = w.clock.Now() // and returned
	w.clock.turn(time.Hour)
	w.announce("C", "9", "")
	withdraw("C", "200") // the resubmission was not accepted yet

	w.announce("D", "0", "")
	w.accepted["D"] = w.clock.Now()
	w.clock.turn(time.Hour)
	w.announce("D", "1", "2026-11-23 10:00:00")
	withdraw("D", "0") // a correction after acceptance leaves it accepted
}

// What was finished without an acceptance, as one that is refused before or never corrected, is
// not withdrawn either, and a repeat hears the same words.
func TestAWithdrawalOfAFinishedCaseIsToldSo(t *testing.T) {
	w := newWorld(t)
	withdraw := func(flowNo, want, words string) {
		t.Helper()
		for range 2 {
			if got := w.call(cancelPath, cancelXML(flowNo)); got.status != want || got.desc != words {
				t.Errorf("%s: %+v, want %s %s", flowNo, got, want, words)
			}
		}
	}
	for _, flowNo := range []string{"A", "B", "C"} {
		w.announce(flowNo, "0", "")
	}
	w.finished["A"], w.accepted["B"] = w.clock.Now(), w.clock.Now()
	withdraw("A", "0", "已办结，不能撤销")
	withdraw("B", "0", "已受理，不能撤销")
	withdraw("C", "200", "成功")
	w.finished["C"], w.finished["B"] = w.clock.Now(), w.clock.Now()
	delete(w.finished, "A")
	w.reopen()
	withdraw("A", "0", "已办结，不能撤销")
	withdraw("B", "0", "已受理，不能撤销")
	withdraw("C", "200", "成功")
	got, _ := w.rows(Withdrawal, "", "SBLSH_SHORT", "answer")
	w.want(got, "A|refused", "B|refused", "C|accepted")

	w.finished["A"] = w.clock.Now() // returned, and handed in again
	w.clock.turn(time.Hour)
	w.announce("A", "9", "")
	withdraw("A", "200", "成功")
}

func TestACorrectionThatComesAfterAWithdrawalDoesNotOpenItAgain(t *testing.T) {
	w := newWorld(t)
	withdraw := func(flowNo, want string) {
		t.Helper()
		if got := w.call(cancelPath, cancelXML(flowNo)); got.status != want {
			t.Errorf("%s: %+v, want %s", flowNo, got, want)
		}
	}
	w.announce("A", "0", "")
	withdraw("A", "200")
	w.announce("A", "1", "2026-11-22 08:00:00") // was sent before it, and is late
	withdraw("A", "200")                        // whose answer was lost
	got, _ := w.rows(Withdrawal, "", "SBLSH_SHORT", "submission", "answer")
	w.want(got, "A|0|accepted")
	w.accepted["A"] = w.clock.Now() // the department had not read its inbox
	withdraw("A", "200")

	w.clock.turn(time.Hour) // returned, and handed in again
	w.announce("A", "9", "")
	w.announce("A", "1", "2026-11-23 08:00:00")
	withdraw("A", "200")
	withdraw("A", "200")
	got, _ = w.rows(Withdrawal, "", "SBLSH_SHORT", "submission", "answer")
	w.want(got, "A|0|accepted", "A|3|accepted")
}
