package sqlview

import (
	"context"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// keysAtOnce is how many rows one statement asks for by their keys.
const keysAtOnce = 200

// checkKeys says whether rows can be read by their keys alone.
func (o Options) checkKeys() error {
	switch {
	case o.Keys == nil:
		return nil
	case len(o.Key) == 0 || o.numbered() || !o.Mode.whole() && o.Mode != "":
		return fault.New(fault.Config, "check options", o.relation(), text.T("行没有自己的键，不能按键重读", "rows without a key of their own cannot be read by it"), text.Text{})
	}
	for _, key := range o.Keys {
		if len(key) != len(o.Key) {
			return fault.New(fault.Bug, "check options", o.relation(), text.T("键的列数不对", "a key has another number of columns"), text.Text{})
		}
	}
	return nil
}

// startKeys begins to read the rows of Options.Keys, some at a time over one connection. The
// position stays where it was.
func (s *Source) startKeys(ctx context.Context, d *description) error {
	if err := s.s.settleKinds(ctx, d, nil); err != nil {
		return err
	}
	s.d, s.keysLeft = d, s.o.Keys
	st, err := s.keysStatement()
	if err != nil {
		return err
	}
	s.prepare(d, st)
	if len(s.o.Keys) == 0 {
		return nil
	}
	return s.run(ctx, st)
}

// nextKeys goes on with the next rows; false: there are none.
func (s *Source) nextKeys(ctx context.Context) (bool, error) {
	if len(s.keysLeft) == 0 {
		return false, nil
	}
	if err := s.rows.Close(); err != nil {
		return false, s.s.fault(err, "read row")
	}
	st, err := s.keysStatement()
	if err == nil {
		err = s.run(ctx, st)
	}
	if err != nil {
		return false, s.because(ctx, err)
	}
	return true, nil
}

// keysStatement asks for the next rows.
func (s *Source) keysStatement() (*statement, error) {
	n := min(keysAtOnce, len(s.keysLeft))
	part := s.keysLeft[:n]
	s.keysLeft = s.keysLeft[n:]
	s.s.within = func(p *params) string {
		var rows []string
		for _, key := range part {
			var same []string
			for i, k := range s.d.key {
				if key[i] == nil {
					same = append(same, k.expr+" IS NULL")
					continue
				}
				same = append(same, k.expr+" = "+p.d.Bound(k.kind, k.typeName, p.add(key[i])))
			}
			rows = append(rows, "("+strings.Join(same, " AND ")+")")
		}
		return "(" + strings.Join(rows, " OR ") + ")"
	}
	return s.s.build(s.d, nil)
}
