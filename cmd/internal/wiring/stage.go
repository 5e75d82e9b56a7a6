package wiring

import (
	"context"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/mappings"
	"banjian/pipelines"
	"banjian/schemas"
)

// mappingStage is a mapping as the engine sees it. It binds to the columns of the
// first record and again whenever they change; it serves one goroutine.
type mappingStage struct {
	mapping *mappings.Mapping
	alloc   memory.Allocator
	schema  *arrow.Schema
	program *mappings.Program
	left    *leftOut // nil: nobody asks

	verifier mappings.Verifier // nil: the mapping verifies nothing, or not here
}

// leftOut counts rows left out so far, by filter; stages beside each other share one.
type leftOut struct {
	mu   sync.Mutex
	rows map[string]int64
}

func (l *leftOut) add(by map[string]int) {
	if l == nil || len(by) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rows == nil {
		l.rows = map[string]int64{}
	}
	for id, n := range by {
		l.rows[id] += int64(n)
	}
}

func (s *mappingStage) bind(in arrow.Record) error {
	if s.program != nil && (s.schema == in.Schema() || s.schema.Equal(in.Schema())) {
		return nil
	}
	p, err := s.mapping.Bind(in.Schema())
	if err != nil {
		return err
	}
	s.schema, s.program = in.Schema(), p
	return nil
}

// Apply maps and checks in.
func (s *mappingStage) Apply(ctx context.Context, in arrow.Record) (pipelines.Result, error) {
	if err := s.bind(in); err != nil {
		return pipelines.Result{}, err
	}
	res, err := s.program.ApplyVerified(ctx, s.alloc, in, s.verifier)
	if err != nil {
		return pipelines.Result{}, err
	}
	out := pipelines.Result{Filtered: res.Filtered, Outputs: make([]pipelines.Output, len(res.Outputs)), Issues: make([]pipelines.Issue, len(res.Issues))}
	s.left.add(res.FilteredBy)
	for i, o := range res.Outputs {
		out.Outputs[i] = pipelines.Output(o)
	}
	for _, u := range res.Unsure {
		out.Unsure = append(out.Unsure, pipelines.Unsure(u))
	}
	for i, is := range res.Issues {
		out.Issues[i] = pipelines.Issue{Row: is.Row, Field: is.Field, Rule: is.Rule, Args: is.Args, Severity: severities[is.Severity]}
	}
	return out, nil
}

// severities says the same in the engine's words.
var severities = map[schemas.Severity]pipelines.Severity{
	schemas.Reject:        pipelines.Reject,
	schemas.Blank:         pipelines.Blank,
	schemas.Warn:          pipelines.Warn,
	schemas.Hold:          pipelines.Hold,
	schemas.NotApplicable: pipelines.NotApplicable,
}

// keys computes key fields alone.
func (s *mappingStage) keys(in arrow.Record, fields []string) (arrow.Record, error) {
	if err := s.bind(in); err != nil {
		return nil, err
	}
	return s.program.Keys(s.alloc, in, fields)
}

// Computed gives some fields of the first subject of a mapping for source rows, and nothing
// else of them. It serves one goroutine; the record is the caller's.
func Computed(m *mappings.Mapping, fields ...string) func(arrow.Record) (arrow.Record, error) {
	stage := &mappingStage{mapping: m, alloc: memory.DefaultAllocator}
	return func(in arrow.Record) (arrow.Record, error) { return stage.keys(in, fields) }
}
