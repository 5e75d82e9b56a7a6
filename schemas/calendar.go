package schemas

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// NationalCalendar is the calendar every other one lies over: Monday to Friday, the
// holidays of the State Council's yearly arrangement and its working weekends (调休).
const NationalCalendar = "national"

// Calendar says which days of the years it has loaded are working days (工作日). Days
// are numbers of days since 1970-01-01. It never changes.
type Calendar struct {
	Name string

	first, last int64   // days of the loaded years
	count       []int32 // working days from first to first+i
	days        []int64 // the working days
	digest      string
}

// Covers says that day lies in the loaded years.
func (c *Calendar) Covers(day int64) bool { return day >= c.first && day <= c.last }

// Years is the first and the last loaded year.
func (c *Calendar) Years() (first, last int) {
	year := func(day int64) int { return time.Unix(day*86400, 0).UTC().Year() }
	return year(c.first), year(c.last)
}

// Count is how many working days there are from the first loaded day to day, which the
// calendar covers.
func (c *Calendar) Count(day int64) int { return int(c.count[day-c.first]) }

// WorkingDay says whether day is one; the calendar covers it.
func (c *Calendar) WorkingDay(day int64) bool {
	return day == c.first && c.count[0] == 1 || day > c.first && c.Count(day) > c.Count(day-1)
}

// Nth is the n-th working day of the loaded years, from 1; no beyond the last.
func (c *Calendar) Nth(n int) (day int64, ok bool) {
	if n < 1 || n > len(c.days) {
		return 0, false
	}
	return c.days[n-1], true
}

// Digest is a hex hash of what the calendar was made of.
func (c *Calendar) Digest() string { return c.digest }

// Calendar finds "national", or one a site lays over it: calendars/NAME/YEAR.tsv below
// its schemas/ folder, lines of from, to, kind (off or work) and name. A year counts as
// loaded when the national calendar has it.
func (c *Catalog) Calendar(name string) (*Calendar, bool) { return c.calendars.find(name) }

// CalendarNames is every calendar, sorted, and parses none.
func (c *Catalog) CalendarNames() []string { return c.calendars.names() }

// putCalendar takes in one year of a calendar.
func (l *loader) putCalendar(f file, path string) {
	l.years[path] = lazy(f, func(src source) (calendarYear, error) { return parseCalendarYear(src, path) })
	name, _, _ := strings.Cut(path, "/")
	if l.cat.calendars[name] == nil {
		l.cat.calendars[name] = &shelved[*Calendar]{get: sync.OnceValues(func() (*Calendar, error) { return l.calendar(name) })}
	}
}

// calendar is the national years with those of the calendar over them.
func (l *loader) calendar(name string) (*Calendar, error) {
	years, err := l.calendarYears(NationalCalendar)
	if err != nil {
		return nil, err
	}
	first, last := years[0].year, years[len(years)-1].year
	if len(years) != last-first+1 {
		return nil, fault.New(fault.Config, "read calendar", years[len(years)-1].file,
			text.F("%d 至 %d 年之间缺少年份", "a year is missing between %d and %d", first, last),
			text.T("逐年补齐日历文件", "add a file for every year"))
	}
	c := &Calendar{Name: name, first: dayOf(first, time.January, 1), last: dayOf(last, time.December, 31)}
	if name != NationalCalendar {
		local, err := l.calendarYears(name)
		if err != nil {
			return nil, err
		}
		years = append(years, local...)
	}
	c.fill(years)
	return c, nil
}

// calendarYears is the files of one calendar in the order of their years.
func (l *loader) calendarYears(name string) ([]calendarYear, error) {
	var out []calendarYear
	for _, path := range l.years.names() {
		if strings.HasPrefix(path, name+"/") {
			y, err := l.years[path].get()
			if err != nil {
				return nil, err
			}
			out = append(out, y)
		}
	}
	slices.SortFunc(out, func(a, b calendarYear) int { return a.year - b.year })
	return out, nil
}

// fill settles every day, later years and the local calendar over what stands before.
func (c *Calendar) fill(years []calendarYear) {
	h := sha256.New()
	work := make([]bool, c.last-c.first+1)
	for i := range work {
		weekday := time.Unix((c.first+int64(i))*86400, 0).UTC().Weekday()
		work[i] = weekday != time.Saturday && weekday != time.Sunday
	}
	for _, y := range years {
		fmt.Fprintln(h, y.year)
		for _, s := range y.spans {
			fmt.Fprintln(h, s.from, s.to, s.work)
			for d := max(s.from, c.first); d <= min(s.to, c.last); d++ {
				work[d-c.first] = s.work
			}
		}
	}
	c.count = make([]int32, len(work))
	for i, w := range work {
		if w {
			c.days = append(c.days, c.first+int64(i))
		}
		c.count[i] = int32(len(c.days))
	}
	c.digest = hex.EncodeToString(h.Sum(nil))
}

// calendarYear is one file.
type calendarYear struct {
	file  string
	year  int
	spans []calendarSpan
}

type calendarSpan struct {
	from, to int64
	work     bool
}

// parseCalendarYear reads tab-separated lines; # begins a comment.
func parseCalendarYear(src source, name string) (calendarYear, error) {
	year, err := strconv.Atoi(path.Base(name))
	if err != nil || year < 1949 || year > 2200 || strings.Count(name, "/") != 1 {
		return calendarYear{}, fault.New(fault.Config, "read calendar", src.name,
			text.T("日历文件应是 calendars/名称/年份.tsv，例如 calendars/national/2026.tsv", "a year of a calendar is calendars/NAME/YEAR.tsv, such as calendars/national/2026.tsv"), text.Text{})
	}
	y := calendarYear{file: src.name, year: year}
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(string(src.data), "\ufeff")) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' || strings.HasPrefix(line, "from\t") {
			continue
		}
		s, ok := readSpan(strings.Split(line, "\t"), year)
		if !ok {
			return y, fault.New(fault.Config, "read calendar", fmt.Sprintf("%s:%d:1", src.name, n),
				text.F("这一行应是 %d 年的：起日 止日 off|work 名称", "a line holds days of %d: from, to, off or work, name", year),
				text.T("用制表符分隔，日期写 2026-10-01", "separated by tabs, days written as 2026-10-01"))
		}
		y.spans = append(y.spans, s)
	}
	return y, nil
}

// readSpan reads one line; an arrangement may begin in the last week of the year before.
func readSpan(cells []string, year int) (calendarSpan, bool) {
	if len(cells) != 4 || cells[2] != "off" && cells[2] != "work" {
		return calendarSpan{}, false
	}
	from, err1 := time.Parse(time.DateOnly, cells[0])
	to, err2 := time.Parse(time.DateOnly, cells[1])
	s := calendarSpan{from.Unix() / 86400, to.Unix() / 86400, cells[2] == "work"}
	begin := dayOf(year, time.January, 1)
	return s, err1 == nil && err2 == nil && s.from <= s.to && s.from >= begin-7 && s.to <= dayOf(year, time.December, 31)
}

func dayOf(year int, month time.Month, day int) int64 {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400
}
