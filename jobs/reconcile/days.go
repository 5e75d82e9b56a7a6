package reconcile

import (
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Days are the days counted.
type Days struct {
	Since time.Time // both included; zero = no bound
	Until time.Time
	Zone  *time.Location // of days
}

// has says whether a day is among them. Records without a day are when all are.
func (d *Days) has(day string) bool {
	if d.Since.IsZero() && d.Until.IsZero() {
		return true
	}
	return day != "" && (d.Since.IsZero() || day >= d.Since.In(d.Zone).Format(time.DateOnly)) && (d.Until.IsZero() || day <= d.Until.In(d.Zone).Format(time.DateOnly))
}

// calendar names days.
type calendar struct {
	zone *time.Location
	days map[int64]string
}

func newCalendar(zone *time.Location) calendar { return calendar{zone, map[int64]string{}} }

// day is the calendar day of a moment in Unix seconds; empty if there is none.
func (c *calendar) day(moment int64) string {
	if moment == 0 {
		return ""
	}
	quarter := moment / (15 * 60) // no zone changes its day within one
	d, ok := c.days[quarter]
	if !ok {
		d = time.Unix(moment, 0).In(c.zone).Format(time.DateOnly)
		c.days[quarter] = d
	}
	return d
}

// momentsOf reads the time of each row, in Unix seconds; a date is its first second.
func momentsOf(rec arrow.Record, field string, zone *time.Location) func(row int) int64 {
	for i, f := range rec.Schema().Fields() {
		if f.Name != field || field == "" {
			continue
		}
		switch c := rec.Column(i).(type) {
		case *array.Timestamp:
			return func(row int) int64 {
				if c.IsNull(row) {
					return 0
				}
				return int64(c.Value(row))
			}
		case *array.Date32:
			return func(row int) int64 {
				if c.IsNull(row) {
					return 0
				}
				y, m, d := c.Value(row).ToTime().Date()
				return time.Date(y, m, d, 0, 0, 0, 0, zone).Unix()
			}
		}
	}
	return func(int) int64 { return 0 }
}
