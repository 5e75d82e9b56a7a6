package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"banjian/jobs/reconcile"
)

const specialFiles = `mapping: my/special
to: case/special
fields:
  local_no: slbh
  special_no: xh
  special_type: {const: other}
  special_name: mc
  started_at: kssj
  approver: {const: 赵批准}
  reason: {const: 需评审}
  content: {const: 暂停计时}
  limit: {const: 10}
  limit_unit: {const: workday}
  region: {const: "440103000000"}
  result: jg
  result_at: jssj
  ended_at: jssj
`

const refusedFiles = `mapping: my/refused
to: case/result
fields:
  local_no: slbh
  round: {const: 1}
  flow_no: sblsh
  item_code: sxbm
  result_code: {const: not_accepted}
  result_text: {const: 不予受理}
  failure_reason: {const: 不属于本机关职权}
  finished_at: bjsj
  user: {const: 赵批准}
  dept_code: {const: 12440000MA00000000}
  dept_name: {const: 岭南市住房公积金管理中心}
  region: {const: "440103000000"}
`

// withSpecials is a site where three open cases have a special procedure, two of which have
// ended, and two cases were refused at acceptance without an acceptance; their flow numbers.
func withSpecials(t *testing.T) (w *troubled, special, refused []string) {
	t.Helper()
	w = onPlatform(t)
	w.mustRun("--fail-on", "none")
	effects := w.effects()
	item := ""
	for _, key := range sortedKeys(effects) {
		v := effects[key].values
		if flow := v["SBLSH_SHORT"]; strings.HasPrefix(key, "accept ") && v["SHOULI/YWSLZT"] == "1" && effects[strings.Replace(key, "accept ", "finish ", 1)].values == nil && len(special) < 3 {
			special, item = append(special, flow), v["SXBM"]
		}
	}
	if len(special) < 3 {
		t.Fatalf("open cases: %v", special)
	}
	w.write("mappings/my/special.yaml", specialFiles)
	w.write("mappings/my/refused.yaml", refusedFiles)
	w.write("pipelines/my.yaml", "pipeline: my-special\nfrom: {connection: gjj, source_id: gjj-core, view: v_special, key: [local_no, special_no], mode: full}\nmapping: my/special\ndeliver: [platform]\n"+
		"---\npipeline: my-refused\nfrom: {connection: gjj, source_id: gjj-core, view: v_refused, key: [local_no, round], mode: full}\nmapping: my/refused\ndeliver: [platform]\n")
	w.sourceExec("CREATE TABLE v_special (slbh TEXT, xh TEXT, mc TEXT, kssj TEXT, jg TEXT, jssj TEXT)")
	w.sourceExec("CREATE TABLE v_refused (slbh TEXT, sblsh TEXT, sxbm TEXT, bjsj TEXT)")
	for i, flow := range special {
		w.sourceExec("INSERT INTO v_special SELECT slbh, '7', '专家评审', '2026-03-02 09:00:00', CASE WHEN ? THEN '通过' END, CASE WHEN ? THEN '2026-03-05 10:00:00' END FROM gjj_ywsl WHERE sblsh=?", i < 2, i < 2, flow)
	}
	for i := range 2 {
		refused = append(refused, fmt.Sprintf("440120260302%08d", i))
		w.sourceExec("INSERT INTO v_refused VALUES(?,?,?,'2026-03-02 15:00:00')", fmt.Sprintf("R%d", i), refused[i], item)
	}
	w.mustRun("--fail-on", "none")
	return w, special, refused
}

func sortedKeys(effects map[string]effect) []string {
	var keys []string
	for key := range effects {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Special procedures are compared with a list of the platform, whether it has a row for each
// or one for each message; what stands on one side alone is named.
func TestSpecialProceduresAreComparedWithAList(t *testing.T) {
	w, special, _ := withSpecials(t)
	items := map[string]string{"NEVER0001": "GJJ-0101"}
	for key, e := range w.effects() {
		if strings.HasPrefix(key, "accept ") {
			items[e.values["SBLSH_SHORT"]] = e.values["SXBM"]
		}
	}
	messages := [][]string{{"申报流水号", "事项编码", "序号", "特别程序类型", "特别程序种类名称", "行政区划", "特别程序结果", "特别程序结束日期"}}
	records := [][]string{{"申报流水号", "事项编码", "序号", "特别程序种类名称", "行政区划", "特别程序结果", "特别程序结束日期"}}
	for i, flow := range special {
		messages = append(messages, []string{flow, items[flow], "7", "申请", "专家评审", "440103000000", "", ""})
		record := []string{flow, items[flow], "7", "专家评审", "440103000000", "", ""}
		if i < 2 {
			messages = append(messages, []string{flow, items[flow], "7", "结果", "", "440103000000", "通过", "2026/3/5 10:00"})
			record[5], record[6] = "通过", "2026/3/5 10:00"
		}
		records = append(records, record)
	}
	edit := func(rows [][]string, row, cell int, to string) [][]string {
		rows = slices.Clone(rows)
		rows[row] = slices.Clone(rows[row])
		rows[row][cell] = to
		return rows
	}
	for name, c := range map[string]struct {
		rows [][]string
		want string // kinds, fields and places of the differences
	}{
		"a row for each message":         {messages, ""},
		"a row for each procedure":       {records, ""},
		"another result":                 {edit(messages, 2, 6, "不通过"), "altered 特别程序结果"},
		"another result of a procedure":  {edit(records, 1, 5, "不通过"), "altered 特别程序结果"},
		"a result that did not come":     {slices.Delete(slices.Clone(messages), 2, 3), "altered 特别程序类型=1"},
		"a result that was never sent":   {append(slices.Clone(messages), []string{special[2], items[special[2]], "7", "1", "", "440103000000", "通过", "2026-03-05 10:00:00"}), "altered 特别程序类型=1"},
		"a procedure that did not come":  {messages[:len(messages)-1], "missing "},
		"a procedure nobody sent":        {append(slices.Clone(records), []string{"NEVER0001", items["NEVER0001"], "7", "专家评审", "440103000000", "", ""}), "extra "},
		"of a procedure only the result": {slices.Delete(slices.Clone(messages), 1, 2), "altered 特别程序类型=0"},
	} {
		code, r := w.reconcile("--receiver", "platform", "--subject", "case/special", "--export", w.listed("特别程序.csv", c.rows))
		var got []string
		for _, d := range r.Differences {
			got = append(got, d.Kind+" "+strings.Join(d.Fields, ","))
			if d.Kind != reconcile.Missing && !strings.HasPrefix(d.Where, "特别程序.csv:") {
				t.Errorf("%s: %+v", name, d)
			}
		}
		if strings.Join(got, "; ") != c.want || (code == exitDone) != (c.want == "") {
			t.Errorf("%s: exited %d: %q, want %q", name, code, got, c.want)
		}
	}
	code, _, errOut := w.says("reconcile", "--receiver", "platform", "--lang", "zh", "--site", w.dir, "--subject", "case/special", "--export", w.listed("半.csv", edit(messages, 1, 3, "挂起")))
	if code != exitUsage {
		t.Errorf("an unknown half: exited %d", code)
	}
	wantText(t, errOut, "半.csv:2", "没有说这一行是哪一半")
}

// A case that was never accepted stands in the platform's list of acceptances and not in that
// of results, as it was told.
func TestACaseNeverAcceptedIsLookedForAmongAcceptances(t *testing.T) {
	w, _, refused := withSpecials(t)
	rows := w.exportedAccepts()
	for _, flow := range refused {
		if !slices.ContainsFunc(rows, func(r []string) bool { return r[1] == flow && r[4] == "不予受理" }) {
			t.Errorf("%s was not told: %s", flow, func() string {
				_, out, errOut := w.says("case", "show", "R0", "--lang", "en", "--site", w.dir)
				return out + errOut
			}())
		}
	}
	code, r := w.reconcile("--receiver", "platform", "--export", w.listed("受理.csv", rows), "--column", "SHOULI_YWSLSJ=受理时间")
	if code != exitDone || len(r.Differences) != 0 {
		t.Errorf("acceptances: exited %d: %+v", code, r.Differences)
	}
	results := [][]string{{"申报流水号", "事项编码", "办结结果描述"}}
	effects := w.effects()
	for _, key := range sortedKeys(effects) {
		if v := effects[key].values; strings.HasPrefix(key, "finish ") {
			results = append(results, []string{v["SBLSH_SHORT"], v["SXBM"], v["SPBANJIE/BJJGMS"]})
		}
	}
	code, r = w.reconcile("--receiver", "platform", "--subject", "case/result", "--export", w.listed("办结.csv", results))
	if code != exitDone || len(r.Differences) != 0 || len(results) < 5 {
		t.Errorf("%d results: exited %d: %+v", len(results), code, r.Differences)
	}
}
