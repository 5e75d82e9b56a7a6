package sqlview

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"math"
	"strconv"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/pipelines"
)

// hashing finds how the server hashes rows, and has them placed where that is asked for. A
// row's part goes by its key, without one by the whole row.
func (s *session) hashing(d *description) {
	h := s.d.Hashing()
	if h.Row == nil || s.o.Mode != Compare && !s.o.Placed {
		return
	}
	d.hash = h.Row(exprsOf(d.mapped))
	by := d.key
	if len(by) == 0 {
		by = d.mapped
	}
	d.leaf = h.Leaf(exprsOf(by), pipelines.Leaves)
	d.mapped = append(d.mapped, column{name: pipelines.LeafColumn, expr: d.leaf, typeName: "BIGINT", kind: sqldialect.Int, scale: -1})
}

func exprsOf(columns []column) []string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.expr
	}
	return list
}

// Sums has the server add up the view in one scan; no row is sent. See pipelines.Summer.
// A part is the number of its rows and the sum of their CRC-32. Their exclusive or would not
// do: the same change made to two rows of one length leaves it as it was.
func (s *Source) Sums(ctx context.Context) (*pipelines.Sums, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil || s.late == nil || s.d.hash == "" {
		return nil, s.err
	}
	stop := context.AfterFunc(ctx, s.cancel)
	defer stop()
	p := &params{d: s.s.d}
	where, err := s.s.runWhere(p, nil)
	if err != nil {
		return nil, err
	}
	sums := pipelines.NewSums(s.sumsOf(where))
	q := "SELECT " + s.d.leaf + ", COUNT(*), SUM(" + s.d.hash + ") FROM " + s.s.from + where + " GROUP BY 1" + s.s.d.Hashing().Unsorted
	err = s.s.each(ctx, q, p.args, func(r *sql.Rows) error {
		var leaf, rows int64
		var hash string
		if err := r.Scan(&leaf, &rows, &hash); err != nil {
			return err
		}
		sum, err := strconv.ParseUint(hash, 10, 64)
		if err != nil || leaf < 0 || leaf >= pipelines.Leaves || rows > math.MaxUint32 {
			return fault.New(fault.Bug, "add up view", s.o.where(), text.T("数据库给出的校验和无法识别", "the database's sums cannot be read"), text.Text{})
		}
		sums.Rows[leaf], sums.Hash[leaf] = uint32(rows), sum
		return nil
	})
	if err != nil {
		return nil, s.because(ctx, err)
	}
	return sums, nil
}

// sumsOf names what the sums are of: sums of other columns, keys, conditions, or in another
// zone, cannot be compared.
func (s *Source) sumsOf(where string) string {
	what := fmt.Sprint(s.s.d.Name, s.o.origin(), s.d.hash, s.d.leaf, where, s.o.Where, s.o.DB.Zone)
	for _, c := range s.d.mapped {
		if c.charset != nil {
			what += fmt.Sprint(" ", c.name, c.charset.Name())
		}
		if most := s.o.Largest[c.name]; most > 0 { // a row that was too large is read again
			what += fmt.Sprint(" ", c.name, most)
		}
	}
	return fmt.Sprintf("%s:%x", s.o.origin(), sha256.Sum256([]byte(what)))
}

// Only leaves the rows of these parts to be read. See pipelines.Summer.
func (s *Source) Only(leaves []uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.late == nil || s.d.leaf == "" { // not added up: everything is read
		return
	}
	if len(leaves) == 0 {
		s.late = func() error { return nil }
		return
	}
	list := make([]string, len(leaves))
	for i, l := range leaves {
		list[i] = strconv.FormatUint(uint64(l), 10)
	}
	only := s.d.leaf + " IN (" + strings.Join(list, ",") + ")"
	s.s.only = &only
}

// readDiffering runs the statement of a compare.
func (s *Source) readDiffering(ctx context.Context) error {
	st, err := s.s.build(s.d, nil)
	if err != nil {
		return err
	}
	return s.run(ctx, st)
}
