package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/ledger/collect"
	"banjian/pipelines"
)

// summary is the end-of-run line of one pipeline, as printed with --json.
type summary struct {
	Pipeline  string `json:"pipeline"`
	Run       string `json:"run"`
	Mode      string `json:"mode"`
	StartedAt string `json:"started_at"` // RFC 3339
	ElapsedMS int64  `json:"elapsed_ms"`
	Read      int64  `json:"read"`
	Filtered  int64  `json:"filtered"`
	Unchanged int64  `json:"unchanged"`
	Rejected  int64  `json:"rejected"`
	Collected int64  `json:"collected"`
	Records   int64  `json:"records"`
	Deleted   int64  `json:"deleted,omitempty"`  // of Records
	Compared  int64  `json:"compared,omitempty"` // rows that the department's server hashed; of those, Read had to be read

	Receivers map[string]pipelines.ReceiverCounts `json:"receivers"`

	Blanked   int64  `json:"blanked"`
	Settling  int64  `json:"settling"`
	RowsPerS  int64  `json:"rows_per_s"`
	BytesRead int64  `json:"bytes_read"`
	State     string `json:"state"`
	Error     string `json:"error"`

	FilteredBy map[string]int64 `json:"filtered_by,omitempty"` // of Filtered, by the id of a filter of the mapping

	Owed int64 `json:"files_owed,omitempty"` // records of the run that go on without their file, which could not be had yet

	Unverified int64 `json:"unverified,omitempty"` // records of the run that were collected and wait until they are verified
	Verified   int64 `json:"verified,omitempty"`   // what was verified now, of this run and older ones

	Cut bool `json:"cut,omitempty"` // --limit was reached and rows are left

	Drift  []string         `json:"drift,omitempty"`  // how the view differs from what it was at the last run
	Absent *collect.Absence `json:"absent,omitempty"` // of a run that compared everything

	Refused []kindLine `json:"refused,omitempty"` // by a dry run, by kind; the rejects of others are in the ledger

	refused    []ledger.RejectKind
	newRejects int64
	stopped    bool // records were newly held or refused at a receiver
	failure    error
	cut        text.Text // what is left of it, and when it is read
}

// news says whether rows were newly rejected or held.
func (s *summary) news() bool { return s.newRejects > 0 || s.stopped }

// summaries is one line for each pipeline, in the order given.
func (w *work) summaries(specs []pipelines.Spec) []summary {
	var list []summary
	for _, spec := range specs {
		rep, ran := w.reports[spec.Pipeline]
		s := summaryOf(spec, rep, ran, w.app.lang)
		s.Absent = w.shown(spec.Pipeline, rep.Absence)
		s.FilteredBy = w.left[spec.Pipeline]
		s.Cut, s.cut = rep.Cut, leftBehind(rep)
		s.refused, s.Refused = rep.Refused, w.app.kindLines(w.house, rep.Refused)
		for _, t := range w.targets {
			if slices.Contains(spec.Deliver, t.Receiver) {
				s.Receivers[t.Receiver] = w.runner.Tally.Counts(spec.Pipeline, t.Receiver, s.Records)
				s.stopped = s.stopped || w.runner.Tally.News(t.Receiver)
				s.partly(w.failed[t.Receiver], w.app.lang)
			}
		}
		for _, r := range w.resting {
			if slices.Contains(spec.Deliver, r) {
				s.Receivers[r] = w.runner.Tally.Counts(spec.Pipeline, r, s.Records)
				s.partly(w.failed[r], w.app.lang)
			}
		}
		list = append(list, s)
	}
	return list
}

// partly has a run that went well be one of which a receiver got nothing, or not everything.
func (s *summary) partly(err error, lang text.Lang) {
	if err != nil && s.State == "done" {
		s.State, s.Error = "partial", fault.Say(err, lang)
	}
}

func summaryOf(spec pipelines.Spec, rep jobs.Report, ran bool, lang text.Lang) summary {
	c := rep.Counts
	s := summary{Pipeline: spec.Pipeline, Run: rep.Run.ID, Mode: rep.Run.Mode, ElapsedMS: rep.Elapsed.Milliseconds(), Read: c.Read, Filtered: c.Filtered,
		Unchanged: c.Unchanged, Rejected: c.Rejected, Collected: c.Collected, Records: c.Records, Deleted: c.Deleted, Compared: c.Compared, Receivers: map[string]pipelines.ReceiverCounts{},
		Blanked: c.Blanked, Settling: c.Settling, BytesRead: c.BytesRead, State: rep.Run.State, newRejects: c.NewRejects, failure: rep.Err, Owed: c.Owed, Unverified: c.Unverified, Verified: rep.Verified}
	if !ran {
		s.State, s.Mode = "done", "deliver-only"
		return s
	}
	for _, d := range rep.Drift {
		s.Drift = append(s.Drift, d.What.In(lang))
	}
	s.StartedAt = rep.Run.Started.Format(time.RFC3339)
	if rep.Elapsed > 0 {
		s.RowsPerS = int64(float64(c.Read) / rep.Elapsed.Seconds())
	}
	if rep.Err != nil {
		s.Error = fault.Say(rep.Err, lang)
	}
	return s
}

func (a *app) printSummaries(list []summary) {
	if a.json {
		for _, s := range list {
			line, err := json.Marshal(s)
			if err != nil {
				panic(err) // numbers and strings only
			}
			fmt.Fprintf(a.out, "%s\n", line)
		}
		return
	}
	w := &table{out: a.out, right: true}
	w.heading(a.t("管道\t读取\t过滤\t未变\t问题\t归集\t置空\t待稳定\t状态", "pipeline\tread\tfiltered\tunchanged\trejected\tcollected\tblanked\tsettling\tstate"))
	for _, s := range list {
		w.row(s.Pipeline, count(s.Read), count(s.Filtered), count(s.Unchanged), count(s.Rejected), count(s.Collected), count(s.Blanked), count(s.Settling), a.state(s.State))
	}
	w.print()
	a.printFilters(list)
	a.printReceivers(list)
}

// printFilters tells which filters left rows out.
func (a *app) printFilters(list []summary) {
	for _, s := range list {
		var parts []string
		for _, id := range slices.Sorted(maps.Keys(s.FilteredBy)) {
			parts = append(parts, id+" "+count(s.FilteredBy[id]))
		}
		if s.Owed > 0 {
			a.say(text.F("%s：%d 个附件还没有取到，取到后自动补上", "%s: %d file{|s} could not be had yet and {follows|follow} by {itself|themselves}", s.Pipeline, s.Owed))
		}
		if s.Unverified > 0 {
			a.say(text.F("%s：%d 条记录待核验，先不上报；核验有了结果自动放行（banjian held list）", "%s: %d record{|s} {waits|wait} to be verified and {goes|go} by {itself|themselves} then (banjian held list)", s.Pipeline, s.Unverified))
		}
		if s.Verified > 0 {
			a.say(text.F("%s：补核验 %d 项，放行", "%s: %d {is|are} verified now and {goes|go}", s.Pipeline, s.Verified))
		}
		if s.Cut {
			a.say(s.cut)
		}
		if parts != nil {
			a.say(text.F("%s 过滤的行：%s", "%s left out: %s", s.Pipeline, strings.Join(parts, a.t("，", ", "))))
		}
	}
}

func (a *app) printReceivers(list []summary) {
	any := false
	for _, s := range list {
		any = any || len(s.Receivers) > 0
	}
	if !any {
		return
	}
	fmt.Fprintln(a.out)
	w := &table{out: a.out, right: true}
	w.heading(a.t("管道 → 接收方\t记录\t已上报\t挂起\t问题\t不适用\t待报\t旧件放行", "pipeline → receiver\trecords\tdelivered\theld\trejected\tnot applicable\tpending\treleased"))
	for _, s := range list {
		for _, r := range slices.Sorted(maps.Keys(s.Receivers)) {
			c := s.Receivers[r]
			w.row(s.Pipeline+" → "+r, count(s.Records), count(c.Delivered), count(c.Held), count(c.Rejected), count(c.NotApplicable), count(c.Pending), count(c.Released))
		}
	}
	w.print()
	for _, s := range list {
		for _, r := range slices.Sorted(maps.Keys(s.Receivers)) {
			if n := s.Receivers[r].Compared; n > 0 {
				a.say(text.F("%[1]s → %[2]s：%[3]d 条以另一系统为准，只作比对：banjian precedence", "%[1]s → %[2]s: of %[3]d record{|s} another system's word counts, {it is|they are} compared only: banjian precedence", s.Pipeline, r, n))
			}
		}
	}
}

// noteDrift says what changed in a view without stopping the run.
func (a *app) noteDrift(rep jobs.Report) {
	for _, d := range rep.Drift {
		if rep.Err == nil {
			what := text.T("视图", "view")
			if rep.Run.Mode == pipelines.ModeStream {
				what = text.T("主题", "topic")
			}
			a.note(text.F("%s：%s变了：%s", "%s: the %s changed: %s", rep.Run.Pipeline, what, d.What))
		}
	}
}

// printAbsent says which records left their view, and what became of them.
func (a *app) printAbsent(list []summary) {
	for _, s := range list {
		if a.json || s.Absent == nil || s.Absent.Absent == 0 {
			continue
		}
		g := s.Absent
		fmt.Fprintln(a.out)
		fmt.Fprintln(a.out, text.F("%[1]s：视图里已没有的记录 %[2]d 条，范围以外 %[3]d，已办结而保留 %[4]d，%[5]s",
			"%[1]s: %[2]d records are not in the view, %[3]d out of scope, %[4]d kept because the case is finished, %[5]s",
			s.Pipeline, g.Absent, g.OutOfScope, g.Finished, a.deletedText(g)).In(a.lang))
		if g.Beside > 0 {
			fmt.Fprintln(a.out, "  "+text.F("另有 %d 条保留：同一办件（事项）有行成了问题数据，可能就是它改后的样子", "%d more are kept: a row of the same case (or item) was rejected, which may be the record as it is now", g.Beside).In(a.lang))
		}
		w := &table{out: a.out}
		for _, r := range g.Which {
			w.row("  "+r.Subject, joined(r.Key))
		}
		w.print()
		if more := g.Deleted - g.Approved - int64(len(g.Which)); more > 0 {
			said := text.F("还有 %d 条", "and %d more", more)
			if g.List > 0 {
				said = text.F("还有 %[1]d 条，全部导出：banjian deletes export %[2]d --out 文件.xlsx", "and %[1]d more, to see all of them: banjian deletes export %[2]d --out FILE.xlsx", more, g.List)
			}
			fmt.Fprintln(a.out, "  "+said.In(a.lang))
		}
	}
}

// deletedText is what became of records that left their view.
func (a *app) deletedText(g *collect.Absence) string {
	switch {
	case g.Stopped && g.Approved > 0:
		return text.F("名单上已批准而删除 %[1]d，待批准删除 %[2]d（名单 %[3]d）", "deleted as approved %[1]d, to be approved %[2]d (list %[3]d)", g.Approved, g.Deleted-g.Approved, g.List).In(a.lang)
	case g.Stopped && g.List > 0:
		return text.F("待批准删除 %[1]d（名单 %[2]d）", "to be approved %[1]d (list %[2]d)", g.Deleted, g.List).In(a.lang)
	case g.Stopped:
		return text.F("待批准删除 %d", "to be approved %d", g.Deleted).In(a.lang)
	}
	return text.F("已删除 %d", "deleted %d", g.Deleted).In(a.lang)
}

func count(n int64) string { return strconv.FormatInt(n, 10) }

func (a *app) state(s string) string {
	zh := map[string]string{"done": "完成", "partial": "部分", "failed": "失败", "running": "运行中"}
	if a.lang == text.ZH && zh[s] != "" {
		return zh[s]
	}
	return s
}

// bar shows rows as they are written: a progress bar on a terminal, a line every few
// seconds otherwise.
type bar struct {
	a    *app
	name string
	on   *progressbar.ProgressBar
	last time.Time
}

const plainEvery = 5 * time.Second

func (a *app) progress(name string) *bar {
	b := &bar{a: a, name: name, last: time.Now()}
	if f, ok := a.err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		b.on = progressbar.NewOptions64(-1, progressbar.OptionSetWriter(io.Writer(f)), progressbar.OptionSetDescription(name),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	return b
}

func (b *bar) update(c pipelines.Counts) {
	if b.on != nil {
		_ = b.on.Set64(c.Read)
		return
	}
	if time.Since(b.last) > plainEvery {
		b.last = time.Now()
		b.a.note(text.F("%s：已读 %d 行，归集 %d，问题 %d", "%s: %d row{|s} read, %d collected, %d rejected", b.name, c.Read, c.Collected, c.Rejected))
	}
}

func (b *bar) finish() {
	if b.on != nil {
		_ = b.on.Finish()
	}
}

// joined is a natural key for people.
func joined(parts []string) string { return strings.Join(parts, " / ") }
