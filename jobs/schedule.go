package jobs

import (
	"context"
	"io/fs"
	"log/slog"
	"path"
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
	File      string   `yaml:"-"`
}

// Job is a job whose schedule was understood.
type Job struct {
	Spec
	times cron.Schedule
	zone  *time.Location
}

// Load reads the jobs of a site's jobs folder (nil: none).
func Load(site fs.FS) ([]Job, error) {
	if site == nil {
		return nil, nil
	}
	entries, err := fs.ReadDir(site, ".")
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "read jobs", "jobs/", text.T("读不到文件夹", "cannot read the folder"), text.Text{})
	}
	var list []Job
	for _, e := range entries {
		if path.Ext(e.Name()) != ".yaml" {
			continue
		}
		data, err := fs.ReadFile(site, e.Name())
		if err != nil {
			return nil, fault.Wrap(err, fault.Config, "read jobs", "jobs/"+e.Name(), text.T("读不到文件", "cannot read the file"), text.Text{})
		}
		s := Spec{File: "jobs/" + e.Name()}
		if err := yamlfile.Decode(s.File, data, &s); err != nil {
			return nil, err
		}
		j, err := Parse(s)
		if err != nil {
			return nil, err
		}
		list = append(list, j)
	}
	return list, nil
}

// Parse checks a job. A zone inside the schedule is refused: the zone has a key of
// its own. A schedule that never comes due (30 February) is refused too.
func Parse(s Spec) (Job, error) {
	bad := func(what, hint text.Text) (Job, error) {
		return Job{}, fault.New(fault.Config, "read job", s.File, what, hint)
	}
	if s.Job == "" {
		return bad(text.T("任务缺少 job（名称）", "the job lacks job (its name)"), text.Text{})
	}
	if strings.Contains(s.Schedule, "TZ=") {
		return bad(text.F("任务 %s 的 schedule 里不能写时区", "job %s: a zone cannot stand in schedule", s.Job), text.T("时区写在 zone:", "write it under zone:"))
	}
	if s.Zone == "" {
		s.Zone = "Asia/Shanghai"
	}
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return bad(text.F("任务 %s 的时区 %q 不认识", "job %s: zone %q is not known", s.Job, s.Zone), text.T("例如 Asia/Shanghai", "for instance Asia/Shanghai"))
	}
	times, err := cron.ParseStandard(s.Schedule)
	if err != nil {
		return bad(text.F("任务 %s 的 schedule %q 不认识", "job %s: schedule %q is not understood", s.Job, s.Schedule), text.T("五段：分 时 日 月 周，如 0 2 * * *", "five fields: minute hour day month weekday, such as 0 2 * * *"))
	}
	if times.Next(time.Now()).IsZero() {
		return bad(text.F("任务 %s 的 schedule %q 永远不会到时", "job %s: schedule %q never comes due", s.Job, s.Schedule), text.Text{})
	}
	return Job{Spec: s, times: times, zone: zone}, nil
}

// Next is the first time after t that the job is due.
func (j *Job) Next(t time.Time) time.Time { return j.times.Next(t.In(j.zone)) }

// Scheduler starts jobs when they are due. Times missed while nothing ran are made up
// for by one run.
type Scheduler struct {
	Jobs  []Job
	Store ledger.Schedules
	Run   func(ctx context.Context, j *Job) error
	Log   *slog.Logger
	Now   func() time.Time
}

// Serve runs until ctx ends; a run under way is stopped by the same ctx, and finishes
// the batch in hand. Jobs run one after another.
func (s *Scheduler) Serve(ctx context.Context) error {
	next := make([]time.Time, len(s.Jobs))
	for i := range s.Jobs {
		last, err := s.Store.Due(ctx, s.Jobs[i].Job)
		if err != nil {
			return err
		}
		if last.IsZero() {
			last = s.Now()
		}
		next[i] = s.Jobs[i].Next(last)
	}
	for {
		i := earliest(next)
		if i < 0 {
			<-ctx.Done()
			return nil
		}
		if !wait(ctx, next[i].Sub(s.Now())) {
			return nil
		}
		j := &s.Jobs[i]
		if err := s.Store.SetDue(ctx, j.Job, next[i]); err != nil {
			return err
		}
		if err := s.Run(ctx, j); err != nil && ctx.Err() == nil {
			s.Log.Error("job failed", "job", j.Job, "error", err)
		}
		if ctx.Err() != nil {
			return nil
		}
		next[i] = j.Next(later(next[i], s.Now()))
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
