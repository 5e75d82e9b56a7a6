package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"banjian/ledger"
)

// lines are the rejects that a filter chooses, as scripts read them.
func (w *troubled) lines(flags ...string) []rejectLine {
	w.t.Helper()
	out, _ := w.must(exitDone, append([]string{"rejects", "list", "--json"}, flags...)...)
	var list []rejectLine
	for line := range strings.Lines(out) {
		var l rejectLine
		decode(w.t, line, &l)
		list = append(list, l)
	}
	return list
}

func TestRejectsAreListedByKindAndADryRunSaysWhatItWouldRefuse(t *testing.T) {
	w := newTroubled(t, embedded(t))
	dry, _ := w.must(exitDone, "run", "provident-fund-accept", "--dry-run", "--json")
	var sum summary
	decode(t, dry, &sum)
	w.mustRun()
	var all, of int64
	var kinds []kindLine
	out, _ := w.must(exitDone, "rejects", "list", "--kinds", "--json")
	for line := range strings.Lines(out) {
		var k kindLine
		decode(t, line, &k)
		if all += k.Count; k.Pipeline == "provident-fund-accept" && k.Receiver == "" {
			kinds, of = append(kinds, k), of+k.Count
		}
	}
	if all != int64(len(w.lines())) || len(kinds) < 5 || kinds[0].Count < kinds[len(kinds)-1].Count {
		t.Errorf("%d rejects in %v", all, kinds)
	}
	if fmt.Sprint(sum.Refused) != fmt.Sprint(kinds) || of < sum.Rejected {
		t.Errorf("a dry run foretold\n%v, then there were\n%v", sum.Refused, kinds)
	}
	short, _ := w.must(exitDone, "rejects", "list", "--kinds", "--limit", "2", "--lang", "zh")
	if wantText(t, short, "条数", "例如"); strings.Count(short, "\n") != 3 {
		t.Errorf("two kinds are\n%s", short)
	}
}

func TestAnUnknownNameIsToldWithTheNearest(t *testing.T) {
	w := newRan(t)
	for args, want := range map[string]string{
		"list --pipeline provident-fund-aceept":       "no such pipeline\nwhat to do: did you mean provident-fund-accept?",
		"list --rule check_resident":                  "no such rule\nwhat to do: did you mean check_resident_id?",
		"list --rule zzz":                             "what to do: the names are those under rule",
		"export --out r.csv --rule requird":           "did you mean required?",
		"redrive --rule requird":                      "did you mean required?",
		"redrive --receiver national --rule requird":  "did you mean required?",
		"waive --pipeline nix --why test":             "no such pipeline",
		"waive 1 99999 --why test":                    "99999: there is no such reject\nwhat to do: banjian rejects list has the numbers",
		"show 99999":                                  "99999: there is no such reject",
		"waive 1":                                     "what to do: banjian rejects waive --help",
		"redrive --receiver national --pipeline step": "no such pipeline",
	} {
		code, out, errOut := w.says(append([]string{"rejects", "--lang", "en", "--site", w.dir}, strings.Fields(args)...)...)
		if code != exitUsage || out != "" || !strings.Contains(errOut, want) {
			t.Errorf("%s: exit %d, said %q", args, code, errOut)
		}
	}
	if got := w.lines("--state", "waived"); len(got) > 0 {
		t.Errorf("waived beside a number that is none: %v", got)
	}
}

func TestWhatAVerbDidIsJSONForScripts(t *testing.T) {
	w := newRan(t)
	for args, want := range map[string]string{
		"rejects waive 1 --why test":          `"waived":1`,
		"rejects redrive --receiver national": `"receiver":"national","records":`,
		"receivers pause national":            `{"paused":true,"receiver":"national"}`,
	} {
		out, _ := w.must(exitDone, append(strings.Fields(args), "--json")...)
		var line map[string]any
		decode(t, out, &line)
		if !strings.Contains(out, want) {
			t.Errorf("%s: %s", args, out)
		}
	}
	out, _ := w.must(exitDone, "receivers", "resume", "national", "--json")
	wantText(t, out, `{"paused":false,"receiver":"national","was_left_alone":false,"was_paused":true}`)
}

func TestRejectsAreChosenByEveryFlag(t *testing.T) {
	w := newRan(t)
	all := w.lines()
	no := w.ofDirt("no_name")
	for _, c := range []struct {
		flags string
		want  func(rejectLine) bool
	}{
		{"--rule required", func(l rejectLine) bool { return l.Rule == "required" }},
		{"--rule required --rule bad_time", func(l rejectLine) bool { return l.Rule == "required" || l.Rule == "bad_time" }},
		{"--department gjj-core", func(rejectLine) bool { return true }},
		{"--pipeline provident-fund-step", func(l rejectLine) bool { return l.Pipeline == "provident-fund-step" }},
		{"--receiver national", func(l rejectLine) bool { return l.Receiver == "national" }},
		{"--case " + no, func(l rejectLine) bool { return l.Key[0] == no }},
		{"--case " + no + " --rule required", func(l rejectLine) bool { return l.Key[0] == no && l.Rule == "required" }},
		{"--run 1", func(l rejectLine) bool { return strings.HasSuffix(l.Pipeline, "-accept") && l.Receiver == "" }},
		{"--state waived", func(rejectLine) bool { return false }},
	} {
		var want []int64
		for _, l := range all {
			if c.want(l) {
				want = append(want, l.ID)
			}
		}
		var got []int64
		for _, l := range w.lines(strings.Fields(c.flags)...) {
			if c.flags == "--run 1" && l.Receiver != "" {
				continue // refused by a receiver, of a record of that run
			}
			got = append(got, l.ID)
		}
		if !slices.Equal(got, want) || len(want) == 0 && c.flags != "--state waived" {
			t.Errorf("%s: got %v, want %v", c.flags, got, want)
		}
	}
	if got := w.lines("--limit", "2", "--rule", "required,bad_time"); len(got) != 2 {
		t.Errorf("--limit 2 lists %d", len(got))
	}
	for _, flags := range []string{"--state wrong", "--run x", "--department nobody", "--receiver nobody"} {
		w.must(exitUsage, append([]string{"rejects", "list"}, strings.Fields(flags)...)...)
	}
}

func TestRejectsGoToTheDepartmentAsASheetForEachPipeline(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.sourceExec("UPDATE gjj_ywsl SET bz='=1+1' WHERE slbh=?", w.ofDirt("no_name"))
	w.mustRun()
	all, file := w.lines(), filepath.Join(t.TempDir(), "问题数据.xlsx")
	w.must(exitDone, "rejects", "export", "--out", file)
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	found := 0
	for _, name := range book.GetSheetList() {
		rows, err := book.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		wantText(t, rows[0][0], " 导出，共 ", "来源值已脱敏")
		if !slices.Equal(rows[1][:8], []string{"编号", "标识", "事项", "字段", "接收方", "原因", "怎么改", "发现时间"}) {
			t.Errorf("%s: headings %v", name, rows[1])
		}
		found += len(rows) - 2
		for _, r := range rows[2:] {
			i := slices.IndexFunc(all, func(l rejectLine) bool { return count(l.ID) == r[0] })
			if i < 0 || all[i].Pipeline != name || r[5] == "" || r[6] == "" || r[1] != joined(all[i].Key) {
				t.Errorf("%s: %v", name, r)
			}
		}
	}
	if found != len(all) {
		t.Errorf("%d rejects in the sheets, want %d", found, len(all))
	}
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
}

func TestRejectsAsCSVAreMaskedUnlessAskedForAndNeverAFormula(t *testing.T) {
	w := newTroubled(t, embedded(t))
	no := w.ofDirt("no_name")
	w.sourceExec("UPDATE gjj_ywsl SET bz='=1+1' WHERE slbh=?", no)
	w.mustRun()
	id := w.sourceText("SELECT zjhm FROM gjj_ywsl WHERE slbh=?", no)
	file := filepath.Join(t.TempDir(), "r.csv")
	read := func(flags ...string) (text string, rows [][]string) {
		t.Helper()
		w.must(exitDone, append([]string{"rejects", "export", "--out", file, "--case", no, "--pipeline", "provident-fund-accept"}, flags...)...)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = strings.TrimPrefix(string(data), "\ufeff")
		if text == string(data) || !strings.Contains(text, "\r\n") || !utf8.ValidString(text) {
			t.Errorf("neither mark nor line ends: %q", data[:20])
		}
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord = -1
		if rows, err = r.ReadAll(); err != nil {
			t.Fatal(err)
		}
		return text, rows
	}
	masked, rows := read("--lang", "en")
	if strings.Contains(masked, id) || rows[1][0] != "pipeline" || !strings.Contains(masked, "exported by") || !strings.Contains(masked, "a required value is missing") {
		t.Errorf("masked:\n%s", masked)
	}
	whole, rows := read("--with-source")
	wantText(t, whole, id, "不得转发", "必填内容为空")
	at := slices.Index(rows[1], "bz")
	if at < 0 || rows[2][at] != "'=1+1" {
		t.Errorf("a formula: %v", rows[2])
	}
	os.Remove(file)
	if _, errOut := w.must(exitDone, "rejects", "export", "--out", file, "--rule", "bad_int"); errOut == "" {
		t.Error("nothing to export, and nothing was said")
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file without rejects was written")
	}
	for _, args := range []string{"", "--out r.txt", "--out " + filepath.Join(t.TempDir(), "none", "r.xlsx")} {
		w.must(exitUsage, append([]string{"rejects", "export"}, strings.Fields(args)...)...)
	}
}

func TestRejectWaivedIsNotOpenUntilItsRowChangesAndIsRefusedAgain(t *testing.T) {
	w := newRan(t)
	no := w.ofDirt("no_name")
	before := len(w.lines())
	id := w.lines("--case", no, "--pipeline", "provident-fund-accept")[0].ID
	for _, args := range [][]string{{"waive", count(id)}, {"waive", "--why", "x"}, {"waive", count(id), "--rule", "required", "--why", "x"}, {"waive", "no", "--why", "x"}} {
		w.must(exitUsage, append([]string{"rejects"}, args...)...)
	}
	w.must(exitDone, "rejects", "waive", count(id), "--why", "历史数据")
	if n := len(w.lines()); n != before-1 {
		t.Errorf("%d are open, want %d", n, before-1)
	}
	out, _ := w.must(exitDone, "rejects", "show", count(id), "--lang", "zh")
	wantText(t, out, "已豁免", "历史数据", whoami(), "怎么改: ", "来源列: sqr", "> sqr")
	if code, _, errOut := w.run("--mode", "full"); code != exitDone {
		t.Errorf("read again it is news: exited %d %s", code, errOut)
	}
	if got := w.lines("--state", ledger.Waived); len(got) != 1 || got[0].ID != id {
		t.Errorf("waived: %v", got)
	}
	w.sourceExec("UPDATE gjj_ywsl SET bz='仍缺姓名', gxsj="+soon+" WHERE slbh=?", no)
	if code, _, _ := w.run(); code != exitNews {
		t.Errorf("changed and refused again it exited %d", code)
	}
	if got := w.lines("--case", no, "--pipeline", "provident-fund-accept"); len(got) != 1 || got[0].ID == id {
		t.Errorf("open: %v", got)
	}
	out, _ = w.must(exitDone, "rejects", "waive", "--rule", "required", "--department", "gjj-core", "--why", "停用", "--lang", "en")
	wantText(t, out, "waived: ")
	if got := w.lines("--rule", "required"); len(got) != 0 {
		t.Errorf("still open: %v", got)
	}
}
