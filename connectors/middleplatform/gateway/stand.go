package gateway

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Stand is how what one system was told of stands.
type Stand struct {
	System    string
	Announced int64     // numbers, each submission once
	Fetched   int64     // of these with details and materials
	Waiting   int64     // of these without
	Oldest    time.Time // the first call of the oldest that waits; zero = none
	Refused   int64     // of those that wait, what the platform has nothing for
	Why       text.Text // of the oldest of these
	Files     int64     // that are still to be fetched
	Failed    int64     // of these, those the platform does not give, or gives wrongly
	Lacking   Lacking   // the oldest of these
	Outage    time.Time // since when its platform cannot be asked; zero = it can
	OutageWhy text.Text

	Withdrawn, WithdrawRefused, WithdrawUnknown int64
}

// Stands tells of each system.
func (j *Journal) Stands(ctx context.Context, systems []string) ([]Stand, error) {
	list := make([]Stand, len(systems))
	for i, name := range systems {
		s := &list[i]
		s.System = name
		var oldest, outage int64
		var why, outageWhy sql.NullString
		err := j.read.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(state='fetched'),0), coalesce(sum(state<>'fetched'),0), coalesce(min(CASE WHEN state<>'fetched' THEN received END),0),
			coalesce(sum(state<>'fetched' AND error<>''),0), (SELECT error FROM applications WHERE system=?1 AND state<>'fetched' AND error<>'' ORDER BY received LIMIT 1) FROM applications WHERE system=?1`, name).
			Scan(&s.Announced, &s.Fetched, &s.Waiting, &oldest, &s.Refused, &why)
		if err == nil {
			err = j.read.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(f.state='failed'),0) FROM files f JOIN applications a ON a.id=f.application WHERE f.state<>'stored' AND a.system=?", name).Scan(&s.Files, &s.Failed)
		}
		if err == nil && s.Failed > 0 {
			s.Lacking, err = j.oldestLacking(ctx, name)
		}
		if err == nil {
			err = j.read.QueryRowContext(ctx, "SELECT coalesce(sum(answer='accepted'),0), coalesce(sum(answer='refused'),0), coalesce(sum(answer='unknown'),0) FROM withdrawals WHERE system=?", name).
				Scan(&s.Withdrawn, &s.WithdrawRefused, &s.WithdrawUnknown)
		}
		if err == nil {
			err = j.read.QueryRowContext(ctx, "SELECT coalesce(max(since),0), max(error) FROM outages WHERE system=?", name).Scan(&outage, &outageWhy)
		}
		if err != nil {
			return nil, journalFault(err, j.path)
		}
		s.Oldest, s.Outage = moment(oldest), moment(outage)
		s.Why, s.OutageWhy = text.Unpacked(why.String), text.Unpacked(outageWhy.String)
	}
	return list, nil
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// Behind is how many changes of a kind lie behind a position.
func (j *Journal) Behind(ctx context.Context, platform, kind string, at int64) (n int64, err error) {
	err = j.read.QueryRowContext(ctx, "SELECT count(DISTINCT ref) FROM feed WHERE platform=? AND kind=? AND seq>?", platform, kind, at).Scan(&n)
	return n, journalFault(err, j.path)
}

// Reached is how far the ledger has come: for a kind of a platform the position of the pipeline
// that is least far. What no pipeline reads is not reached.
type Reached map[string]int64

// Least notes a pipeline's position, "" being the beginning.
func (r Reached) Least(platform, kind string, at pipelines.Position) {
	n, _ := strconv.ParseInt(string(at), 10, 64) // of another kind of source: the pipeline's next run says so
	key := platform + "/" + kind
	if before, is := r[key]; is {
		n = min(n, before)
	}
	r[key] = n
}

// Prune drops the content of what the ledger has and was last called before a time. Numbers
// and answers stay: a repeat is known for good.
func (j *Journal) Prune(ctx context.Context, before time.Time, reached Reached) error {
	ms := before.UnixMilli()
	has, err := json.Marshal(reached)
	if err != nil {
		return fault.Wrap(err, fault.Bug, "prune journal", j.path, text.Text{}, text.Text{})
	}
	return j.do(ctx, func(tx *sql.Tx) error {
		const gone = `called<?1 AND state='fetched' AND materials IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM files f WHERE f.application=applications.id AND f.state<>'stored' AND f.path<>'')
			AND NOT EXISTS (SELECT 1 FROM feed e WHERE e.ref=applications.id AND e.kind<>'withdrawal' AND e.platform=applications.platform
				AND e.seq>coalesce((SELECT r.value FROM json_each(?2) r WHERE r.key=e.platform||'/'||e.kind), 0))`
		for _, statement := range []string{
			"DELETE FROM files WHERE application IN (SELECT id FROM applications WHERE " + gone + ")",
			"DELETE FROM feed WHERE kind<>'withdrawal' AND ref IN (SELECT id FROM applications WHERE " + gone + ")",
			"UPDATE applications SET details=NULL, materials=NULL WHERE called<?1 AND state='fetched' AND materials IS NOT NULL AND NOT EXISTS (SELECT 1 FROM feed e WHERE e.ref=applications.id AND e.kind<>'withdrawal')",
			"DELETE FROM withdrawals WHERE submission=-1 AND called<?1",
		} {
			if _, err := tx.Exec(statement, ms, string(has)); err != nil {
				return err
			}
		}
		return nil
	})
}
