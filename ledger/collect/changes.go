package collect

import (
	"bytes"
	"crypto/sha256"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/pipelines"
)

// beside is what a source says of its rows besides what is in them.
type beside struct {
	leaves []int64       // the part of the view of every row; nil = not told
	gone   *array.String // pipelines.GoneColumn; nil = none
	notes  *array.String // pipelines.MessageColumn; nil = every message is a row
}

// besideOf takes such columns away from a record. The caller releases the record.
func besideOf(in arrow.Record) (b beside, rec arrow.Record) {
	n := int(in.NumCols())
	switch {
	case n > 0 && in.ColumnName(n-1) == pipelines.LeafColumn:
		n--
		b.leaves = in.Column(n).(*array.Int64).Int64Values()
	case n > 1 && in.ColumnName(n-1) == pipelines.MessageColumn && in.ColumnName(n-2) == pipelines.GoneColumn:
		n -= 2
		b.gone, b.notes = in.Column(n).(*array.String), in.Column(n+1).(*array.String)
	default:
		in.Retain()
		return b, in
	}
	return b, array.NewRecord(arrow.NewSchema(in.Schema().Fields()[:n], nil), in.Columns()[:n], in.NumRows())
}

// isOther says that a message is no row.
func (b beside) isOther(row int) bool { return b.notes != nil && b.notes.IsValid(row) }

func (b beside) others() int {
	if b.notes == nil {
		return 0
	}
	return b.notes.Len() - b.notes.NullN()
}

// empty is how many messages held nothing to collect.
func (b beside) empty() (n int) {
	for i := 0; b.others() > 0 && i < b.notes.Len(); i++ {
		if b.notes.IsValid(i) && b.notes.Value(i) == "" {
			n++
		}
	}
	return n
}

// unread is an issue for every message that could not be read.
func (b beside) unread() (issues []pipelines.Issue, err error) {
	for i := 0; b.others() > 0 && i < b.notes.Len() && err == nil; i++ {
		if b.notes.IsValid(i) && b.notes.Value(i) != "" {
			var is pipelines.Issue
			is, err = pipelines.UnreadIssue(i, b.notes.Value(i))
			issues = append(issues, is)
		}
	}
	return issues, err
}

// marked says which rows were deleted; nil = none.
func (b beside) marked() []bool {
	if b.gone == nil || b.gone.NullN() == b.gone.Len() {
		return nil
	}
	list := make([]bool, b.gone.Len())
	for i := range list {
		list[i] = b.gone.IsValid(i)
	}
	return list
}

// rehash tells a deleted row from the one it deletes, and messages that could not be read
// from each other by their places.
func (b beside) rehash(hashes []pipelines.Hash) {
	for i := range hashes {
		switch {
		case b.isOther(i):
			sum := sha256.Sum256([]byte(b.notes.Value(i)))
			copy(hashes[i][:], sum[:])
		case b.gone != nil && b.gone.IsValid(i):
			sum := sha256.Sum256(append(hashes[i][:], pipelines.Gone...))
			copy(hashes[i][:], sum[:])
		}
	}
}

// repeated says which rows of a batch of changes have the key of another one: what the index
// knows of them is not what stands before them, nil = none; and the first row of each key.
func repeated(keys [][]byte) (list []bool, first map[string]int) {
	first = make(map[string]int, len(keys))
	for i, k := range keys {
		if k == nil {
			continue
		}
		at, there := first[string(k)]
		if !there {
			first[string(k)] = i
			continue
		}
		if list == nil {
			list = make([]bool, len(keys))
		}
		list[at], list[i] = true, true
	}
	return list, first
}

// keyless refuses rows without a key.
func keyless(p *outputPlan, refused []bool) (issues []pipelines.Issue) {
	for i, row := range p.out.Rows {
		if p.keys[i] == nil && !refused[row] {
			refused[row] = true
			issues = append(issues, pipelines.Issue{Row: row, Rule: ruleKeyNull})
		}
	}
	return issues
}

// replaced says which rows a later one of the same key stands in for, so that the order
// of a key is kept whatever the batch boundaries (invariants 4, 5). A row that was refused
// replaces nothing: the last good version stands. nil = none.
func replaced(p *outputPlan, refused []bool) []bool {
	var list []bool
	var later []byte // of the row behind, in key order
	order := keyOrder(p.keys)
	for n := len(order) - 1; n >= 0; n-- {
		i := order[n]
		if p.keys[i] == nil || refused[p.out.Rows[i]] {
			continue
		}
		if later != nil && bytes.Equal(p.keys[i], later) {
			if list == nil {
				list = make([]bool, len(p.keys))
			}
			list[i] = true
			continue
		}
		later = p.keys[i]
	}
	return list
}

// settle closes the rejects of keys whose newest row passed, and remembers those of keys
// whose newest row did not. c.mu is held.
func (c *Collector) settle(p *prepared, plans []outputPlan, refused []bool) {
	passed := map[string]int32{} // the newest row that did
	for i := range plans {
		if plans[i].stream.Subject != c.Primary {
			continue
		}
		for j, row := range plans[i].out.Rows {
			if !refused[row] {
				passed[string(plans[i].keys[j])] = row
			}
		}
	}
	last := map[string]int32{}
	for row, bad := range refused {
		if key := p.known.keys[row]; bad && key != nil {
			last[string(key)] = int32(row)
		}
	}
	for i := range p.change.Rejects {
		r := &p.change.Rejects[i]
		c.open.byKey[string(r.Key)] = append(c.open.byKey[string(r.Key)], openReject{r.Rule, r.Source})
	}
	for key, row := range passed {
		if bad, some := last[key]; (!some || bad < row) && c.open.has([]byte(key)) {
			p.change.Passed = append(p.change.Passed, []byte(key))
		}
	}
}
