package main

import (
	"os"
	"path/filepath"
	"testing"
)

// What one run read in part the next completes; what was read is read again on demand.
func TestALimitedRunIsCompletedAndReadAgainFromAMoment(t *testing.T) {
	w := embedded(t)
	w.flags = append(w.flags, "--cases", "40")
	w.demo()
	for _, name := range []string{"ledger.db", "ledger.db-wal", "ledger.db-shm"} {
		_ = os.Remove(filepath.Join(w.dir, "data", name)) // nothing was ever collected
	}
	args := func(more ...string) []string {
		return append([]string{"run", "provident-fund-accept", "--collect-only", "--json", "--site", w.dir}, more...)
	}
	var read int64
	for i := 0; ; i++ {
		_, sums := w.exec(args("--limit", "15")...)
		s := sums["provident-fund-accept"]
		if read += s.Read; s.Read > 15 || i > 9 {
			t.Fatalf("run %d: %+v", i, s)
		}
		if !s.Cut {
			break
		}
	}
	if read < 40 {
		t.Errorf("%d rows were read in all", read)
	}
	for since, want := range map[string]int64{"0h": 1, "2020-01-01": 40} {
		code, sums := w.exec(args("--since", since)...)
		if s := sums["provident-fund-accept"]; code != exitDone || s.Cut || s.Read != want || s.Records != 0 || s.Mode != "incremental" {
			t.Errorf("since %s: exit %d, %+v", since, code, s)
		}
	}
	for _, wrong := range [][]string{{"--limit", "0"}, {"--since", "tomorrow"}, {"--since", "2099-01-01"}, {"--since", "1d", "--mode", "full"}, {"--limit", "1", "--remap"}, {"--since", "1d", "--deliver-only"}} {
		if code, _, errOut := command(args(wrong...)...); code != exitUsage || errOut == "" {
			t.Errorf("%v exits %d: %s", wrong, code, errOut)
		}
	}
}
