package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"banjian/cmd/internal/wiring"
	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/gateway"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/schemas"
)

// LongLives is the variable that asks for the long form: how many cases live, in every
// profile that ships. make lives sets it.
const LongLives = "BANJIAN_LIVES"

// Ten interfaces from the flow number to the result's file, through serve, gateway, inbox,
// department, ledger and pipelines: what the platform, the inbox and the ledger hold in the end
// is exactly what the script says, whatever was lost on the way.
func TestWholeLivesOfCasesEndAsTheScriptSays(t *testing.T) {
	for name, value := range map[string]string{"LIFE_KEY": keysOfLife.Credentials.Key, "LIFE_SECRET": keysOfLife.Credentials.Secret, "LIFE_SM4": keysOfLife.SM4Key, "GOMAXPROCS": "2"} {
		t.Setenv(name, value)
	}
	for _, name := range middleplatform.Profiles() {
		cases, span := 60, time.Hour
		if n, _ := strconv.Atoi(os.Getenv(LongLives)); n > 0 {
			cases, span = n, 8*time.Hour
		} else if name != middleplatform.DefaultProfile {
			continue
		}
		t.Run(name, func(t *testing.T) {
			w := newLifeWorld(t, name)
			synctest.Test(t, func(t *testing.T) { w.live(t, cases, span) })
		})
	}
}

// lifeWorld is the site on disk.
type lifeWorld struct {
	dir     string
	profile *middleplatform.Profile
}

func newLifeWorld(t *testing.T, profile string) *lifeWorld {
	w := &lifeWorld{dir: t.TempDir()}
	if err := os.CopyFS(w.dir, os.DirFS("testdata/life")); err != nil {
		t.Fatal(err)
	}
	var err error
	if w.profile, err = middleplatform.LoadProfile(profile); err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(w.dir, site.FileName)
	data, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte("PROFILE}"), []byte(profile+"}"))
	data = bytes.ReplaceAll(data, []byte("profile: PROFILE,"), []byte("profile: "+profile+","))
	data = bytes.ReplaceAll(data, []byte("SIGNED"), []byte(strconv.FormatBool(w.profile.Signing().Token == nil)))
	if err := os.WriteFile(conf, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(w.dir, "files"), 0o700); err != nil {
		t.Fatal(err)
	}
	return w
}

// tables makes the department's database: the inbox as it ships, its own tables and views.
func (w *lifeWorld) tables(t *testing.T) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, "ywxt.db")+"?_pragma=busy_timeout(60000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
	if err != nil {
		t.Fatal(err)
	}
	own, err := os.ReadFile(filepath.Join(w.dir, "department.sql"))
	if err != nil {
		t.Fatal(err)
	}
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"inbox_application", "inbox_material", "inbox_withdrawal"} {
		layout, _ := cat.Table(name)
		ddl, err := layout.DDL(schemas.SQLite)
		if err != nil {
			t.Fatal(err)
		}
		own = append(own, ddl...)
		own = append(own, ";\n"...)
	}
	own = append(own, "CREATE TABLE went_back (row TEXT);\n"...)
	for _, name := range []string{"application", "material", "withdrawal"} {
		own = fmt.Appendf(own, "CREATE TRIGGER back_%[1]s AFTER UPDATE ON inbox_%[1]s WHEN NEW.record_version <= OLD.record_version BEGIN INSERT INTO went_back VALUES ('%[1]s ' || NEW.flow_no || ' ' || NEW.submission); END;\n", name)
	}
	if _, err := db.Exec(string(own)); err != nil {
		t.Fatal(err)
	}
	return db
}

// live plays the script to its end, on the clock of a bubble.
func (w *lifeWorld) live(t *testing.T, cases int, span time.Duration) {
	time.Sleep(time.Until(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))) // its clock begins in another century
	db := w.tables(t)
	defer db.Close()
	var lives []*life
	byFlow := map[string]*life{}
	for n := range cases {
		l := lifeOf(n, cases, span)
		lives, byFlow[l.flow] = append(lives, l), l
	}
	town := newLifeTown(t, w.profile, lives)
	defer town.close()
	dept := &bureau{t: t, db: db, dir: filepath.Join(w.dir, "files"), town: town, model: town.model, came: map[string]chan struct{}{}, drawn: map[string]bool{}}
	said := &syncBuffer{}
	serving := w.serve(t, town, said)

	around, stop := context.WithCancel(t.Context())
	var beside, wg sync.WaitGroup
	beside.Go(func() { dept.looks(around) })
	beside.Go(func() { town.corrects(around, byFlow) })
	beside.Go(func() { // a new binary, while nobody can be reached and calls are open
		time.Sleep(outageAfter + outageFor/2)
		serving()
		serving = w.serve(t, town, said)
	})
	wg.Go(town.withdrawsWhatNobodyKnows)
	for _, l := range lives {
		wg.Go(func() { town.applies(l) })
		wg.Go(func() { dept.handles(l) })
	}
	wg.Wait()
	for range 72 { // what was lost last is still on its way
		if town.model.agrees(town.platform) {
			break
		}
		time.Sleep(10 * time.Minute)
	}
	time.Sleep(30 * time.Minute) // nothing comes behind it
	stop()
	beside.Wait()
	serving()
	w.judge(t, town, dept, lives)
	if t.Failed() {
		t.Logf("%.6000s", said.String())
	}
}

// serve runs the product until the function it gives is called.
func (w *lifeWorld) serve(t *testing.T, town *lifeTown, said *syncBuffer) (stop func()) {
	s, err := site.Load(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	a := &app{out: said, err: said, lang: text.EN}
	h, err := wiring.Open(s, wiring.Options{Log: a.log(), Platforms: town, Bind: town.door.bind})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.serve(ctx, h) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
}

// judge compares everything with the script.
func (w *lifeWorld) judge(t *testing.T, town *lifeTown, dept *bureau, lives []*life) {
	m := town.model
	m.wantPlatform(t, town.platform)
	town.wantIdentities()
	for table, columns := range map[string]string{
		"application": "flow_no, submission, express_type, item_code, applicant_name, applicant_id_no, applied_at || '', material_list, reply_receiver, reply_at || '', reply_materials, deleted",
		"material":    "flow_no, submission, seq, material_code, material_name, file_kind, file_state, substr(file_ref, 1, 72 + instr(substr(file_ref, 73), ';')), deleted",
		"withdrawal":  "flow_no, submission, withdrawn_by, answer",
	} {
		var got []string
		dept.each("SELECT "+columns+" FROM inbox_"+table, func(row []string) { got = append(got, strings.Join(row, "|")) })
		same(t, "inbox_"+table, got, m.inbox[table])
	}
	dept.each("SELECT * FROM went_back", func(row []string) { t.Errorf("the inbox went back: %v", row) })
	w.wantLedger(t, m)
	w.wantJournal(t, lives)
	repeats := 0
	for name := range w.profile.Interfaces {
		c := town.platform.Count(name)
		repeats += c.Repeats
		if c.Refused > 0 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	for _, how := range []string{"nobody there", "answer lost", "401", "429", "502"} {
		if town.ends[how] == 0 {
			t.Errorf("no call ended so: %s", how)
		}
	}
	if repeats == 0 || town.unheard == 0 || town.repeated == 0 {
		t.Errorf("nothing came again (%d), was not heard (%d) or said twice (%d)", repeats, town.unheard, town.repeated)
	}
	t.Logf("%d cases, %d messages; %d calls, of which %v; %d of the platform to us (%d unheard, %d twice); %d messages came again unchanged; %s of the clock", len(lives), len(m.messages), town.calls, town.ends,
		town.told, town.unheard, town.repeated, repeats, time.Since(town.began).Round(time.Minute))
}

// wantLedger finds nothing open that the script does not foresee.
func (w *lifeWorld) wantLedger(t *testing.T, m *lifeModel) {
	s, err := site.Load(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := wiring.Open(s, wiring.Options{})
	if err != nil {
		t.Fatal(err)
	}
	store, err := h.OpenLedger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	list, err := store.Exceptions(t.Context(), ledger.ExceptionQuery{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range list {
		got = append(got, fmt.Sprint(x.Receiver, " ", x.State, " ", x.Rule, " ", ledger.DecodeKey(x.Key)))
	}
	same(t, "aside", got, slices.Clone(m.aside))
	for _, receiver := range []string{"platform", "inbox"} {
		if open, err := store.Unsettled(t.Context(), receiver); err != nil || len(open) != 0 {
			t.Errorf("%s: %d batches are open, %v", receiver, len(open), err)
		}
	}
	rejects, err := store.Rejects(t.Context(), ledger.RejectQuery{})
	if err != nil || len(rejects) != 0 {
		t.Errorf("%d rejects, %v: %+v", len(rejects), err, rejects)
	}
}

// wantJournal finds every number and withdrawal counted once, and nothing still to be fetched.
func (w *lifeWorld) wantJournal(t *testing.T, lives []*life) {
	j, err := gateway.OpenJournal(t.Context(), filepath.Join(w.dir, "data", "inbox.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	list, err := j.Stands(t.Context(), []string{"spj"})
	if err != nil {
		t.Fatal(err)
	}
	want := gateway.Stand{System: "spj", WithdrawUnknown: 1}
	for _, l := range lives {
		want.Announced += int64(1 + l.submissions())
		if l.withdrawn {
			want.Withdrawn++
		}
		if l.tooLate {
			want.WithdrawRefused++
		}
	}
	want.Fetched = want.Announced
	if list[0] != want {
		t.Errorf("the gateway stands at %+v, want %+v", list[0], want)
	}
}
