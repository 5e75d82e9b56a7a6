package jobs

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/google/uuid"

	"banjian/ledger"
	"banjian/pipelines"
)

// AdoptPlan is a receiver's tables as an earlier exchange program left them.
type AdoptPlan struct {
	*DeliverPlan
	Tables []AdoptTable
	Zone   *time.Location // of times in them
	Dry    bool
}

// AdoptTable is one table and the subject whose records it holds. Subjects come parents
// first: what their records inherit is adopted before theirs are looked for.
type AdoptTable struct {
	Subject int        // of DeliverPlan.Subjects
	Sets    [][]string // columns that name a record, as the mapping calls them, tried in turn
	GUID    bool       // the table has a row_guid
	CaseNo  bool       // its rows tell the case number
	// Open reads the table, or those of its shards; the columns of its records are called as
	// the mapping calls them: row_guid, cd_operation, id and what Sets name.
	Open []func(ctx context.Context) (pipelines.Source, error)
}

// AdoptCounts is what was found in one table, and what came of it.
type AdoptCounts struct {
	Subject   string           `json:"subject"`
	Table     string           `json:"table"`
	Theirs    int64            `json:"theirs"`    // records the table holds
	Ours      int64            `json:"ours"`      // records that would go there
	Adopted   int64            `json:"adopted"`   // newly taken over
	Known     int64            `json:"known"`     // had that row_guid already
	Numbers   int64            `json:"numbers"`   // case numbers taken over with them
	Conflicts map[string]int64 `json:"conflicts"` // by reason
	Left      int64            `json:"left"`      // of theirs, no record of ours is named so
	New       int64            `json:"new"`       // of ours, they have none named so
}

// AdoptConflict is a record whose identity a person must look at.
type AdoptConflict struct {
	Subject string   `json:"subject"`
	Source  string   `json:"source"`
	Key     []string `json:"key"`
	Reason  string   `json:"reason"`
	GUIDs   []string `json:"row_guids,omitempty"` // theirs
}

// Reasons why a record cannot be told, besides those of the ledger.
const (
	AdoptSameTheirs = "same_theirs" // several row_guids of theirs are named so
	AdoptSameOurs   = "same_ours"   // several records of ours are named so
)

// Adopt takes over row_guid and case numbers from the receiver's tables. Nothing is fed
// meanwhile. conflict is told of every record that a person must look at.
func (r *Runner) Adopt(ctx context.Context, plan *AdoptPlan, conflict func(AdoptConflict)) (list []AdoptCounts, err error) {
	err = r.underLease(ctx, ledger.DeliverLease(plan.Receiver), leaseTTL, func(ctx context.Context, _ *hold) error {
		if err := ledger.BeginDelivery(ctx, r.Store, plan.Receiver, plan.Identity); err != nil {
			return err
		}
		renamed := map[string]string{}
		for i := range plan.Tables {
			a := &adoption{runner: r, plan: plan, table: &plan.Tables[i], conflict: conflict, renamed: renamed}
			a.counts = AdoptCounts{Subject: a.subject().Order.Subject, Table: a.subject().Table, Conflicts: map[string]int64{}}
			err := a.run(ctx)
			list = append(list, a.counts)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// name is a record by the columns of one set.
type name [16]byte

// theirs is one record as their table has it, by its newest row.
type theirs struct {
	guid    [16]byte // of a table without row_guid: its first name
	spelled string
	id      int64
	caseNo  string
	names   []name
	deleted bool
	taken   bool // a record of ours is it
}

// ours is one record as it would go there.
type ours struct {
	ledger.Projected
	caseNo string
	names  []name
	match  *theirs
}

// adoption is one table's.
type adoption struct {
	runner   *Runner
	plan     *AdoptPlan
	table    *AdoptTable
	counts   AdoptCounts
	conflict func(AdoptConflict)
	renamed  map[string]string // case numbers and row_guids of parents, ours by theirs, as far as a dry run knows them

	theirs map[[16]byte]*theirs
	ours   []ours
}

func (a *adoption) subject() *SubjectPlan { return &a.plan.Subjects[a.table.Subject] }

func (a *adoption) run(ctx context.Context) error {
	if err := a.readTheirs(ctx); err != nil {
		return err
	}
	if err := a.readOurs(ctx); err != nil {
		return err
	}
	for set := range a.table.Sets {
		a.match(set)
	}
	if err := a.take(ctx); err != nil {
		return err
	}
	for i := range a.ours {
		if a.ours[i].match == nil {
			a.counts.New++
		}
	}
	for _, t := range a.theirs {
		if !t.taken {
			a.counts.Left++
		}
	}
	return nil
}

// readTheirs reads the table; of rows with one row_guid the newest counts, a D takes its
// record away.
func (a *adoption) readTheirs(ctx context.Context) error {
	a.theirs = map[[16]byte]*theirs{}
	for _, open := range a.table.Open {
		source, err := open(ctx)
		if err != nil {
			return err
		}
		err = a.readAll(ctx, source)
		source.Close()
		if err != nil {
			return err
		}
	}
	for guid, t := range a.theirs {
		if t.deleted {
			delete(a.theirs, guid)
		}
	}
	a.counts.Theirs = int64(len(a.theirs))
	return nil
}

func (a *adoption) readAll(ctx context.Context, source pipelines.Source) error {
	for {
		b, err := source.Read(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		cells := a.cells(b.Record)
		for row := range int(b.Record.NumRows()) {
			a.addTheirs(cells, row)
		}
		b.Record.Release()
	}
}

func (a *adoption) addTheirs(cells cellsOf, row int) {
	t := &theirs{names: a.names(cells, row, false), id: parseInt(cells.at("id", row)), deleted: cells.at("cd_operation", row) == "D"}
	if a.table.CaseNo {
		t.caseNo = cells.at("project_no", row)
	}
	if t.guid = t.names[0]; a.table.GUID {
		t.guid, t.spelled = pipelines.RowGUID(cells.at("row_guid", row))
	}
	if was := a.theirs[t.guid]; was == nil || was.id < t.id {
		a.theirs[t.guid] = t
	}
}

// readOurs maps every record as it would go to the table.
func (a *adoption) readOurs(ctx context.Context) error {
	sp := a.subject()
	stage := &ledger.DeliverStage{Order: sp.Order, Store: a.runner.Store, Mapping: sp.Stage, From: a.plan.From, Alloc: a.runner.Alloc}
	var cells cellsOf
	var of arrow.Record
	err := ledger.Project(ctx, stage, func(p *ledger.Projected, rec arrow.Record, row int) error {
		if of != rec {
			of, cells = rec, a.cells(rec)
		}
		a.ours = append(a.ours, ours{Projected: *p, names: a.names(cells, row, true), caseNo: cells.at("project_no", row)})
		return nil
	})
	a.counts.Ours = int64(len(a.ours))
	return err
}

// match finds records of ours among theirs by one set of columns.
func (a *adoption) match(set int) {
	byName := map[name][]*theirs{}
	for _, t := range a.theirs {
		if !t.taken && t.names[set] != (name{}) {
			byName[t.names[set]] = append(byName[t.names[set]], t)
		}
	}
	claims := map[name]int{}
	for i := range a.ours {
		if o := &a.ours[i]; o.match == nil && o.names[set] != (name{}) {
			claims[o.names[set]]++
		}
	}
	last := set == len(a.table.Sets)-1
	for i := range a.ours {
		o := &a.ours[i]
		found := byName[o.names[set]]
		switch {
		case o.match != nil || len(found) == 0 || o.names[set] == (name{}):
		case len(found) == 1 && claims[o.names[set]] == 1:
			o.match, found[0].taken = found[0], true
		case !last: // another set may tell them apart
		case len(found) > 1:
			a.clash(o, AdoptSameTheirs, found)
		default:
			a.clash(o, AdoptSameOurs, found)
		}
	}
}

func (a *adoption) clash(o *ours, reason string, found []*theirs) {
	a.counts.Conflicts[reason]++
	c := AdoptConflict{Subject: o.Stream.Subject, Source: o.Stream.Source, Key: ledger.DecodeKey(o.Key), Reason: reason}
	for _, t := range found {
		c.GUIDs = append(c.GUIDs, uuid.UUID(t.guid).String())
	}
	a.conflict(c)
}

// adoptTogether is how many records one transaction takes over.
const adoptTogether = 2000

// take stores what was matched.
func (a *adoption) take(ctx context.Context) error {
	var matched []*ours
	for i := range a.ours {
		if a.ours[i].match != nil {
			matched = append(matched, &a.ours[i])
		}
	}
	for part := range slices.Chunk(matched, adoptTogether) {
		list := make([]ledger.Adoption, len(part))
		for i, o := range part {
			list[i] = ledger.Adoption{Stream: o.Stream, Key: o.Key, Rec: o.Rec, GUID: o.match.guid, Spelled: o.match.spelled, CaseNo: o.match.caseNo, Table: a.subject().Table}
			if !a.table.GUID {
				list[i].GUID, list[i].Spelled = o.GUID, ""
			}
		}
		if err := a.runner.Store.Adopt(ctx, &ledger.Adopting{Receiver: a.plan.Receiver, Dry: a.plan.Dry, List: list}); err != nil {
			return err
		}
		for i := range list {
			a.tell(part[i], &list[i])
		}
	}
	return nil
}

func (a *adoption) tell(o *ours, done *ledger.Adoption) {
	switch {
	case done.Refused != "":
		a.clash(o, string(done.Refused), []*theirs{o.match})
		return
	case done.Known:
		a.counts.Known++
		return
	}
	a.counts.Adopted++
	a.renamed[uuid.UUID(o.GUID).String()] = ledger.AdoptedGUID{GUID: done.GUID, Spelled: done.Spelled}.Text()
	if a.table.CaseNo && o.match.caseNo != o.caseNo {
		a.counts.Numbers++
		a.renamed[o.caseNo] = o.match.caseNo
	}
}

// cellsOf is the columns of a record by name, as text.
type cellsOf map[string]func(row int) string

func (c cellsOf) at(column string, row int) string {
	if f := c[column]; f != nil {
		return f(row)
	}
	return ""
}

func (a *adoption) cells(rec arrow.Record) cellsOf {
	cells := cellsOf{}
	for i, f := range rec.Schema().Fields() {
		col := rec.Column(i)
		cells[f.Name] = func(row int) string {
			if col.IsNull(row) {
				return ""
			}
			if t, ok := col.(*array.Timestamp); ok {
				return time.Unix(int64(t.Value(row)), 0).In(a.plan.Zone).Format(time.DateTime)
			}
			said := strings.TrimSpace(col.ValueStr(row))
			if len(said) > len(time.DateTime) && said[4] == '-' && said[10] == ' ' { // a time with fractions
				said = said[:len(time.DateTime)]
			}
			return said
		}
	}
	return cells
}

// names is the row by every set of columns; zero where the first column of a set is empty.
func (a *adoption) names(cells cellsOf, row int, own bool) []name {
	names := make([]name, len(a.table.Sets))
	for i, set := range a.table.Sets {
		if cells.at(set[0], row) == "" {
			continue
		}
		h := sha256.New()
		for _, column := range set {
			value := cells.at(column, row)
			if now, ok := a.renamed[value]; ok && own && a.plan.Dry {
				value = now
			}
			h.Write(ledger.EncodeKey(strings.ToLower(value)))
		}
		names[i] = name(h.Sum(nil)[:16])
	}
	return names
}

func parseInt(s string) (n int64) {
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0
		}
		n = 10*n + int64(c-'0')
	}
	return n
}
