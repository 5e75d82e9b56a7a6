package jobs

import (
	"context"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
	"banjian/ledger"
)

// Spec is one job (任务) as a person writes it.
type Spec struct {
	Job       string   `yaml:"job"`
	Title     string   `yaml:"title"`
	Schedule  string   `yaml:"schedule"`  // five cron fields, or @daily and the like
	Zone      string   `yaml:"zone"`      // IANA name; default Asia/Shanghai
	Pipelines []string `yaml:"pipelines"` // none = all of the site
	Mode      string   `yaml:"mode"`      // how they read: incremental, full, compare; empty = as each pipeline says
	File      string   `yaml:"-"`

	doc *yamlfile.Doc
}

// Job is a job whose schedule was understood.
type Job struct {
	Spec
	times cron.Schedule
	zone  *time.Location
}

// Load reads the jobs of a site's jobs folder (nil: none). With an error, which tells all
// mistakes of all files, it gives the jobs that are whole.
func Load(site fs.FS) ([]Job, error) {
	if site == nil {
		return nil, nil
	}
	entries, err := fs.ReadDir(site, ".")
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "read jobs", "jobs/", text.T("读不到文件夹", "cannot read the folder"), text.Text{})
	}
	var list []Job
	var found fault.List
	for _, e := range entries {
		if e.IsDir() {
			found.Add(yamlfile.TooDeep(site, "jobs/", e.Name()))
			continue
		}
		found.Add(yamlfile.Misnamed("jobs/" + e.Name()))
		if path.Ext(e.Name()) != ".yaml" {
			continue
		}
		s := Spec{File: "jobs/" + e.Name()}
		data, err := fs.ReadFile(site, e.Name())
		if err != nil {
			found.Add(fault.Wrap(err, fault.Config, "read jobs", s.File, text.T("读不到文件", "cannot read the file"), text.Text{}))
			continue
		}
		if s.doc, err = yamlfile.Read(s.File, data, &s); found.Add(err) {
			continue
		}
		j, err := Parse(s)
		if found.Add(err) {
			continue
		}
		if i := slices.IndexFunc(list, func(other Job) bool { return other.Job == j.Job }); i >= 0 {
			found.Add(s.Fault(text.F("任务 %s 已在 %s 中定义", "job %s is already defined in %s", j.Job, list[i].File), text.T("改名或删掉其中一个", "rename or delete one of them"), "job"))
			continue
		}
		list = append(list, j)
	}
	return list, found.Err()
}

// Fault is a Config fault at the value of the job that path leads to.
func (s *Spec) Fault(what, hint text.Text, path ...any) error {
	if s.doc == nil {
		return fault.New(fault.Config, "read job", s.File, what, hint)
	}
	return s.doc.Fault(what, hint, path...)
}

// Parse checks a job. A zone inside the schedule is refused: the zone has a key of
// its own. A schedule that never comes due (30 February) is refused too.
func Parse(s Spec) (Job, error) {
	var found fault.List
	if s.Job == "" {
		found.Add(s.Fault(text.T("任务缺少 job（名称）", "the job lacks job (its name)"), text.T("补上 job: 名称", "add job: NAME"), "job"))
	}
	if s.Zone == "" {
		s.Zone = "Asia/Shanghai"
	}
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		found.Add(s.Fault(text.F("任务 %s 的时区 %q 不认识", "job %s: zone %q is not known", s.Job, s.Zone), text.T("例如 Asia/Shanghai", "for instance Asia/Shanghai"), "zone"))
	}
	if s.Mode != "" && s.Mode != "incremental" && s.Mode != "full" && s.Mode != "compare" {
		found.Add(s.Fault(text.F("任务 %s 的 mode %q 不认识", "job %s: mode %q is not known", s.Job, s.Mode), text.T("用 incremental、full 或 compare", "use incremental, full or compare"), "mode"))
	}
	times, err := s.times()
	found.Add(err)
	if found.Sort(); found.Len() > 0 {
		return Job{}, found.Err()
	}
	return Job{Spec: s, times: times, zone: zone}, nil
}

func (s *Spec) times() (cron.Schedule, error) {
	bad := func(zh, en string, hint text.Text) error {
		return s.Fault(text.F(zh, en, s.Job, s.Schedule), hint, "schedule")
	}
	five := text.T("五段：分 时 日 月 周，没有秒，如 0 2 * * *；或 @daily、@hourly", "five fields: minute hour day month weekday, no seconds, such as 0 2 * * *; or @daily, @hourly")
	if s.Schedule == "" {
		return nil, s.Fault(text.T("任务缺少 schedule（什么时候运行）", "the job lacks schedule (when it runs)"), five, "schedule")
	}
	if strings.Contains(s.Schedule, "TZ=") {
		return nil, bad("任务 %s 的 schedule %q 里不能写时区", "job %s: a zone cannot stand in schedule %q", text.T("时区写在 zone:", "write it under zone:"))
	}
	times, err := cron.ParseStandard(s.Schedule)
	if err != nil {
		return nil, bad("任务 %s 的 schedule %q 不认识", "job %s: schedule %q is not understood", five)
	}
	if times.Next(time.Now()).IsZero() {
		return nil, bad("任务 %s 的 schedule %q 永远不会到时", "job %s: schedule %q never comes due", text.T("检查日和月：例如没有 2 月 30 日", "look at day and month: there is no 30 February, for one"))
	}
	return times, nil
}

// Next is the first time after t that the job is due.
func (j *Job) Next(t time.Time) time.Time { return j.times.Next(t.In(j.zone)) }

// Scheduler starts jobs when they are due. Times missed while nothing ran are made up
// for by one run, and so is one that was stopped half-way.
type Scheduler struct {
	Jobs  []Job
	Store ledger.Schedules
	Run   func(ctx context.Context, j *Job) error // an error with ctx ended: it was stopped half-way
	Log   *slog.Logger
	Now   func() time.Time
}

// Serve runs until ctx ends; a run under way is stopped by the same ctx, and finishes
// the batch in hand. Jobs run one after another.
func (s *Scheduler) Serve(ctx context.Context) error {
	next, before := make([]time.Time, len(s.Jobs)), make([]time.Time, len(s.Jobs))
	for i := range s.Jobs {
		last, err := s.Store.Due(ctx, s.Jobs[i].Job)
		if err != nil {
			return err
		}
		if last.IsZero() {
			last = s.Now()
		}
		next[i], before[i] = s.Jobs[i].Next(last), last
	}
	for {
		i := earliest(next)
		if i < 0 {
			<-ctx.Done()
			return nil
		}
		if !s.until(ctx, next[i]) {
			return nil
		}
		j := &s.Jobs[i]
		if err := s.Store.SetDue(ctx, j.Job, next[i]); err != nil { // a full disk, for one, which ends
			s.Log.Error("job not begun", "job", j.Job, "error", err)
			if !wait(ctx, scheduleLook) {
				return nil
			}
			continue
		}
		err := s.Run(ctx, j)
		switch {
		case ctx.Err() != nil && err != nil:
			return s.Store.SetDue(context.WithoutCancel(ctx), j.Job, before[i])
		case ctx.Err() != nil:
			return nil
		case err != nil:
			s.Log.Error("job failed", "job", j.Job, "error", err)
		}
		next[i], before[i] = j.Next(later(next[i], s.Now())), next[i]
	}
}

// scheduleLook is how often the clock is looked at while nothing is due: it may be set, and the
// machine may sleep.
const scheduleLook = time.Minute

// until waits for a time by the clock; false: ctx ended.
func (s *Scheduler) until(ctx context.Context, t time.Time) bool {
	for {
		left := t.Sub(s.Now())
		if !wait(ctx, min(left, scheduleLook)) {
			return false
		}
		if left <= scheduleLook {
			return true
		}
	}
}

// later guards against a clock that was set back while the job waited or ran: a time
// it was started for is over.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(times []time.Time) int {
	at := -1
	for i, t := range times {
		if !t.IsZero() && (at < 0 || t.Before(times[at])) {
			at = i
		}
	}
	return at
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(max(d, 0))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return ctx.Err() == nil
	}
}
