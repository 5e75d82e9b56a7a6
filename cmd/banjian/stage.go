package main

import (
	"context"

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
	left    map[string]int64 // rows left out so far, by filter
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
func (s *mappingStage) Apply(_ context.Context, in arrow.Record) (pipelines.Result, error) {
	if err := s.bind(in); err != nil {
		return pipelines.Result{}, err
	}
	res, err := s.program.Apply(s.alloc, in)
	if err != nil {
		return pipelines.Result{}, err
	}
	out := pipelines.Result{Filtered: res.Filtered, Outputs: make([]pipelines.Output, len(res.Outputs)), Issues: make([]pipelines.Issue, len(res.Issues))}
	for id, n := range res.FilteredBy {
		if s.left == nil {
			s.left = map[string]int64{}
		}
		s.left[id] += int64(n)
	}
	for i, o := range res.Outputs {
		out.Outputs[i] = pipelines.Output(o)
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
