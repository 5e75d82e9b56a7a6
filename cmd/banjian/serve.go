package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/jobs"
)

func (a *app) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "serve",
		Short:   a.t("按 jobs/ 的计划运行，一直跟着 Kafka 主题，并接收业务中台的调用，直到停止", "run the schedules of jobs/, follow topics of Kafka and take the calls of middle platforms until stopped"),
		Example: "  banjian serve --site /srv/banjian",
		Args:    a.exactly(0, text.T("serve 不带参数", "serve takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withHouse(func(h *house) error { return a.serve(cmd.Context(), h) })
		},
	}
}

// serve starts jobs when they are due and follows continuous pipelines: both collect, and
// have their receivers fed, each on its own. SIGTERM and SIGINT finish the batch in hand.
func (a *app) serve(ctx context.Context, h *house) error {
	list, err := h.Jobs()
	if err != nil {
		return err
	}
	if err := h.CheckAllNames(); err != nil {
		return err
	}
	store, err := h.OpenLedger(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	a.leases = &leases{app: a, by: map[string]string{}}
	said := func() {}
	defer func() { said() }()
	feed := newFeeders(a, h, store)
	defer feed.wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	feed.start(ctx)
	received, err := a.receive(ctx, h, store)
	defer received()
	defer stop()
	if err != nil {
		return err
	}
	flow := &streams{app: a, house: h, store: store, feed: feed}
	defer flow.wait()
	defer stop()
	running, err := flow.start(ctx)
	if err != nil {
		return err
	}
	if len(list) == 0 && running == 0 {
		a.note(text.F("%s 里还没有任务文件，也没有持续管道，什么也不会运行", "there is no job file in %s and no continuous pipeline: nothing will run", h.Site().Path("jobs")))
	}
	settling := &fileKeeper{app: a, house: h, store: store, feed: feed}
	defer settling.wait()
	defer stop()
	if err := settling.start(ctx); err != nil {
		return err
	}
	again := &doubtKeeper{app: a, house: h, store: store, feed: feed}
	defer again.wait()
	defer stop()
	again.start(ctx)
	said = a.stopping(ctx)
	a.note(text.F("运行中：%d 个任务，%d 条持续管道，Ctrl-C 停止", "serving, jobs: %d, continuous pipelines: %d; Ctrl-C stops", len(list), running))
	if err := feed.all(nil); err != nil {
		return err
	}
	flow.wg.Go(func() { feed.watch(ctx) })
	flow.wg.Go(func() { feed.reroute(ctx) })
	hear := &listeners{app: a, house: h, store: store}
	defer hear.start(ctx)()
	defer stop()
	s := &jobs.Scheduler{Jobs: list, Store: store, Log: a.log(), Now: time.Now, Run: func(ctx context.Context, j *jobs.Job) error {
		a.note(text.F("%s 任务 %s", "%s job %s", time.Now().In(h.Zone()).Format(time.DateTime), j.Job))
		err := a.run(ctx, h, j.Pipelines, runOptions{all: len(j.Pipelines) == 0, mode: j.Mode, failOn: "new", collectOnly: true, batch: true})
		if err = errors.Join(err, feed.all(j.Pipelines)); err != nil && ctx.Err() == nil {
			a.report(err)
		}
		return ctx.Err() // whatever the run had come to when it was stopped
	}}
	err = s.Serve(ctx)
	a.code = exitDone
	return err
}

// stopping says when ctx ends that serve is about to stop; the function it gives says that
// it has.
func (a *app) stopping(ctx context.Context) func() {
	told := make(chan struct{})
	quiet := context.AfterFunc(ctx, func() {
		a.note(text.T("正在停止：做完手上的这一批", "stopping: the batch in hand is finished first"))
		close(told)
	})
	return func() {
		if !quiet() {
			<-told
		}
		a.note(text.T("已停止", "stopped"))
	}
}
