package gateway

import (
	"context"
	"database/sql"
	"time"

	"banjian/internal/text"
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
