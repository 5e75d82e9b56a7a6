package main

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"banjian/deploy/demo"
)

const goodPDF = "%PDF-1.7 invented licence"

func TestFilesOfRowsAreFetchedCheckedKeptOnceAndSent(t *testing.T) {
	l := newLicences(t, "full")
	sum := md5.Sum([]byte(goodPDF))
	digest := hex.EncodeToString(sum[:])
	for name, content := range map[string]string{"a.pdf": goodPDF, "same.pdf": goodPDF, "wrong.pdf": "<html>404</html>", "large.pdf": "%PDF-1.7 " + strings.Repeat("x", 64<<10), "empty.pdf": ""} {
		l.file("upload/证照/"+name, content)
	}
	l.file("secret.pdf", goodPDF)
	for i, f := range []licence{
		{"F-good", "证明.pdf", `D:\upload\证照\a.pdf`, fmt.Sprint(len(goodPDF)), strings.ToUpper(digest), ""},
		{"F-same", "证明.pdf", `D:\upload\证照\same.pdf`, "", "", ""},
		{"F-missing", "证明.pdf", `D:\upload\证照\later.pdf`, "", "", ""},
		{"F-wrong", "证明.pdf", `D:\upload\证照\wrong.pdf`, "", "", ""},
		{"F-large", "证明.pdf", `D:\upload\证照\large.pdf`, "", "", ""},
		{"F-empty", "证明.pdf", `D:\upload\证照\empty.pdf`, "", "", ""},
		{"F-digest", "证明.pdf", `D:\upload\证照\a.pdf`, "", strings.Repeat("0", 32), ""},
		{"F-size", "证明.pdf", `D:\upload\证照\a.pdf`, "7", "", ""},
		{"F-away", "证明.pdf", `D:\upload\..\secret.pdf`, "", "", ""},
		{"F-host", "证明.pdf", "http://169.254.169.254/latest/meta-data", "", "", ""},
		{"F-hang", "证明.pdf", l.base + "/hang.pdf", "", "", ""},
		{"F-busy", "证明.pdf", l.base + "/busy.pdf", "", "", ""},
	} {
		l.add(i, f)
	}
	s := l.run()
	if s.Read != 12 || s.Rejected != 7 || s.Collected != 5 || s.Owed != 3 {
		t.Fatalf("%+v", s)
	}
	if got := l.arrived(); len(got) != 2 || got["F-good"] != goodPDF || got["F-same"] != goodPDF {
		t.Errorf("the platform has %d files: %v", len(got), got)
	}
	rejects := l.said("rejects", "list", "--pipeline", "result-file")
	for _, want := range []string{"file_type", "file_size", "file_digest", "file_reference"} {
		if !strings.Contains(rejects, want) {
			t.Errorf("rejects do not have %s:\n%s", want, rejects)
		}
	}
	status := l.said("status")
	if !strings.Contains(status, "欠附件 3") {
		t.Errorf("status does not tell of files that are owed:\n%s", status)
	}
	if s = l.run(); s.Records != 0 || s.Collected != 0 {
		t.Errorf("nothing changed, and yet %+v", s)
	}

	l.well.Store(true)
	l.file("upload/证照/later.pdf", goodPDF)
	l.file("upload/证照/wrong.pdf", goodPDF)
	s = l.run()
	if s.Rejected != 6 || s.Collected != 1 || s.Records != 4 || s.Owed != 0 {
		t.Errorf("%+v", s)
	}
	got := l.arrived()
	if len(got) != 6 || got["F-missing"] != goodPDF || got["F-wrong"] != goodPDF || got["F-hang"] != "%PDF-1.7 /hang.pdf" || got["F-busy"] != "%PDF-1.7 /busy.pdf" {
		t.Errorf("the platform has %v", got)
	}
	kept, err := filepath.Glob(filepath.Join(l.dir, "data/objects/??/??/*"))
	if err != nil || len(kept) != 3 {
		t.Errorf("%d objects are kept of 3 contents: %v", len(kept), err)
	}
	if status := l.said("status"); strings.Contains(status, "欠附件") {
		t.Errorf("nothing is owed, and yet:\n%s", status)
	}
}

func TestFilesInABinaryColumnAreKeptAndNotCopiedIntoTheLedger(t *testing.T) {
	l := newLicences(t, "full")
	l.exec2("DROP TABLE gjj_jgwj")
	l.exec2("CREATE TABLE gjj_jgwj (slbh TEXT, sblsh TEXT, wjid TEXT PRIMARY KEY, zzbm TEXT, zzmc TEXT, wjm TEXT, wjlx TEXT, lj BLOB, md5 TEXT, bm TEXT, xzqh TEXT)")
	l.file("pipelines/result-file.yaml", strings.Replace(fmt.Sprintf(attachmentPipeline, "full"), "{name: wjm, size: dx, md5: md5, sm3: sm3, version: bb}", "{bytes: lj, md5: md5, max_size: 32KiB}", 1))
	large := "%PDF-1.7 " + strings.Repeat("invented ", 3000)
	add := func(i int, id, digest string, content any) {
		local, flow, _ := strings.Cut(l.cases[i], " ")
		l.exec2("INSERT INTO gjj_jgwj VALUES(?,?,?,?,?,?,?,?,?,?,?)", local, flow, id, "11100000MB03270300001", "住房公积金缴存使用证明", "证明.pdf", "pdf", content, digest, "12440000MA00000000", "440103000000")
	}
	add(0, "F-good", "", []byte(large))
	add(1, "F-none", "", nil)
	add(2, "F-empty", "", []byte{})
	add(3, "F-wrong", "", []byte("<html>404</html>"))
	add(4, "F-large", "", []byte("%PDF-1.7 "+strings.Repeat("x", 32<<10)))
	add(5, "F-larger", "", []byte("%PDF-1.7 "+strings.Repeat("x", 64<<10)))
	add(6, "F-digest", strings.Repeat("0", 32), []byte(goodPDF))
	s := l.run("--dry-run")
	if kept, _ := filepath.Glob(filepath.Join(l.dir, "data/objects/??/??/*")); s.Read != 7 || len(kept) != 0 {
		t.Fatalf("a dry run kept %d files: %+v", len(kept), s)
	}
	if s = l.run(); s.Read != 7 || s.Rejected != 5 || s.Collected != 2 || s.Owed != 0 {
		t.Fatalf("%+v", s)
	}
	if got := l.arrived(); len(got) != 1 || got["F-good"] != large {
		t.Errorf("the platform has %d files", len(got))
	}
	for _, name := range []string{"ledger.db", "ledger.db-wal"} {
		data, err := os.ReadFile(filepath.Join(l.dir, "data", name))
		if err == nil && bytes.Contains(data, []byte("invented invented")) {
			t.Errorf("the file is in %s", name)
		}
	}
	if s = l.run(); s.Unchanged != 2 || s.Collected != 0 {
		t.Errorf("%+v", s)
	}
	l.exec2("UPDATE gjj_jgwj SET lj = ? WHERE wjid = 'F-good'", []byte(goodPDF))
	l.exec2("UPDATE gjj_jgwj SET lj = ? WHERE wjid = 'F-none'", "sha256:"+strings.Repeat("0", 64)+";9;application/pdf") // bytes, whatever they look like
	if s = l.run(); s.Collected != 1 || s.Rejected != 6 {
		t.Errorf("%+v", s)
	}
	if got := l.arrived(); got["F-good"] != goodPDF {
		t.Error("a file that was replaced did not go again")
	}
}

// A view that is read incrementally shows a row once: what waits is asked for without it.
func TestAFileThatCouldNotBeHadFollowsThoughItsRowIsNotReadAgain(t *testing.T) {
	l := newLicences(t, "incremental, cursor: gxsj, lookback: 1m")
	l.file("upload/bad.pdf", "<html>404</html>")
	for i, f := range []licence{
		{"F-hang", "证明.pdf", l.base + "/hang.pdf", "", "", ""},
		{"F-later", "证明.pdf", `D:\upload\later.pdf`, "", "", ""},
		{"F-later-bad", "证明.pdf", `D:\upload\later-bad.pdf`, "", "", ""},
		{"F-bad", "证明.pdf", `D:\upload\bad.pdf`, "", "", ""},
	} {
		l.add(i, f)
	}
	l.add(4, licence{id: "F-none", name: "证明.pdf"})
	l.exec2("UPDATE gjj_jgwj SET gxsj = datetime('now','+8 hours','-10 minutes') WHERE wjid = 'F-none'") // the cursor passes the others
	if s := l.run(); s.Read != 5 || s.Collected != 4 || s.Rejected != 1 || s.Owed != 3 {
		t.Fatalf("%+v", s)
	}
	held := l.said("held", "list", "--receiver", "platform")
	if strings.Count(held, "文件内容尚未取得") != 4 && strings.Count(held, "content_missing") != 4 {
		t.Errorf("four records wait for their files:\n%s", held)
	}
	l.well.Store(true)
	l.file("upload/later.pdf", goodPDF)
	l.file("upload/later-bad.pdf", "<html>404</html>")
	s := l.run()
	if s.Read > 1 || s.Records != 2 {
		t.Errorf("%+v", s)
	}
	if got := l.arrived(); len(got) != 2 || got["F-later"] != goodPDF {
		t.Errorf("the platform has %v", got)
	}
	if rejects := l.said("rejects", "list", "--pipeline", "result-file"); strings.Count(rejects, "file_type") < 2 && strings.Count(rejects, "F-later-bad") != 1 {
		t.Errorf("a file that came and is wrong is no reject:\n%s", rejects)
	}
	l.file("upload/later-bad.pdf", goodPDF)
	l.file("upload/bad.pdf", goodPDF)
	if s := l.run(); s.Records != 1 {
		t.Errorf("a wrong file that was replaced, of a record that waits: %+v", s)
	}
	l.exec("rejects", "redrive", "--pipeline", "result-file", "--site", l.dir, "--json")
	l.run()
	if got := l.arrived(); len(got) != 4 {
		t.Errorf("the platform has %v", got)
	}
	if open := l.said("status") + l.said("rejects", "list", "--pipeline", "result-file"); strings.Contains(open, "欠附件") || strings.Contains(open, "file_type") {
		t.Error(open)
	}
}

// Killed at every step between a file and its receipt, the next run ends as if nothing had
// been: no record is without its file, no file is sent twice over.
func TestAKillBetweenAFileAndItsRecordLosesNeither(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: kills many processes")
	}
	l := newLicences(t, "full")
	for i := range 6 {
		l.file(fmt.Sprintf("upload/%d.pdf", i), fmt.Sprint(goodPDF, i))
		l.add(i, licence{id: fmt.Sprint("F-", i), name: "证明.pdf", path: fmt.Sprintf(`D:\upload\%d.pdf`, i)})
	}
	steps := []string{"after_fetch", "after_fetch:3", "after_map", "before_ledger_commit", "in_ledger_commit", "after_ledger_commit", "after_freeze", "after_call:2", "after_deliver", "in_settle"}
	for n, step := range steps {
		late := fmt.Sprintf("F-late-%d", n)
		l.add(6+n%6, licence{id: late, name: "证明.pdf", path: fmt.Sprintf(`D:\upload\late-%d.pdf`, n)})
		l.killed(step, "run", "result-file", "--site", l.dir)
		l.whole()
		l.file(fmt.Sprintf("upload/late-%d.pdf", n), fmt.Sprint(goodPDF, " late ", n)) // owed meanwhile, at some steps
		l.killed(step, "run", "result-file", "--site", l.dir)
		l.whole()
	}
	l.run()
	l.run()
	if got := l.arrived(); len(got) != 6+len(steps) {
		t.Errorf("the platform has %d files", len(got))
	}
	seen := map[string]int{}
	for _, m := range l.sent("result_file") {
		seen[m.Value("SPSHENPIJIEGUODATA/SPSHENPIJIEGUO/ATTACH_ID")]++
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s has %d effects", id, n)
		}
	}
}

// The same site may keep its files in a bucket: nothing but the store differs.
func TestFilesAreKeptInABucketWhereTheSiteSaysSo(t *testing.T) {
	l := newLicences(t, "full")
	backend := s3mem.New()
	if err := backend.CreateBucket("files"); err != nil {
		t.Fatal(err)
	}
	service := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(service.Close)
	t.Setenv("BANJIAN_TEST_ACCESS", "demo")
	t.Setenv("BANJIAN_TEST_SECRET", "demo-secret")
	site, err := os.ReadFile(filepath.Join(l.dir, demo.SiteFile))
	if err != nil {
		t.Fatal(err)
	}
	l.file(demo.SiteFile, string(site)+fmt.Sprintf("object_store: {endpoint: %q, bucket: files, prefix: city/, region: us-east-1, access_key: {env: BANJIAN_TEST_ACCESS}, secret_key: {env: BANJIAN_TEST_SECRET}}\n", service.URL))
	l.file("upload/a.pdf", goodPDF)
	l.file("upload/wrong.pdf", "<html>404</html>")
	for i, name := range []string{"a", "wrong", "later"} {
		l.add(i, licence{id: "F-" + name, name: "证明.pdf", path: `D:\upload\` + name + ".pdf"})
	}
	if s := l.run(); s.Collected != 2 || s.Rejected != 1 || s.Owed != 1 {
		t.Errorf("%+v", s)
	}
	l.file("upload/later.pdf", "%PDF-1.7 later")
	if s := l.run(); s.Records != 1 {
		t.Errorf("%+v", s)
	}
	if got := l.arrived(); len(got) != 2 || got["F-a"] != goodPDF || got["F-later"] != "%PDF-1.7 later" {
		t.Errorf("the platform has %v", got)
	}
	list, err := backend.ListBucket("files", nil, gofakes3.ListBucketPage{})
	if err != nil || len(list.Contents) != 2 || !strings.HasPrefix(list.Contents[0].Key, "city/") {
		t.Errorf("the bucket holds %+v, %v", list, err)
	}
	if here, _ := filepath.Glob(filepath.Join(l.dir, "data/objects/??/??/*")); len(here) != 0 {
		t.Errorf("%d files lie in the folder", len(here))
	}
}
