package gateway

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// rows reads what came since a position, a row as its values joined by |.
func (w *world) rows(kind string, at pipelines.Position, columns ...string) ([]string, pipelines.Position) {
	w.t.Helper()
	alloc := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer alloc.AssertSize(w.t, 0)
	s, err := OpenSource(context.Background(), SourceOptions{Journal: w.journal, Platform: "ywzt", Kind: kind, Profile: w.profile, Intake: w.intake, Columns: columns, BatchRows: 3, Alloc: alloc}, at)
	if err != nil {
		w.t.Fatal(err)
	}
	defer s.Close()
	var list []string
	for {
		b, err := s.Read(context.Background())
		if err != nil {
			return list, at
		}
		for i := range int(b.Record.NumRows()) {
			var cells []string
			for c := range columns {
				col := b.Record.Column(c).(*array.String)
				if col.IsNull(i) {
					cells = append(cells, "∅")
				} else {
					cells = append(cells, col.Value(i))
				}
			}
			list = append(list, strings.Join(cells, "|"))
		}
		b.Record.Release()
		at = b.Position
	}
}

func (w *world) want(got []string, want ...string) {
	w.t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWhatWasAnnouncedIsFetchedAndRead(t *testing.T) {
	w := newWorld(t)
	w.platform.put("A")
	w.announce("A", "0", "")
	if got, _ := w.rows(Application, "", "SBLSH_SHORT"); len(got) != 0 {
		t.Errorf("%q before it was fetched", got)
	}
	w.fetch(time.Minute)
	w.wantSubmissions("A", "0:0:fetched:1")
	got, at := w.rows(Application, "", "SBLSH_SHORT", "submission", "EXPRESSTYPE", "XZQHDM", "received_at", "system", "BJMC", "SPRENYUAN_NAME", "SPRENYUAN_BIRTHDAY", "SPSHENQIN_LXRXM", "SPSHENQIN_XML_DATA", "SPSHENQIN_OTHER", "SPQIYE")
	w.want(got, `A|0|0|370102|2026-11-22 09:00:00|gjj|提取公积金|张样例|1949-12-31|∅|{"SPItemListDef":{"TableCols":{"tqyy":"购房"}}}|∅|∅`)
	got, _ = w.rows(Application, "", "SPRENYUAN_NAME", "SPRENYUAN_IDCARDNO", "SPRENYUAN_REST")
	w.want(got, `张样例|11010519491231002X|{"IDENTITYTYPE":"111","SEX":"男","LINKPHONE":"13800138000","BRITHDAY":"1949-12-31","HOBBY":"x"}`)
	if got, _ := w.rows(Application, at, "SBLSH_SHORT"); len(got) != 0 {
		t.Errorf("%q a second time", got)
	}
	got, at = w.rows(Material, "", "SBLSH_SHORT", "submission", "material_seq", "RECORD_CLMC", "file_state", "content", "RECORD_REST")
	w.want(got, `A|0|a1|身份证|stored|sha256:`+hashOf("\xff\xd8\xff\xe0 a picture")+`;14;image/jpeg|{"SEQ":"a1","STUFF_SEQ":"CL1","WJLX":"1","CLLX":"2","CLSL":"1","ATTACH_NAME":"正面.jpg","ATTACH_ID":"f1","ATTACH_PATH":"/oss/A/1"}`,
		`A|0|CL2#1|合同|∅|∅|{"STUFF_SEQ":"CL2","WJLX":"0","CLLX":"0","CLSL":"2"}`)
	w.call(cancelPath, cancelXML("A"))
	got, _ = w.rows(Withdrawal, "", "SBLSH_SHORT", "submission", "CXRXM", "answer", "answered_at", "CXYY")
	w.want(got, "A|0|张样例|accepted|2026-11-22 09:01:00|∅")
	if got, _ := w.rows(Material, at, "submission"); len(got) != 0 {
		t.Errorf("%q a second time", got)
	}
}

func TestMaterialsThatAreNumberedAlikeAreAllThere(t *testing.T) {
	w := newWorld(t)
	w.platform.put("A")
	record := func(seq, code, id, path string) string {
		return "<RECORD><SEQ>" + seq + "</SEQ><STUFF_SEQ>" + code + "</STUFF_SEQ><CLMC>身份证</CLMC><WJLX>1</WJLX><CLLX>2</CLLX><CLSL>1</CLSL><ATTACH_ID>" + id + "</ATTACH_ID><ATTACH_PATH>" + path + "</ATTACH_PATH></RECORD>"
	}
	w.platform.materials["A/0"] = "<DATA><RECORDS>" + record("0", "CL1", "f1", "/oss/A/1") + record("0", "CL2", "f2", "/oss/A/2") + record("无", "CL3", "无", "") + record("null", "CL3", "无", "") + "</RECORDS></DATA>"
	w.platform.files["/oss/A/2"] = []byte("\xff\xd8\xff\xe0 another")
	w.announce("A", "0", "")
	w.fetch(time.Minute)
	got, _ := w.rows(Material, "", "material_seq", "RECORD_STUFF_SEQ", "file_state")
	w.want(got, "0|CL1|stored", "0~2|CL2|stored", "CL3#1|CL3|∅", "CL3#2|CL3|∅")
}

func TestACorrectionBringsItsOwnMaterials(t *testing.T) {
	w := newWorld(t)
	w.platform.put("A")
	w.announce("A", "0", "")
	w.fetch(time.Minute)
	_, applications := w.rows(Application, "", "submission")
	_, materials := w.rows(Material, "", "submission")
	w.announce("A", "1", "2026-11-23 10:00:00")
	w.fetch(time.Minute)
	got, _ := w.rows(Application, applications, "submission", "EXPRESSTYPE", "BZSLBLRXM", "BZSJ", "BJMC")
	w.want(got, "1|1|张补正|2026-11-23 10:00:00|提取公积金")
	got, _ = w.rows(Material, materials, "submission", "material_seq", "RECORD_ATTACH_NAME", "file_state", "content", "RECORD_ATTACH_BODY")
	w.want(got, "1|b1|补正.pdf|stored|sha256:"+hashOf("%PDF-1.7 补正")+";15;application/pdf|∅")
}

func TestACorrectionWithoutDetailsHasThoseBeforeIt(t *testing.T) {
	w := newWorld(t)
	w.platform.put("A")
	w.announce("A", "0", "")
	w.fetch(time.Minute)
	delete(w.platform.details, "A")
	w.announce("A", "1", "2026-11-23 10:00:00")
	w.fetch(time.Minute)
	w.wantSubmissions("A", "0:0:fetched:1", "1:1:fetched:1")
}

func TestAPlatformThatIsAwayForHoursLosesNothing(t *testing.T) {
	w := newWorld(t)
	for _, no := range []string{"A", "B", "C"} {
		w.platform.put(no)
		w.announce(no, "0", "")
	}
	back := w.clock.Now().Add(7 * time.Hour)
	w.platform.trouble = func(string, int) error {
		if w.clock.Now().Before(back) {
			return unreachable
		}
		return nil
	}
	w.fetch(3 * time.Hour)
	stands, err := w.journal.Stands(t.Context(), []string{"gjj"})
	if err != nil {
		t.Fatal(err)
	}
	if s := stands[0]; s.Waiting != 3 || s.Fetched != 0 || s.Outage.IsZero() || s.OutageWhy.EN == "" || s.Oldest.IsZero() {
		t.Errorf("%+v", s)
	}
	w.reopen()
	if n := len(w.platform.calls); n > 200 {
		t.Errorf("%d calls in three hours", n)
	}
	w.announce("D", "0", "")
	w.platform.put("D")
	w.fetch(5 * time.Hour)
	stands, err = w.journal.Stands(t.Context(), []string{"gjj"})
	if s := stands[0]; err != nil || s.Fetched != 4 || s.Waiting != 0 || !s.Outage.IsZero() || s.Files != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	got, _ := w.rows(Application, "", "SBLSH_SHORT")
	slices.Sort(got) // the last tried rest longest
	w.want(got, "A", "B", "C", "D")
}

func TestAnOutageThatEndedWhileWeWereDownIsOverWithTheFirstAnswer(t *testing.T) {
	w := newWorld(t)
	w.platform.put("A")
	w.announce("A", "0", "")
	w.platform.trouble = func(string, int) error { return unreachable }
	w.fetch(time.Minute)
	w.reopen()
	w.platform.trouble = nil
	w.fetch(10 * time.Minute)
	stands, err := w.journal.Stands(t.Context(), []string{"gjj"})
	if s := stands[0]; err != nil || s.Fetched != 1 || !s.Outage.IsZero() {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestACallThatBreaksOffRestsAloneAndLongerEachTime(t *testing.T) {
	w := newWorld(t)
	for _, no := range []string{"A", "B"} {
		w.platform.put(no)
		w.announce(no, "0", "")
	}
	var at []string
	began, broken := w.clock.Now(), 0
	w.platform.trouble = func(call string, nth int) error {
		at = append(at, call+" "+w.clock.Now().Sub(began).String())
		stands, err := w.journal.Stands(t.Context(), []string{"gjj"})
		if err != nil || !stands[0].Outage.IsZero() {
			t.Errorf("call %d: %+v, %v", nth, stands[0], err)
		}
		if nth == 1 || nth == 4 { // A's
			broken++
			return unreachable
		}
		return nil
	}
	w.fetch(time.Minute)
	w.want(at[:6], "getApplyInfo 0s", "getApplyInfo 0s", "getApplyMaterialInfo 0s", "getApplyInfo 2s", "getApplyInfo 6s", "getApplyMaterialInfo 6s")
	w.wantSubmissions("A", "0:0:fetched:1")
	w.wantSubmissions("B", "0:0:fetched:1")
	if broken != 2 {
		t.Errorf("%d calls broke off", broken)
	}
}

func TestSeveralBrokenCallsInARowAreAnOutage(t *testing.T) {
	w := newWorld(t)
	for _, no := range []string{"A", "B", "C", "D", "E"} {
		w.platform.put(no)
		w.announce(no, "0", "")
	}
	began := w.clock.Now()
	var at []time.Duration
	w.platform.trouble = func(_ string, nth int) error {
		at = append(at, w.clock.Now().Sub(began))
		if nth > 4 {
			return nil
		}
		return unreachable
	}
	w.fetch(time.Minute)
	want := []time.Duration{0, 0, 0, 2 * time.Second, 6 * time.Second}
	if !slices.Equal(at[:5], want) {
		t.Errorf("called at %v, want %v", at[:5], want)
	}
	stands, err := w.journal.Stands(t.Context(), []string{"gjj"})
	if s := stands[0]; err != nil || s.Fetched != 5 || !s.Outage.IsZero() {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestANumberThePlatformHasNothingForKeepsNobodyWaiting(t *testing.T) {
	w := newWorld(t)
	w.announce("missing", "0", "")
	w.platform.put("A")
	w.announce("A", "0", "")
	w.fetch(10 * time.Minute)
	w.wantSubmissions("A", "0:0:fetched:1")
	w.wantSubmissions("missing", "0:0:announced:1")
	stands, err := w.journal.Stands(t.Context(), []string{"gjj"})
	if s := stands[0]; err != nil || s.Refused != 1 || s.Waiting != 1 || !strings.Contains(s.Why.ZH, "没有给出内容") || !s.Outage.IsZero() {
		t.Errorf("%+v, %v", s, err)
	}
	w.platform.put("missing")
	w.fetch(2 * time.Hour)
	w.wantSubmissions("missing", "0:0:fetched:1")
}

func TestDetailsComeBeforeMaterialsThatFail(t *testing.T) {
	w := newWorld(t)
	w.platform.put("A")
	w.platform.trouble = func(call string, _ int) error {
		if call == "getApplyMaterialInfo" {
			return unreachable
		}
		return nil
	}
	w.announce("A", "0", "")
	w.fetch(time.Minute)
	got, at := w.rows(Application, "", "SBLSH_SHORT")
	w.want(got, "A")
	w.wantSubmissions("A", "0:0:detailed:1")
	w.platform.trouble = nil
	w.reopen()
	w.fetch(time.Minute)
	w.wantSubmissions("A", "0:0:fetched:1")
	if got, _ := w.rows(Application, at, "SBLSH_SHORT"); len(got) != 0 {
		t.Errorf("%q once more", got)
	}
}

// What changed while it was being asked for is asked for again.
func TestACallThatChangesWhileItIsFetchedCounts(t *testing.T) {
	w := newWorld(t)
	w.platform.put("A")
	w.announce("A", "3", "")
	w.platform.trouble = func(call string, nth int) error {
		if nth == 1 {
			w.platform.mu.Unlock() // the platform calls us meanwhile
			w.announce("A", "0", "")
			w.platform.mu.Lock()
		}
		return nil
	}
	w.fetch(time.Minute)
	w.wantSubmissions("A", "0:0:fetched:2")
	got, _ := w.rows(Application, "", "EXPRESSTYPE")
	w.want(got, "0")
}

func TestAKeyThatIsRefusedIsReadAgain(t *testing.T) {
	w := newWorld(t)
	w.platform.put("A")
	w.announce("A", "0", "")
	refused := fault.New(fault.Blocked, "call platform", "", text.T("拒绝", "refused"), text.Text{})
	w.platform.trouble = func(string, int) error { return refused }
	w.fetch(10 * time.Minute)
	w.wantSubmissions("A", "0:0:announced:1")
	w.platform.trouble = nil
	w.fetch(10 * time.Minute)
	w.wantSubmissions("A", "0:0:fetched:1")
}

func TestAColumnNobodySendsIsSaid(t *testing.T) {
	w := newWorld(t)
	for column, want := range map[string]string{"SBLSH_SHOR": "SBLSH_SHORT", "SPSHENQING_SXMC": "SPSHENQIN_SXMC"} {
		_, err := OpenSource(t.Context(), SourceOptions{Journal: w.journal, Platform: "ywzt", Kind: Application, Profile: w.profile, Intake: w.intake, Columns: []string{column}}, "")
		if !fault.Is(err, fault.Config) || !strings.Contains(fault.HintOf(err).EN, want) {
			t.Errorf("%s: %v, %v", column, err, fault.HintOf(err))
		}
	}
	if _, err := OpenSource(t.Context(), SourceOptions{Journal: w.journal, Platform: "ywzt", Kind: Application, Profile: w.profile, Intake: w.intake}, "x@1"); !fault.Is(err, fault.Gone) {
		t.Error(err)
	}
}
