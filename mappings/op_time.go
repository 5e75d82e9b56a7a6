package mappings

import (
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zone: must mean the same on every machine

	"banjian/internal/text"
	"banjian/schemas"
)

// chinaOffset is the fixed offset of wall times without a zone: UTC+8, in seconds.
const chinaOffset = 8 * 3600

// buildTime is time: [layouts], tried in order, in Go's reference time. Digits are
// ASCII: full-width ones need fold first.
func buildTime(c *fieldCompiler, k, v *node) error {
	if t := c.plan.target.Type; t != schemas.Time && t != schemas.Date {
		return c.fail(k, "字段 %s 不是时间，不能用 time", "field %s is no time", c.plan.target.Name)
	}
	if err := c.needText(k); err != nil {
		return err
	}
	list, err := c.words(k, v)
	if err != nil {
		return err
	}
	c.plan.layouts = nil
	for _, s := range list {
		l, ok := newLayout(s)
		ok = ok && !strings.ContainsAny(s, "“”‘’")
		if !ok {
			return c.failHint(v, layoutHint(s), "时间格式 %q 没有写全年月日", "time layout %q shows no full date", s)
		}
		c.plan.layouts = append(c.plan.layouts, l)
	}
	c.state = stateTyped
	c.plan.say(text.F("时间格式 %s", "time as %s", strings.Join(list, " | ")))
	return nil
}

// foreignLayouts are the ways other programs write the parts of a layout.
var foreignLayouts = strings.NewReplacer("yyyy", "2006", "YYYY", "2006", "MM", "01", "dd", "02", "DD", "02", "HH24", "15", "HH", "15", "hh", "15", "mm", "04", "MI", "04", "mi", "04", "ss", "05", "SS", "05",
	"%Y", "2006", "%m", "01", "%d", "02", "%H", "15", "%M", "04", "%i", "04", "%S", "05", "%s", "05")

// layoutHint says how a layout is written; of one in another program's manner, exactly.
func layoutHint(s string) text.Text {
	if own := foreignLayouts.Replace(s); own != s {
		if _, ok := newLayout(own); ok {
			return text.F("是不是 %s？", "did you mean %s?", strconv.Quote(own))
		}
	}
	return text.T(`用 2006-01-02 15:04:05 这一时刻来写，例如 "20060102"；秒数写 unix，毫秒写 unix_ms`,
		`write the moment 2006-01-02 15:04:05, for example "20060102"; unix or unix_ms for a count`)
}

// buildZone is zone: Asia/Shanghai: wall times are of that zone instead of UTC+8.
func (c *fieldCompiler) buildZone(k, v *node) error {
	name, err := c.word(k, v)
	if err != nil {
		return err
	}
	if c.plan.target.Type != schemas.Time {
		return c.fail(k, "字段 %s 不是时刻，不能用 zone", "field %s is no instant: zone does not apply", c.plan.target.Name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return c.failHint(v, text.T("例如 Asia/Shanghai", "for example Asia/Shanghai"), "没有时区 %s", "there is no time zone %s", name)
	}
	c.plan.zone = loc
	c.plan.say(text.F("时区 %s", "zone %s", name))
	return nil
}

// clock turns wall times of one zone into instants. It remembers the stretch between
// two changes of offset it was last in, so nearly every call is one subtraction.
type clock struct {
	loc      *time.Location // nil: fixed UTC+8
	from, to int64          // instants between which offset holds
	offset   int64
}

// instant is c as seconds since 1970 UTC; no when the zone skipped that wall time.
// Of a wall time that came twice the earlier instant is taken.
func (k *clock) instant(c civil) (int64, bool) {
	if k.loc == nil {
		return int64(c) - chinaOffset, true
	}
	const day = 86400
	if u := int64(c) - k.offset; u >= k.from+day && u < k.to-day {
		return u, true
	}
	w := time.Unix(int64(c), 0).UTC()
	t := time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), 0, k.loc)
	if e := t.Add(-time.Hour); wall(e) == c {
		t = e
	}
	if wall(t) != c {
		return 0, false
	}
	k.remember(t)
	return t.Unix(), true
}

func wall(t time.Time) civil {
	_, off := t.Zone()
	return civil(t.Unix() + int64(off))
}

func (k *clock) remember(t time.Time) {
	_, off := t.Zone()
	from, to := t.ZoneBounds()
	k.offset, k.from, k.to = int64(off), -1<<60, 1<<60
	if !from.IsZero() {
		k.from = from.Unix()
	}
	if !to.IsZero() {
		k.to = to.Unix()
	}
}

// parseTime reads v by the first layout that fits, as an instant.
func parseTime(layouts []layout, k *clock, v string) (int64, string) {
	for i := range layouts {
		c, instant, ok := layouts[i].parse(v)
		switch {
		case !ok:
			continue
		case instant:
			return int64(c), ""
		}
		if u, ok := k.instant(c); ok {
			return u, ""
		}
		return 0, "time_gap"
	}
	return 0, "bad_time"
}

// parseDay reads v as a day number; what a layout shows of the hour is dropped.
func parseDay(layouts []layout, v string) (int64, string) {
	for i := range layouts {
		c, instant, ok := layouts[i].parse(v)
		if !ok {
			continue
		}
		if instant {
			c += chinaOffset
		}
		return floorDiv(int64(c), 86400), ""
	}
	return 0, "bad_time"
}
