package connectors_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/gateway"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/fault"
	"banjian/internal/objects"
	"banjian/pipelines"
	"banjian/schemas"
)

// town is a platform and an approval system that speak to each other without a network:
// answers are lost, calls refused, and for an hour of a clock that is turned nobody is
// there.
type town struct {
	t        *testing.T
	profile  *middleplatform.Profile
	intake   *middleplatform.Intake
	platform *simulator.Simulator
	gateway  *gateway.Gateway
	journal  *gateway.Journal
	objects  *objects.Store
	file     string // reference of a result's file

	now      atomic.Int64 // nanoseconds
	calling  sync.RWMutex // read while a call is under way: the clock stands still, or it would be stale by the time it is read
	calls    atomic.Int64
	downFrom atomic.Int64 // an hour from then nobody is there; 0 = not yet

	mu     sync.Mutex
	target *middleplatform.Target
}

const lifeFaults = `
seed: 11
faults:
  - {do: drop_after_apply, share: 0.2}
  - {do: "502", share: 0.1}
  - {do: "401", share: 0.002}
  - {do: "429", share: 0.01, retry_after: 2s}
`

func newTown(t *testing.T, profile string) *town {
	t.Helper()
	w := &town{t: t}
	w.now.Store(time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC).UnixNano())
	var err error
	if w.profile, err = middleplatform.LoadProfile(profile); err != nil {
		t.Fatal(err)
	}
	if w.intake, err = middleplatform.LoadIntake(w.profile); err != nil {
		t.Fatal(err)
	}
	faults, err := simulator.ParseFaults("faults.yaml", []byte(lifeFaults), w.profile)
	if err != nil {
		t.Fatal(err)
	}
	if w.platform, err = simulator.New(simulator.Options{Profile: w.profile, Intake: w.intake, Credentials: simulator.TryOut.Credentials, SM4Key: simulator.TryOut.SM4Key, Faults: faults, Now: w.clock,
		Sleep: func(_ context.Context, d time.Duration) error { w.now.Add(int64(d)); return nil }}); err != nil {
		t.Fatal(err)
	}
	if w.objects, err = objects.Open(filepath.Join(t.TempDir(), "objects")); err != nil {
		t.Fatal(err)
	}
	file, err := w.objects.Put(t.Context(), strings.NewReader("%PDF-1.4 核准书"), 1<<20, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.file = file.Reference("application/pdf")
	if w.journal, err = gateway.OpenJournal(t.Context(), filepath.Join(t.TempDir(), "inbox.db"), w.clock); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.journal.Close(); w.objects.Close(); w.platform.Close() })
	w.gateway, err = gateway.New(gateway.Options{Journal: w.journal, Log: slog.New(slog.DiscardHandler), Now: w.clock,
		Decided: func(context.Context, string, string, time.Time) (gateway.Decision, error) {
			return gateway.Undecided, nil
		},
		Systems: []gateway.System{{Name: "gjj", Platform: "ywzt", Profile: w.profile, Intake: w.intake, Keys: []middleplatform.Keys{simulator.TryOut}, Signed: w.profile.Signing().Token == nil}}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *town) clock() time.Time { return time.Unix(0, w.now.Load()) }

// turn lets time pass between calls.
func (w *town) turn(d time.Duration) {
	w.calling.Lock()
	defer w.calling.Unlock()
	w.now.Add(int64(d))
}

// call runs a call, from its signature to its answer, at one moment.
func (w *town) call(do func()) {
	w.calling.RLock()
	defer w.calling.RUnlock()
	do()
}

// RoundTrip is the way to the platform.
func (w *town) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.calls.Add(1) == 500 {
		w.downFrom.Store(w.now.Load())
	}
	if from := w.downFrom.Load(); from > 0 && w.now.Load()-from < int64(time.Hour) {
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	}
	return serve(w.platform, r)
}

func (w *town) options() middleplatform.Options {
	return middleplatform.Options{Name: "platform", Profile: w.profile, Base: "http://platform.invalid", Keys: []middleplatform.Keys{simulator.TryOut}, Transport: w, Now: w.clock,
		Files: w.objects.Open}
}

// open is the target in use; a receiver that a person mended begins anew.
func (w *town) open(spent *middleplatform.Target) *middleplatform.Target {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.target == spent {
		target, err := middleplatform.New(w.options())
		if err != nil {
			w.t.Error(err)
		}
		w.target = target
	}
	return w.target
}

// push sends a row until its outcome is known, always the same.
func (w *town) push(name string, row map[string]string) {
	var target *middleplatform.Target
	d := &pipelines.Delivery{Table: name, Record: w.record(name, row)}
	defer d.Record.Release()
	target = w.open(nil)
	for range 2000 {
		var is *pipelines.Issue
		var err error
		w.call(func() { is, err = target.Call(w.t.Context(), d, 0) })
		switch {
		case err == nil && is == nil:
			return
		case is != nil:
			w.t.Errorf("%s %s: %v", name, row["SBLSH_SHORT"], is.Args)
			return
		case fault.Is(err, fault.Blocked):
			target = w.open(target)
		case !fault.Is(err, fault.Unknown) && !fault.Is(err, fault.Transient):
			w.t.Errorf("%s: %v", name, err)
			return
		}
		w.turn(10 * time.Second)
	}
	w.t.Errorf("%s %s never went", name, row["SBLSH_SHORT"])
}

// record is one row of the subject of an interface; what it does not name is NULL.
func (w *town) record(name string, row map[string]string) arrow.Record {
	subjects, _ := w.profile.Subjects()
	at := slices.IndexFunc(subjects, func(s *schemas.Subject) bool {
		return s.Name == w.profile.SubjectName(w.profile.Interfaces[name])
	})
	b := array.NewRecordBuilder(memory.DefaultAllocator, subjects[at].Arrow())
	defer b.Release()
	for i, f := range b.Schema().Fields() {
		if v, ok := row[f.Name]; !ok {
			b.Field(i).AppendNull()
		} else if err := b.Field(i).AppendValueFromString(v); err != nil {
			w.t.Error(f.Name, err)
		}
	}
	return b.NewRecord()
}

// announce tells the approval system until it acknowledges.
func (w *town) announce(client *http.Client, a simulator.Announcement) {
	a.Item, a.Region = middleplatform.TryOutItem, "370102000000"
	for range 100 {
		var status string
		var err error
		w.call(func() { status, err = w.platform.Announce(w.t.Context(), client, "http://gateway.invalid", a) })
		if err == nil {
			if status != "200" {
				w.t.Errorf("%s is answered %s", a.Flow, status)
			}
			return
		}
		w.turn(time.Second)
	}
	w.t.Errorf("%s was never acknowledged", a.Flow)
}

// fetch runs until all that was announced is there.
func (w *town) fetch() {
	ctx, stop := context.WithCancel(w.t.Context())
	defer stop()
	f := gateway.NewFetcher(gateway.FetchOptions{Journal: w.journal, Objects: w.objects, Log: slog.New(slog.DiscardHandler), Now: w.clock,
		Systems: []gateway.Origin{{Name: "gjj", Profile: w.profile, Intake: w.intake, Open: func() (*middleplatform.Asker, error) { return middleplatform.NewAsker(w.options(), w.intake) }}},
		Wait: func(ctx context.Context, d time.Duration, _ <-chan struct{}) {
			w.turn(min(d, 10*time.Second))
			if s := w.stand(); s.Waiting == 0 && s.Files == 0 {
				stop()
			}
		}})
	f.Run(ctx)
}

func (w *town) stand() gateway.Stand {
	list, err := w.journal.Stands(w.t.Context(), []string{"gjj"})
	if err != nil {
		w.t.Fatal(err)
	}
	return list[0]
}

// lifeOf is the rows of one case in their order, and the keys of what the platform is to
// have of it.
func lifeOf(n int, flow, file string, at time.Time) (list []pushed) {
	base := map[string]string{"SBLSH_SHORT": flow, "SXBM": middleplatform.TryOutItem}
	moment := func(hours int) string { return at.Add(time.Duration(hours) * time.Hour).UTC().Format(time.RFC3339) }
	add := func(name string, pairs ...string) {
		row := maps.Clone(base)
		for i := 0; i < len(pairs); i += 2 {
			row[pairs[i]] = pairs[i+1]
		}
		list = append(list, pushed{name, row})
	}
	const dept, division = "11370000MB284651XX", "370102000000"
	if n%5 == 0 {
		add("correction", "SPBUZHENGGAOZHI_BZGZFCRXM", "张样例", "SPBUZHENGGAOZHI_BZGZYY", "不清晰", "SPBUZHENGGAOZHI_BZCLQD", "身份证", "SPBUZHENGGAOZHI_BQBZCLBM", "CL01", "SPBUZHENGGAOZHI_BZGZSX", "5",
			"SPBUZHENGGAOZHI_BZGZSXDW", "G", "SPBUZHENGGAOZHI_BZGZSJ", moment(-20), "SPBUZHENGGAOZHI_XZQHDM", division)
	}
	add("accept", "SHOULI_YWSLSJ", moment(-19), "SHOULI_YWSLRMC", "张样例", "SHOULI_YWSLZT", "1", "SHOULI_YWSLQHMC", "历下区", "SHOULI_YWSLQHBM", division, "SHOULI_YWSLBMMC", "样例中心", "SHOULI_YWSLBMBM", dept)
	for i := range 2 {
		add("course", "GDBSSPCL_SPHJDM", fmt.Sprint(i+2), "GDBSSPCL_SPHJMC", "审核", "GDBSSPCL_SPBMMC", "样例中心", "GDBSSPCL_SPBMZZJDMD", dept, "GDBSSPCL_XZQHDM", division, "GDBSSPCL_SPRXM", "李样例",
			"GDBSSPCL_SPHJZTDM", "1", "GDBSSPCL_SPYJ", "同意", "GDBSSPCL_JSSJ", moment(-18+i), "GDBSSPCL_SPSJ", moment(-17+i))
	}
	if n%4 == 0 {
		request := []string{"SPTEBIESHENQING_XH", "1", "SPTEBIESHENQING_TBCXZL", "B", "SPTEBIESHENQING_TBCXZLMC", "公示", "SPTEBIESHENQING_TBCXKSRQ", moment(-15), "SPTEBIESHENQING_TBCXPZR", "王样例",
			"SPTEBIESHENQING_TBCXQDLY", "公示", "SPTEBIESHENQING_SQNR", "暂停计时", "SPTEBIESHENQING_TBCXSX", "5", "SPTEBIESHENQING_TBCXSXDW", "G", "SPTEBIESHENQING_XZQHDM", division}
		add("suspend", request...)
		add("suspend", append(request, "SPTEBIEJIEGUO_XH", "1", "SPTEBIEJIEGUO_TBCXJG", "无异议", "SPTEBIEJIEGUO_JGCSRQ", moment(-14), "SPTEBIEJIEGUO_TBCXJSRQ", moment(-14), "SPTEBIEJIEGUO_XZQHDM", division)...)
	}
	result := []string{"SPBANJIE_BJJGDM", "6", "SPBANJIE_BJJGMS", "准予"}
	if n%10 == 3 {
		result = []string{"SPBANJIE_BJJGDM", "7", "SPBANJIE_BJJGMS", "不予许可", "SPBANJIE_ZFHTHYY", "不符合条件"}
	}
	add("finish", append(result, "SPBANJIE_BJBMMC", "样例中心", "SPBANJIE_BJBMZZJDDM", dept, "SPBANJIE_XZQHDM", division, "SPBANJIE_SPRXM", "王样例", "SPBANJIE_BJSJ", moment(-10))...)
	if n%10 != 3 {
		add("result_file", "SPSHENPIJIEGUO_ZZBM", "11100000", "SPSHENPIJIEGUO_ZZMC", "核准书", "SPSHENPIJIEGUO_ATTACH_NAME", "核准书.pdf", "SPSHENPIJIEGUO_ATTACH_ID", "f1", "SPSHENPIJIEGUO_ATTACH_TYPE", "pdf",
			"SPSHENPIJIEGUO_ATTACH_BODY", file, "SPSHENPIJIEGUO_SAVE_TYPE", "1", "SPSHENPIJIEGUO_SLBMZZJGDM", dept, "SPSHENPIJIEGUO_XZQHDM", division)
	}
	return list
}

type pushed struct {
	name string
	row  map[string]string
}

// longLives is how many cases of the first profile live, 60 when nobody says.
const longLives = "BANJIAN_LIVES"

// Ten interfaces, from the flow number to the result's file: what the platform has in the
// end is exactly what the cases are, whatever was lost on the way.
func TestWholeLivesOfCasesLeaveThePlatformAsTheyAre(t *testing.T) {
	for _, profile := range middleplatform.Profiles() {
		cases := 60
		if n, _ := strconv.Atoi(os.Getenv(longLives)); n > 0 && profile == middleplatform.DefaultProfile {
			cases = n
		}
		t.Run(profile, func(t *testing.T) { live(t, newTown(t, profile), cases) })
	}
}

func live(t *testing.T, w *town, cases int) {
	client := &http.Client{Transport: &lossy{handler: w.gateway}}
	flow := func(n int) string { return middleplatform.TryOutFlow(int64(1000 + n)) }
	withdrawn := func(n int) bool { return n%20 == 7 }
	each := func(do func(n int)) {
		var wg sync.WaitGroup
		var next atomic.Int64
		for range 4 {
			wg.Go(func() {
				for n := int(next.Add(1)) - 1; n < cases; n = int(next.Add(1)) - 1 {
					do(n)
				}
			})
		}
		wg.Wait()
	}
	form := middleplatform.Notice{Place: "form"}
	each(func(n int) { w.announce(client, simulator.Announcement{Flow: flow(n), How: form}) })
	w.fetch()
	var want sync.Map
	corrections := 0
	each(func(n int) {
		if withdrawn(n) {
			w.announce(client, simulator.Announcement{Flow: flow(n), Withdrawn: true, By: "张样例", How: middleplatform.Notice{Place: "json", Sealed: w.profile.Cipher.Kind != "none"}})
			return
		}
		for _, p := range lifeOf(n, flow(n), w.file, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)) {
			if w.push(p.name, p.row); p.name == "correction" {
				w.announce(client, simulator.Announcement{Flow: flow(n), Express: "1", By: "张样例", Corrected: "身份证", At: "2026-11-21 13:00:00", How: form})
			}
		}
	})
	w.fetch()
	for n := range cases {
		if withdrawn(n) {
			continue
		}
		for _, p := range lifeOf(n, flow(n), w.file, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)) {
			if p.name == "correction" {
				corrections++
			}
			rec := w.record(p.name, p.row)
			_, messages, err := w.profile.Messages(w.profile.Interfaces[p.name], rec, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range messages {
				want.Store(p.name+" "+strings.Join(w.profile.Interfaces[p.name].KeyOf(m), " "), true)
			}
			rec.Release()
		}
	}
	for _, e := range w.platform.Effects() {
		key := e.Interface + " " + strings.Join(e.Key, " ")
		if _, expected := want.LoadAndDelete(key); !expected || e.Revision != 1 {
			t.Errorf("the platform has %s in revision %d", key, e.Revision)
		}
	}
	want.Range(func(key, _ any) bool { t.Errorf("the platform lacks %s", key); return true })
	repeats := 0
	for name := range w.profile.Interfaces {
		c := w.platform.Count(name)
		repeats += c.Repeats
		if c.Refused > 0 || c.Revisions > 0 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	s := w.stand()
	gone := 0
	for n := range cases {
		if withdrawn(n) {
			gone++
		}
	}
	if s.Announced != int64(cases+corrections) || s.Fetched != s.Announced || s.Waiting != 0 || s.Files != 0 || s.Withdrawn != int64(gone) || s.WithdrawUnknown+s.WithdrawRefused > 0 {
		t.Errorf("announced %d and %d corrected, %d withdrawn: %+v", cases, corrections, gone, s)
	}
	if w.downFrom.Load() == 0 || repeats == 0 {
		t.Errorf("nobody was ever away (%d), or nothing lost (%d)", w.downFrom.Load(), repeats)
	}
	t.Logf("%d calls, %d repeats, %s of the clock", w.calls.Load(), repeats, w.clock().Sub(time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)))
}
