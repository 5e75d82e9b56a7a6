package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/deploy/demo"
	"banjian/internal/failpoint"
	"banjian/internal/objects"
	"banjian/ledger"
	"banjian/ledger/sqlite"
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
	l.exec2(`CREATE TABLE gjj_jgwj (slbh TEXT, sblsh TEXT, wjid TEXT PRIMARY KEY, zzbm TEXT, zzmc TEXT, wjm TEXT, wjlx TEXT, lj TEXT, dx TEXT, md5 TEXT, sm3 TEXT, bb TEXT, bm TEXT, xzqh TEXT, gxsj TEXT)`)
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
	l.exec2("INSERT INTO gjj_jgwj VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,datetime('now','+8 hours','-1 hour'))", local, flow, f.id, "11100000MB03270300001", "住房公积金缴存使用证明", f.name, strings.TrimPrefix(filepath.Ext(f.name), "."),
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

// killed runs banjian as a process of its own that is killed at a step, if it passes there.
func (l *licences) killed(step string, args ...string) {
	l.t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), asProduct+"=1", failpoint.Variable+"="+step)
	_ = c.Run() // killed, or through
}

// whole holds every record's file against the store: each is there and is what it says.
func (l *licences) whole() {
	l.t.Helper()
	ctx := l.t.Context()
	store, err := sqlite.Open(ctx, filepath.Join(l.dir, "data/ledger.db"))
	if err != nil {
		l.t.Fatal(err)
	}
	defer store.Close()
	kept, err := objects.Open(filepath.Join(l.dir, "data/objects"))
	if err != nil {
		l.t.Fatal(err)
	}
	defer kept.Close()
	stream := ledger.Stream{Source: "gjj-core", Subject: "case/result_file"}
	for seq := int64(0); ; {
		entry, err := store.Next(ctx, stream, seq)
		if err != nil {
			l.t.Fatal(err)
		}
		if entry == nil {
			return
		}
		seq = entry.Seq
		rec, err := ledger.Decode(entry.Payload, memory.DefaultAllocator)
		if err != nil {
			l.t.Fatal(err)
		}
		column := rec.Column(rec.Schema().FieldIndices("content")[0]).(*array.String)
		for row := range column.Len() {
			if column.IsNull(row) {
				continue
			}
			content, err := kept.Open(ctx, column.Value(row))
			if err == nil {
				_, err = io.Copy(io.Discard, content)
				content.Close()
			}
			if err != nil {
				l.t.Errorf("a record without its file: %v", err)
			}
		}
		rec.Release()
	}
}
