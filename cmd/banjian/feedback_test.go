package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"banjian/cmd/internal/status"
	"banjian/schemas"
)

// listening is a troubled site that wants to know what its exchange database did, with the
// tables in which rows come back.
func listening(t *testing.T, w *world, dialect string) *troubled {
	t.Helper()
	tr := newTroubled(t, w)
	tr.edit("banjian.yaml", `data_source: "144"`, `data_source: "144", feedback: {every: 1h}`)
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dn_audit_abnormal", "dn_lic_data_error"} {
		table, _ := cat.Table(name)
		ddl, err := table.DDL(dialect)
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range statements(ddl) {
			tr.exchangeExec(statement)
		}
	}
	return tr
}

// sendBack has the receiver find fault with the newest row of a record.
func (w *troubled) sendBack(id, table, guid, batch, kind, words string) {
	w.t.Helper()
	w.exchangeExec("INSERT INTO dn_audit_abnormal (row_guid, table_name, table_sql_name, table_row_guid, table_cd_batch, table_cd_time, table_cd_source, table_update_time, err_type, remark, cd_time)"+
		" VALUES (?, '办件受理信息', ?, ?, ?, '2026-01-01 00:00:00', '144', '2026-01-01 00:00:00', ?, ?, '2026-01-02 03:04:05')", id, table, guid, batch, kind, words)
}

func (w *troubled) returned(flags ...string) []returnLine {
	w.t.Helper()
	out, _ := w.must(exitDone, append([]string{"receivers", "returns", "national", "--json"}, flags...)...)
	var list []returnLine
	for line := range strings.Lines(out) {
		var l returnLine
		decode(w.t, line, &l)
		list = append(list, l)
	}
	return list
}

// What the receiver sends back is shown as its reject in its own words, goes again as U
// under the same row_guid and a new batch once a person asks, and the finding closes.
func TestWhatTheReceiverSendsBackIsMendedAndPushedAgainAsU(t *testing.T) {
	for name, on := range map[string]func(*testing.T) (*world, string){
		"sqlite":  func(t *testing.T) (*world, string) { return embedded(t), schemas.SQLite },
		"mariadb": func(t *testing.T) (*world, string) { return onMariaDB(t), schemas.MySQL },
	} {
		t.Run(name, func(t *testing.T) {
			made, dialect := on(t)
			w := listening(t, made, dialect)
			w.mustRun()
			guid := w.text("SELECT MIN(row_guid) FROM up_pro_accept")
			batch := w.text("SELECT cd_batch FROM up_pro_accept WHERE row_guid=?", guid)
			number := w.text("SELECT project_no FROM up_pro_accept WHERE row_guid=?", guid)
			open := len(w.lines())
			w.sendBack("e1", "UP_PRO_ACCEPT", strings.ToUpper(guid), strings.ToUpper(batch), "代码错误", "字段【applyer_type】的值 110101199003071234 不在代码项之中")
			w.sendBack("e2", "up_pro_accept_v3", "00000000-0000-4000-8000-000000000000", batch, "数据重复", "没有这一行")
			w.sendBack("e3", "up_no_such_table", "x", "y", "其他", "")

			list := w.returned("--read")
			if len(list) != 3 || w.text("SELECT COUNT(*) FROM up_pro_accept WHERE row_guid=?", guid) != "1" {
				t.Fatalf("read %+v", list)
			}
			if again := w.returned("--read"); len(again) != 3 {
				t.Errorf("read again: %+v", again)
			}
			if one := w.returned("--state", "returned"); len(one) != 1 || one[0].Version != 1 || one[0].Batch != batch || one[0].Kind != "代码错误" || one[0].At != "2026-01-01T19:04:05Z" {
				t.Errorf("returned: %+v", one)
			}
			if wild := w.returned("--state", "unknown"); len(wild) != 2 {
				t.Errorf("unmatched: %+v", wild)
			}
			rejects := w.lines("--receiver", "national", "--rule", "receiver_returned")
			if len(rejects) != 1 || !strings.Contains(rejects[0].Reason, "代码错误 字段【applyer_type】的值 *** 不在代码项之中") || len(w.lines()) != open+1 {
				t.Fatalf("rejects: %+v", rejects)
			}
			out, _ := w.must(exitDone, "case", "show", number, "--lang", "zh")
			wantText(t, out, "问题数据: 接收方退回：代码错误", "receiver_returned")
			out, _ = w.must(exitDone, "rejects", "show", fmt.Sprint(rejects[0].ID), "--lang", "zh")
			wantText(t, out, "接收方退回", batch, "2026-01-02 03:04")
			if s := w.stands()["national"]; s.Uptake == nil || s.Uptake.Open != 1 || s.Uptake.Unmatched != 2 || s.Uptake.Returned != 3 {
				t.Errorf("stands: %+v", s.Uptake)
			}

			w.mustRun("--fail-on", "none")
			if n := w.text("SELECT COUNT(*) FROM up_pro_accept WHERE row_guid=?", guid); n != "1" {
				t.Errorf("%s rows: it went again unasked", n)
			}
			w.must(exitDone, "rejects", "redrive", "--receiver", "national", "--rule", "receiver_returned")
			w.mustRun("--fail-on", "none")
			if got := w.text("SELECT COUNT(*) FROM up_pro_accept WHERE row_guid=? AND cd_operation='U' AND cd_batch<>?", guid, batch); got != "1" {
				t.Errorf("%s rows as U in a new batch", got)
			}
			if left := w.lines("--receiver", "national", "--rule", "receiver_returned"); len(left) != 0 {
				t.Errorf("still open: %+v", left)
			}
			w.sendBack("e4", "up_pro_accept", guid, batch, "代码错误", "迟到的同一批")
			if late := w.returned("--read", "--state", "replaced"); len(late) != 1 || len(w.lines("--receiver", "national", "--rule", "receiver_returned")) != 0 {
				t.Errorf("a late word on the first batch: %+v", late)
			}
			second := w.text("SELECT cd_batch FROM up_pro_accept WHERE row_guid=? AND cd_operation='U'", guid)
			w.sendBack("e5", "up_pro_accept", guid, second, "逻辑错误", "仍然不对")
			w.returned("--read")
			if again := w.lines("--receiver", "national", "--rule", "receiver_returned"); len(again) != 1 || again[0].Args[2] != second {
				t.Errorf("sent back once more: %+v", again)
			}
			if w.returned("--state", "returned"); len(w.returned("--state", "returned")) != 2 {
				t.Error("the history of both batches is not kept")
			}
		})
	}
}

// A case whose acceptance came back keeps its later records until it is mended.
func TestWhatFollowsAReturnedAcceptanceWaits(t *testing.T) {
	w := listening(t, embedded(t), schemas.SQLite)
	w.mustRun("--fail-on", "none")
	guid := w.text("SELECT row_guid FROM up_pro_accept WHERE project_no=(SELECT MIN(project_no) FROM up_pro_process)")
	number := w.text("SELECT project_no FROM up_pro_accept WHERE row_guid=?", guid)
	w.sendBack("e1", "up_pro_accept", guid, w.text("SELECT cd_batch FROM up_pro_accept WHERE row_guid=?", guid), "代码错误", "x")
	w.returned("--read")
	rows := func() string { return w.text("SELECT COUNT(*) FROM up_pro_process WHERE project_no=?", number) }
	before, key := rows(), w.lines("--rule", "receiver_returned")[0].Key
	w.sourceExec("UPDATE gjj_bljl SET hjmc=hjmc||'（改）', gxsj="+w.settled+" WHERE slbh=?", key[0])
	w.mustRun("--fail-on", "none")
	if got := rows(); got != before {
		t.Errorf("%s steps, %s before: they did not wait", got, before)
	}
	if held := w.held("--receiver", "national", "--rule", "waits_parent"); len(held) == 0 {
		t.Error("nothing is held")
	}
	w.must(exitDone, "rejects", "redrive", "--receiver", "national", "--rule", "receiver_returned")
	w.mustRun("--fail-on", "none")
	if got := rows(); got == before {
		t.Errorf("%s steps: they still wait", got)
	}
}

// Rows are taken over by the receiver; some wait, some are cleaned up, some are gone too
// early.
func TestWhatTheReceiverHasTakenOverIsWatchedByBatch(t *testing.T) {
	w := listening(t, embedded(t), schemas.SQLite)
	w.mustRun()
	total := 0
	for _, table := range []string{"up_pro_accept", "up_pro_process", "up_pro_material", "up_pro_result"} {
		var n int
		fmt.Sscan(w.text("SELECT COUNT(*) FROM "+table), &n)
		total += n
	}
	look := func() *status.Uptake {
		t.Helper()
		w.returned("--read")
		return w.stands()["national"].Uptake
	}
	if u := look(); u.Sent != int64(total) || u.Waiting != int64(total) || u.Taken != 0 || u.OldestWaiting.IsZero() {
		t.Fatalf("nothing is taken over: %+v, %d rows", u, total)
	}
	w.exchangeExec("UPDATE up_pro_accept SET is_sync='1'")
	accepts := w.text("SELECT COUNT(*) FROM up_pro_accept")
	if u := look(); fmt.Sprint(u.Taken) != accepts || u.Waiting != int64(total)-u.Taken {
		t.Errorf("acceptances are taken over: %+v", u)
	}
	w.exchangeExec("DELETE FROM up_pro_accept")
	if u := look(); fmt.Sprint(u.Taken) != accepts || u.Missing != 0 {
		t.Errorf("cleaned up: %+v", u)
	}
	w.exchangeExec("DELETE FROM up_pro_result WHERE ID=(SELECT MIN(ID) FROM up_pro_result)")
	if u := look(); u.Missing != 1 {
		t.Errorf("a row is gone too early: %+v", u)
	}
	w.exchangeExec("UPDATE up_pro_process SET is_sync='1'")
	w.exchangeExec("UPDATE up_pro_material SET is_sync='1'")
	w.exchangeExec("UPDATE up_pro_result SET is_sync='1'")
	if u := look(); u.Waiting != 0 || u.Taken != int64(total)-1 {
		t.Errorf("all the rest is taken over: %+v", u)
	}
	out, _ := w.must(exitDone, "receivers", "list", "--lang", "zh")
	wantText(t, out, "消费 发出", "不见 1")
	out, _ = w.must(exitNews, "status", "--lang", "zh")
	wantText(t, out, "1 行在接收方的表里不见了")
}

// serve looks by itself, as often as the site says.
func TestServeReadsBackByItself(t *testing.T) {
	w := listening(t, embedded(t), schemas.SQLite)
	w.edit("banjian.yaml", "every: 1h", "every: 1s")
	w.remove("jobs")
	w.mustRun("--fail-on", "none")
	guid := w.text("SELECT MIN(row_guid) FROM up_pro_accept")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan int, 1)
	var out, errOut bytes.Buffer
	go func() { ended <- execute(ctx, []string{"serve", "--site", w.dir}, &out, &errOut) }()
	w.sendBack("e1", "up_pro_accept", guid, w.text("SELECT cd_batch FROM up_pro_accept WHERE row_guid=?", guid), "代码错误", "x")
	for until := time.Now().Add(patience); len(w.returned()) == 0; {
		if time.Now().After(until) {
			t.Fatal("nothing was read back")
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	if code := <-ended; code != exitDone {
		t.Errorf("serve exited %d\n%s", code, &errOut)
	}
	if got := w.returned("--state", "returned"); len(got) != 1 {
		t.Errorf("read back: %+v", got)
	}
}
