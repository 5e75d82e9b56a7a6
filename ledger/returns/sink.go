package returns

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/ledger"
	"banjian/pipelines"
)

// Store is what joining returned rows to records needs of a store.
type Store interface {
	Taken
	Records
	Sent
	Position(ctx context.Context, pipeline string) (pipelines.Position, error)
}

// Taken keeps returned rows; its methods are those of ledger.Returns.
type Taken interface {
	KnownReturns(ctx context.Context, receiver, from string, rows []string) (map[string]bool, error)
	TakeReturns(ctx context.Context, t *ledger.Take) (refused int64, err error)
	Returns(ctx context.Context, q ledger.ReturnQuery) ([]ledger.Return, error)
}

// Records finds records by what a receiver may call them.
type Records interface {
	Streams(ctx context.Context, subject string) ([]ledger.Stream, error)
	Lookup(ctx context.Context, s ledger.Stream, keys [][]byte) ([]ledger.Entry, error)
	FindGUIDs(ctx context.Context, s ledger.Stream, guids [][16]byte) ([]ledger.Entry, error)
}

// Sent reads what was sent, and under which identities.
type Sent interface {
	ledger.Batches
	ledger.LogAt
	AdoptedGUIDs(ctx context.Context, recs []int64) (map[int64]ledger.AdoptedGUID, error)
	Passages(ctx context.Context, receiver string, s ledger.Stream, recs []int64) ([]ledger.Passage, error)
}

// Sink joins rows that a receiver sent back to the records they are about and
// stores both with the position. It is a pipelines.Sink; of its Write only Input counts.
type Sink struct {
	Store    Store
	Receiver string
	Name     string // of the position
	Lease    ledger.Lease
	Read     func(rec arrow.Record, row int) ledger.Return // a row as it was read
	Subjects func(table string) []string                   // what goes to one of our tables
	Now      func() time.Time
	Alloc    memory.Allocator

	Refused int64 // records newly refused so far
}

// Load is where reading goes on.
func (s *Sink) Load(ctx context.Context) (pipelines.Position, error) {
	return s.Store.Position(ctx, s.Name)
}

// Close has nothing to wait for.
func (s *Sink) Close(context.Context) error { return nil }

// Write stores rows that are new; those known are counted as unchanged.
func (s *Sink) Write(ctx context.Context, w *pipelines.Write) (pipelines.Counts, error) {
	rows, err := s.fresh(ctx, w.Input)
	if err != nil {
		return pipelines.Counts{}, err
	}
	if err := s.join(ctx, rows); err != nil {
		return pipelines.Counts{}, err
	}
	take := &ledger.Take{Lease: s.Lease, Name: s.Name, Position: w.Position, Receiver: s.Receiver, Rows: make([]ledger.Return, len(rows))}
	for i := range rows {
		take.Rows[i] = rows[i].Return
	}
	refused, err := s.Store.TakeReturns(ctx, take)
	if err != nil {
		return pipelines.Counts{}, err
	}
	s.Refused += refused
	n := w.Input.NumRows()
	return pipelines.Counts{Read: n, Collected: int64(len(rows)), Unchanged: n - int64(len(rows)), NewRejects: refused}, nil
}

// named is a row and what its record may be found by.
type named struct {
	ledger.Return
	guid [16]byte
	key  []byte // the record's, where Return.Named is one
}

// fresh is the rows of a batch that were not read before, each once.
func (s *Sink) fresh(ctx context.Context, in arrow.Record) ([]named, error) {
	rows := make([]named, 0, in.NumRows())
	names := map[string]map[string]bool{}
	for i := range int(in.NumRows()) {
		r := named{Return: s.Read(in, i)}
		r.Receiver, r.Seen, r.Batch = s.Receiver, s.Now(), batchNumber(r.Batch)
		r.guid, _ = pipelines.RowGUID(r.Named)
		r.key = ledger.EncodeKey(r.Named)
		if names[r.From] == nil {
			names[r.From] = map[string]bool{}
		}
		if !names[r.From][r.Row] {
			names[r.From][r.Row] = true
			rows = append(rows, r)
		}
	}
	for from, list := range names {
		asked := make([]string, 0, len(list))
		for name := range list {
			asked = append(asked, name)
		}
		known, err := s.Store.KnownReturns(ctx, s.Receiver, from, asked)
		if err != nil {
			return nil, err
		}
		rows = slices.DeleteFunc(rows, func(r named) bool { return r.From == from && known[r.Row] })
	}
	return rows, nil
}

// batchNumber is a cd_batch as we write it, whatever case and dashes a receiver's program
// gave it.
func batchNumber(s string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), "-", ""))
}

// join finds the record of every row: in the batch it was sent in, else by its name.
func (s *Sink) join(ctx context.Context, rows []named) error {
	byBatch := map[string][]*named{}
	for i := range rows {
		rows[i].State = ledger.ReturnedWild
		byBatch[rows[i].Batch] = append(byBatch[rows[i].Batch], &rows[i])
	}
	for id, list := range byBatch {
		b, err := s.Store.Batch(ctx, s.Receiver, id)
		if err != nil {
			return err
		}
		if b != nil {
			if err := s.inBatch(ctx, b, list); err != nil {
				return err
			}
			list = slices.DeleteFunc(list, func(r *named) bool { return r.Rec != 0 })
		}
		if err := s.byName(ctx, b, list); err != nil {
			return err
		}
	}
	return s.before(ctx, rows)
}

// inBatch reads the members of a batch in the log and takes those that rows name.
func (s *Sink) inBatch(ctx context.Context, b *ledger.Frozen, rows []*named) error {
	recs := make([]int64, len(b.Members))
	at := map[int64][]*ledger.Member{}
	for i := range b.Members {
		m := &b.Members[i]
		recs[i] = m.Rec
		at[m.At.Seq] = append(at[m.At.Seq], m)
	}
	adopted, err := s.Store.AdoptedGUIDs(ctx, recs)
	if err != nil {
		return err
	}
	for seq, members := range at {
		entry, err := s.Store.At(ctx, seq)
		if err != nil {
			return err
		}
		if entry == nil || entry.Payload == nil {
			continue // pruned: newer versions took the place of all its rows
		}
		if err := s.inLog(entry, members, adopted, rows); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sink) inLog(entry *ledger.LogEntry, members []*ledger.Member, adopted map[int64]ledger.AdoptedGUID, rows []*named) error {
	rec, err := ledger.Decode(entry.Payload, s.Alloc)
	if err != nil {
		return err
	}
	defer rec.Release()
	versions := ledger.VersionsOf(rec)
	byGUID, byKey := make(map[[16]byte]*ledger.Member, len(members)), make(map[string]*ledger.Member, len(members))
	for _, m := range members {
		guid := [16]byte(versions.GUID.Value(int(m.At.Row)))
		if own, ok := adopted[m.Rec]; ok {
			guid = own.GUID
		}
		byGUID[guid], byKey[string(versions.Key.Value(int(m.At.Row)))] = m, m
	}
	for _, r := range rows {
		m := byGUID[r.guid]
		if m == nil {
			m = byKey[string(r.key)]
		}
		if m == nil {
			m = cutShort(r.Named, byKey)
		}
		if m == nil || r.Rec != 0 {
			continue
		}
		r.Rec, r.Version, r.Place = m.Rec, m.Version, m.At
		r.Key = bytes.Clone(versions.Key.Value(int(m.At.Row)))
		r.Stream, r.Run, r.Source, r.State = entry.Stream, entry.Run, entry.Pipeline, ledger.Returned
	}
	return nil
}

// keyKept is the least of a key that tells it: the receiver's column for it may be narrower
// than the key, a hash of 64 characters.
const keyKept = 40

// cutShort is the only member whose key begins with what the receiver kept of it.
func cutShort(said string, byKey map[string]*ledger.Member) (found *ledger.Member) {
	if len(said) < keyKept {
		return nil
	}
	for key, m := range byKey {
		if parts := ledger.DecodeKey([]byte(key)); len(parts) == 1 && strings.HasPrefix(parts[0], said) {
			if found != nil {
				return nil
			}
			found = m
		}
	}
	return found
}

// byName finds records in the index. b is the batch the rows were sent in, nil if it is
// none of ours; then it is not known which version they are about.
func (s *Sink) byName(ctx context.Context, b *ledger.Frozen, rows []*named) error {
	streams := map[ledger.Stream][]*named{}
	for _, r := range rows {
		if b != nil {
			streams[b.Stream] = append(streams[b.Stream], r)
			continue
		}
		for _, subject := range s.Subjects(r.Table) {
			list, err := s.Store.Streams(ctx, subject)
			if err != nil {
				return err
			}
			for _, st := range list {
				streams[st] = append(streams[st], r)
			}
		}
	}
	for st, list := range streams {
		if err := s.inStream(ctx, st, b, list); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sink) inStream(ctx context.Context, st ledger.Stream, b *ledger.Frozen, rows []*named) error {
	guids := make([][16]byte, len(rows))
	keys := make([][]byte, len(rows))
	for i, r := range rows {
		guids[i], keys[i] = r.guid, r.key
	}
	entries, err := s.Store.Lookup(ctx, st, keys)
	if err != nil {
		return err
	}
	found, err := s.Store.FindGUIDs(ctx, st, guids)
	if err != nil {
		return err
	}
	byGUID := make(map[[16]byte]*ledger.Entry, len(found))
	for i := range found {
		byGUID[found[i].GUID] = &found[i]
	}
	for i, r := range rows {
		e := byGUID[r.guid]
		if e == nil {
			e = &entries[i]
		}
		if e.Rec == 0 || r.Rec != 0 {
			continue
		}
		r.Rec, r.Key, r.Stream, r.State = e.Rec, bytes.Clone(e.Key), st, ledger.ReturnedElse
		if b == nil {
			continue
		}
		if at := slices.IndexFunc(b.Members, func(m ledger.Member) bool { return m.Rec == e.Rec }); at >= 0 {
			r.Version, r.State = b.Members[at].Version, ledger.ReturnedLate
		}
	}
	return nil
}

// before finds what the receiver has of records whose later versions it sent back.
func (s *Sink) before(ctx context.Context, rows []named) error {
	recs := map[ledger.Stream][]int64{}
	for i := range rows {
		if r := &rows[i]; r.State == ledger.Returned && r.Version > 1 {
			recs[r.Stream] = append(recs[r.Stream], r.Rec)
		}
	}
	for st, list := range recs {
		passages, err := s.Store.Passages(ctx, s.Receiver, st, list)
		if err != nil {
			return err
		}
		for i := range rows {
			if r := &rows[i]; r.Stream == st && r.State == ledger.Returned && r.Version > 1 {
				if err := s.lastGood(ctx, r, passages); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// lastGood is the highest older version with a receipt that did not come back.
func (s *Sink) lastGood(ctx context.Context, r *named, passages []ledger.Passage) error {
	back, err := s.Store.Returns(ctx, ledger.ReturnQuery{Receiver: s.Receiver, Rec: r.Rec})
	if err != nil {
		return err
	}
	for i := range passages {
		p := &passages[i]
		if p.Rec != r.Rec || p.Open || p.Version >= r.Version || p.Version <= r.Before ||
			slices.ContainsFunc(back, func(b ledger.Return) bool { return b.Version == p.Version && b.Batch == p.Batch }) {
			continue
		}
		r.Before = p.Version
	}
	return nil
}
