package pipelines

import (
	"time"

	"banjian/internal/day"
	"banjian/internal/text"
)

// Compares (定期比对) has an incremental pipeline compare the whole view by itself: a run
// that finds the last comparison older than Every compares instead of reading what changed.
type Compares struct {
	Every Duration `yaml:"every"`
	Hours string   `yaml:"hours"` // when one may begin: "01:00-05:00", in the site's zone; empty: at any run
}

// leastEvery bounds Compares.Every.
const leastEvery = time.Hour

// earlyBy is which part of Every a comparison may come early, so that one at the same hour
// every night does not slip by the seconds a run took to begin.
const earlyBy = 24

// Due says whether a comparison is due at now, in the zone of Hours, when the last one began
// at last; zero: there was none.
func (c *Compares) Due(last, now time.Time) bool {
	hours, err := day.ParseHours(c.Hours)
	if err != nil || !hours.Has(now) { // told by check
		return false
	}
	every := time.Duration(c.Every)
	return last.IsZero() || !now.Before(last.Add(every-every/earlyBy))
}

// Overdue says that a comparison should have been made long ago: twice Every have passed
// since the last one, or since the pipeline was first seen.
func (c *Compares) Overdue(last, now time.Time) bool {
	return !last.IsZero() && now.After(last.Add(2*time.Duration(c.Every)))
}

// checkCompare finds what can be wrong in compare.
func (s *Spec) checkCompare() error {
	c := s.From.Compare
	if c == nil {
		return nil
	}
	if s.From.Topic != "" || s.From.Files != "" || s.From.Whole() {
		return s.Fault(text.F("管道 %s：compare 只用于增量读取、按标志读取的视图", "pipeline %s: compare is for views that are read incrementally or by flags", s.Pipeline),
			text.T("去掉 compare，或写 mode: incremental 和 cursor", "drop compare, or write mode: incremental and a cursor"), "from", "compare")
	}
	if time.Duration(c.Every) < leastEvery {
		return s.Fault(text.F("管道 %s 的 compare.every 至少 %s", "pipeline %s: compare.every is %s or more", s.Pipeline, "1h"), text.T("例如 compare: {every: 1d, hours: \"01:00-05:00\"}", "for instance compare: {every: 1d, hours: \"01:00-05:00\"}"), "from", "compare")
	}
	_, err := day.ParseHours(c.Hours)
	return s.placed(err, "from", "compare", "hours")
}
