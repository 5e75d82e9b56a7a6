package doctor

import (
	"errors"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Verdict is how one check came out.
type Verdict string

const (
	OK   Verdict = "ok"
	Warn Verdict = "warn" // it works, but somebody should look
	Fail Verdict = "fail" // it does not work, or must not stay so
)

// Line is one check of one connection, pipeline or receiver.
type Line struct {
	About    string // connection or receiver
	Pipeline string // empty: the connection or receiver itself
	Check    text.Text
	ID       string // of the check, the same in both languages
	Verdict  Verdict
	What     text.Text
	Hint     text.Text // how to mend it
	SQL      []string  // statements for the department's DBA
	Mistake  bool      // of the site's files or secrets, not of the other side
}

// names of the checks.
var names = map[string]text.Text{
	"site":    text.T("站点文件", "files of the site"),
	"connect": text.T("连接", "connection"),
	"rights":  text.T("授权", "rights"),
	"clock":   text.T("时钟", "clock"),
	"columns": text.T("列", "columns"),
	"charset": text.T("字符集", "charset"),
	"key":     text.T("主键", "key"),
	"cursor":  text.T("游标", "cursor"),
	"standby": text.T("备库", "standby"),
	"load":    text.T("负担", "load"),
	"files":   text.T("文件", "files"),
	"tables":  text.T("表与接口", "tables and calls"),

	"attachments": text.T("附件", "attachments"),
}

// Report gathers the lines of one connection or receiver.
type Report struct {
	About string
	Lines []Line
}

// Add adds a line; hint may be zero.
func (r *Report) Add(pipeline, id string, v Verdict, what, hint text.Text, sql ...string) {
	r.Lines = append(r.Lines, Line{About: r.About, Pipeline: pipeline, ID: id, Check: names[id], Verdict: v, What: what, Hint: hint, SQL: sql})
}

// Wrong adds what err says. What may not be asked at this hour, or took too long, is not
// known to be wrong.
func (r *Report) Wrong(pipeline, id string, err error) {
	v := Fail
	var f *fault.Error
	if errors.As(err, &f) && f.Op == "check hours" || fault.Is(err, fault.Transient) && id != "connect" {
		v = Warn
	}
	r.Add(pipeline, id, v, text.T(fault.Say(err, text.ZH), fault.Say(err, text.EN)), fault.HintOf(err))
}

// Mistakes adds what is wrong with the site's files, a line for each.
func (r *Report) Mistakes(pipeline string, err error) {
	for _, one := range fault.All(err) {
		r.Add(pipeline, "site", Fail, text.T(fault.Say(one, text.ZH), fault.Say(one, text.EN)), fault.HintOf(one))
		r.Lines[len(r.Lines)-1].Mistake = true
	}
}

// How far a clock may go wrong before somebody should look.
const clockBound = 30 * time.Second

// Clock adds how a server's clock goes against ours; nil: it told none.
func (r *Report) Clock(offset *time.Duration) {
	switch {
	case offset == nil:
	case offset.Abs() <= clockBound:
		r.Add("", "clock", OK, text.F("与本机相差 %s", "%s from ours", offset.Abs().Round(time.Millisecond)), text.Text{})
	case *offset > 0:
		r.Add("", "clock", Warn, text.F("比本机快 %s", "ahead of ours by %s", offset.Round(time.Second)), clockHint())
	default:
		r.Add("", "clock", Warn, text.F("比本机慢 %s", "behind ours by %s", offset.Abs().Round(time.Second)), clockHint())
	}
}

func clockHint() text.Text {
	return text.T("先看本机的对时（chronyc tracking），再请对方核对；增量按对方的时钟读，不会因此漏行", "look at the time service here first (chronyc tracking), then ask the other side; increments go by its clock, so no row is lost")
}
