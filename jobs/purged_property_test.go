package jobs_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/jobs"
	"banjian/ledger"
)

// cleaning is a receiver that cleans up what it took purgeAge ago, and a person who has its log.
type cleaning struct {
	*world
	target *memory.Target
	had    []had
	asked  int
}

// had is how many rows had taken effect by a time.
type had struct {
	at   time.Time
	rows int
}

// Deliveries fail in every way, the process is not run for days, the receiver cleans up, its
// profile loses a subject for a while and the clock is set back: what nobody can know is asked of
// a person, and no version takes effect twice, nor is one lost.
func TestWhateverAReceiverCleansUpNothingIsLostOrTwice(t *testing.T) {
	dir := fastDir(t)
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			c := &cleaning{world: newWorld(t, dir), target: refusesMarked()}
			defer c.close()
			c.live(t)
		})
	})
}

func (c *cleaning) live(t *rapid.T) {
	accepts, steps := newHistory(), newHistory()
	for range rapid.IntRange(1, 5).Draw(t, "rounds") {
		c.collectSome(t, subjectAccept, accepts)
		c.collectSome(t, subjectStep, steps)
		c.target.Next(drawFaults(t)...)
		if rapid.Bool().Draw(t, "cannot be asked") {
			c.target.NextAsk(memory.Transient(1000))
		}
		behind := rapid.SampledFrom([]time.Duration{0, 0, 30 * time.Minute}).Draw(t, "clock behind")
		c.runner.Now = func() time.Time { return time.Now().Add(-behind) }
		c.store.crashAt(rapid.IntRange(0, 6).Draw(t, "crash at write"), rapid.Bool().Draw(t, "crash after it"))
		if err := c.goes(rapid.IntRange(0, 4).Draw(t, "profile without steps") == 0); err != nil {
			c.reopen()
		}
		c.store.crashAt(0, false)
		c.target.NoFaults()
		time.Sleep(rapid.SampledFrom([]time.Duration{0, time.Minute, purgeAge / 2, purgeAge, 2 * purgeAge}).Draw(t, "not run for"))
		c.cleansUp(t)
		if rapid.Bool().Draw(t, "somebody looks") {
			c.settles(t)
		}
	}
	for tries := 0; ; tries++ {
		err := c.goes(false)
		if err == nil && c.settles(t) == 0 && c.openRecords() == 0 {
			break
		}
		if tries > 100 {
			t.Fatalf("it never ends: %v, %d open", err, c.openRecords())
		}
		time.Sleep(fault.AfterOf(err))
	}
	if err := c.goes(false); err != nil {
		t.Fatalf("%v", err)
	}
	e := effectsIn(t, c.target.Effects(), true)
	e.checkNewest(t, accepts, subjectAccept, func(string) bool { return true })
	e.checkNewest(t, steps, subjectStep, func(key string) bool { return e.first[subjectAccept][caseOf(key)] > 0 })
	c.checkSettled(t)
}

// goes is a delivery.
func (c *cleaning) goes(withoutSteps bool) error {
	plan := c.deliverPlan(c.target)
	plan.Purge = purgeAge
	if withoutSteps {
		plan.Subjects = slices.DeleteFunc(plan.Subjects, func(sp jobs.SubjectPlan) bool { return sp.Order.Subject == subjectStep })
	}
	err := c.runner.Deliver(context.Background(), plan, jobs.NewCollecting())
	c.had = append(c.had, had{time.Now(), len(c.target.Effects())})
	return err
}

// cleansUp drops as many rows as the receiver may.
func (c *cleaning) cleansUp(t *rapid.T) {
	rows := 0
	for _, h := range c.had {
		if time.Since(h.at) >= purgeAge {
			rows = h.rows
		}
	}
	if rows > 0 && rapid.Bool().Draw(t, "only some") {
		rows--
	}
	c.target.CleanUp(len(c.target.Effects()) - rows)
}

// settles has a person who knows what arrived settle what is for one.
func (c *cleaning) settles(t *rapid.T) (n int) {
	for _, o := range c.outcomes(false) {
		if o.State != ledger.OutcomeUnknown {
			continue
		}
		as, key := ledger.OutcomeAgain, ledger.DecodeKey(o.Key)
		for _, e := range c.target.Effects() {
			if e.Table == "up_"+o.Stream.Subject && e.Values["local_no"] == key[0] && e.Values["n"] == key[1] && e.Values["_version"] == fmt.Sprint(o.Version) {
				as = ledger.OutcomeArrived
			}
		}
		if err := c.runner.Decide(context.Background(), receiver, ledger.OutcomeDecision{ID: o.ID, As: as, Who: "王工", Said: "对方日志"}); err != nil {
			t.Fatalf("%v", err)
		}
		n++
	}
	c.asked += n
	return n
}
