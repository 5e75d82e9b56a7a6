package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"banjian/internal/failpoint"
	"banjian/ledger"
	"banjian/ledger/sqlite"
)

const splitRows = 60_000

const splitPipeline = `pipeline: papers
from: {connection: gjj, source_id: gjj-papers, view: v_many, key: [local_no, material_id], mode: MODE, absent: delete, splits: SPLITS}
mapping: my/papers
`

// splitSite is a department with a view large enough to be split.
func splitSite(t *testing.T, mode string, splits int) *troubled {
	t.Helper()
	w := newTroubled(t, onMariaDB(t))
	w.do("CREATE TABLE many (bh VARCHAR(20), xh VARCHAR(10), mc VARCHAR(40), fs VARCHAR(10), bz VARCHAR(40), PRIMARY KEY (bh, xh))")
	w.do(fmt.Sprintf("INSERT INTO many SELECT CONCAT(ELT(seq %% 3 + 1, '甲', 'b', 'C'), seq DIV 4), seq %% 4, '申请表', IF(seq %% 1000 = 0, '不明', '纸质'), seq FROM seq_1_to_%d", splitRows))
	w.do("CREATE VIEW v_many AS SELECT * FROM many")
	w.put("mappings/my/papers.yaml", strings.Replace(keylessMapping, "row_id", "xh", 1))
	w.put("pipelines/papers.yaml", strings.NewReplacer("MODE", mode, "SPLITS", fmt.Sprint(splits)).Replace(splitPipeline))
	return w
}

// killedAt runs the pipeline in a process that is killed at the n-th passage of a step.
func (w *troubled) killedAt(step failpoint.Name) {
	w.t.Helper()
	c := exec.CommandContext(w.t.Context(), os.Args[0], "run", "papers", "--collect-only", "--site", w.dir)
	c.Env = append(os.Environ(), asProduct+"=1", failpoint.Variable+"="+string(step))
	if out, err := c.CombinedOutput(); err == nil || c.ProcessState.ExitCode() >= 0 {
		w.t.Fatalf("%s: not killed: %v %s", step, err, out)
	}
}

// records is the row_guid of every living record, by key.
func (w *troubled) records() map[string]string {
	w.t.Helper()
	store, err := sqlite.Open(context.Background(), w.dir+"/data/ledger.db")
	if err != nil {
		w.t.Fatal(err)
	}
	defer store.Close()
	all := map[string]string{}
	for after := []byte(nil); ; {
		page, err := store.Members(context.Background(), ledger.Stream{Source: "gjj-papers", Subject: "case/material"}, "papers", after, 10_000)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(page) == 0 {
			return all
		}
		for _, e := range page {
			all[string(e.Key)] = hex.EncodeToString(e.GUID[:])
		}
		after = page[len(page)-1].Key
	}
}

// A first load that is killed goes on with the ranges that were not committed, and ends with
// the records, row_guids and sums of one that read everything at once.
func TestAFirstLoadThatIsKilledGoesOnWithTheRangesThatAreLeft(t *testing.T) {
	whole := splitSite(t, "full", 1)
	all := whole.collects("papers")
	want := whole.records()

	w := splitSite(t, "full", 8)
	for _, step := range []failpoint.Name{failpoint.AfterLedgerCommit + ":18", failpoint.BeforeLedgerCommit + ":3"} {
		w.killedAt(step)
	}
	rest := w.collects("papers")
	if rest.Read >= splitRows-3000 || rest.Absent != nil {
		t.Errorf("%d rows were read after the kill, %+v", rest.Read, rest.Absent)
	}
	got := w.records()
	if len(got) != len(want) || int64(len(got)) != all.Collected || len(got) != splitRows-splitRows/1000 {
		t.Errorf("%d records, not %d", len(got), len(want))
	}
	for key, guid := range want {
		if got[key] != guid {
			t.Fatalf("%q has the row_guid %q, not %q", key, got[key], guid)
		}
	}
	if s := w.collects("papers"); s.Read != all.Read || s.Rejected != all.Rejected || s.Unchanged != all.Collected || s.Records != 0 || s.Absent == nil || s.Absent.Absent != 0 {
		t.Errorf("the run after it: %+v", s)
	}
}

func TestAFirstLoadInRangesAddsUpLikeOneAtOnce(t *testing.T) {
	w, one := splitSite(t, "compare", 5), splitSite(t, "compare", 1)
	a, b := w.collects("papers"), one.collects("papers")
	if a.Read != b.Read || a.Rejected != b.Rejected || a.Collected != b.Collected || a.Records != b.Records {
		t.Errorf("%+v\n%+v", a, b)
	}
}
