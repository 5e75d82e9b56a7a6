package sqlview

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"banjian/internal/sqldialect"
	"banjian/pipelines"
)

// Shape is the view as its database describes it, when the run was opened. See
// pipelines.Shaper.
func (s *Source) Shape() *pipelines.Shape { return s.shape }

// shape describes the view: every column as declared. Of a query only the columns that are
// read are known.
func (s *session) shape(ctx context.Context, d *description) (*pipelines.Shape, error) {
	shape := &pipelines.Shape{}
	if s.o.Query != "" {
		for _, c := range d.mapped {
			if c.name != pipelines.LeafColumn {
				shape.Columns = append(shape.Columns, pipelines.ShapeColumn{Name: c.name, Type: c.typeName, Kind: string(c.kind), Used: true})
			}
		}
		return shape, nil
	}
	schema, name, err := sqldialect.SplitView(s.o.relation())
	if err != nil {
		return nil, err
	}
	list, err := s.relations(ctx, schema, name)
	if err != nil || len(list) == 0 {
		return shape, err
	}
	wanted := s.wanted()
	for _, c := range list[max(0, slices.IndexFunc(list, func(r Relation) bool { return r.Name == name }))].Columns {
		used := slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(w, c.Name) })
		shape.Columns = append(shape.Columns, pipelines.ShapeColumn{Name: c.Name, Type: c.Type, Kind: string(c.Kind), Used: used})
	}
	err = s.each(ctx, s.d.Inventory().Definition, []any{schema, name}, func(r *sql.Rows) error {
		var text sql.NullString
		if err := r.Scan(&text); err != nil {
			return err
		}
		if text.String != "" {
			shape.Definition = fmt.Sprintf("%x", sha256.Sum256([]byte(text.String)))
		}
		return nil
	})
	return shape, err
}
