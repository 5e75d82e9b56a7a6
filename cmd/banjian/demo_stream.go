package main

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"banjian/deploy/demo"
	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/text"
)

// How fast the department of a streaming demo works, and how often that is told.
const (
	casePause = 250 * time.Millisecond
	toldEvery = 20 // cases
)

// demoStream is the demo with a department that tells its changes on a Kafka: with --once all
// of them are told and then collected and delivered, else one case after another is told
// while banjian follows.
func (a *app) demoStream(ctx context.Context, o demoOptions) error {
	if o.source != "" || o.exchange != "" {
		return usageError{errors.New(a.t("--stream 不与 --source、--exchange 同用", "--stream does not go with --source and --exchange"))}
	}
	port, err := demoPort(o.dir)
	if err != nil {
		return err
	}
	bus, err := demo.StartBus(o.dir, port)
	if err != nil {
		return err
	}
	defer bus.Close()
	o.bus = bus.Address()
	h, err := a.demoSite(ctx, o)
	if err != nil {
		return err
	}
	if o.once {
		if err := bus.Tell(ctx, 0, func(int, int) {}); err != nil {
			return err
		}
		return a.run(ctx, h, nil, runOptions{all: true, failOn: "new"})
	}
	a.note(text.F("演示站点在 %[1]s，部门的变更发到 %[2]s；另开一个窗口看：banjian status --site %[1]s", "the demo site is in %[1]s, the department tells its changes on %[2]s; watch from another window: banjian status --site %[1]s", o.dir, o.bus))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		err := bus.Tell(ctx, casePause, func(cases, messages int) {
			if cases%toldEvery == 0 {
				a.note(text.F("部门已发出 %d 件办件，本次 %d 条消息", "the department has told %d cases, messages this time: %d", cases, messages))
			}
		})
		if ctx.Err() != nil {
			return nil // stopped
		}
		return err
	})
	group.Go(func() error { return a.serve(ctx, h) })
	return group.Wait()
}

// demoPort is the port that a streaming demo laid out earlier has, 0 = there is none.
func demoPort(dir string) (int, error) {
	if _, err := os.Stat(filepath.Join(dir, site.FileName)); errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	s, err := site.Load(dir)
	if err != nil {
		return 0, err
	}
	c := s.Connections["gjj"]
	if len(c.Brokers) == 0 {
		return 0, fault.New(fault.Config, "start demo", dir, text.T("这里是读视图的演示站点", "this is a demo site that reads views"), text.T("换一个 --dir", "give another --dir"))
	}
	_, port, err := net.SplitHostPort(c.Brokers[0])
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}
