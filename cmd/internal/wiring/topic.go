package wiring

import (
	"cmp"
	"context"
	"errors"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors"
	"banjian/connectors/kafka"
	"banjian/internal/fault"
	"banjian/jobs"
	"banjian/mappings"
	"banjian/pipelines"
)

// readTopic makes a plan read the partitions of a topic.
func (h *House) readTopic(plan *jobs.CollectPlan, m *mappings.Mapping, key []string) error {
	spec := plan.Spec
	conn := h.site.Connections[spec.From.Connection]
	bus := h.Brokers(spec.From.Connection)
	k := &bus
	start, err := kafka.ParseStart(spec.From.Start, h.zone)
	var wrong *fault.Error
	if errors.As(err, &wrong) {
		return spec.Fault(wrong.What, wrong.Hint, "from", "start")
	}
	if spec.Deletes.Ratio == "" {
		plan.Deletes.Ratio = math.MaxFloat64 // what an event deletes was said, not inferred: only a mass of it stops
	}
	o := connectors.TopicOptions{Cluster: k, From: spec.From, Columns: readBy(&spec, m), Key: key}
	plan.Open = func(ctx context.Context, at pipelines.Position) (pipelines.Source, error) { // to look at, not to collect
		return connectors.OpenTopic(ctx, o, at)
	}
	plan.Parts = &jobs.Parts{
		Starts: func(ctx context.Context) (map[int]pipelines.Position, error) {
			return connectors.TopicStarts(ctx, k, spec.From.Topic, start)
		},
		Join: func(ctx context.Context) (pipelines.Member, error) {
			return k.Join(ctx, cmp.Or(conn.Group, "banjian")+"-"+spec.Pipeline, spec.From.Topic)
		},
		Plan: func(part int, follow bool) (*jobs.CollectPlan, error) {
			one, stage := *plan, &mappingStage{mapping: m, alloc: memory.DefaultAllocator, verifier: verifierIn(plan.Stage)}
			one.Parts, one.Stage = nil, stage
			if err := h.withFiles(&one, m); err != nil {
				return nil, err
			}
			one.KeyOf = func(in arrow.Record) (arrow.Record, error) { return stage.keys(in, spec.From.Key) }
			one.Open = func(ctx context.Context, at pipelines.Position) (pipelines.Source, error) {
				o := o
				o.Part, o.Follow, o.Limit = part, follow, one.Limit
				return connectors.OpenTopic(ctx, o, at)
			}
			return &one, nil
		},
	}
	return nil
}
