package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAStreamIsPausedResumedAndMoved(t *testing.T) {
	s := inProcess(t)
	for _, no := range []string{"A", "B", "C", "D"} {
		s.event(no, "", "x")
	}
	s.run()
	says := func(want int, args ...string) string {
		t.Helper()
		code, out, errOut := command(append(args, "--site", s.dir, "--lang", "en")...)
		if code != want {
			t.Errorf("%v exited %d: %s%s", args, code, out, errOut)
		}
		return out + errOut
	}
	if out := says(exitDone, "status"); strings.Contains(out, "behind") {
		t.Errorf("a stream that is well has a line of its own:\n%s", out)
	}
	s.event("E", "", "x")
	behind := 0
	for line := range strings.Lines(says(exitDone, "streams", "list", "--json")) {
		var p partStand
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		behind += int(p.Lag)
	}
	if behind != 1 {
		t.Errorf("behind by %d", behind)
	}

	says(exitDone, "streams", "pause", "materials")
	if out := says(exitDone, "status"); !strings.Contains(out, "materials paused") {
		t.Error(out)
	}
	stop := s.serving()
	for range 40 { // it would have read the message long since
		if !strings.Contains(s.alive(), "E=") {
			continue
		}
		t.Fatal("a paused stream was read")
	}
	says(exitDone, "streams", "resume", "materials")
	s.untilAlive("E=x@1", func(got string) bool { return strings.Contains(got, "E=x@1") })
	if out := says(exitFailed, "streams", "rewind", "materials", "--to", "earliest", "--yes"); !strings.Contains(out, "another process") {
		t.Error(out)
	}
	stop()

	if out := says(exitDone, "streams", "rewind", "materials", "--to", "earliest", "--dry-run"); strings.Contains(out, "moved") {
		t.Error(out)
	}
	if _, sum := s.run(); sum.Read != 0 {
		t.Errorf("a dry run moved it: %+v", sum)
	}
	says(exitDone, "streams", "rewind", "materials", "--to", "earliest", "--yes")
	if _, sum := s.run(); sum.Read != 5 || sum.Unchanged != 5 || sum.Records != 0 {
		t.Errorf("%+v", sum)
	}
	says(exitUsage, "streams", "rewind", "materials", "--partition", "0", "--offset", "999", "--yes")
	says(exitUsage, "streams", "rewind", "materials")
	says(exitUsage, "streams", "pause", "nothing")
}
