package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"banjian/connectors/kafka"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

func (a *app) streamsCommand() *cobra.Command {
	c := &cobra.Command{Use: "streams", Short: a.t("持续管道：列出、暂停、恢复、重新定位", "continuous pipelines: list, pause, resume, rewind")}
	c.AddCommand(a.streamsListCommand(), a.streamsPauseCommand(), a.streamsResumeCommand(), a.streamsRewindCommand())
	return c
}

func (a *app) streamsListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   a.t("各分区读到哪里、落后多少", "how far each partition was read, and how far it is behind"),
		Example: "  banjian streams list\n  banjian streams list --json",
		Args:    a.exactly(0, text.T("streams list 不带参数", "streams list takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error { return a.listStreams(cmd.Context(), h, store) })
		},
	}
}

// stream is the continuous pipeline of that name.
func (a *app) stream(h *house, name string) (pipelines.Spec, error) {
	list, err := h.Streams()
	if err != nil {
		return pipelines.Spec{}, err
	}
	var known []string
	for _, s := range list {
		if s.Pipeline == name {
			return s, nil
		}
		known = append(known, s.Pipeline)
	}
	if len(known) == 0 {
		return pipelines.Spec{}, usageError{errors.New(a.t("本站点没有持续管道", "this site has no continuous pipelines"))}
	}
	return pipelines.Spec{}, usageError{fmt.Errorf(a.t("本站点没有持续管道 %q；有：%s", "this site has no continuous pipeline %q; it has: %s"), name, strings.Join(known, a.t("、", ", ")))}
}

// oneStream takes the name of a continuous pipeline as the only argument.
func (a *app) oneStream() cobra.PositionalArgs {
	return a.exactly(1, text.T("写出一条持续管道的名字", "name one continuous pipeline"))
}

// partStand is where one partition stands.
type partStand struct {
	Pipeline  string `json:"pipeline"`
	Topic     string `json:"topic"`
	Partition int    `json:"partition"`
	Offset    int64  `json:"offset"`
	Lag       int64  `json:"lag"`
	Newest    string `json:"newest,omitempty"` // when the last message read was written
	Stored    string `json:"stored"`           // when the position was
	Paused    string `json:"paused_since,omitempty"`
}

func (a *app) listStreams(ctx context.Context, h *house, store ledger.Store) error {
	specs, err := h.Streams()
	if err != nil {
		return err
	}
	list := []partStand{}
	for _, spec := range specs {
		parts, err := partStands(ctx, h, store, spec)
		if err != nil {
			return err
		}
		list = append(list, parts...)
	}
	return a.list(&listing{
		n:       len(list),
		none:    text.T("还没有读过的持续管道", "no continuous pipeline has been read yet"),
		heading: a.t("管道\t主题/分区\t位置\t落后\t最新消息\t记下于\t", "pipeline\ttopic/partition\toffset\tbehind\tnewest message\tstored\t"),
		line:    func(i int) any { return list[i] },
		row: func(i int) []string {
			p := &list[i]
			state := ""
			if p.Paused != "" {
				state = a.t("已暂停", "paused")
			}
			return []string{p.Pipeline, fmt.Sprintf("%s/%d", p.Topic, p.Partition), fmt.Sprint(p.Offset), count(p.Lag), p.Newest, p.Stored, state}
		},
	})
}

// partStands is where the partitions of a pipeline stand. Kafka is asked where they end;
// if it does not say, they end where they did when the positions were stored.
func partStands(ctx context.Context, h *house, store ledger.Store, spec pipelines.Spec) ([]partStand, error) {
	slots, err := store.Slots(ctx, spec.Pipeline)
	if err != nil || len(slots) == 0 {
		return nil, err
	}
	since, err := ledger.PausedSince(ctx, store, spec.Pipeline)
	if err != nil {
		return nil, err
	}
	ends := map[int]int64{}
	bus := h.Brokers(spec.From.Connection)
	asking, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	if spans, err := bus.Spans(asking, spec.From.Topic, kafka.Start{Where: kafka.Latest}); err == nil {
		for _, s := range spans {
			ends[s.Partition] = s.End
		}
	}
	var list []partStand
	for _, slot := range slots {
		at, err := kafka.ReadPlace(slot.Position)
		if err != nil {
			return nil, err
		}
		at.End = max(at.End, ends[slot.Part])
		list = append(list, partStand{Pipeline: spec.Pipeline, Topic: at.Topic, Partition: slot.Part, Offset: at.Offset, Lag: at.Lag(), Newest: rfc3339(at.At()), Stored: rfc3339(slot.At), Paused: rfc3339(since)})
	}
	return list, nil
}

// askPatience is how long Kafka may take to say where partitions end.
const askPatience = 3 * time.Second
