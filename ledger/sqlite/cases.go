package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"

	"banjian/ledger"
)

// The row of an accept record holds, besides what every record has, what the other
// records of its case need to know; the row of the highest round speaks for the case.

// accept is an accept record that changed and what it says of its case.
type accept struct {
	entry *ledger.Entry
	kase  *ledger.Case
}

// accepts pairs entries with their cases, which are in the same order, and sorts them by
// key. Entries without one are returned apart.
func accepts(b *ledger.LogBatch) (list []accept, others []ledger.Entry, err error) {
	if len(b.Cases) == 0 {
		return nil, b.Entries, nil
	}
	list = make([]accept, 0, len(b.Cases))
	for i := range b.Entries {
		e := &b.Entries[i]
		if at := len(list); at < len(b.Cases) && b.Cases[at].Rec == e.Rec {
			list = append(list, accept{e, &b.Cases[at]})
		} else {
			others = append(others, *e)
		}
	}
	if len(list) < len(b.Cases) {
		return nil, nil, errors.New("a case without its accept record")
	}
	slices.SortFunc(list, func(a, b accept) int { return bytes.Compare(a.entry.Key, b.entry.Key) })
	return list, others, nil
}

const (
	putAccept = "INSERT INTO records(stream, seq, key, rec, version, rhash, shash, guid, row, run, deleted, leaf, round, case_no, flow_no, item_code, accepted_at) VALUES "
	asAccept  = ", round=excluded.round, case_no=excluded.case_no, flow_no=coalesce(excluded.flow_no, records.flow_no)," +
		" item_code=excluded.item_code, accepted_at=excluded.accepted_at"
	sameNumber = " AND (records.case_no IS NULL OR records.case_no IS excluded.case_no)"
)

// putAccepts writes accept records. A flow number once known stays, and so does the
// number of a case that any receiver has seen. That a record brings another number than
// its row has is rare, so it is found out by the writing: such rows are left over.
func (t *tx) putAccepts(stream int64, list []accept, seq int64) error {
	if err := t.laterRounds(stream, list); err != nil {
		return err
	}
	n, err := t.upsertAccepts(stream, list, seq, onKnown+asAccept+ifNext+sameNumber)
	if err != nil || n == int64(len(list)) {
		return err
	}
	left := int64(len(list)) - n
	other, err := t.otherNumbers(stream, list)
	if err != nil {
		return err
	}
	if int64(len(other)) != left {
		return ledger.ErrConflict
	}
	if n, err = t.upsertAccepts(stream, other, seq, onKnown+asAccept+ifNext); err == nil && n != left {
		return ledger.ErrConflict
	}
	return err
}

func (t *tx) upsertAccepts(stream int64, list []accept, seq int64, tail string) (int64, error) {
	return t.many(putAccept, []any{stream, seq}, 15, tail, len(list), func(i int, a []driver.NamedValue) {
		fillEntry(a, list[i].entry)
		c := list[i].kase
		a[10].Value, a[11].Value, a[12].Value, a[13].Value, a[14].Value = c.Round, orNull(c.CaseNo), orNull(c.FlowNo), orNull(c.ItemCode), c.AcceptedAt
	})
}

// laterRounds gives new rounds of known cases the number that a receiver has seen.
func (t *tx) laterRounds(stream int64, list []accept) error {
	for i := range list {
		c := list[i].kase
		if list[i].entry.Version > 1 || !c.Again {
			continue
		}
		var was ledger.Case
		err := t.eachRound(stream, c.LocalNo, func(r *ledger.Case) { was = later(was, r) })
		if err == nil && was.CaseNo != "" && was.CaseNo != c.CaseNo {
			list[i].kase, err = t.keepSeen(stream, c, was.CaseNo)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// otherNumbers is the accept records whose row is at the version they were computed
// from and has another case number; if a receiver has seen it they get it back.
func (t *tx) otherNumbers(stream int64, list []accept) ([]accept, error) {
	var other []accept
	for _, a := range list {
		var number string
		found := false
		err := t.each("SELECT coalesce(case_no,'') FROM records WHERE stream=? AND key=? AND rec=? AND version=?",
			[]any{stream, a.entry.Key, a.entry.Rec, int64(a.entry.Version) - 1}, func(scan func(...any) error) error {
				found = true
				return scan(&number)
			})
		if err != nil {
			return nil, err
		}
		if !found || number == a.kase.CaseNo {
			continue
		}
		if a.kase, err = t.keepSeen(stream, a.kase, number); err != nil {
			return nil, err
		}
		other = append(other, a)
	}
	return other, nil
}

// keepSeen is the case with its number put back if an accept record of it, of whichever
// round, was ever part of a frozen batch.
func (t *tx) keepSeen(stream int64, c *ledger.Case, number string) (*ledger.Case, error) {
	var recs []int64
	if err := t.eachRound(stream, c.LocalNo, func(r *ledger.Case) { recs = append(recs, r.Rec) }); err != nil {
		return nil, err
	}
	for _, rec := range recs {
		seen, err := t.everFrozen(rec)
		if err != nil {
			return nil, err
		}
		if seen {
			kept := *c
			kept.CaseNo = number
			return &kept, nil
		}
	}
	return c, nil
}

// later is the case of two rounds: the higher one's, unless that one alone was deleted, with
// the flow number of the other where it has none.
func later(was ledger.Case, r *ledger.Case) ledger.Case {
	high, low := *r, was
	if was.Rec != 0 && (was.Deleted == r.Deleted && was.Round > r.Round || !was.Deleted && r.Deleted) {
		high, low = was, *r
	}
	if high.FlowNo == "" {
		high.FlowNo = low.FlowNo
	}
	return high
}

const caseColumns = "key, rec, coalesce(case_no,''), coalesce(flow_no,''), coalesce(item_code,''), coalesce(round,0), coalesce(accepted_at,0), deleted"

func scanCase(scan func(...any) error, c *ledger.Case) error {
	var key []byte
	err := scan(&key, &c.Rec, &c.CaseNo, &c.FlowNo, &c.ItemCode, &c.Round, &c.AcceptedAt, &c.Deleted)
	if parts := ledger.DecodeKey(key); len(parts) > 0 {
		c.LocalNo = parts[0]
	}
	return err
}

// eachRound calls take for every accept record of a case.
func (t *tx) eachRound(stream int64, localNo string, take func(*ledger.Case)) error {
	from := ledger.EncodeKey(localNo)
	return t.each("SELECT "+caseColumns+" FROM records WHERE stream=? AND key>=? AND key<?", []any{stream, from, behind(from)}, func(scan func(...any) error) error {
		var c ledger.Case
		err := scanCase(scan, &c)
		take(&c)
		return err
	})
}

// Cases finds the cases of a source by local number.
func (s *Store) Cases(ctx context.Context, source string, localNos []string) ([]ledger.Case, error) {
	found := make(map[string]ledger.Case, len(localNos))
	id, err := s.streamID(ctx, ledger.Stream{Source: source, Subject: ledger.SubjectAccept})
	if err != nil {
		return nil, s.fault("find cases", err)
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(localNos)))
	for start := 0; id != 0 && start < len(sorted); start += rowsAtOnce {
		if err := s.someCases(ctx, id, source, sorted[start:min(start+rowsAtOnce, len(sorted))], found); err != nil {
			return nil, s.fault("find cases", err)
		}
	}
	cases := make([]ledger.Case, len(localNos))
	for i, n := range localNos {
		cases[i] = found[n]
	}
	return cases, nil
}

// someCases reads the rounds of each case: their keys begin with its local number.
func (s *Store) someCases(ctx context.Context, stream int64, source string, localNos []string, found map[string]ledger.Case) error {
	query, args := underPrefix(localNos, caseColumns)
	return s.eachCase(ctx, source, query+" AND round IS NOT NULL", append(args, stream), func(c *ledger.Case) { found[c.LocalNo] = later(found[c.LocalNo], c) })
}

// LaterRounds asks for the whole range of keys that the numbers span, unless too much lies
// there.
func (s *Store) LaterRounds(ctx context.Context, source string, localNos []string) ([]string, error) {
	id, err := s.streamID(ctx, ledger.Stream{Source: source, Subject: ledger.SubjectAccept})
	if err != nil || id == 0 || len(localNos) == 0 {
		return nil, s.fault("find cases", err)
	}
	low, high := ledger.EncodeKey(localNos[0]), ledger.EncodeKey(localNos[0])
	for _, no := range localNos[1:] {
		if key := ledger.EncodeKey(no); bytes.Compare(key, low) < 0 {
			low = key
		} else if bytes.Compare(key, high) > 0 {
			high = key
		}
	}
	most := 4*len(localNos) + 64
	rows, err := s.read.QueryContext(ctx, "SELECT key FROM records INDEXED BY records_rounds WHERE stream=? AND round<>1 AND key>=? AND key<? LIMIT ?", id, low, behind(high), most)
	if err != nil {
		return nil, s.fault("find cases", err)
	}
	defer rows.Close()
	found, n := map[string]bool{}, 0
	for ; rows.Next(); n++ {
		var key sql.RawBytes
		if err := rows.Scan(&key); err != nil {
			return nil, s.fault("find cases", err)
		}
		found[ledger.FirstOfKey(key)] = true
	}
	if err := rows.Err(); err != nil || n == most {
		return localNos, s.fault("find cases", err)
	}
	return slices.DeleteFunc(slices.Clone(localNos), func(no string) bool { return !found[no] }), nil
}

// eachCase calls take for every row of a query, whose columns are caseColumns.
func (s *Store) eachCase(ctx context.Context, source, query string, args []any, take func(*ledger.Case)) error {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		c := ledger.Case{Source: source}
		if err := scanCase(rows.Scan, &c); err != nil {
			return err
		}
		take(&c)
	}
	return rows.Err()
}

// FindCases finds cases by local number, or by the flow number or case number of any of
// their rounds.
func (s *Store) FindCases(ctx context.Context, number string) ([]ledger.Case, error) {
	return s.casesBy(ctx, number, s.locals)
}

// CasesOfFlow finds cases by the flow number they have.
func (s *Store) CasesOfFlow(ctx context.Context, flowNo string) ([]ledger.Case, error) {
	list, err := s.casesBy(ctx, flowNo, s.localsOfFlow)
	return slices.DeleteFunc(list, func(c ledger.Case) bool { return c.FlowNo != flowNo }), err
}

// ResultsOfFlow goes from the number to the streams: there are few records of one number.
func (s *Store) ResultsOfFlow(ctx context.Context, flowNo string) ([]ledger.Entry, error) {
	if flowNo == "" {
		return nil, nil
	}
	list, err := s.entries(ctx, nil, "SELECT r.key, r.rec, r.version, r.rhash, r.shash, r.guid, r.seq, r.row, r.run, r.deleted, r.leaf FROM records r CROSS JOIN streams st ON st.id=r.stream WHERE r.flow_no=? AND st.subject=? AND r.deleted=0",
		flowNo, ledger.SubjectResult)
	return list, s.fault("find results", err)
}

// IndexFlows makes the index that CasesOfFlow and ResultsOfFlow go by.
func (s *Store) IndexFlows(ctx context.Context) error {
	return s.fault("index flow numbers", s.w.do(ctx, func(t *tx) error {
		return t.exec("CREATE INDEX IF NOT EXISTS records_flow ON records (flow_no) WHERE flow_no IS NOT NULL")
	}))
}

func (s *Store) casesBy(ctx context.Context, number string, localsOf func(context.Context, ledger.Stream, string) ([]string, error)) ([]ledger.Case, error) {
	streams, err := s.Streams(ctx, ledger.SubjectAccept)
	if err != nil {
		return nil, err
	}
	var list []ledger.Case
	for _, st := range streams {
		locals, err := localsOf(ctx, st, number)
		if err != nil {
			return nil, s.fault("find cases", err)
		}
		cases, err := s.Cases(ctx, st.Source, locals)
		if err != nil {
			return nil, err
		}
		list = append(list, slices.DeleteFunc(cases, func(c ledger.Case) bool { return c.Rec == 0 })...)
	}
	slices.SortFunc(list, func(a, b ledger.Case) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.LocalNo, b.LocalNo))
	})
	return list, nil
}

// locals is the local numbers that a number may stand for: itself, and those of the
// cases that have it. It reads the whole stream.
func (s *Store) locals(ctx context.Context, stream ledger.Stream, number string) ([]string, error) {
	list, err := s.localsWhere(ctx, stream, "stream=?1 AND (case_no=?2 OR flow_no=?2)", number)
	if err != nil || number == "" {
		return nil, err
	}
	list = append(list, number)
	slices.Sort(list)
	return slices.Compact(list), nil
}

func (s *Store) localsOfFlow(ctx context.Context, stream ledger.Stream, flowNo string) ([]string, error) {
	return s.localsWhere(ctx, stream, "+stream=?1 AND flow_no=?2", flowNo)
}

// localsWhere is the local numbers of accept records with a number, each once.
func (s *Store) localsWhere(ctx context.Context, stream ledger.Stream, where, number string) ([]string, error) {
	id, err := s.streamID(ctx, stream)
	if err != nil || number == "" {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, "SELECT key FROM records WHERE "+where, id, number)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var key []byte
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		list = append(list, ledger.FirstOfKey(key))
	}
	slices.Sort(list)
	return slices.Compact(list), rows.Err()
}
