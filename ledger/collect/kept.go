package collect

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// KeptConfig is one pipeline's kept rows.
type KeptConfig struct {
	Pipeline string
	Stream   ledger.Stream // of the primary subject
	Key      []string
	KeyOf    func(arrow.Record) (arrow.Record, error)
	Refused  bool           // only rows behind open rejects
	Rule     string         // of those, only this rule's; empty = any
	Chosen   map[int64]bool // of those, only the rejects of these numbers; nil = any
	Alloc    memory.Allocator
}

// KeptSource reads the source rows that the ledger's records and open rejects were made
// of, so that a mended mapping can be applied without asking the department again. Rows
// that a newer version replaced are left out; the pipeline's position does not move. Rows
// that the mapping filtered out are not among them.
type KeptSource struct {
	KeptConfig
	store    KeptStore
	after    int64
	upTo     int64
	position pipelines.Position
	refused  map[string]map[pipelines.Hash]string // rules of open rejects by key
	unkeyed  [][]byte                             // of the rejects whose rows were read, RowKeys
	twins    [][]byte                             // keys of the rows among them whose key another row has
	omitted  map[string]bool                      // keys of rejects that were not asked for
}

// NewKeptSource reads what is kept now, not what comes later.
func NewKeptSource(ctx context.Context, store KeptStore, cfg KeptConfig) (*KeptSource, error) {
	s := &KeptSource{KeptConfig: cfg, store: store, refused: map[string]map[pipelines.Hash]string{}, omitted: map[string]bool{}}
	newest, err := store.NewestKept(ctx, cfg.Pipeline)
	if err != nil {
		return nil, err
	}
	if newest == nil {
		return nil, fault.New(fault.Gone, "read kept rows", cfg.Pipeline, text.T("没有保留的来源数据", "no source rows are kept"),
			text.T("用 run --mode full 重新读取部门视图", "read the department's view again with run --mode full"))
	}
	s.upTo = newest.ID
	if s.position, err = store.Position(ctx, cfg.Pipeline); err != nil {
		return nil, err
	}
	rejects, err := store.OpenRejects(ctx, cfg.Pipeline)
	for i := range rejects {
		key := string(rejects[i].Key)
		if cfg.Rule != "" && rejects[i].Rule != cfg.Rule || cfg.Chosen != nil && !cfg.Chosen[rejects[i].ID] {
			s.omitted[key] = true
			continue
		}
		if s.refused[key] == nil {
			s.refused[key] = map[pipelines.Hash]string{}
		}
		s.refused[key][rejects[i].Source] = rejects[i].Rule
	}
	return s, err
}

// Read returns the current rows of the next kept batch that has any, then io.EOF.
func (s *KeptSource) Read(ctx context.Context) (pipelines.Batch, error) {
	for {
		b, err := s.store.NextKept(ctx, s.Pipeline, s.after)
		if err != nil {
			return pipelines.Batch{}, err
		}
		if b == nil || b.ID > s.upTo {
			return pipelines.Batch{}, io.EOF
		}
		s.after = b.ID
		rec, err := ledger.Decode(b.Payload, s.Alloc)
		if err != nil {
			return pipelines.Batch{}, err
		}
		current, err := s.current(ctx, rec, b.Mapping)
		if err != nil || current == nil {
			rec.Release()
			if err != nil {
				return pipelines.Batch{}, err
			}
			continue
		}
		if len(current) < int(rec.NumRows()) {
			whole := rec
			rec, err = pipelines.Take(whole, current, s.Alloc)
			whole.Release()
			if err != nil {
				return pipelines.Batch{}, err
			}
		}
		return pipelines.Batch{Record: rec, Position: s.position, Bytes: pipelines.SizeOf(rec)}, nil
	}
}

// current is the rows from which the newest version of a record, or an open reject, was
// made.
func (s *KeptSource) current(ctx context.Context, rec arrow.Record, mapping string) ([]int32, error) {
	hashes := pipelines.HashRows(rec, mapping)
	keyRec, err := s.KeyOf(rec)
	if err != nil {
		return nil, err
	}
	defer keyRec.Release()
	keys, err := ledger.Keys(keyRec, s.Key)
	if err != nil {
		return nil, err
	}
	entries, err := s.store.Lookup(ctx, s.Stream, keys)
	if err != nil {
		return nil, err
	}
	var rows []int32
	for i := range keys {
		key, unkeyed := keys[i], ledger.RowKey(hashes[i])
		if s.refused[string(unkeyed)][hashes[i]] != "" { // whether or not its key comes out now
			key = unkeyed
			s.unkeyed = append(s.unkeyed, key)
		}
		rule := s.refused[string(key)][hashes[i]]
		if rule == ruleDuplicateKey {
			s.twins = append(s.twins, key)
		}
		if rule != "" || !s.Refused && entries[i].Known() && entries[i].Source == hashes[i] {
			rows = append(rows, int32(i))
			delete(s.refused[string(key)], hashes[i]) // every run keeps a refused row anew
		}
	}
	return rows, nil
}

// Anew is the keys all of whose refused rows were read: what rows without a natural key were
// refused under, which changes with the mapping, and those that several rows have. See
// Collector.Superseded.
func (s *KeptSource) Anew() [][]byte {
	keys := s.unkeyed
	for _, key := range s.twins {
		if len(s.refused[string(key)]) == 0 && !s.omitted[string(key)] {
			keys = append(keys, key)
		}
	}
	return keys
}

// Commit needs no hint.
func (s *KeptSource) Commit(context.Context, pipelines.Position) error { return nil }

// Close has nothing open.
func (s *KeptSource) Close() error { return nil }
