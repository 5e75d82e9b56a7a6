package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"banjian/cmd/internal/status"
	"banjian/cmd/internal/wiring"
	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/ledger"
)

// house is the site of a world as a command joins it.
func (w *troubled) house() *house {
	w.t.Helper()
	s, err := site.Load(w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	h, err := wiring.Open(s, wiring.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

// must is a command that ends with this exit code; it returns what was printed.
func (w *troubled) must(want int, args ...string) (out, errOut string) {
	w.t.Helper()
	code, out, errOut := w.says(append(args, "--site", w.dir)...)
	if code != want {
		w.t.Fatalf("%v exited %d, want %d\n%s%s", args, code, want, out, errOut)
	}
	return out, errOut
}

func wantText(t *testing.T, said string, want ...string) {
	t.Helper()
	for _, one := range want {
		if !strings.Contains(said, one) {
			t.Errorf("no %q in\n%s", one, said)
		}
	}
}

func (w *troubled) stands() map[string]status.Receiver {
	w.t.Helper()
	out, _ := w.must(exitDone, "receivers", "list", "--json")
	list := map[string]status.Receiver{}
	for line := range strings.Lines(out) {
		var s status.Receiver
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			w.t.Fatal(err)
		}
		list[s.Receiver] = s
	}
	return list
}

// What a receiver lost with its backup goes again after a rewind: every record once
// more, as U, and nothing twice for those who read it.
func TestReceiverRestoredFromABackupGetsEverythingAgainAfterARewind(t *testing.T) {
	w := newRan(t)
	before := w.totalRows()
	for table := range subjectOfTable {
		w.exchangeExec("DELETE FROM " + table)
	}
	out, _ := w.must(exitDone, "receivers", "rewind", "national", "--all", "--dry-run", "--json")
	total := 0
	for line := range strings.Lines(out) {
		var one struct {
			Records int
			Done    bool
		}
		decode(t, line, &one)
		total += one.Records
		if one.Done {
			t.Errorf("a dry run says it is done: %s", line)
		}
	}
	if total != before {
		t.Errorf("%d records would go again, %d were there", total, before)
	}
	if w.mustRun(); w.totalRows() != 0 {
		t.Fatalf("%d rows went out after a dry run", w.totalRows())
	}
	if _, errOut := w.must(exitUsage, "receivers", "rewind", "national", "--all"); errOut == "" {
		t.Error("without --yes nobody was told to add it")
	}
	w.must(exitDone, "receivers", "rewind", "national", "--all", "--yes")
	if s := w.stands()["national"]; s.Pending != int64(before) || s.OldestPending.IsZero() {
		t.Errorf("pending %d since %q, want %d", s.Pending, s.OldestPending, before)
	}
	sums := w.mustRun()
	released := int64(0)
	for _, s := range sums {
		released += s.Receivers["national"].Released
	}
	if released != int64(before) {
		t.Errorf("released %d, want %d", released, before)
	}
	for table := range subjectOfTable {
		if n := w.text("SELECT COUNT(*) FROM " + table + " WHERE cd_operation<>'U'"); n != "0" {
			t.Errorf("%s rows of %s do not go as U", n, table)
		}
		w.exchangeExec("UPDATE " + table + " SET cd_operation='I'") // as it was foretold of a first delivery
	}
	w.wantForetold()
	if s := w.stands()["national"]; s.Pending != 0 || s.State != status.Ready || s.LastGood.IsZero() {
		t.Errorf("afterwards %+v", s)
	}
	if _, errOut := w.must(exitDone, "receivers", "rewind", "national", "--since", time.Now().Add(time.Hour).Format(time.RFC3339), "--yes", "--lang", "en"); !strings.Contains(errOut, "nothing to offer again") {
		t.Errorf("nothing arrived since, but it said %s", errOut)
	}
}

func TestReceiverVerbsRefuseWhatTheyDoNotKnow(t *testing.T) {
	w := newTroubled(t, embedded(t))
	for _, args := range []string{"pause", "pause nobody", "resume nobody", "test nobody", "rewind nobody --all --yes", "rewind national", "rewind national --all --since 2026-01-01",
		"rewind national --since yesterday", "rewind national --all --subject case/nothing", "list now"} {
		if _, errOut := w.must(exitUsage, append([]string{"receivers"}, strings.Fields(args)...)...); errOut == "" {
			t.Errorf("%s: nothing was said", args)
		}
	}
}

func TestReceiverThatRestsIsSaidOnceAndFedAgainAfterwards(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.must(exitDone, "receivers", "pause", "national", "--why", "对方升级")
	w.must(exitDone, "receivers", "pause", "national") // keeps its beginning and its reason
	out, _ := w.must(exitDone, "receivers", "list", "--lang", "zh")
	wantText(t, out, "暂停，自 ", "：对方升级")
	var errOut bytes.Buffer
	a := &app{err: &errOut, lang: text.EN}
	store := w.openLedger()
	defer store.Close()
	h, said := w.house(), rests{}
	feed := func(h *house, want bool) {
		t.Helper()
		may, err := said.feed(t.Context(), a, h, store, "national", time.Now())
		if may != want || err != nil {
			t.Errorf("may be fed %t, %v, want %t", may, err, want)
		}
	}
	feed(h, false)
	feed(h, false)
	if n := strings.Count(errOut.String(), "is paused since"); n != 1 || !strings.Contains(errOut.String(), "对方升级") {
		t.Errorf("said %d times: %s", n, &errOut)
	}
	w.must(exitDone, "receivers", "resume", "national")
	feed(h, true)
	w.must(exitDone, "receivers", "pause", "national")
	feed(h, false)
	if n := strings.Count(errOut.String(), "is paused since"); n != 2 {
		t.Errorf("a new pause was said %d times", n-1)
	}
	w.must(exitDone, "receivers", "resume", "national")
	if out, _ := w.must(exitDone, "receivers", "resume", "national", "--lang", "en"); !strings.Contains(out, "was not paused") {
		t.Errorf("said %s", out)
	}
}

func TestReceiverInItsMaintenanceWindowIsLeftAlone(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.edit("banjian.yaml", "profile: national-2020", "profile: national-2020, maintenance: [{from: \"2000-01-01\", to: \"2099-01-01\", why: 升级}]")
	s := w.stands()["national"]
	if s.State != status.Maintenance || s.Why.ZH != "升级" || s.Until.Format(time.DateOnly) != "2099-01-01" {
		t.Errorf("got %+v", s)
	}
	w.edit("banjian.yaml", "to: \"2099-01-01\"", "to: \"1999-01-01\"")
	if _, errOut := w.must(exitUsage, "receivers", "list", "--lang", "en"); !strings.Contains(errOut, "banjian.yaml:") || !strings.Contains(errOut, "is not after from") {
		t.Errorf("said %s", errOut)
	}
}

func TestReceiverIsTestedWithoutEffect(t *testing.T) {
	w := newTroubled(t, embedded(t))
	for _, name := range w.house().Receivers() {
		out, _ := w.must(exitDone, "receivers", "test", name, "--json")
		var got struct {
			OK      bool
			Address string
			Error   string
		}
		decode(t, out, &got)
		if !got.OK || got.Address == "" || got.Error != "" {
			t.Errorf("%s: %s", name, out)
		}
	}
	if n := w.totalRows(); n != 0 {
		t.Errorf("%d rows went out", n)
	}
	w.exchangeExec("ALTER TABLE up_pro_accept RENAME TO gone")
	out, errOut := w.must(exitUsage, "receivers", "test", "national", "--lang", "en")
	wantText(t, out, "exchange.db")
	wantText(t, errOut, "up_pro_accept", "what to do:")
	out, _ = w.must(exitUsage, "receivers", "test", "national", "--json", "--lang", "zh")
	wantText(t, out, `"ok":false`, `"hint":"`)
}

// What the ledger remembers of a refusal is told with the way to mend it.
func TestStatusTellsWhyAReceiverIsBlockedAndHowToMendIt(t *testing.T) {
	w := newTroubled(t, embedded(t))
	store := w.openLedger()
	refused := fault.New(fault.Blocked, "call", "platform", text.T("密钥停用", "the key is switched off"), text.T("换一把密钥", "take another key"))
	err := ledger.RecordDelivery(t.Context(), store, "national", refused, false, nil)
	store.Close()
	if err != nil {
		t.Fatal(err)
	}
	out, _ := w.must(exitNews, "status", "--lang", "en")
	wantText(t, out, "blocked since", "the key is switched off", "→ take another key")
	out, _ = w.must(exitDone, "receivers", "list", "--lang", "zh")
	wantText(t, out, "被拒，自 ", "密钥停用", "怎么办 换一把密钥")
	if s := w.stands()["national"]; s.State != status.Blocked || s.Since.IsZero() {
		t.Errorf("got %+v", s)
	}
	w.must(exitDone, "receivers", "pause", "national")
	if s := w.stands()["national"]; s.State != status.Paused {
		t.Errorf("a pause goes before a refusal: %+v", s)
	}
}

// A platform that lost everything is told everything again, by calls.
func TestReceiverThatIsCalledGetsEverythingAgainAfterARewind(t *testing.T) {
	w := &troubled{world: embedded(t)}
	w.flags = append(w.flags, "--cases", "120")
	_, sums := w.demo()
	delivered := int64(0)
	for _, s := range sums {
		delivered += s.Receivers["platform"].Delivered
	}
	w.must(exitDone, "receivers", "rewind", "platform", "--all", "--yes")
	if s := w.stands()["platform"]; s.Pending != delivered || delivered == 0 {
		t.Errorf("pending %d, want %d", s.Pending, delivered)
	}
	released := int64(0)
	for _, s := range w.mustRun() {
		released += s.Receivers["platform"].Released
	}
	if s := w.stands()["platform"]; released != delivered || s.Pending != 0 {
		t.Errorf("released %d, want %d; pending %d", released, delivered, s.Pending)
	}
}
