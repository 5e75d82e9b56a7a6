package compare

import (
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/ledger"
	"banjian/pipelines"
)

// Store is what comparing two systems needs of a store.
type Store interface {
	ledger.LogNext
	ledger.LogAt
	ledger.Cases
}

// Pair (来源比对) is two systems that report the same cases, as one rule of precedence has
// them.
type Pair struct {
	First, Second string // the system whose word counts, and the one compared with it
	Covers        func(ledger.Told) bool
	Match         [][]string // fields of an acceptance, tried one after the other
	Ignore        []string   // fields that are not compared
	Silent        time.Duration
	Now           time.Time
	Each          func(*Compared) error // is called for every case that differs, and for every one that the first is silent about

	// Want chooses cases by their local numbers, of the first and the second system; Each is
	// then called for those that are equal, too. nil: all.
	Want func(first, second string) bool
}

// Compared is one case of the second system that is not as the first one tells.
type Compared struct {
	Local  string    // of the second system
	Other  string    // local number of the first one; empty: it does not know the case
	Since  time.Time // accepted, of a case that the first does not know
	Fields []Differing
}

// Differing is one field, with what each says. Of steps, materials and the like only the
// number of records is compared: no two systems name them alike; Field is empty then.
type Differing struct {
	Subject, Field string
	First, Second  string
}

// Sums is what became of the cases of a Pair.
type Sums struct {
	First, Second int64 // cases of each
	Equal         int64 // known to both, nothing differs
	Different     int64
	Alone         int64 // known to the second alone
	Silent        int64 // of these, longer than the first may be silent
	Unmatched     int64 // known to the first alone
}

// ownFields say nothing of the case itself.
var ownFields = []string{"source_id", "source_pk", "local_no", "changed_at", "origin", "ext", "round", "case_no", "query_code", "detail_url", "remark"}

// comparedInFields are the subjects compared field by field, by their newest record.
var comparedInFields = []string{ledger.SubjectAccept, ledger.SubjectResult}

// countedAlone are those of which the number of records is compared.
var countedAlone = []string{"case/material", "case/step", "case/correction", "case/special"}

type matchKey [16]byte

// spot is the newest acceptance of a case of the first system.
type spot struct {
	local string
	entry ledger.Entry
}

// comparer compares one Pair.
type comparer struct {
	*Pair
	store   Store
	prec    *ledger.Precedence
	known   map[matchKey]*spot
	matched map[*spot]bool
	found   Sums
}

// Systems lays what the second system of a pair says beside what the first one says. It
// reads the acceptances of both whole; a case is its newest round. A field that the second
// leaves empty is not compared.
func Systems(ctx context.Context, store Store, p *Pair) (Sums, error) {
	c := &comparer{Pair: p, store: store, known: map[matchKey]*spot{}, matched: map[*spot]bool{}, prec: &ledger.Precedence{}}
	for _, set := range p.Match {
		c.prec.Fields = append(c.prec.Fields, set...)
	}
	for _, side := range []struct {
		source string
		take   func(context.Context, []sighted) error
	}{{p.First, c.note}, {p.Second, c.compare}} {
		if err := c.each(ctx, side.source, side.take); err != nil {
			return c.found, err
		}
	}
	c.found.Unmatched = c.found.First - int64(len(c.matched))
	return c.found, nil
}

// sighted is an acceptance as it was read.
type sighted struct {
	local    string
	entry    ledger.Entry
	keys     []matchKey
	accepted time.Time
}

// each calls take for the newest acceptances of a system that the rule covers, a log batch
// at a time.
func (c *comparer) each(ctx context.Context, source string, take func(context.Context, []sighted) error) error {
	columns := append([]string{"local_no", "accepted_at"}, c.prec.Columns()...)
	return ledger.Walk(ctx, c.store, ledger.Stream{Source: source, Subject: ledger.SubjectAccept}, columns, func(_ string, rec arrow.Record) error {
		list, err := c.sight(ctx, source, rec)
		if err != nil {
			return err
		}
		return take(ctx, list)
	})
}

func (c *comparer) sight(ctx context.Context, source string, rec arrow.Record) ([]sighted, error) {
	locals, rows, read := localNumbers(rec), ledger.Walked(rec), c.prec.Reader(source, rec)
	cases, err := c.store.Cases(ctx, source, locals)
	if err != nil {
		return nil, err
	}
	at := pipelines.Column(rec, "accepted_at")
	var list []sighted
	for i := range rows {
		row, told := &rows[i], read(i)
		if cases[i].Rec != row.Rec || row.Deleted || !c.Covers(told.Told) {
			continue
		}
		s := sighted{local: locals[i], entry: ledger.Entry{Rec: row.Rec, Version: row.Version, At: row.At}}
		for _, key := range ledger.MatchKeys(c.Match, func(name string) string { return told.Match[name] }) {
			s.keys = append(s.keys, hashed(key))
		}
		if ts, ok := at.(*array.Timestamp); ok && ts.IsValid(i) {
			s.accepted = ts.Value(i).ToTime(ts.DataType().(*arrow.TimestampType).Unit)
		}
		list = append(list, s)
	}
	return list, nil
}

// localNumbers is the local number of each row, good after the record is released.
func localNumbers(rec arrow.Record) []string {
	c, _ := pipelines.Column(rec, "local_no").(*array.String)
	list := make([]string, rec.NumRows())
	for i := range list {
		if c != nil && c.IsValid(i) {
			list[i] = strings.Clone(c.Value(i))
		}
	}
	return list
}

func hashed(key string) (h matchKey) {
	if key == "" {
		return h
	}
	sum := sha256.Sum256([]byte(key))
	copy(h[:], sum[:])
	return h
}

// note remembers the cases of the first system.
func (c *comparer) note(_ context.Context, list []sighted) error {
	c.found.First += int64(len(list))
	for _, s := range list {
		at := &spot{s.local, s.entry}
		for _, key := range s.keys {
			if key != (matchKey{}) && c.known[key] == nil {
				c.known[key] = at
			}
		}
	}
	return nil
}

// compare lays cases of the second system beside those of the first.
func (c *comparer) compare(ctx context.Context, list []sighted) error {
	c.found.Second += int64(len(list))
	var both, theirs []sighted
	var spots []*spot
	for _, s := range list {
		var at *spot
		for _, key := range s.keys {
			if key != (matchKey{}) && at == nil {
				at = c.known[key]
			}
		}
		if at != nil && c.Want != nil && !c.Want(at.local, s.local) {
			continue
		}
		if at != nil {
			c.matched[at] = true
			both, spots = append(both, s), append(spots, at)
		} else {
			theirs = append(theirs, s)
		}
	}
	for _, s := range theirs {
		if c.Want != nil {
			break
		}
		c.found.Alone++
		if s.accepted.IsZero() || c.Now.Sub(s.accepted) > c.Silent {
			c.found.Silent++
			if err := c.Each(&Compared{Local: s.local, Since: s.accepted}); err != nil {
				return err
			}
		}
	}
	found := make([]Compared, len(both))
	for i := range both {
		found[i] = Compared{Local: both[i].local, Other: spots[i].local}
	}
	if err := c.fields(ctx, both, spots, found); err != nil {
		return err
	}
	if err := c.numbers(ctx, found); err != nil {
		return err
	}
	for i := range found {
		if len(found[i].Fields) == 0 {
			c.found.Equal++
			if c.Want == nil {
				continue
			}
		} else {
			c.found.Different++
		}
		if err := c.Each(&found[i]); err != nil {
			return err
		}
	}
	return nil
}
