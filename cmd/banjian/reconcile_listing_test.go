package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"banjian/cmd/internal/workbook"
	"banjian/deploy/demo"
	"banjian/jobs/reconcile"
)

// onPlatform is a demo site whose cases go to the simulated platform too.
func onPlatform(t *testing.T) *troubled {
	t.Helper()
	w := embedded(t)
	a := &app{out: os.Stderr, err: os.Stderr}
	if err := a.layOutDemo(t.Context(), demoOptions{dir: w.dir, cases: fewCases, seed: 1}); err != nil {
		t.Fatal(err)
	}
	w.attach()
	return &troubled{world: w, e: expectOf(t, demo.Options{Cases: fewCases})}
}

// exportedAccepts is what the platform's people would export of its acceptances: titles for
// codes, times without seconds, names masked.
func (w *troubled) exportedAccepts() [][]string {
	w.t.Helper()
	rows := [][]string{{"序号", "申报流水号", "事项编码", "受理时间", "受理状态", "受理部门名称", "受理人"}}
	states := map[string]string{"1": "受理"}
	for code, title := range platformProfile(w.t).CodeSets["accept_state"].Codes {
		states[code] = title.ZH
	}
	effects := w.effects()
	var keys []string
	for key := range effects {
		if strings.HasPrefix(key, "accept ") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for i, key := range keys {
		v := effects[key].values
		at, err := time.Parse(time.DateTime, v["SHOULI/YWSLSJ"])
		if err != nil {
			w.t.Fatal(err)
		}
		rows = append(rows, []string{fmt.Sprint(i + 1), v["SBLSH_SHORT"], v["SXBM"], at.Format("2006/1/2 15:04"), states[v["SHOULI/YWSLZT"]], " " + v["SHOULI/YWSLBMMC"], "张*"})
	}
	return rows
}

func (w *troubled) listed(name string, rows [][]string) string {
	w.t.Helper()
	file := w.path(name)
	page := workbook.Page{Name: "受理"}
	for _, r := range rows {
		page.Rows = append(page.Rows, workbook.Row(workbook.Text, r...))
	}
	f, err := os.Create(file)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	if strings.HasSuffix(name, ".csv") {
		err = workbook.WriteCSV(f, &page)
	} else {
		err = workbook.Write(f, []workbook.Page{page})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return file
}

// What a platform's people export is laid beside what was delivered, by what its messages are
// known by and as far as the list has their values; a missing, altered or extra row is named
// with its place.
func TestAPlatformsListIsLaidBesideWhatWasDelivered(t *testing.T) {
	w := onPlatform(t)
	w.mustRun("--fail-on", "none")
	rows := w.exportedAccepts()
	if len(rows) < 20 {
		t.Fatalf("%d acceptances at the platform", len(rows))
	}
	for _, name := range []string{"受理.csv", "受理.xlsx"} {
		code, r := w.reconcile("--receiver", "platform", "--export", w.listed(name, rows), "--column", "SHOULI_YWSLSJ=受理时间")
		if code != exitDone || len(r.Differences) != 0 {
			t.Fatalf("%s: exited %d: %+v", name, code, r.Differences)
		}
		delivered := int64(0)
		for _, l := range r.Lines {
			delivered += l.Delivered
			if l.Subject != "case/accept" || l.Receiver != "platform" {
				t.Errorf("%+v", l)
			}
		}
		if delivered != int64(len(rows)-1) {
			t.Errorf("%d delivered, %d listed", delivered, len(rows)-1)
		}
	}
	missing, altered, late := rows[3], slices.Clone(rows[5]), slices.Clone(rows[7])
	altered[5] = "另一部门"
	late[3] = "2001/2/3 04:05"
	spoilt := slices.Clone(rows)
	spoilt[5], spoilt[7] = altered, late
	spoilt = append(slices.Delete(spoilt, 3, 4), []string{"999", "NEVER0001", rows[1][2], rows[1][3], rows[1][4], rows[1][5], "王*"})
	code, r := w.reconcile("--receiver", "platform", "--export", w.listed("改过.xlsx", spoilt), "--column", "SHOULI_YWSLSJ=受理时间")
	if code != exitNews || len(r.Differences) != 4 {
		t.Fatalf("exited %d: %+v", code, r.Differences)
	}
	where := map[string]string{}
	for _, d := range r.Differences {
		where[d.Kind+" "+strings.Join(d.Fields, ",")] = d.Where
		if d.Kind != reconcile.Extra && (len(d.Key) == 0 || d.GUID != "" || d.Source == "" || d.Batch == "") {
			t.Errorf("%+v", d)
		}
		if d.Kind == reconcile.Extra && !slices.Equal(d.Key, []string{"NEVER0001", rows[1][2]}) {
			t.Errorf("%+v", d)
		}
	}
	if _, is := where["missing "]; !is || where["altered 受理部门名称"] != "改过.xlsx:5" || where["altered 受理时间"] != "改过.xlsx:7" || where["extra "] != fmt.Sprintf("改过.xlsx:%d", len(spoilt)) {
		t.Errorf("%v, %s", where, missing)
	}
	if code, r = w.reconcile("--receiver", "platform", "--export", w.listed("改过.xlsx", spoilt), "--column", "SHOULI_YWSLBMMC="); code != exitNews || len(r.Differences) != 2 {
		t.Errorf("with fewer columns: exited %d: %+v", code, r.Differences)
	}
}

func TestAListThatCannotBeUnderstoodIsRefusedWithItsPlace(t *testing.T) {
	w := onPlatform(t)
	w.mustRun("--fail-on", "none")
	rows := w.exportedAccepts()[:6]
	wrong := slices.Clone(rows)
	wrong[2] = slices.Clone(rows[2])
	wrong[2][3] = "上周三"
	wrong[4] = slices.Clone(rows[4])
	wrong[4][1] = ""
	export := []string{"reconcile", "--receiver", "platform", "--lang", "zh", "--site", w.dir, "--export"}
	for _, c := range []struct {
		name string
		rows [][]string
		args []string
		want []string
	}{
		{"时间.csv", wrong, []string{"--column", "SHOULI_YWSLSJ=受理时间"}, []string{"时间.csv:3", "不是时间", "时间.csv:5", "申报流水号 是空的"}},
		{"没有.csv", [][]string{{"编号", "时间"}, {"1", "2"}}, nil, []string{"找不到 申报流水号（SBLSH_SHORT）一列", "--column SBLSH_SHORT=列名", "编号"}},
		{"字段.csv", rows, []string{"--column", "YWSLSJ=受理时间"}, []string{"没有名为 YWSLSJ 的字段"}},
		{"列名.csv", rows, []string{"--column", "SHOULI_YWSLSJ=受理日期"}, []string{"没有列 受理日期"}},
		{"空的.csv", rows[:1], nil, []string{"一行也没有"}},
		{"清单.pdf", rows, nil, []string{"只读 .csv"}},
	} {
		file := w.listed(c.name, c.rows)
		code, _, errOut := w.says(append(append(slices.Clone(export), file), c.args...)...)
		if code != exitUsage {
			t.Errorf("%s exited %d", c.name, code)
		}
		wantText(t, errOut, c.want...)
	}
	for _, args := range [][]string{{"--export", "x.csv"}, {"--export", "x.csv", "--receiver", "national"}, {"--fetch-missing"}, {"--export", w.path("x.csv"), "--receiver", "platform"}, {"--numbers", "x.csv"}, {"--column", "A=B"}} {
		if code, _, errOut := w.says(append([]string{"reconcile", "--site", w.dir}, args...)...); code != exitUsage || errOut == "" {
			t.Errorf("%v exited %d: %s", args, code, errOut)
		}
	}
}
