package gateway

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

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
	outageFirst   = 2 * time.Second // after the first call that did not come through
	outageMost    = 2 * time.Minute
	againFirst    = 30 * time.Second // a number the platform has nothing for
	againMost     = time.Hour
	lookAtLeast   = time.Minute // another process may have written
	fileAgainMost = 6 * time.Hour
)

// Fetcher asks platforms for what they announced, until all is there. It never gives up: a
// platform that cannot be reached is tried every two minutes, a number it has nothing for
// every hour.
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
		wg.Go(func() { f.keep(ctx, &line{fetcher: f, system: s, atOnce: fetchAtOnce, what: numbers{}}) })
		wg.Go(func() { f.keep(ctx, &line{fetcher: f, system: s, atOnce: filesAtOnce, what: contents{}}) })
	}
	wg.Wait()
}

// line fetches one kind of thing for one system.
type line struct {
	fetcher *Fetcher
	system  *Origin
	atOnce  int
	what    interface {
		// due is what may be asked for now, and when the next may.
		due(ctx context.Context, l *line, most int) ([]errand, time.Time, error)
	}
	asker *middleplatform.Asker
}

// errand is one thing to fetch. run's error is an outage: what concerns it alone it has
// written down itself.
type errand interface {
	run(ctx context.Context, l *line) error
}

// keep fetches what is due, and rests while the platform cannot be asked.
func (f *Fetcher) keep(ctx context.Context, l *line) {
	defer l.shut()
	pause := time.Duration(0)
	for ctx.Err() == nil {
		changed := f.o.Journal.Changed()
		most := l.atOnce
		if pause > 0 {
			most = 1 // one call tells whether it is over
		}
		list, next, err := l.what.due(ctx, l, most)
		if err == nil && len(list) == 0 {
			f.o.Wait(ctx, min(lookAtLeast, max(next.Sub(f.o.Now()), 0)), changed)
			continue
		}
		if err == nil {
			err = l.all(ctx, list)
		}
		if ctx.Err() != nil {
			return
		}
		pause = l.rest(ctx, err, pause)
	}
}

// all runs errands side by side, up to the first outage.
func (l *line) all(ctx context.Context, list []errand) error {
	if l.asker == nil {
		var err error
		if l.asker, err = l.system.Open(); err != nil {
			return err
		}
	}
	g, gctx := errgroup.WithContext(ctx)
	for _, one := range list {
		g.Go(func() error { return one.run(gctx, l) })
	}
	return g.Wait()
}

// rest waits after an outage, longer each time, and remembers it for status; it gives the
// pause, 0 when there is none.
func (l *line) rest(ctx context.Context, err error, pause time.Duration) time.Duration {
	j := l.fetcher.o.Journal
	if err == nil {
		if pause > 0 {
			l.note(j.outageOver(ctx, l.system.Name))
		}
		return 0
	}
	pause = max(min(2*pause, outageMost), outageFirst, min(fault.AfterOf(err), 24*time.Hour))
	l.fetcher.o.Log.Warn("platform cannot be asked", "system", l.system.Name, "pause", pause, "error", err)
	l.note(j.outage(ctx, l.system.Name, err))
	if !fault.Is(err, fault.Transient) {
		l.shut() // keys and addresses are read again
	}
	l.fetcher.o.Wait(ctx, pause, nil)
	return pause
}

func (l *line) note(err error) {
	if err != nil {
		l.fetcher.o.Log.Error("journal not written", "system", l.system.Name, "error", err)
	}
}

func (l *line) shut() {
	if l.asker != nil {
		_ = l.asker.Close() // idle connections
		l.asker = nil
	}
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

// dueApplications is the oldest submissions that may be asked for, and when the next may.
func (j *Journal) dueApplications(ctx context.Context, system string, most int) ([]application, time.Time, error) {
	now := j.now()
	rows, err := j.read.QueryContext(ctx, `SELECT id, submission, revision, tries, platform, flow_no, item, kind, state, due FROM applications
		WHERE system=? AND state<>'fetched' ORDER BY due, id LIMIT ?`, system, most+1)
	if err != nil {
		return nil, now, journalFault(err, j.path)
	}
	defer rows.Close()
	var list []application
	next := now.Add(lookAtLeast)
	for rows.Next() {
		var a application
		var due int64
		if err := rows.Scan(&a.id, &a.submission, &a.revision, &a.tries, &a.platform, &a.flowNo, &a.item, &a.kind, &a.state, &due); err != nil {
			return nil, now, journalFault(err, j.path)
		}
		if at := time.UnixMilli(due); at.After(now) {
			next = at
			break
		}
		if len(list) < most {
			list = append(list, a)
		}
	}
	return list, next, journalFault(rows.Err(), j.path)
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
