package demo

import "time"

// zone is how the department writes its clock: fixed UTC+8.
var zone = time.FixedZone("UTC+8", 8*60*60)

const stamp = "2006-01-02 15:04:05"

// Options decide everything that is generated.
type Options struct {
	Cases int       // number of cases, 2,000 when 0
	Seed  uint64    // 1 when 0
	Base  time.Time // nothing happens at the department after it; 2026-01-01 00:00 UTC+8 when zero
}

func (o Options) withDefaults() Options {
	if o.Cases == 0 {
		o.Cases = 2000
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Base.IsZero() {
		o.Base = time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
	}
	o.Base = o.Base.In(zone)
	return o
}

// Dialect is how a database wants to be spoken to.
type Dialect string

const (
	SQLite Dialect = "sqlite"
	MySQL  Dialect = "mysql" // and MariaDB
)
