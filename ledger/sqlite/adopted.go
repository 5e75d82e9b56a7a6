package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"banjian/ledger"
)

// Adopt takes identities over, or judges what would become of them.
func (s *Store) Adopt(ctx context.Context, a *ledger.Adopting) error {
	return s.fault("adopt records", s.w.do(ctx, func(t *tx) error {
		receiver, err := t.receiverFor(a.Receiver)
		if err != nil {
			return err
		}
		pages := t.sentPages(receiver)
		for i := range a.List {
			if err := t.adopt(receiver, pages, &a.List[i], s.now().UnixMilli(), a.Dry); err != nil {
				return err
			}
		}
		if a.Dry {
			return nil
		}
		return pages.flush()
	}))
}

func (t *tx) adopt(receiver int64, pages *sentPages, a *ledger.Adoption, now int64, dry bool) error {
	stream, err := t.streamFor(a.Stream)
	if err != nil {
		return err
	}
	a.Refused, a.Known = "", false
	var guid []byte
	err = t.row("SELECT guid, coalesce(case_no,'') FROM records WHERE stream=? AND key=? AND rec=?", stream, a.Key, a.Rec).Scan(&guid, &a.WasCaseNo)
	if errors.Is(err, sql.ErrNoRows) {
		a.Refused = ledger.AdoptGone
		return nil
	}
	if err != nil {
		return err
	}
	copy(a.WasGUID[:], guid)
	slot, err := pages.slot(a.Rec)
	if err != nil {
		return err
	}
	if a.Refused, err = t.mayAdopt(a, slot); err != nil || a.Refused != "" || a.Known || dry {
		return err
	}
	if a.CaseNo == a.WasCaseNo {
		a.CaseNo = ""
	}
	if err := t.exec("UPDATE records SET guid=?, case_no=CASE WHEN ?<>'' THEN ? ELSE case_no END WHERE stream=? AND key=?", a.GUID[:], a.CaseNo, a.CaseNo, stream, a.Key); err != nil {
		return err
	}
	if err := t.exec("INSERT INTO adopted(rec, receiver, tablename, guid, spelled, was_guid, case_no, was_case_no, at) VALUES(?,?,?,?,?,?,?,?,?) ON CONFLICT(rec) DO NOTHING",
		a.Rec, receiver, a.Table, a.GUID[:], a.Spelled, a.WasGUID[:], a.CaseNo, a.WasCaseNo, now); err != nil {
		return err
	}
	a.At = moment(now)
	if a.Stream.Subject == ledger.SubjectAccept {
		if err := t.childrenAgain(receiver, a.Stream, []string{ledger.FirstOfKey(a.Key)}); err != nil {
			return err
		}
	}
	// It has some version of it, so the next that goes is U; that none of ours was frozen stays to be seen.
	binary.LittleEndian.PutUint32(slot[4:], max(1, binary.LittleEndian.Uint32(slot[4:])))
	return nil
}

// mayAdopt says why a record cannot take the identity over.
func (t *tx) mayAdopt(a *ledger.Adoption, slot []byte) (ledger.AdoptRefusal, error) {
	var rec int64
	var guid []byte
	err := t.each("SELECT rec, guid FROM adopted WHERE rec=? OR guid=?", []any{a.Rec, a.GUID[:]}, func(scan func(...any) error) error {
		return scan(&rec, &guid)
	})
	switch {
	case err != nil:
		return "", err
	case rec == a.Rec && bytes.Equal(guid, a.GUID[:]):
		a.Known = true
		return "", nil
	case rec == a.Rec:
		return ledger.AdoptOther, nil
	case rec != 0:
		return ledger.AdoptTaken, nil
	case binary.LittleEndian.Uint32(slot) > 0 && a.WasGUID != a.GUID:
		return ledger.AdoptSent, nil
	case a.CaseNo == "" || a.WasCaseNo == "" || a.CaseNo == a.WasCaseNo:
		return "", nil
	}
	seen, err := t.everFrozen(a.Rec)
	if err == nil && seen {
		return ledger.AdoptNumber, nil
	}
	return "", err
}

// AdoptedGUIDs looks at the range that the numbers of the records span, and asks for them one
// by one where they lie far apart and there are any.
func (s *Store) AdoptedGUIDs(ctx context.Context, recs []int64) (map[int64]ledger.AdoptedGUID, error) {
	first, last, dense := span(recs)
	if dense {
		all, err := s.someAdopted(ctx, "BETWEEN ? AND ?", first, last)
		if err != nil || all == nil {
			return nil, err
		}
		found := map[int64]ledger.AdoptedGUID{}
		for _, rec := range recs {
			if guid, ok := all[rec]; ok {
				found[rec] = guid
			}
		}
		return found, nil
	}
	if any, err := s.someAdopted(ctx, "BETWEEN ? AND ? LIMIT 1", first, last); err != nil || any == nil {
		return nil, err
	}
	found := map[int64]ledger.AdoptedGUID{}
	for part := range slices.Chunk(recs, rowsAtOnce) {
		these, args := oneOf(part)
		some, err := s.someAdopted(ctx, "IN "+these, args...)
		if err != nil {
			return nil, err
		}
		maps.Copy(found, some)
	}
	return found, nil
}

// someAdopted is nil where there are none.
func (s *Store) someAdopted(ctx context.Context, which string, args ...any) (map[int64]ledger.AdoptedGUID, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT rec, guid, spelled FROM adopted WHERE rec "+which, args...)
	if err != nil {
		return nil, s.fault("read adopted records", err)
	}
	defer rows.Close()
	var all map[int64]ledger.AdoptedGUID
	for rows.Next() {
		var rec int64
		var guid []byte
		var one ledger.AdoptedGUID
		if err := rows.Scan(&rec, &guid, &one.Spelled); err != nil {
			return nil, s.fault("read adopted records", err)
		}
		if all == nil {
			all = map[int64]ledger.AdoptedGUID{}
		}
		copy(one.GUID[:], guid)
		all[rec] = one
	}
	return all, s.fault("read adopted records", rows.Err())
}

// Adoptions lists what was taken over from a receiver's tables.
func (s *Store) Adoptions(ctx context.Context, receiver string, recs []int64) ([]ledger.Adoption, error) {
	id, err := s.receiverID(ctx, receiver)
	if err != nil || id == 0 {
		return nil, s.fault("read adopted records", err)
	}
	var list []ledger.Adoption
	for part := range slices.Chunk(recs, rowsAtOnce) {
		these, args := oneOf(part, id)
		rows, err := s.read.QueryContext(ctx, "SELECT rec, tablename, guid, spelled, was_guid, case_no, was_case_no, at FROM adopted WHERE receiver=? AND rec IN "+these, args...)
		if err != nil {
			return nil, s.fault("read adopted records", err)
		}
		for rows.Next() {
			var a ledger.Adoption
			var guid, was []byte
			var at int64
			if err := rows.Scan(&a.Rec, &a.Table, &guid, &a.Spelled, &was, &a.CaseNo, &a.WasCaseNo, &at); err != nil {
				rows.Close()
				return nil, s.fault("read adopted records", err)
			}
			copy(a.GUID[:], guid)
			copy(a.WasGUID[:], was)
			a.At = moment(at)
			list = append(list, a)
		}
		if err := rows.Err(); err != nil {
			return nil, s.fault("read adopted records", err)
		}
	}
	return list, nil
}
