package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"

	"banjian/ledger"
)

// A page of the sent table holds, for 512 consecutive record numbers, the highest
// frozen and the highest delivered version, four bytes little-endian each.
const (
	pageRecords = 512
	slotBytes   = 8
)

func pageOf(rec int64) (page int64, slot int) {
	return rec / pageRecords, int(rec%pageRecords) * slotBytes
}

func slotAt(page []byte, slot int) ledger.Sent {
	if len(page) == 0 {
		return ledger.Sent{}
	}
	s := ledger.Sent{Frozen: binary.LittleEndian.Uint32(page[slot:]), Delivered: binary.LittleEndian.Uint32(page[slot+4:])}
	if s.Frozen == 0 && s.Delivered > 0 { // see adopt
		s.Frozen, s.Taken = s.Delivered, true
	}
	return s
}

// Sent tells what the receiver has of each record.
func (s *Store) Sent(ctx context.Context, receiver string, recs []int64) ([]ledger.Sent, error) {
	id, err := s.receiverID(ctx, receiver)
	if err != nil {
		return nil, s.fault("read receiver", err)
	}
	sent := make([]ledger.Sent, len(recs))
	pages := map[int64][]byte{}
	for i, rec := range recs {
		page, slot := pageOf(rec)
		versions, known := pages[page]
		if !known {
			err := s.read.QueryRowContext(ctx, "SELECT versions FROM sent WHERE receiver=? AND page=?", id, page).Scan(&versions)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return nil, s.fault("read receiver", err)
			}
			pages[page] = versions
		}
		sent[i] = slotAt(versions, slot)
	}
	return sent, nil
}

// sentPages changes pages inside a transaction; flush writes them back.
type sentPages struct {
	t        *tx
	receiver int64
	pages    map[int64][]byte
}

func (t *tx) sentPages(receiver int64) *sentPages {
	return &sentPages{t: t, receiver: receiver, pages: map[int64][]byte{}}
}

func (p *sentPages) slot(rec int64) ([]byte, error) {
	page, slot := pageOf(rec)
	versions := p.pages[page]
	if versions == nil {
		err := p.t.row("SELECT versions FROM sent WHERE receiver=? AND page=?", p.receiver, page).Scan(&versions)
		if errors.Is(err, sql.ErrNoRows) {
			versions = make([]byte, pageRecords*slotBytes)
		} else if err != nil {
			return nil, err
		}
		p.pages[page] = versions
	}
	return versions[slot : slot+slotBytes], nil
}

func (p *sentPages) flush() error {
	for page, versions := range p.pages {
		if err := p.t.exec("INSERT INTO sent(receiver, page, versions) VALUES(?,?,?) ON CONFLICT(receiver, page) DO UPDATE SET versions=excluded.versions",
			p.receiver, page, versions); err != nil {
			return err
		}
	}
	return nil
}

// everFrozen says whether the record went to any receiver.
func (t *tx) everFrozen(rec int64) (bool, error) {
	page, slot := pageOf(rec)
	frozen := false
	err := t.each("SELECT s.versions FROM receivers r CROSS JOIN sent s ON s.receiver=r.id AND s.page=?", []any{page}, func(scan func(...any) error) error {
		var versions []byte
		if err := scan(&versions); err != nil {
			return err
		}
		frozen = frozen || slotAt(versions, slot).Frozen > 0
		return nil
	})
	return frozen, err
}

// receiverID finds the receiver's number; 0 when nothing was ever stored for it.
func (s *Store) receiverID(ctx context.Context, name string) (int64, error) {
	s.mu.Lock()
	id := s.receivers[name]
	s.mu.Unlock()
	if id != 0 {
		return id, nil
	}
	err := s.read.QueryRowContext(ctx, "SELECT id FROM receivers WHERE name=?", name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err == nil {
		s.mu.Lock()
		s.receivers[name] = id
		s.mu.Unlock()
	}
	return id, err
}

func (t *tx) receiverFor(name string) (int64, error) {
	if err := t.exec("INSERT INTO receivers(name) VALUES(?) ON CONFLICT DO NOTHING", name); err != nil {
		return 0, err
	}
	var id int64
	err := t.row("SELECT id FROM receivers WHERE name=?", name).Scan(&id)
	return id, err
}
