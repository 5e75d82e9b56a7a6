package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/segmentio/kafka-go"

	"banjian/internal/text"
)

// The pace at which events come while their way is timed, and for how long.
const (
	liveTopic  = "bench-live"
	liveTick   = 10 * time.Millisecond
	liveATick  = 10
	liveFor    = 30 * time.Second
	liveWarmUp = 5 * time.Second // counted by nobody
	liveLook   = 5 * time.Millisecond
	liveLate   = 300 * time.Millisecond // a row may be seen after rows that were numbered behind it: so far back is looked each time,
	liveLater  = 5 * time.Second        // and so far every second
	liveEnd    = time.Minute            // for the last one to arrive
)

// latencyResult is how long events were on their way, from before they were written to the
// topic until their rows were seen in the exchange table.
type latencyResult struct {
	Events    int     `json:"events"`
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	Worst     float64 `json:"max_ms"`
	CPU       float64 `json:"cpu_s"` // of banjian
}

// latency serves the site, writes events at a steady pace and looks when they arrive.
func (b *bus) latency(ctx context.Context) (*latencyResult, error) {
	b.say(text.F("流：每秒 %d 条，看多久到交换表……", "streams: %d events a second, timed until they are in the exchange table …", liveATick*int(time.Second/liveTick)))
	if err := b.createTopic(ctx, liveTopic); err != nil {
		return nil, err
	}
	if err := b.exec(ctx, exchangeDB, "TRUNCATE TABLE "+acceptTable); err != nil {
		return nil, err
	}
	for _, other := range []string{"data", filepath.Join("pipelines", "stream.yaml")} { // a ledger of its own, and nothing else to do
		if err := os.RemoveAll(filepath.Join(b.site, other)); err != nil {
			return nil, err
		}
	}
	serve := exec.CommandContext(ctx, b.banjian, "serve", "--site", b.site)
	serve.Env = append(os.Environ(), "BANJIAN_BENCH_EXCHANGE="+b.dsn(exchangeDB))
	var said strings.Builder
	serve.Stderr = &said
	if err := serve.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- serve.Wait() }()
	stop := sync.OnceFunc(func() {
		_ = serve.Process.Signal(syscall.SIGTERM) // it may have ended
		<-ended
	})
	defer stop()
	l := &live{written: map[int]time.Time{}, arrived: map[int]time.Time{}}
	db, err := b.open(exchangeDB)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	began := time.Now()
	go l.write(ctx, b.broker.Address)
	if err := l.watch(ctx, db); err != nil {
		stop()
		return nil, fmt.Errorf("%w\n%s", err, said.String())
	}
	stop()
	u := serve.ProcessState
	res := l.result(began)
	res.CPU = (u.UserTime() + u.SystemTime()).Seconds()
	return res, nil
}

// live is events under way, by number.
type live struct {
	mu      sync.Mutex
	written map[int]time.Time
	failed  error
	done    bool
	arrived map[int]time.Time
	newest  []seenID
	looked  time.Time // far back
}

// seenID is the largest ID there was at a time.
type seenID struct {
	at time.Time
	id int64
}

// before is the largest ID that was seen so long ago.
func (l *live) before(ago time.Duration) (id int64) {
	for _, s := range l.newest {
		if time.Since(s.at) < ago {
			return id
		}
		id = s.id
	}
	return id
}

// write writes liveATick events every liveTick, each at its own time, however long the
// broker takes over those before.
func (l *live) write(ctx context.Context, address string) {
	transport := &kafka.Transport{} // the one others share remembers that there was no such topic
	defer transport.CloseIdleConnections()
	w := &kafka.Writer{Addr: kafka.TCP(address), Transport: transport, Topic: liveTopic, BatchSize: 4 * liveATick, BatchTimeout: time.Millisecond, RequiredAcks: kafka.RequireAll}
	defer w.Close()
	var wg sync.WaitGroup
	tick := time.NewTicker(liveTick)
	defer tick.Stop()
	start := time.Now()
	for n := 0; time.Since(start) < liveWarmUp+liveFor && ctx.Err() == nil; {
		for due := int(time.Since(start)/liveTick) * liveATick; n < due; {
			list := make([]kafka.Message, liveATick)
			l.mu.Lock()
			for i := range list {
				list[i].Value = streamEvent(n)
				l.written[n] = time.Now()
				n++
			}
			l.mu.Unlock()
			wg.Go(func() {
				if err := w.WriteMessages(ctx, list...); err != nil {
					l.mu.Lock()
					l.failed = err
					l.mu.Unlock()
				}
			})
		}
		<-tick.C
	}
	wg.Wait()
	l.mu.Lock()
	l.done = true
	l.mu.Unlock()
}

// watch looks at the table until every event has arrived.
func (l *live) watch(ctx context.Context, db *sql.DB) error {
	for end := time.Now().Add(liveWarmUp + liveFor + liveEnd); ; time.Sleep(liveLook) {
		if err := l.look(ctx, db); err != nil {
			return err
		}
		l.mu.Lock()
		over, err := l.done && len(l.arrived) == len(l.written), l.failed
		missing := len(l.written) - len(l.arrived)
		l.mu.Unlock()
		switch {
		case err != nil || over:
			return err
		case time.Now().After(end):
			return fmt.Errorf("%d events did not arrive", missing)
		}
	}
}

func (l *live) look(ctx context.Context, db *sql.DB) error {
	late := liveLate
	if time.Since(l.looked) > time.Second {
		late, l.looked = liveLater, time.Now()
	}
	rows, err := db.QueryContext(ctx, "SELECT ID, project_no FROM "+acceptTable+" WHERE ID>? ORDER BY ID", l.before(late))
	if err != nil {
		return err
	}
	defer rows.Close()
	seen := seenID{at: time.Now()}
	for rows.Next() {
		var no string
		if err := rows.Scan(&seen.id, &no); err != nil {
			return err
		}
		n, err := strconv.Atoi(strings.TrimPrefix(no, "BJ-GJJ2603"))
		if err != nil {
			return err
		}
		if _, before := l.arrived[n]; !before {
			l.arrived[n] = seen.at
		}
	}
	if n := len(l.newest); seen.id > 0 && (n == 0 || seen.id > l.newest[n-1].id) {
		l.newest = append(l.newest, seen)
	}
	return rows.Err()
}

// result leaves out what came before everything was warm.
func (l *live) result(began time.Time) *latencyResult {
	var ms []float64
	for n, at := range l.arrived {
		if from := l.written[n]; from.Sub(began) > liveWarmUp {
			ms = append(ms, float64(at.Sub(from))/float64(time.Millisecond))
		}
	}
	slices.Sort(ms)
	at := func(share float64) float64 { return ms[min(len(ms)-1, int(share*float64(len(ms))))] }
	return &latencyResult{Events: len(ms), PerSecond: float64(len(ms)) / liveFor.Seconds(), P50: at(0.50), P99: at(0.99), Worst: ms[len(ms)-1]}
}

func (p *paper) stream(r *streamResult) {
	p.head(fmt.Sprintf("流：Kafka 里 %d 条 Debezium 事件，每条 %.0f 字节，%d 轮", r.Events, r.Bytes, len(r.Pairs)), fmt.Sprintf("streams: %d Debezium events of %.0f bytes in a Kafka, %d rounds", r.Events, r.Bytes, len(r.Pairs)))
	p.row("", p.t("条/秒（最小–最大）", "events/s (min–max)"), p.t("CPU 微秒/条", "CPU µs an event"), p.t("速率 ÷ 数字节", "rate ÷ counting"))
	sides := []struct {
		name string
		of   func(streamPair) usage
	}{
		{p.t("kafka-go，只数字节", "kafka-go, counting bytes only"), func(x streamPair) usage { return x.Count }},
		{p.t("解码到 Arrow", "decoded to Arrow"), func(x streamPair) usage { return x.Decode }},
		{p.t("映射、检查、进台账", "mapped, checked, in the ledger"), func(x streamPair) usage { return x.Ledger }},
	}
	for _, s := range sides {
		rates := each(r.Pairs, func(x streamPair) float64 { return s.of(x).rate() })
		p.row(s.name, fmt.Sprintf("%.0f (%.0f–%.0f)", median(rates), slices.Min(rates), slices.Max(rates)),
			fmt.Sprintf("%.1f", median(each(r.Pairs, func(x streamPair) float64 { u := s.of(x); return u.perMillion(u.CPU) }))),
			ratios(each(r.Pairs, func(x streamPair) float64 { return s.of(x).rate() / x.Count.rate() })))
	}
	p.Flush()
	p.target(p.t("解码，条/秒", "decoding, events/s"), median(each(r.Pairs, func(x streamPair) float64 { return x.Decode.rate() })), wantDecode, true, "%.0f")
	p.target(p.t("进台账，条/秒", "into the ledger, events/s"), median(each(r.Pairs, func(x streamPair) float64 { return x.Ledger.rate() })), wantStream, true, "%.0f")
	if l := r.Latency; l != nil {
		p.Flush()
		p.row(fmt.Sprintf(p.t("每秒 %.0f 条，共 %d 条，最慢 %.0f 毫秒，banjian CPU %.0f 秒", "%.0f events a second, %d in all, the slowest %.0f ms, CPU of banjian %.0f s"), l.PerSecond, l.Events, l.Worst, l.CPU))
		p.Flush()
		p.target(p.t("到交换表，中位数，毫秒", "to the exchange table, median, ms"), l.P50, wantLatency, false, "%.0f")
		p.target(p.t("到交换表，99%，毫秒", "to the exchange table, 99%, ms"), l.P99, wantLatency99, false, "%.0f")
	}
}
