package sqlite

import (
	"context"
	"slices"

	"banjian/ledger"
)

// AliasSuspects groups the acceptances of each source by flow number and item; the keys of
// a case's rounds lie together, so the first and the last one tell whether there are two.
func (s *Store) AliasSuspects(ctx context.Context) ([]ledger.AliasSuspect, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT st.id, st.source, r.flow_no, r.item_code, min(r.key), max(r.key) FROM streams st CROSS JOIN records r ON r.stream=st.id
	  WHERE st.subject=? AND r.flow_no IS NOT NULL AND r.item_code IS NOT NULL AND NOT r.deleted
	  GROUP BY st.id, r.flow_no, r.item_code HAVING count(*)>1 ORDER BY st.id, r.flow_no, r.item_code`, ledger.SubjectAccept)
	if err != nil {
		return nil, s.fault("find alias conflicts", err)
	}
	defer rows.Close()
	var list []ledger.AliasSuspect
	var streams []int64
	for rows.Next() {
		var one ledger.AliasSuspect
		var stream int64
		var first, last []byte
		if err := rows.Scan(&stream, &one.Source, &one.FlowNo, &one.ItemCode, &first, &last); err != nil {
			return nil, s.fault("find alias conflicts", err)
		}
		if ledger.FirstOfKey(first) != ledger.FirstOfKey(last) {
			list, streams = append(list, one), append(streams, stream)
		}
	}
	if err := rows.Err(); err != nil || len(list) == 0 {
		return nil, s.fault("find alias conflicts", err)
	}
	return list, s.fault("find alias conflicts", s.suspects(ctx, list, streams))
}

// suspects fills in the entries, in one more pass over the acceptances.
func (s *Store) suspects(ctx context.Context, list []ledger.AliasSuspect, streams []int64) error {
	type group struct {
		stream     int64
		flow, item string
	}
	at := make(map[group]int, len(list))
	for i := range list {
		at[group{streams[i], list[i].FlowNo, list[i].ItemCode}] = i
	}
	rows, err := s.read.QueryContext(ctx, `SELECT r.stream, r.flow_no, r.item_code, r.key, r.rec, r.version, r.seq, r.row FROM streams st CROSS JOIN records r ON r.stream=st.id
	  WHERE st.subject=? AND r.flow_no IS NOT NULL AND r.item_code IS NOT NULL AND NOT r.deleted`, ledger.SubjectAccept)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var g group
		var e ledger.Entry
		if err := rows.Scan(&g.stream, &g.flow, &g.item, &e.Key, &e.Rec, &e.Version, &e.At.Seq, &e.At.Row); err != nil {
			return err
		}
		if i, is := at[g]; is {
			list[i].Entries = append(list[i].Entries, e)
		}
	}
	return rows.Err()
}

// FlowMates goes by the index of IndexFlows alone.
func (s *Store) FlowMates(ctx context.Context, source string, flowNos []string) ([]ledger.Case, bool, error) {
	var indexed bool
	if err := s.read.QueryRowContext(ctx, "SELECT count(*)>0 FROM sqlite_master WHERE name='records_flow'").Scan(&indexed); err != nil || !indexed {
		return nil, false, s.fault("find flow numbers", err)
	}
	stream, err := s.streamID(ctx, ledger.Stream{Source: source, Subject: ledger.SubjectAccept})
	if err != nil || stream == 0 {
		return nil, true, s.fault("find flow numbers", err)
	}
	wanted := slices.Compact(slices.Sorted(slices.Values(flowNos)))
	var list []ledger.Case
	for start := 0; start < len(wanted); start += rowsAtOnce {
		part := wanted[start:min(start+rowsAtOnce, len(wanted))]
		these, args := oneOf(part)
		if err := s.mates(ctx, "SELECT "+caseColumns+" FROM records INDEXED BY records_flow WHERE flow_no IN "+these+
			" AND flow_no IS NOT NULL AND +stream=? AND NOT deleted AND flow_no<>''", append(args, stream), source, &list); err != nil {
			return nil, true, s.fault("find flow numbers", err)
		}
	}
	return list, true, nil
}

func (s *Store) mates(ctx context.Context, query string, args []any, source string, list *[]ledger.Case) error {
	return s.eachCase(ctx, source, query, args, func(c *ledger.Case) { *list = append(*list, *c) })
}
