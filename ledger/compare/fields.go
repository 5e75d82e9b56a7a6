package compare

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/ledger"
)

// fields compares acceptances and results.
func (c *comparer) fields(ctx context.Context, both []sighted, spots []*spot, found []Compared) error {
	first, second := make([]ledger.Entry, len(both)), make([]ledger.Entry, len(both))
	for i := range both {
		first[i], second[i] = spots[i].entry, both[i].entry
	}
	for _, subject := range comparedInFields {
		if subject != ledger.SubjectAccept {
			var err error
			if first, err = c.newest(ctx, ledger.Stream{Source: c.First, Subject: subject}, found, func(f *Compared) string { return f.Other }); err != nil {
				return err
			}
			if second, err = c.newest(ctx, ledger.Stream{Source: c.Second, Subject: subject}, found, func(f *Compared) string { return f.Local }); err != nil {
				return err
			}
		}
		if err := c.lay(ctx, subject, first, second, found); err != nil {
			return err
		}
	}
	return nil
}

// newest is the record of each case with the highest key in a stream; Rec 0: none.
func (c *comparer) newest(ctx context.Context, s ledger.Stream, found []Compared, local func(*Compared) string) ([]ledger.Entry, error) {
	byLocal, err := c.members(ctx, s, found, local)
	list := make([]ledger.Entry, len(found))
	for i := range found {
		for _, e := range byLocal[local(&found[i])] {
			if list[i].Rec == 0 || ledger.NumberOfKey(e.Key) >= ledger.NumberOfKey(list[i].Key) {
				list[i] = e
			}
		}
	}
	return list, err
}

func (c *comparer) members(ctx context.Context, s ledger.Stream, found []Compared, local func(*Compared) string) (map[string][]ledger.Entry, error) {
	locals := make([]string, len(found))
	for i := range found {
		locals[i] = local(&found[i])
	}
	entries, err := c.store.CaseMembers(ctx, s, locals)
	byLocal := map[string][]ledger.Entry{}
	for _, e := range entries {
		of := ledger.FirstOfKey(e.Key)
		byLocal[of] = append(byLocal[of], e)
	}
	return byLocal, err
}

// lay compares pairs of records in the fields of the second ones.
func (c *comparer) lay(ctx context.Context, subject string, first, second []ledger.Entry, found []Compared) error {
	var at []int
	var ours, theirs []ledger.Entry
	for i := range second {
		switch {
		case second[i].Rec == 0:
		case first[i].Rec == 0:
			found[i].Fields = append(found[i].Fields, Differing{Subject: subject, First: "0", Second: "1"})
		default:
			at, ours, theirs = append(at, i), append(ours, first[i]), append(theirs, second[i])
		}
	}
	names, err := c.names(ctx, theirs)
	if err != nil || len(names) == 0 {
		return err
	}
	a, err := ledger.Values(ctx, c.store, ours, names, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	b, err := ledger.Values(ctx, c.store, theirs, names, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	for k, i := range at {
		for f, name := range names {
			if b[k][f] != "" && a[k][f] != b[k][f] {
				found[i].Fields = append(found[i].Fields, Differing{subject, name, a[k][f], b[k][f]})
			}
		}
	}
	return nil
}

// names are the fields of records that are compared.
func (c *comparer) names(ctx context.Context, entries []ledger.Entry) ([]string, error) {
	seen, names := map[int64]bool{}, []string(nil)
	for i := range entries {
		if seen[entries[i].At.Seq] {
			continue
		}
		seen[entries[i].At.Seq] = true
		rec, err := ledger.ReadBatch(ctx, c.store, entries[i].At.Seq, memory.DefaultAllocator)
		if err != nil {
			return nil, err
		}
		for _, f := range rec.Schema().Fields() {
			if !strings.HasPrefix(f.Name, "_") && !slices.Contains(ownFields, f.Name) && !slices.Contains(c.Ignore, f.Name) && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
		rec.Release()
	}
	return names, nil
}

// numbers compares how many records of other kinds the cases have; a system that tells of
// none of a kind is not asked for it.
func (c *comparer) numbers(ctx context.Context, found []Compared) error {
	for _, subject := range countedAlone {
		theirs, err := c.members(ctx, ledger.Stream{Source: c.Second, Subject: subject}, found, func(f *Compared) string { return f.Local })
		if err != nil {
			return err
		}
		if len(theirs) == 0 {
			continue
		}
		ours, err := c.members(ctx, ledger.Stream{Source: c.First, Subject: subject}, found, func(f *Compared) string { return f.Other })
		if err != nil {
			return err
		}
		for i := range found {
			if n, m := len(ours[found[i].Other]), len(theirs[found[i].Local]); m > 0 && n != m {
				found[i].Fields = append(found[i].Fields, Differing{Subject: subject, First: strconv.Itoa(n), Second: strconv.Itoa(m)})
			}
		}
	}
	return nil
}
