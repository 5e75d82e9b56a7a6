package main

import (
	"errors"
	"sync"

	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
)

// leases remembers which pipelines and receivers another process has in hand, so that each
// change is told once and not at every try.
type leases struct {
	app *app
	mu  sync.Mutex
	by  map[string]string // owner, by the name of the lease
}

// heard is told how each try for a lease ended. What other work of this process has is no
// change of hands.
func (l *leases) heard(lease string, taken *ledger.Taken) {
	if taken != nil && taken.Here {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	was, elsewhere := l.by[lease]
	about := ledger.LeaseText(lease)
	switch {
	case taken == nil && elsewhere:
		delete(l.by, lease)
		l.app.note(text.F("%[1]s 现在由本进程运行", "%[2]s: this process runs it now", about.ZH, about.EN))
	case taken != nil && taken.Owner != was:
		l.by[lease] = taken.Owner
		l.app.note(text.F("%[1]s 正由另一个进程运行（%[3]s）；它停下后由本进程接着做", "%[2]s: another process runs it (%[3]s); this one goes on when that one stops", about.ZH, about.EN, taken.Owner))
	}
}

// inOtherHands says that err is nothing but another process at the same work, which serve has
// told of.
func (a *app) inOtherHands(err error) bool {
	var taken *ledger.Taken
	return a.leases != nil && errors.As(err, &taken) && taken.Owner != "" && !taken.Here
}

// runner runs on a ledger; within serve changes of hands are told.
func (a *app) runner(store ledger.Store) *jobs.Runner {
	r := jobs.NewRunner(store, a.log())
	if a.leases != nil {
		r.Leases = a.leases.heard
	}
	return r
}
