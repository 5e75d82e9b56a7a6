package exchangedb

import (
	"context"
	"maps"
	"strings"
)

// Spelled is a table as the receiver's database spells it.
type Spelled struct {
	Table   string            // schema.table or table, not quoted
	Columns map[string]string // logical → physical, of those that are there
}

// Spell finds out how a table in which rows come back is spelled: as Options.Feedback says,
// else in the receiver's style, and without any suffix. The second result is false when it
// is not there, or we may not see it.
func (t *Target) Spell(ctx context.Context, table string, columns []string) (Spelled, bool, error) {
	o := t.opts
	o.Tables, o.Suffixes = maps.Clone(o.Tables), nil
	if f, ok := o.Feedback[table]; ok {
		o.Tables[table] = f
	}
	n, err := o.named(table, "")
	if err != nil {
		return Spelled{}, false, err
	}
	return t.spell(ctx, n, columns)
}

// SpellAll is how a table we deliver to is spelled, each of its shards that is there.
func (t *Target) SpellAll(ctx context.Context, table string, columns []string) ([]Spelled, error) {
	shards, err := t.opts.shards(table)
	if err != nil {
		return nil, err
	}
	var list []Spelled
	for _, n := range shards {
		spelled, there, err := t.spell(ctx, n, columns)
		if err != nil {
			return nil, err
		}
		if there {
			list = append(list, spelled)
		}
	}
	return list, nil
}

func (t *Target) spell(ctx context.Context, n *names, columns []string) (Spelled, bool, error) {
	const op = "look at exchange table"
	s, err := t.open(ctx, n.logical)
	if err != nil {
		return Spelled{}, false, err
	}
	defer s.release()
	found, err := s.describe(ctx, n)
	if err != nil || len(found) == 0 {
		return Spelled{}, false, t.faultOr(op, n.logical, err)
	}
	out := Spelled{Table: n.plain, Columns: map[string]string{}}
	for _, logical := range columns {
		for _, c := range found {
			if strings.EqualFold(c.name, n.column(logical)) || bare(c.name) == bare(logical) {
				out.Columns[logical] = c.name
				break
			}
		}
	}
	return out, true, nil
}

func (t *Target) faultOr(op, table string, err error) error {
	if err == nil {
		return nil
	}
	return t.fault(op, table, err)
}
