package pace_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"banjian/internal/pace"
)

// server answers a page after rows times what a row takes at that time of a virtual clock.
type server struct {
	now    time.Duration
	perRow func(now time.Duration) time.Duration
}

// load reads until the clock shows end; what came back are the rows asked for, by minute.
func (s *server) load(b *pace.Backoff, page int, end time.Duration) []int {
	rows := make([]int, int(end/time.Minute)+1)
	cut := 1
	for s.now < end {
		n := page / cut
		rows[int(s.now/time.Minute)] += n
		took := time.Duration(n) * s.perRow(s.now)
		s.now += took
		var pause time.Duration
		pause, cut = b.Next(n, took)
		s.now += pause
	}
	return rows
}

func TestAServerThatKeepsItsPaceIsNeverWaitedFor(t *testing.T) {
	for name, perRow := range map[string]func(time.Duration) time.Duration{
		"steady":        func(time.Duration) time.Duration { return 200 * time.Microsecond },
		"always slow":   func(time.Duration) time.Duration { return 10 * time.Millisecond },
		"up and down":   func(now time.Duration) time.Duration { return 100*time.Microsecond + now%(150*time.Microsecond) },
		"slower slowly": func(now time.Duration) time.Duration { return 100*time.Microsecond + now/2e6 },
	} {
		t.Run(name, func(t *testing.T) {
			var b pace.Backoff
			for i, s := 0, (&server{perRow: perRow}); i < 500; i++ {
				took := 1000 * s.perRow(s.now)
				s.now += took
				if pause, cut := b.Next(1000, took); pause != 0 || cut != 1 {
					t.Fatalf("page %d: pause %s, 1/%d of a page", i, pause, cut)
				}
			}
		})
	}
}

func TestAServerThatGetsSlowIsLeftAloneAndTakenUpAgain(t *testing.T) {
	s := &server{perRow: func(now time.Duration) time.Duration {
		if now >= 3*time.Minute && now < 6*time.Minute {
			return 2 * time.Millisecond
		}
		return 100 * time.Microsecond
	}}
	var b pace.Backoff
	rows := s.load(&b, 1000, 10*time.Minute)
	alone := int(time.Minute / (2 * time.Millisecond)) // what it would have given, asked all the time
	if rows[3] > alone*2/3 {
		t.Errorf("a slow server was asked for %d rows in its first slow minute, %d is all it can do", rows[3], alone)
	}
	if rows[9] < rows[1]*9/10 {
		t.Errorf("quick again it was asked for %d rows a minute, before %d", rows[9], rows[1])
	}
}

func TestAServerThatStaysSlowIsReadToTheEnd(t *testing.T) {
	s := &server{perRow: func(now time.Duration) time.Duration {
		if now >= time.Minute {
			return 2 * time.Millisecond
		}
		return 100 * time.Microsecond
	}}
	var b pace.Backoff
	rows := s.load(&b, 1000, 30*time.Minute)
	if most := int(time.Minute / (2 * time.Millisecond)); rows[29] < most*9/10 {
		t.Errorf("half an hour later %d rows a minute, of %d it can do", rows[29], most)
	}
}

func TestSpeedIsKeptOnAverage(t *testing.T) {
	for name, c := range map[string]struct {
		speed       pace.Speed
		rows, bytes int64
		want        time.Duration
	}{
		"rows":             {pace.Speed{Rows: 1000}, 5000, 1 << 30, 4 * time.Second},
		"bytes":            {pace.Speed{Bytes: 1 << 20}, 5000, 11 << 20, 10 * time.Second},
		"the slower":       {pace.Speed{Rows: 100, Bytes: 1 << 20}, 1100, 1 << 20, 10 * time.Second},
		"a page of hours":  {pace.Speed{Rows: 1}, 3601, 0, time.Hour},
		"no limit at all":  {pace.Speed{}, 1 << 40, 1 << 40, 0},
		"the first second": {pace.Speed{Rows: 1000}, 1000, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, l := time.Now(), pace.NewLimiter(c.speed)
				if err := l.Pay(t.Context(), c.rows, c.bytes); err != nil {
					t.Fatal(err)
				}
				if got := time.Since(start); got < c.want-time.Millisecond || got > c.want+time.Millisecond {
					t.Errorf("took %s, want %s", got, c.want)
				}
			})
		})
	}
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		if err := pace.NewLimiter(pace.Speed{Rows: 1}).Pay(ctx, 1000, 0); err != context.Canceled {
			t.Errorf("got %v", err)
		}
		if got := time.Since(start); got != time.Second {
			t.Errorf("went on for %s", got)
		}
	})
}

func TestAPageIsNoMoreThanASecondsWorth(t *testing.T) {
	if rows, bytes := (pace.Speed{Rows: 100}).Page(3072, 1<<22); rows != 100 || bytes != 1<<22 {
		t.Errorf("%d rows, %d bytes", rows, bytes)
	}
	if rows, bytes := (pace.Speed{Bytes: 1 << 20}).Page(3072, 1<<22); rows != 3072 || bytes != 1<<20 {
		t.Errorf("%d rows, %d bytes", rows, bytes)
	}
}

func TestSpeedsAreReadAsWritten(t *testing.T) {
	for written, want := range map[string]int64{"4MiB": 4 << 20, "512 KiB": 512 << 10, "1GiB": 1 << 30, "1048576": 1 << 20, "2MB": 2e6, "7B": 7,
		"0": 0, "-1": 0, "4Mb": 0, "x": 0, "": 0, "1.5MiB": 0, "9999999999GiB": 0} {
		var s pace.Size
		err := s.UnmarshalYAML(func(v any) error { *v.(*string) = written; return nil })
		if int64(s) != want || (err == nil) != (want > 0) {
			t.Errorf("%q is %d, %v", written, s, err)
		}
	}
	var c pace.Count
	if err := c.UnmarshalYAML(func(v any) error { *v.(*string) = "5000"; return nil }); err != nil || c != 5000 {
		t.Errorf("%d, %v", c, err)
	}
	if err := c.UnmarshalYAML(func(v any) error { *v.(*string) = "4MiB"; return nil }); err == nil {
		t.Error("rows were taken for bytes")
	}
}

func TestLengthsOfTimeAreReadAsFilesHaveThem(t *testing.T) {
	for written, want := range map[string]time.Duration{"30s": 30 * time.Second, "1h30m": 90 * time.Minute, "7d": 7 * 24 * time.Hour, "0s": 0, "0d": 0} {
		if got, ok := pace.Duration(written); !ok || got != want {
			t.Errorf("%q is %s, %t", written, got, ok)
		}
	}
	for _, written := range []string{"", "d", "-1d", "-5m", "5", "1.5d", "99999999999d", "soon"} {
		if got, ok := pace.Duration(written); ok {
			t.Errorf("%q is %s", written, got)
		}
	}
}
