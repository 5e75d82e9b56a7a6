package gateway

import (
	"testing"
	"time"
)

// A resubmission without a time cannot be told from another: what comes again is asked for
// again, once it was fetched.
func TestAResubmissionWithoutATimeIsAskedForAgain(t *testing.T) {
	w := newWorld(t)
	w.platform.put("A")
	w.announce("A", "9", "")
	w.announce("A", "9", "")
	w.wantSubmissions("A", "1:9:announced:2")
	w.fetch(time.Minute)
	w.wantSubmissions("A", "1:9:fetched:2")
	w.announce("A", "9", "")
	w.wantSubmissions("A", "1:9:announced:3")
	w.fetch(time.Minute)
	w.wantSubmissions("A", "1:9:fetched:3")
	w.announce("A", "0", "") // an application that is told again is not
	w.fetch(time.Minute)
	w.announce("A", "0", "")
	w.wantSubmissions("A", "0:0:fetched:2", "1:9:fetched:3")
}

// What a platform gives for a number and says is of another is not taken for it.
func TestDetailsOfAnotherNumberAreNotTaken(t *testing.T) {
	w := newWorld(t)
	w.platform.put("A")
	w.platform.put("B")
	mine := w.platform.details["A"]
	w.platform.details["A"] = w.platform.details["B"]
	w.announce("A", "0", "")
	w.fetch(10 * time.Minute)
	w.wantSubmissions("A", "0:0:announced:1")
	w.platform.details["A"] = mine
	w.fetch(2 * time.Hour)
	w.wantSubmissions("A", "0:0:fetched:1")
}

// A withdrawal of a number nobody knew is one with that of the number once it is known.
func TestAWithdrawalThatCameTooSoonIsCountedOnce(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		w.call(cancelPath, cancelXML("A"))
	}
	w.announce("A", "0", "")
	if got := w.call(cancelPath, cancelXML("A")); got.status != "200" {
		t.Errorf("%+v", got)
	}
	stands, err := w.journal.Stands(t.Context(), []string{"gjj"})
	if err != nil || stands[0].WithdrawUnknown != 0 || stands[0].Withdrawn != 1 {
		t.Errorf("%+v, %v", stands, err)
	}
}

// What was asked for before a number was announced anew is not what it stands for now.
func TestWhatWasAskedForBeforeANewAnnouncementDoesNotCount(t *testing.T) {
	for _, during := range []string{"getApplyInfo", "getApplyMaterialInfo"} {
		t.Run(during, func(t *testing.T) {
			w := newWorld(t)
			w.platform.put("A")
			told := false
			w.platform.trouble = func(call string, _ int) error {
				if call == during && !told {
					told = true
					w.announce("A", "2", "") // an instant case by now
				}
				return nil
			}
			w.announce("A", "0", "")
			w.fetch(10 * time.Minute)
			w.wantSubmissions("A", "0:2:fetched:2")
			asked := 0
			for _, call := range w.platform.calls {
				if call == "getApplyInfo" {
					asked++
				}
			}
			if asked != 2 {
				t.Errorf("the details were asked for %d times: %v", asked, w.platform.calls)
			}
		})
	}
}

// A number the platform has nothing for is asked for ever more rarely.
func TestANumberWithNothingGivenIsAskedForMoreRarely(t *testing.T) {
	w := newWorld(t)
	w.announce("A", "0", "")
	w.fetch(62 * time.Minute)
	if n := len(w.platform.calls); n < 6 || n > 8 { // 30 s, 1, 2, 4, 8, 16, 32 min
		t.Errorf("asked %d times in an hour", n)
	}
}

func TestAnEmptyFileIsNotTheMaterials(t *testing.T) {
	w := newWorld(t)
	w.platform.put("A")
	w.platform.files["/oss/A/1"] = nil
	w.announce("A", "0", "")
	w.fetch(time.Minute)
	got, _ := w.rows(Material, "", "material_seq", "file_state")
	w.want(got, "a1|failed", "CL2#1|∅")
}
