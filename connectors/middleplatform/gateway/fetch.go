package gateway

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/objects"
	"banjian/internal/text"
)

// FetchOptions is what a Fetcher is made of.
type FetchOptions struct {
	Journal *Journal
	Systems []Origin
	Objects *objects.Store
	MaxFile int64 // bytes of a file; 0 = DefaultMaxFile
	Log     *slog.Logger
	Now     func() time.Time
	// Wait ends after d, when wake is closed, or with ctx; nil = a timer.
	Wait func(ctx context.Context, d time.Duration, wake <-chan struct{})
}

// Origin is where what one system was told of is asked for.
type Origin struct {
	Name    string
	Profile *middleplatform.Profile
	Intake  *middleplatform.Intake
	Open    func() (*middleplatform.Asker, error)
}

// DefaultMaxFile bounds a file, in bytes.
const DefaultMaxFile = 512 << 20

// How fetching goes on.
const (
	fetchAtOnce   = 4 // numbers of one system asked for together
	filesAtOnce   = 2
	brokenFirst   = 2 * time.Second // the rest of a call that did not come through
	brokenMost    = 2 * time.Minute
	brokenInARow  = 3 // calls without an answer, none between with one: an outage
	outageFirst   = 2 * time.Second
	outageMost    = 2 * time.Minute
	againFirst    = 30 * time.Second // a number the platform has nothing for
	againMost     = time.Hour
	lookAtLeast   = time.Minute // another process may have written
	fileAgainMost = 6 * time.Hour
)

// Fetcher asks platforms for what they announced, until all is there. It never gives up: a
// platform that cannot be reached is tried every two minutes, a number it has nothing for
// every hour. A call whose answer breaks off rests by itself, the others go on.
type Fetcher struct{ o FetchOptions }

// NewFetcher asks nothing yet.
func NewFetcher(o FetchOptions) *Fetcher {
	if o.MaxFile <= 0 {
		o.MaxFile = DefaultMaxFile
	}
	if o.Wait == nil {
		o.Wait = waitFor
	}
	return &Fetcher{o}
}

func waitFor(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	t := time.NewTimer(max(d, 0))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-t.C:
	}
}

// Run fetches until ctx ends.
func (f *Fetcher) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for i := range f.o.Systems {
		s := &f.o.Systems[i]
		wg.Go(func() { f.keep(ctx, newLine(f, s, fetchAtOnce, numbers{})) })
		wg.Go(func() { f.keep(ctx, newLine(f, s, filesAtOnce, contents{})) })
	}
	wg.Wait()
}

// numbers fetches details and materials.
type numbers struct{}

func (numbers) due(ctx context.Context, l *line, most int) ([]errand, time.Time, error) {
	list, next, err := l.fetcher.o.Journal.dueApplications(ctx, l.system.Name, most)
	errands := make([]errand, len(list))
	for i := range list {
		errands[i] = &list[i]
	}
	return errands, next, err
}

// run asks for what the submission lacks.
func (a *application) run(ctx context.Context, l *line) error {
	err := a.fetch(ctx, l)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	if !fault.Is(err, fault.Data) {
		return err
	}
	return l.fetcher.o.Journal.postpone(ctx, a, err)
}

func (a *application) key() string { return strconv.FormatInt(a.id, 10) }

func (a *application) later(ctx context.Context, j *Journal, due time.Time) error {
	return j.do(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE applications SET due=? WHERE id=? AND revision=?", due.UnixMilli(), a.id, a.revision)
		return err
	})
}

func (a *application) fetch(ctx context.Context, l *line) error {
	if a.state == stateAnnounced {
		details, err := a.details(ctx, l)
		if err != nil {
			return err
		}
		failpoint.Hit(failpoint.AfterAsk)
		if current, err := l.fetcher.o.Journal.detailed(ctx, a, details); err != nil || !current {
			return err
		}
	}
	in := inbound(l.system.Intake, 3)
	data, err := l.asker.Ask(ctx, in.Name, a.request(l, in))
	if err != nil {
		return err
	}
	records, err := a.records(ctx, l, data)
	if err != nil {
		return err
	}
	failpoint.Hit(failpoint.AfterAsk)
	return l.fetcher.o.Journal.fetched(ctx, a, data, records)
}

// details is the DATA of interface 2. A correction the platform has no details of its own
// for has those of the submission before it.
func (a *application) details(ctx context.Context, l *line) (*middleplatform.Element, error) {
	in := inbound(l.system.Intake, 2)
	data, err := l.asker.Ask(ctx, in.Name, a.request(l, in))
	if fault.Is(err, fault.Data) && a.kind == kindCorrection {
		before, known := l.fetcher.o.Journal.detailsBefore(ctx, a)
		if known == nil && before != nil {
			return before, nil
		}
	}
	if err != nil {
		return nil, err
	}
	if echo := data.Value("SPSHENQIN/" + l.system.Profile.Body.Case[0]); echo != "" && echo != a.flowNo {
		return nil, fault.New(fault.Data, "ask platform", l.system.Name, text.T("中台给的是另一个流水号的内容", "the platform gave what belongs to another number"), text.T("请中台核对；会自动再取", "have the platform look at it; it is asked for again"))
	}
	return data, nil
}

// inbound is the call of that number.
func inbound(i *middleplatform.Intake, number int) *middleplatform.Inbound {
	list := i.ByNumber()
	return list[slices.IndexFunc(list, func(in *middleplatform.Inbound) bool { return in.Number == number })]
}

// request is what the platform is asked with.
func (a *application) request(l *line, in *middleplatform.Inbound) *middleplatform.Element {
	m := &middleplatform.Element{Name: l.system.Profile.Body.Root}
	m.Add(l.system.Profile.Body.Case[0], a.flowNo)
	m.Add("SXBM", a.item)
	if in.Number == 3 {
		corrected := "0"
		if a.kind == kindCorrection {
			corrected = "1"
		}
		m.Add("YWLX", corrected)
	}
	return m
}

// application is a submission to be fetched.
type application struct {
	id, submission, revision, tries int64
	platform, flowNo, item          string
	kind, state                     string
}

// dueApplications is the oldest submissions that may be asked for; without any, when the next
// may.
func (j *Journal) dueApplications(ctx context.Context, system string, most int) ([]application, time.Time, error) {
	d := j.dueNow()
	rows, err := j.read.QueryContext(ctx, `SELECT id, submission, revision, tries, platform, flow_no, item, kind, state FROM applications
		WHERE system=? AND state<>'fetched' AND (due<=? OR due>?) ORDER BY due, id LIMIT ?`, system, d.now, d.far, most)
	if err != nil {
		return nil, d.look, journalFault(err, j.path)
	}
	defer rows.Close()
	var list []application
	for rows.Next() {
		var a application
		if err := rows.Scan(&a.id, &a.submission, &a.revision, &a.tries, &a.platform, &a.flowNo, &a.item, &a.kind, &a.state); err != nil {
			return nil, d.look, journalFault(err, j.path)
		}
		list = append(list, a)
	}
	if err := rows.Err(); err != nil || len(list) > 0 {
		return list, d.look, journalFault(err, j.path)
	}
	next, err := j.next(ctx, d, "SELECT min(due) FROM applications WHERE system=? AND state<>'fetched' AND due>? AND due<=?", system)
	return list, next, err
}

// due is what may be asked for: what is due, and what lies farther ahead than anything is put
// off, which a clock that was ahead, and was set back, has left there.
type due struct {
	now, far int64
	look     time.Time // when to look again where nothing is due before
}

func (j *Journal) dueNow() due {
	now := j.now()
	return due{now.UnixMilli(), now.Add(max(againMost, fileAgainMost, brokenMost)).UnixMilli(), now.Add(lookAtLeast)}
}

// next is when the first of what is not due yet will be.
func (j *Journal) next(ctx context.Context, d due, query, system string) (time.Time, error) {
	var first sql.NullInt64
	err := j.read.QueryRowContext(ctx, query, system, d.now, d.far).Scan(&first)
	if at := time.UnixMilli(first.Int64); first.Valid && at.Before(d.look) {
		return at, journalFault(err, j.path)
	}
	return d.look, journalFault(err, j.path)
}

// detailed stores the details and tells pipelines of the application; false when it was
// announced anew meanwhile.
func (j *Journal) detailed(ctx context.Context, a *application, details *middleplatform.Element) (current bool, err error) {
	xml, err := textOf(details)
	if err != nil {
		return false, err
	}
	err = j.do(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec("UPDATE applications SET details=?, state=?, tries=0, error='' WHERE id=? AND revision=?", xml, stateDetailed, a.id, a.revision)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if current = n == 1; !current || err != nil {
			return err
		}
		return feed(tx, a.platform, Application, a.id)
	})
	a.state = stateDetailed
	return current, err
}

// fetched stores the materials and what is known of their files.
func (j *Journal) fetched(ctx context.Context, a *application, data *middleplatform.Element, records []material) error {
	xml, err := textOf(data)
	if err != nil {
		return err
	}
	return j.do(ctx, func(tx *sql.Tx) error {
		now := j.now().UnixMilli()
		res, err := tx.Exec("UPDATE applications SET materials=?, state=?, fetched=?, tries=0, error='' WHERE id=? AND revision=?", xml, stateFetched, now, a.id, a.revision)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); n == 0 || err != nil {
			return err
		}
		for i := range records {
			if err := records[i].store(tx, a.id, now); err != nil {
				return err
			}
		}
		return feed(tx, a.platform, Material, a.id)
	})
}

// detailsBefore is what was fetched for the submission before a correction.
func (j *Journal) detailsBefore(ctx context.Context, a *application) (*middleplatform.Element, error) {
	var xml string
	err := j.read.QueryRowContext(ctx, "SELECT details FROM applications WHERE platform=? AND flow_no=? AND submission<? AND details IS NOT NULL ORDER BY submission DESC LIMIT 1",
		a.platform, a.flowNo, a.submission).Scan(&xml)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, journalFault(err, j.path)
	}
	return middleplatform.DecodeXML(xml)
}

// postpone has a submission asked for later: the platform has nothing for it, or nothing
// that can be read.
func (j *Journal) postpone(ctx context.Context, a *application, why error) error {
	due := j.now().Add(growing(againFirst, againMost, a.tries)).UnixMilli()
	return j.do(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE applications SET tries=tries+1, due=?, error=? WHERE id=? AND revision=?", due, packed(why), a.id, a.revision)
		return err
	})
}

// growing doubles with every try, up to a bound.
func growing(first, most time.Duration, tries int64) time.Duration {
	return min(first<<min(tries, 20), most)
}

func packed(err error) string {
	return text.T(fault.Say(err, text.ZH), fault.Say(err, text.EN)).Packed()
}

// outage remembers since when a system's platform cannot be asked, and why.
func (j *Journal) outage(ctx context.Context, system string, why error) error {
	return j.do(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO outages(system, since, error) VALUES(?,?,?) ON CONFLICT(system) DO UPDATE SET error=excluded.error", system, j.now().UnixMilli(), packed(why))
		return err
	})
}

func (j *Journal) outageOver(ctx context.Context, system string) error {
	return j.do(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec("DELETE FROM outages WHERE system=?", system)
		return err
	})
}
