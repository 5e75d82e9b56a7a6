package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"

	"banjian/cmd/internal/wiring"
	"banjian/internal/site"
	"banjian/jobs"
)

// Members join and leave all the time; every message is read once, and what is newest of a
// record stays newest. The long form (LongTests) does so for three minutes, with somebody
// coming or going every few seconds.
func TestMembersThatComeAndGoReadEveryMessageOnce(t *testing.T) {
	s := inProcess(t)
	s.run()
	found, err := site.Load(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := wiring.Open(found, wiring.Options{})
	if err != nil {
		t.Fatal(err)
	}
	store, err := h.OpenLedger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	versions, life := 60, func(n int) time.Duration { return time.Duration(400+300*(n%4)) * time.Millisecond }
	if chainLong() > 0 {
		versions, life = 1800, func(n int) time.Duration { return time.Duration(10+5*(n%3)) * time.Second }
	}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for member := range 3 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				specs, err := h.Pipelines([]string{"materials"})
				if err != nil {
					t.Error(err)
					return
				}
				plan, err := h.CollectPlan(specs[0])
				if err != nil {
					t.Error(err)
					return
				}
				life, end := context.WithTimeout(ctx, life(member+n))
				if err := jobs.NewRunner(store, slog.New(slog.DiscardHandler)).Follow(life, plan, nil, func(jobs.Report) {}); err != nil && life.Err() == nil {
					t.Error(err)
				}
				end()
			}
		})
	}
	const keys = 40
	for v := 1; v <= versions; v++ {
		var list []kafka.Message
		for k := range keys {
			list = append(list, kafka.Message{Key: fmt.Append(nil, k), Value: fmt.Appendf(nil, `{"before":null,"after":{"slbh":"N%d","clbh":"1","clmc":"申请表","bz":"%04d"},"op":"u"}`, k, v)})
		}
		if err := s.w.WriteMessages(t.Context(), list...); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	stop()
	wg.Wait()
	store.Close()
	s.run()
	s.onceEach(keys, versions)
}

// onceEach checks that as many messages were read as there are, and that each record grew.
func (s *streamed) onceEach(keys, versions int) {
	s.t.Helper()
	db := open(s.t, filepath.Join(s.dir, "data", "ledger.db"))
	var read, runs int
	if err := db.QueryRowContext(s.t.Context(), "SELECT COALESCE(SUM(json_extract(counts, '$.read')), 0), COUNT(*) FROM runs").Scan(&read, &runs); err != nil {
		s.t.Fatal(err)
	}
	if read != keys*versions {
		s.t.Errorf("%d messages were read in %d runs, there are %d", read, runs, keys*versions)
	}
	s.t.Logf("%d messages in %d runs", read, runs)
	last := fmt.Sprintf("=%04d@", versions)
	if got := s.alive(); strings.Count(got, last) != keys {
		s.t.Errorf("alive: %s", got)
	}
}
