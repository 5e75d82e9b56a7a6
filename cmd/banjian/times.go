package main

import (
	"fmt"
	"time"

	"banjian/cmd/internal/status"
)

// rfc3339 is t for scripts, empty for a time that never was.
func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// shortTime is a time as people read it, a dash for none.
func shortTime(t time.Time, zone *time.Location) string { return status.ShortTime(t, zone) }

// localTime is a time of JSON in the site's zone.
func localTime(at string, zone *time.Location) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	return t.In(zone).Format(time.DateTime)
}

// age is how long ago something was, in its two largest units.
func (a *app) age(d time.Duration) string {
	d = max(d, 0)
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case days > 0:
		return fmt.Sprintf(a.t("%d 天 %d 小时", "%dd %dh"), days, hours)
	case hours > 0:
		return fmt.Sprintf(a.t("%d 小时 %d 分", "%dh %dm"), hours, minutes)
	}
	return fmt.Sprintf(a.t("%d 分", "%dm"), minutes)
}

// since is the age of a moment, a dash for none.
func (a *app) since(t, now time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return a.age(now.Sub(t))
}
