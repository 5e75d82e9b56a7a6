package ledger

import (
	"context"

	"banjian/pipelines"
)

// ShapeStore remembers what a pipeline's view was made of.
type ShapeStore interface {
	Shape(ctx context.Context, pipeline string) (*pipelines.Shape, error) // nil: never described
	SaveShape(ctx context.Context, l Lease, pipeline string, run int64, s *pipelines.Shape) error
}
