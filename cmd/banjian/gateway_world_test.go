package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/failpoint"
	"banjian/schemas"
)

// inboxWorld is a site that a platform calls, with the platform and two departments.
type inboxWorld struct {
	t        *testing.T
	dir      string
	profile  *middleplatform.Profile
	cipher   *middleplatform.Cipher
	intake   *middleplatform.Intake
	platform *httptest.Server

	mu   sync.Mutex
	data map[string]application // by flow number
	down bool

	served *exec.Cmd
	said   *syncBuffer
	base   string
}

// application is what the platform has of one.
type application struct {
	item, region, appliedAt, name string
	file                          []byte
	gone                          bool // the store answers 404 for the file
}

// syncBuffer is written by a process and read by the test.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

const inboxSite = `site: inbox-test
connections:
  ywzt: {kind: platform, url: %q, keys: [{key: {env: INBOX_KEY}, secret: {env: INBOX_SECRET}, sm4: {env: INBOX_SM4}}]}
  gjj-db: {kind: sqlite, path: gjj.db}
  sb-db: {kind: sqlite, path: sb.db}
receivers:
  gjj-inbox: {system: gjj, environment: test, kind: table, connection: gjj-db, profile: department-inbox}
  sb-inbox: {system: sb, environment: test, kind: table, connection: sb-db, profile: department-inbox}
gateway:
  listen: 127.0.0.1:0
  systems:
    spj: {path: /ywzt/spj, connection: ywzt, platform_id: ywzt-test}
    gjj: {connection: ywzt, platform_id: ywzt-test, signed: true, only_sealed: true}
`

const inboxPipelines = `pipeline: inbox-application
from: {connection: ywzt, source_id: ywzt-test, inbox: application, key: [flow_no, submission]}
mapping: sd-ywzt-2024/application
deliver: [gjj-inbox, sb-inbox]
---
pipeline: inbox-material
from: {connection: ywzt, source_id: ywzt-test, inbox: application_material, key: [flow_no, submission, seq]}
mapping: sd-ywzt-2024/application_material
deliver: [gjj-inbox, sb-inbox]
---
pipeline: inbox-withdrawal
from: {connection: ywzt, source_id: ywzt-test, inbox: withdrawal, key: [flow_no, submission]}
mapping: sd-ywzt-2024/withdrawal
deliver: [gjj-inbox, sb-inbox]
`

func newInboxWorld(t *testing.T) *inboxWorld {
	t.Helper()
	w := &inboxWorld{t: t, dir: t.TempDir(), data: map[string]application{}}
	var err error
	if w.profile, err = middleplatform.LoadProfile(middleplatform.DefaultProfile); err != nil {
		t.Fatal(err)
	}
	if w.intake, err = middleplatform.LoadIntake(w.profile); err != nil {
		t.Fatal(err)
	}
	if w.cipher, err = middleplatform.NewCipher(w.profile, "demoSm4Key", nil); err != nil {
		t.Fatal(err)
	}
	t.Setenv("INBOX_KEY", "demo-app-key-0001")
	t.Setenv("INBOX_SECRET", "demo-app-secret-0001")
	t.Setenv("INBOX_SM4", "demoSm4Key")
	w.platform = httptest.NewServer(w)
	t.Cleanup(w.platform.Close)
	w.write("banjian.yaml", fmt.Sprintf(inboxSite, w.platform.URL+"/ywzt"))
	w.write("pipelines/inbox.yaml", inboxPipelines)
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, department := range []string{"gjj", "sb"} {
		db := w.department(department)
		for _, table := range []string{"inbox_application", "inbox_material", "inbox_withdrawal"} {
			layout, _ := cat.Table(table)
			ddl, err := layout.DDL(schemas.SQLite)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(ddl); err != nil {
				t.Fatal(err)
			}
		}
	}
	return w
}

func (w *inboxWorld) write(name, content string) {
	w.t.Helper()
	file := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *inboxWorld) department(name string) *sql.DB {
	w.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, name+".db")+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { db.Close() })
	return db
}

// ServeHTTP is the platform: details, materials, files.
func (w *inboxWorld) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		panic(http.ErrAbortHandler)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	reply := middleplatform.Reply{Code: "200", Status: "300", Data: "没有这个流水号"}
	if strings.HasSuffix(r.URL.Path, "/downloadFile") {
		var asked struct{ FileKey string }
		_ = json.Unmarshal(body, &asked)
		key, _ := w.cipher.Decrypt(asked.FileKey)
		a, known := w.data[strings.TrimPrefix(key, "/oss/")]
		if a.gone {
			http.NotFound(rw, r)
			return
		}
		if known && a.file != nil {
			reply = middleplatform.Reply{Code: "200", Status: "200", Data: `{"data":{"fileContent":"` + base64.StdEncoding.EncodeToString(a.file) + `"}}`}
		}
	} else if _, m, err := w.profile.DecodeCall(body, w.cipher); err == nil {
		flowNo := m.Value("SBLSH_SHORT")
		if a, known := w.data[flowNo]; known {
			data, err := middleplatform.DecodeXML(a.xml(flowNo, m.Value("YWLX")))
			if err != nil {
				w.t.Error(err)
				return
			}
			reply = middleplatform.Reply{Code: "200", Status: "200", Data: "成功", Answer: data}
		}
	}
	kind, answer, err := w.profile.EncodeReply(reply, middleplatform.XML, w.cipher)
	if err != nil {
		w.t.Error(err)
		return
	}
	rw.Header().Set("Content-Type", kind)
	_, _ = rw.Write(answer) // a process that was killed does not read it
}

// xml is the DATA of interface 2 or, with a YWLX, 3.
func (a *application) xml(flowNo, kind string) string {
	switch kind {
	case "":
		return `<DATA><SXBDBM>BD1</SXBDBM><YWLY>01</YWLY><BJMC>提取公积金</BJMC><SPRENYUAN><IDENTITYTYPE>111</IDENTITYTYPE><IDCARDNO>11010519491231002X</IDCARDNO><NAME>` + a.name + `</NAME><SEX>男</SEX><LINKPHONE>13800138000</LINKPHONE><BRITHDAY>1949-12-31</BRITHDAY><HOBBY>x</HOBBY></SPRENYUAN>` +
			`<SPSHENQIN><SBLSH_SHORT>` + flowNo + `</SBLSH_SHORT><SXMC>提取公积金</SXMC><SQRLX>1</SQRLX><SQRMC>` + a.name + `</SQRMC><SQRZJLX>10</SQRZJLX><SQRZJHM>11010519491231002X</SQRZJHM><LXRXM>无</LXRXM><LXRSJ>13800138000</LXRSJ><SBSJ>` + a.appliedAt + `</SBSJ><SBCLQD>身份证;合同</SBCLQD>` +
			`<XML_DATA><SPItemListDef><TableCols><tqyy>购房</tqyy></TableCols></SPItemListDef></XML_DATA></SPSHENQIN></DATA>`
	case "1":
		return `<DATA><RECORDS><RECORD><SEQ>b1</SEQ><STUFF_SEQ>CL1</STUFF_SEQ><CLMC>身份证</CLMC><WJLX>1</WJLX><CLLX>2</CLLX><CLSL>1</CLSL><ATTACH_NAME>补正.pdf</ATTACH_NAME><ATTACH_BODY>` + base64.StdEncoding.EncodeToString([]byte("%PDF-1.7 补正")) + `</ATTACH_BODY></RECORD></RECORDS></DATA>`
	}
	return `<DATA><RECORDS><RECORD><SEQ>a1</SEQ><STUFF_SEQ>CL1</STUFF_SEQ><CLMC>身份证</CLMC><WJLX>3</WJLX><CLLX>2</CLLX><CLSL>1</CLSL><ATTACH_NAME>正面.jpg</ATTACH_NAME><ATTACH_PATH>/oss/` + flowNo + `</ATTACH_PATH></RECORD>` +
		`<RECORD><SEQ>a2</SEQ><STUFF_SEQ>CL2</STUFF_SEQ><CLMC>合同</CLMC><WJLX>0</WJLX><CLLX>0</CLLX></RECORD></RECORDS></DATA>`
}

// put hands an application in at the platform.
func (w *inboxWorld) put(flowNo string, change func(*application)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := application{item: "GJJ-0302", region: "370102", appliedAt: "2026-11-20 08:00:00", name: "张样例", file: []byte("\xff\xd8\xff\xe0 " + flowNo)}
	if change != nil {
		change(&a)
	}
	w.data[flowNo] = a
}

// forget has the platform know nothing of an application.
func (w *inboxWorld) forget(flowNo string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.data, flowNo)
}

func (w *inboxWorld) setDown(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
}

var receivingAt = regexp.MustCompile(`receiving at (http://[0-9.:]+)/`)

// serve starts the product; a failpoint kills it at a step.
func (w *inboxWorld) serve(step failpoint.Name) {
	w.t.Helper()
	w.said = &syncBuffer{}
	w.served = exec.CommandContext(context.Background(), os.Args[0], "serve", "--site", w.dir, "--lang", "en")
	w.served.Env = append(os.Environ(), asProduct+"=1")
	if step != "" {
		w.served.Env = append(w.served.Env, failpoint.Variable+"="+string(step))
	}
	w.served.Stderr = w.said
	if err := w.served.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = w.served.Process.Kill() })
	w.eventually("it says where it receives", func() bool {
		m := receivingAt.FindStringSubmatch(w.said.String())
		if m != nil {
			w.base = m[1]
		}
		return m != nil
	})
}

// stop asks it to end.
func (w *inboxWorld) stop() {
	w.t.Helper()
	_ = w.served.Process.Signal(syscall.SIGTERM)
	if code := exitOf(w.t, w.served); code != exitDone {
		w.t.Errorf("exited %d\n%s", code, w.said)
	}
}

// eventually waits for what another process does.
func (w *inboxWorld) eventually(what string, holds func() bool) {
	w.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
		if strings.Contains(w.said.String(), "panic:") || strings.Contains(w.said.String(), "\nerror: pipelines") {
			break
		}
	}
	w.t.Fatalf("not in time: %s\n%s", what, w.said)
}

// call calls the gateway and gives the status, empty if nobody answered.
func (w *inboxWorld) call(path, xml string) string {
	w.t.Helper()
	resp, err := http.PostForm(w.base+path, url.Values{"xmlStr": {xml}})
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	var said struct{ Status string }
	if err := json.NewDecoder(resp.Body).Decode(&said); err != nil {
		return ""
	}
	return said.Status
}

func (w *inboxWorld) announce(flowNo, kind, at string) string {
	w.t.Helper()
	w.mu.Lock()
	a := w.data[flowNo]
	w.mu.Unlock()
	return w.call("/ywzt/spj/sendApplyNO", fmt.Sprintf("<APPROVEDATAINFO><SBLSH_SHORT>%s</SBLSH_SHORT><SXBM>%s</SXBM><XZQHDM>%s</XZQHDM><EXPRESSTYPE>%s</EXPRESSTYPE><BZSLBLRXM>张补正</BZSLBLRXM><BZCLQD>身份证</BZCLQD><BZSJ>%s</BZSJ></APPROVEDATAINFO>", flowNo, a.item, a.region, kind, at))
}

func (w *inboxWorld) withdraw(flowNo string) string {
	w.t.Helper()
	return w.call("/ywzt/spj/cancelProjectBeforeAccept", "<APPROVEDATAINFO><SBLSH_SHORT>"+flowNo+"</SBLSH_SHORT><CXRXM>张样例</CXRXM></APPROVEDATAINFO>")
}

// rows lists a department's rows, their columns joined by |.
func (w *inboxWorld) rows(department, table, columns string) []string {
	w.t.Helper()
	db := w.department(department)
	defer db.Close()
	rows, err := db.Query("SELECT concat_ws('|', " + columns + ") FROM inbox_" + table + " ORDER BY flow_no, submission, 1")
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			w.t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

func (w *inboxWorld) wantRows(department, table, columns string, want ...string) {
	w.t.Helper()
	var got []string
	w.eventually(fmt.Sprintf("%s of %s: %q", table, department, want), func() bool {
		got = w.rows(department, table, columns)
		return slices.Equal(got, want) || len(got) > len(want)
	})
	if !slices.Equal(got, want) {
		w.t.Errorf("%s of %s: %q, want %q", table, department, got, want)
	}
}

// says runs a verb and gives what it prints.
func (w *inboxWorld) says(args ...string) (code int, out string) {
	w.t.Helper()
	var o, e bytes.Buffer
	code = execute(context.Background(), append(args, "--site", w.dir, "--lang", "en"), &o, &e)
	return code, o.String() + e.String()
}
