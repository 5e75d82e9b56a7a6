package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/deploy/demo"
)

// licences is a demo site whose department has result files as well, at a file server and
// in a folder.
type licences struct {
	*world
	cases []string // granted, and at the platform
	base  string
	well  atomic.Bool
	asked atomic.Int64
}

const attachmentPipeline = `pipeline: result-file
from: {connection: gjj, source_id: gjj-core, view: gjj_jgwj, key: [local_no, file_id], mode: %s}
mapping: result-file
deliver: [platform]
attachments: {name: wjm, size: dx, md5: md5, sm3: sm3, version: bb}
`

const attachmentMapping = `mapping: result-file
to: case/result_file
fields:
  local_no: slbh
  flow_no: sblsh
  file_id: wjid
  licence_code: zzbm
  licence_name: zzmc
  file_name: wjm
  file_type: wjlx
  content: lj
  dept_code: bm
  region: xzqh
`

func newLicences(t *testing.T, mode string) *licences {
	t.Helper()
	l := &licences{world: embedded(t)}
	l.flags = append(l.flags, "--cases", "80", "--seed", "7")
	l.demo()
	l.attach()
	server := httptest.NewServer(http.HandlerFunc(l.serve))
	t.Cleanup(server.Close)
	l.base = server.URL
	site := filepath.Join(l.dir, demo.SiteFile)
	data, err := os.ReadFile(site)
	if err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(server.URL, "http://")
	const end = "data/department.db,"
	with := strings.Replace(string(data), end, fmt.Sprintf(`data/department.db, attachments: {hosts: ["%s"], folders: [{path: upload, prefix: "D:\\upload\\"}], timeout: 1s, max_size: 64KiB},`, host), 1)
	if with == string(data) {
		t.Fatalf("the site does not say %s:\n%s", end, data)
	}
	l.file(demo.SiteFile, with)
	l.file("pipelines/result-file.yaml", fmt.Sprintf(attachmentPipeline, mode))
	l.file("mappings/result-file.yaml", attachmentMapping)
	l.exec2(`CREATE TABLE gjj_jgwj (slbh TEXT, sblsh TEXT, wjid TEXT PRIMARY KEY, zzbm TEXT, zzmc TEXT, wjm TEXT, wjlx TEXT, lj TEXT, dx TEXT, md5 TEXT, sm3 TEXT, bb TEXT, bm TEXT, xzqh TEXT)`)
	for _, m := range l.sent("finish") {
		if code := m.Value("SPBANJIE/BJJGDM"); code == "0" || code == "6" {
			flow := m.Value("SBLSH_SHORT")
			for _, local := range l.strings("SELECT slbh FROM gjj_ywsl WHERE sblsh = '" + flow + "' GROUP BY slbh") {
				l.cases = append(l.cases, local+" "+flow)
			}
		}
	}
	slices.Sort(l.cases)
	if l.cases = slices.Compact(l.cases); len(l.cases) < 12 {
		t.Fatalf("%d cases are granted", len(l.cases))
	}
	return l
}

// serve is the department's file server, which is out of order until it is well.
func (l *licences) serve(w http.ResponseWriter, r *http.Request) {
	l.asked.Add(1)
	switch {
	case l.well.Load() && strings.HasPrefix(r.URL.Path, "/"):
		_, _ = w.Write([]byte("%PDF-1.7 " + r.URL.Path))
	case strings.HasPrefix(r.URL.Path, "/hang"):
		<-r.Context().Done()
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (l *licences) exec2(query string, args ...any) {
	l.t.Helper()
	if _, err := l.source.ExecContext(l.t.Context(), query, args...); err != nil {
		l.t.Fatal(err)
	}
}

func (l *licences) strings(query string) (list []string) {
	l.t.Helper()
	rows, err := l.source.QueryContext(l.t.Context(), query)
	if err != nil {
		l.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			l.t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// licence is a row of the view; what is not given is left out.
type licence struct{ id, name, path, size, md5, sm3 string }

// add puts a row into the view, for the i-th case.
func (l *licences) add(i int, f licence) {
	l.t.Helper()
	local, flow, _ := strings.Cut(l.cases[i], " ")
	null := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	l.exec2("INSERT INTO gjj_jgwj VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", local, flow, f.id, "11100000MB03270300001", "住房公积金缴存使用证明", f.name, strings.TrimPrefix(filepath.Ext(f.name), "."),
		null(f.path), null(f.size), null(f.md5), null(f.sm3), nil, "12440000MA00000000", "440103000000")
}

// sent is the messages of an interface that the platform has.
func (l *licences) sent(name string) (list []*middleplatform.Element) {
	l.t.Helper()
	p, err := simulator.New(simulator.Options{Profile: platformProfile(l.t), Credentials: middleplatform.Credentials{Key: "test", Secret: "test"}, SM4Key: "test", State: filepath.Join(l.dir, demo.PlatformFile)})
	if err != nil {
		l.t.Fatal(err)
	}
	defer p.Close()
	for _, e := range p.Effects() {
		if e.Interface != name {
			continue
		}
		m, err := middleplatform.DecodeXML(e.Body)
		if err != nil {
			l.t.Fatal(err)
		}
		list = append(list, m)
	}
	return list
}

// run runs the pipeline and gives its summary.
func (l *licences) run(more ...string) summary {
	l.t.Helper()
	_, sums := l.exec(append([]string{"run", "result-file", "--site", l.dir, "--json", "--fail-on", "none"}, more...)...)
	return sums["result-file"]
}

// arrived is the files that the platform has, by id, held against the MD5 that came along.
func (l *licences) arrived() map[string]string {
	l.t.Helper()
	got := map[string]string{}
	for _, m := range l.sent("result_file") {
		const at = "SPSHENPIJIEGUODATA/SPSHENPIJIEGUO/"
		content, err := base64.StdEncoding.DecodeString(m.Value(at + "ATTACH_BODY"))
		if err != nil {
			l.t.Fatal(err)
		}
		sum := md5.Sum(content)
		if m.Value(at+"ATTACH_SIGN") != hex.EncodeToString(sum[:]) {
			l.t.Errorf("%s came with another MD5 than its bytes have", m.Value(at+"ATTACH_ID"))
		}
		got[m.Value(at+"ATTACH_ID")] = string(content)
	}
	return got
}

func (l *licences) said(args ...string) string {
	l.t.Helper()
	var out, errOut bytes.Buffer
	execute(context.Background(), append(args, "--site", l.dir, "--lang", "zh"), &out, &errOut)
	return out.String() + errOut.String()
}

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
