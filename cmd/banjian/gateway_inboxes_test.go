package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/testdb"
	"banjian/schemas"
)

const inboxesSite = `site: inboxes
connections:
  ywzt: {kind: platform, url: %q, keys: [{key: {env: INBOX_KEY}, secret: {env: INBOX_SECRET}, sm4: {env: INBOX_SM4}}]}
  maria: {kind: mysql, dsn: {env: INBOX_MARIA}}
  postgres: {kind: postgres, dsn: {env: INBOX_POSTGRES}}
  bus: {kind: kafka, brokers: [%q]}
receivers:
  maria: {system: a, environment: test, kind: table, connection: maria, profile: department-inbox}
  postgres: {system: b, environment: test, kind: table, connection: postgres, profile: department-inbox}
  bus: {system: c, environment: test, kind: topic, connection: bus, profile: inbox-topics}
gateway:
  listen: 127.0.0.1:0
  systems:
    spj: {connection: ywzt, platform_id: ywzt-test, signed: true}
`

const inboxesFaults = `faults:
  - {do: drop_after_apply, interface: apply_info, nth: [2, 9]}
  - {do: "502", interface: apply_materials, nth: [3]}
  - {do: truncated, interface: download, nth: [4, 11]}
`

const inboxTopics = `profile: inbox-topics
kind: topic
topics: {format: json, exactly_once: true, create: {partitions: 1, replication: 1}}
subjects:
  - {subject: case/application, topic: inbox.application}
  - {subject: case/application_material, topic: inbox.material}
  - {subject: case/withdrawal, topic: inbox.withdrawal}
`

// What a platform sends goes into inboxes on MariaDB, on PostgreSQL and in topics at once; the
// platform loses answers, the product is killed in between, and a correction goes all the way.
func TestWhatAPlatformSendsReachesInboxesOfEveryKind(t *testing.T) {
	maria, postgres := testdb.MySQL(t), testdb.Postgres(t)
	bus, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	w := newInboxesWorld(t, bus.ListenAddrs()[0])
	inboxes := map[string]*sql.DB{}
	for name, server := range map[string]*testdb.Server{"MARIA": maria, "POSTGRES": postgres} {
		db := server.CreateDatabase(t)
		t.Setenv("INBOX_"+name, server.DSN(db))
		dialect := map[string]string{"MARIA": schemas.MySQL, "POSTGRES": schemas.Postgres}[name]
		for _, ddl := range inboxDDL(t, dialect) {
			server.Exec(t, db, ddl)
		}
		inboxes[name] = server.Open(t, db)
	}
	const n = 12
	var flows []string
	for i := range n {
		flows = append(flows, middleplatform.TryOutFlow(int64(500+i)))
	}
	w.serve("")
	for _, flow := range flows[:n/2] {
		w.announces(simulator.Announcement{Flow: flow}, "200")
	}
	_ = w.served.Process.Signal(syscall.SIGKILL)
	_ = w.served.Wait()
	w.serve("")
	for _, flow := range flows[n/2:] {
		w.announces(simulator.Announcement{Flow: flow}, "200")
	}
	for _, flow := range flows[:4] {
		w.corrects(flow)
		w.announces(simulator.Announcement{Flow: flow, Express: "1", By: "张样例", Corrected: "身份证", At: "2026-11-22 10:00:00"}, "200")
	}
	w.announces(simulator.Announcement{Flow: flows[n-1], Withdrawn: true, By: "张样例"}, "200")

	want := w.foreseen(flows, flows[:4], flows[n-1])
	for name, db := range inboxes {
		w.eventually(name+" has it all", func() bool {
			return slices.Equal(inboxRows(t, db), want) || strings.Contains(w.said.String(), "error:")
		})
		same(t, name, inboxRows(t, db), want)
	}
	same(t, "topics", w.topicRows(t, bus.ListenAddrs(), want), want)
	w.stop()
}

// newInboxesWorld is a site with a simulator that loses answers before it.
func newInboxesWorld(t *testing.T, broker string) *inboxesWorld {
	w := &inboxesWorld{inboxWorld: &inboxWorld{t: t, dir: t.TempDir()}, keys: middleplatform.Keys{Credentials: middleplatform.Credentials{Key: "demo-app-key-0001", Secret: "demo-app-secret-0001"}, SM4Key: "demoSm4Key"}}
	w.profile = platformProfile(t)
	var err error
	if w.cipher, err = middleplatform.NewCipher(w.profile, w.keys.SM4Key, nil); err != nil {
		t.Fatal(err)
	}
	faults, err := simulator.ParseFaults("faults.yaml", []byte(inboxesFaults), w.profile)
	if err != nil {
		t.Fatal(err)
	}
	w.platform, err = simulator.New(simulator.Options{Profile: w.profile, Credentials: w.keys.Credentials, SM4Key: w.keys.SM4Key, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	server, err := w.platform.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx) }()
	t.Cleanup(func() { stop(); <-ended; w.platform.Close() })
	w.at = server.Base
	for name, value := range map[string]string{"INBOX_KEY": w.keys.Credentials.Key, "INBOX_SECRET": w.keys.Credentials.Secret, "INBOX_SM4": w.keys.SM4Key} {
		t.Setenv(name, value)
	}
	w.write("banjian.yaml", fmt.Sprintf(inboxesSite, server.Base, broker))
	w.write("pipelines/receivers/inbox-topics.yaml", inboxTopics)
	own, err := os.ReadFile(filepath.Join("testdata", "life", "pipelines", "inbox.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	w.write("pipelines/inbox.yaml", strings.ReplaceAll(string(own), "[inbox]", "[maria, postgres, bus]"))
	return w
}

// inboxesWorld is a site with inboxes of several kinds and the platform that calls it.
type inboxesWorld struct {
	*inboxWorld
	platform *simulator.Simulator
	keys     middleplatform.Keys
	at       string // base address of the platform
}

func inboxDDL(t *testing.T, dialect string) (list []string) {
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"inbox_application", "inbox_material", "inbox_withdrawal"} {
		layout, _ := cat.Table(name)
		ddl, err := layout.DDL(dialect)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, ddl)
	}
	return list
}

// announces tells our gateway until it answers.
func (w *inboxesWorld) announces(a simulator.Announcement, want string) {
	w.t.Helper()
	a.Item, a.Region, a.How = middleplatform.TryOutItem, "370102000000", middleplatform.Notice{Place: "form", Sealed: true}
	w.eventually(a.Flow+" is answered", func() bool {
		status, err := w.platform.Announce(w.t.Context(), http.DefaultClient, w.base+"/spj", a)
		if err == nil && status != want {
			w.t.Errorf("%s is answered %s", a.Flow, status)
		}
		return err == nil
	})
}

// corrects is the department's notice (interface 6), as another system of it pushes it.
func (w *inboxesWorld) corrects(flow string) {
	w.t.Helper()
	m, err := middleplatform.DecodeXML("<APPROVEDATAINFO><SBLSH_SHORT>" + flow + "</SBLSH_SHORT><SXBM>" + middleplatform.TryOutItem + "</SXBM><SPBUZHENGGAOZHI><BZGZFCRXM>孙告知</BZGZFCRXM><BZGZYY>不清晰</BZGZYY><BZCLQD>身份证</BZCLQD><BQBZCLBM>CL01</BQBZCLBM>" +
		"<BZGZSX>5</BZGZSX><BZGZSXDW>G</BZGZSXDW><BZGZSJ>2026-11-22 09:00:00</BZGZSJ><XZQHDM>370102000000</XZQHDM></SPBUZHENGGAOZHI></APPROVEDATAINFO>")
	if err != nil {
		w.t.Fatal(err)
	}
	body, err := w.profile.EncodeCall(m, w.cipher)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, w.profile.Interfaces["correction"].URL(w.at), bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.profile.SignRequest(r, w.keys.Credentials, uuid.NewString(), time.Now(), "-"); err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	resp.Body.Close()
	if c := w.platform.Count("correction"); c.Refused > 0 || resp.StatusCode != http.StatusOK {
		w.t.Fatalf("%d, %+v", resp.StatusCode, c)
	}
}

// foreseen is what every inbox is to hold.
func (w *inboxesWorld) foreseen(flows, corrected []string, withdrawn string) (rows []string) {
	for _, flow := range flows {
		app := simulator.TryOutApplication(flow)
		name := app.Name
		if app.Company {
			name = app.OrgName
		}
		for submission := range 2 {
			if submission == 1 && !slices.Contains(corrected, flow) {
				break
			}
			rows = append(rows, fmt.Sprintf("application %s %d %s", flow, submission, name))
			for _, m := range app.Materials {
				state := "stored"
				if m.File == nil {
					state = ""
				}
				if submission == 0 || m.Code == "CL01" {
					rows = append(rows, fmt.Sprintf("material %s %d %s %s", flow, submission, m.Name, state))
				}
			}
		}
	}
	rows = append(rows, "withdrawal "+withdrawn+" 0 accepted")
	slices.Sort(rows)
	return rows
}

// inboxRows is what tables hold.
func inboxRows(t *testing.T, db *sql.DB) (list []string) {
	t.Helper()
	for table, column := range map[string]string{"application": "applicant_name", "material": "concat(material_name, ' ', coalesce(file_state, ''))", "withdrawal": "answer"} {
		rows, err := db.QueryContext(t.Context(), "SELECT flow_no, submission, "+column+" FROM inbox_"+table+" WHERE deleted='0'")
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var flow, submission, said string
			if err := rows.Scan(&flow, &submission, &said); err != nil {
				t.Fatal(err)
			}
			list = append(list, table+" "+flow+" "+submission+" "+said)
		}
		rows.Close()
	}
	slices.Sort(list)
	return list
}

// topicRows is what topics say in the end: of each key the last message. No event comes twice.
func (w *inboxesWorld) topicRows(t *testing.T, brokers []string, want []string) (list []string) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumeTopics("inbox.application", "inbox.material", "inbox.withdrawal"), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	events, last := map[string]bool{}, map[string]string{}
	w.eventually("the topics have it all", func() bool {
		ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer stop()
		cl.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			i := slices.IndexFunc(r.Headers, func(h kgo.RecordHeader) bool { return h.Key == "event_id" })
			if id := string(r.Headers[i].Value); events[id] {
				t.Errorf("%s came twice", id)
			} else {
				events[id] = true
			}
			last[r.Topic+string(r.Key)] = topicRow(t, r)
		})
		list = list[:0]
		for _, row := range last {
			list = append(list, row)
		}
		slices.Sort(list)
		return slices.Equal(list, want)
	})
	return list
}

func topicRow(t *testing.T, r *kgo.Record) string {
	var v struct {
		Flow       string `json:"flow_no"`
		Submission int    `json:"submission"`
		Name       string `json:"applicant_name"`
		Material   string `json:"material_name"`
		State      string `json:"file_state"`
		Answer     string `json:"answer"`
	}
	if err := json.Unmarshal(r.Value, &v); err != nil {
		t.Fatal(err)
	}
	kind := strings.TrimPrefix(r.Topic, "inbox.")
	said := map[string]string{"application": v.Name, "material": v.Material + " " + v.State, "withdrawal": v.Answer}[kind]
	return fmt.Sprintf("%s %s %d %s", kind, v.Flow, v.Submission, said)
}
