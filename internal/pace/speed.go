package pace

import (
	"context"
	"strconv"
	"strings"

	"golang.org/x/time/rate"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Speed (限速) is how much may be taken a second, on average; zero: as much as there is.
type Speed struct {
	Rows  Count `yaml:"rows"`
	Bytes Size  `yaml:"bytes"` // as they are read, before anything is made of them
}

// Count is a number above zero.
type Count int64

// Size is a number of bytes above zero, written 4MiB, 512KiB or 1048576.
type Size int64

// UnmarshalYAML refuses what is no number, or not above zero.
func (c *Count) UnmarshalYAML(unmarshal func(any) error) error {
	n, err := number(unmarshal, nil)
	*c = Count(n)
	return err
}

// UnmarshalYAML refuses what is no size, or not above zero.
func (s *Size) UnmarshalYAML(unmarshal func(any) error) error {
	n, err := number(unmarshal, units)
	*s = Size(n)
	return err
}

var units = []struct {
	name string
	size int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1}}

// most keeps sums of what was taken within an int64.
const most = 1 << 50

func number(unmarshal func(any) error, units []struct {
	name string
	size int64
}) (int64, error) {
	var s string
	if err := unmarshal(&s); err != nil {
		return 0, err
	}
	digits, times := strings.TrimSpace(s), int64(1)
	for _, u := range units {
		if before, found := strings.CutSuffix(digits, u.name); found {
			digits, times = strings.TrimSpace(before), u.size
			break
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err == nil && n > 0 && n <= most/times {
		return n * times, nil
	}
	if units == nil {
		return 0, fault.New(fault.Config, "read number", "", text.F("%q 不是大于零的整数", "%q is not a whole number above zero", s), text.T("写成 5000 这样；不限就不写", "write it like 5000; leave it out for no limit"))
	}
	return 0, fault.New(fault.Config, "read size", "", text.F("%q 不是大小", "%q is not a size", s), text.T("写成 4MiB、512KiB 或 1048576；不限就不写", "write it like 4MiB, 512KiB or 1048576; leave it out for no limit"))
}

// Limiter keeps what is taken at a speed: what was taken is paid for before more is. The
// first second's worth is free. It may be used concurrently; nil has no limit.
type Limiter struct{ rows, bytes *rate.Limiter }

// NewLimiter is a limiter of a speed, nil where it has no limit.
func NewLimiter(s Speed) *Limiter {
	if s == (Speed{}) {
		return nil
	}
	return &Limiter{rows: limiter(int64(s.Rows)), bytes: limiter(int64(s.Bytes))}
}

func limiter(perSecond int64) *rate.Limiter {
	if perSecond <= 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(perSecond), int(perSecond))
}

// Pay waits until so many rows and bytes may have been taken, or ctx ends.
func (l *Limiter) Pay(ctx context.Context, rows, bytes int64) error {
	if l == nil {
		return nil
	}
	if err := pay(ctx, l.rows, rows); err != nil {
		return err
	}
	return pay(ctx, l.bytes, bytes)
}

// pay waits in steps a limiter gives at once.
func pay(ctx context.Context, l *rate.Limiter, n int64) error {
	for l != nil && n > 0 {
		step := min(n, int64(l.Burst()))
		if err := l.WaitN(ctx, int(step)); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return err
		}
		n -= step
	}
	return nil
}

// Page is how much of rows and bytes may be taken in one go: no more than is allowed in a
// second.
func (s Speed) Page(rows int, bytes int64) (int, int64) {
	if s.Rows > 0 {
		rows = int(min(int64(rows), int64(s.Rows)))
	}
	if s.Bytes > 0 {
		bytes = min(bytes, int64(s.Bytes))
	}
	return rows, bytes
}
