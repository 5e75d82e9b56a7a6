package gateway

import (
	"context"
	"time"

	"banjian/internal/text"
)

// Lacking (缺附件) is a file that a platform announced and that is not here.
type Lacking struct {
	System, Platform string
	FlowNo           string
	Submission       int64
	Seq              string // of the record of interface 3
	Material         string
	Failed           bool      // it was asked for, and is not given or not what it should be
	Since            time.Time // since when that is so; zero: it was not asked for yet, or an earlier release did
	Tries            int64
	Next             time.Time // when it is asked for again; zero: it came with its material and is not
	Why              text.Text
}

// lacking reads what a condition on files f and applications a leaves.
func (j *Journal) lacking(ctx context.Context, where string, args ...any) ([]Lacking, error) {
	rows, err := j.read.QueryContext(ctx, `SELECT a.system, a.platform, a.flow_no, a.submission, f.seq, f.material, f.state='failed', f.since, f.tries, CASE f.path WHEN '' THEN 0 ELSE f.due END, f.error
		FROM files f JOIN applications a ON a.id=f.application WHERE f.state<>'stored' AND `+where, args...)
	if err != nil {
		return nil, journalFault(err, j.path)
	}
	defer rows.Close()
	var list []Lacking
	for rows.Next() {
		var l Lacking
		var since, next int64
		var why string
		if err := rows.Scan(&l.System, &l.Platform, &l.FlowNo, &l.Submission, &l.Seq, &l.Material, &l.Failed, &since, &l.Tries, &next, &why); err != nil {
			return nil, journalFault(err, j.path)
		}
		l.Since, l.Next, l.Why = moment(since), moment(next), text.Unpacked(why)
		list = append(list, l)
	}
	return list, journalFault(rows.Err(), j.path)
}

// LackingOf is the files of an application that are not here, of all its submissions.
func (j *Journal) LackingOf(ctx context.Context, platform, flowNo string) ([]Lacking, error) {
	return j.lacking(ctx, "a.platform=? AND a.flow_no=? ORDER BY a.submission, f.seq", platform, flowNo)
}

// oldestLacking is the failed file of a system that has been so longest.
func (j *Journal) oldestLacking(ctx context.Context, system string) (Lacking, error) {
	list, err := j.lacking(ctx, "f.state='failed' AND a.system=? ORDER BY f.since, f.application, f.seq LIMIT 1", system)
	if err != nil || len(list) == 0 {
		return Lacking{}, err
	}
	return list[0], nil
}
