package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"banjian/connectors/kafka"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// placeOptions are the flags of streams rewind.
type placeOptions struct {
	to        string
	partition int
	offset    int64
	dryRun    bool
	yes       bool
}

func (a *app) streamsRewindCommand() *cobra.Command {
	var o placeOptions
	c := &cobra.Command{
		Use:   "rewind P",
		Short: a.t("给一条持续管道重新定位：从头、从末尾、从某时刻或某位置读起", "say where a continuous pipeline goes on: from the first message, the end, a time or an offset"),
		Example: "  banjian streams rewind gjj-materials --to \"2026-11-21 18:00\" --dry-run\n" +
			"  banjian streams rewind gjj-materials --partition 2 --offset 81500 --yes",
		Args: a.oneStream(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				spec, err := a.stream(h, args[0])
				if err != nil {
					return err
				}
				return a.placeStream(cmd.Context(), h, store, spec, o)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&o.to, "to", "", a.t("earliest 最早 | latest 末尾 | 时刻（站点时区）", "earliest | latest | a time (in the site's zone)"))
	f.IntVar(&o.partition, "partition", -1, a.t("只动这个分区", "this partition only"))
	f.Int64Var(&o.offset, "offset", -1, a.t("从这个位置读起，与 --partition 同用", "from this offset on, with --partition"))
	f.BoolVar(&o.dryRun, "dry-run", false, a.t("只说会怎样，不改", "say what would happen, change nothing"))
	f.BoolVar(&o.yes, "yes", false, a.t("不再询问", "do not ask"))
	return c
}

// move is a partition and where it is to be gone on from.
type move struct {
	Partition int   `json:"partition"`
	From      int64 `json:"from"`
	To        int64 `json:"to"`
	Again     int64 `json:"again"`   // messages that are read a second time
	Skipped   int64 `json:"skipped"` // messages that are never read
	Done      bool  `json:"done"`

	at kafka.Place
}

// placeStream says what changes, asks, and stores the places. Whoever reads the pipeline
// must have stopped: pause it first.
func (a *app) placeStream(ctx context.Context, h *house, store ledger.Store, spec pipelines.Spec, o placeOptions) error {
	moves, err := a.moves(ctx, h, store, spec, o)
	if err != nil || len(moves) == 0 {
		return err
	}
	if o.dryRun || !o.yes {
		if err := a.printMoves(moves); err != nil || o.dryRun {
			return err
		}
		if err := a.confirm(text.F("把持续管道 %s 移到这里？", "move continuous pipeline %s there?", spec.Pipeline)); err != nil {
			return err
		}
	}
	runner := jobs.NewRunner(store, a.log())
	for i := range moves {
		if err := runner.Place(ctx, spec.Pipeline, moves[i].Partition, moves[i].at.Position()); err != nil {
			return errors.Join(err, a.printMoves(moves[:i]))
		}
		moves[i].Done = true
		a.log().Info("stream rewound", "pipeline", spec.Pipeline, "partition", moves[i].Partition, "from", moves[i].From, "to", moves[i].To, "by", whoami())
	}
	return a.printMoves(moves)
}

func (a *app) moves(ctx context.Context, h *house, store ledger.Store, spec pipelines.Spec, o placeOptions) ([]move, error) {
	if (o.to == "") == (o.offset < 0) || o.offset >= 0 && o.partition < 0 {
		return nil, usageError{errors.New(a.t("写 --to，或 --partition 与 --offset", "give --to, or --partition and --offset"))}
	}
	start, err := kafka.ParseStart(o.to, h.Zone())
	if err != nil {
		return nil, err
	}
	bus := h.Brokers(spec.From.Connection)
	spans, err := bus.Spans(ctx, spec.From.Topic, start)
	if err != nil {
		return nil, err
	}
	slots, err := store.Slots(ctx, spec.Pipeline)
	if err != nil {
		return nil, err
	}
	now := map[int]int64{}
	for _, s := range slots {
		if at, err := kafka.ReadPlace(s.Position); err == nil && at.Topic == spec.From.Topic {
			now[s.Part] = at.Offset
		}
	}
	var list []move
	for _, s := range spans {
		if o.partition >= 0 && s.Partition != o.partition {
			continue
		}
		if o.offset >= 0 {
			s.Offset = o.offset
		}
		if s.Offset < s.First || s.Offset > s.End {
			return nil, usageError{fmt.Errorf(a.t("分区 %d 只有 %d 到 %d", "partition %d has %d to %d only"), s.Partition, s.First, s.End)}
		}
		from, known := now[s.Partition]
		if !known {
			from = s.First
		}
		list = append(list, move{Partition: s.Partition, From: from, To: s.Offset, Again: max(0, from-s.Offset), Skipped: max(0, s.Offset-from), at: s.Place})
	}
	if len(list) == 0 {
		return nil, usageError{fmt.Errorf(a.t("主题 %s 没有分区 %d", "topic %s has no partition %d"), spec.From.Topic, o.partition)}
	}
	return list, nil
}

func (a *app) printMoves(list []move) error {
	if a.json {
		enc := json.NewEncoder(a.out)
		for _, m := range list {
			if err := enc.Encode(m); err != nil {
				return err
			}
		}
		return nil
	}
	w := &table{out: a.out, right: true}
	w.heading(a.t("分区\t从\t到\t重读\t跳过\t", "partition\tfrom\tto\tagain\tskipped\t"))
	for _, m := range list {
		done := ""
		if m.Done {
			done = a.t("已移动", "moved")
		}
		w.row(fmt.Sprint(m.Partition), fmt.Sprint(m.From), fmt.Sprint(m.To), count(m.Again), count(m.Skipped), done)
	}
	w.print()
	return nil
}
