package ledger

import (
	"context"
	"errors"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// ReceiverState is what is known of a receiver as a whole. A zero time: never, or not so.
type ReceiverState struct {
	Name      string
	Identity  string    // system and environment it was first fed as; empty = never fed
	PausedAt  time.Time // by a person, since
	PausedWhy string    // in that person's words

	BlockedAt  time.Time // it refuses us since; the next delivery that ends well clears it
	BlockedWhy Reason
	FailedAt   time.Time // the last delivery did not end well; zero when it did
	FailedWhy  Reason

	Break Break // it failed too often in a row and is left alone

	TriedAt time.Time      // the last delivery began
	GoodAt  time.Time      // the last delivery that ended well
	Stamped time.Time      // the latest time a batch for it was stamped with; Freeze moves it on
	Clock   *time.Duration // its clock less ours; nil = not known
}

// Break (断路) says that a receiver failed too often in a row. At zero: it did not.
type Break struct {
	At    time.Time // since
	Until time.Time // nothing goes before; then one try, and everything once that is answered
	Times int       // tries that failed, the failures that began it being the first
	Why   Reason
}

// Left is how long nothing goes. A clock that was set back ends it.
func (b Break) Left(now time.Time) time.Duration {
	if b.At.IsZero() || now.Before(b.At) {
		return 0
	}
	return max(b.Until.Sub(now), 0)
}

// BreakPatience is how long a delivery waits for the next try before it ends and leaves the
// receiver to a later one.
const BreakPatience = 30 * time.Second

// Reason is a failure as a person reads it.
type Reason struct {
	What text.Text `json:"what"`
	Hint text.Text `json:"hint"` // how to mend it
}

// ReasonOf is an error as a person reads it.
func ReasonOf(err error) Reason {
	return Reason{What: text.T(fault.Say(err, text.ZH), fault.Say(err, text.EN)), Hint: fault.HintOf(err)}
}

// ReceiverStates keeps what is known of receivers.
type ReceiverStates interface {
	// ReceiverStates lists the receivers that the ledger knows, by name.
	ReceiverStates(ctx context.Context) ([]ReceiverState, error)
	// SetReceiverState reads the state of a receiver, calls change and stores the result,
	// in one transaction; change must not use the store.
	SetReceiverState(ctx context.Context, name string, change func(*ReceiverState)) error
}

// BeginDelivery notes that a delivery to the receiver begins. A name stays with the
// system and environment it was first fed as: what a test system has been given says
// nothing of what a production system has.
func BeginDelivery(ctx context.Context, store ReceiverStates, receiver, identity string) error {
	var was string
	err := store.SetReceiverState(ctx, receiver, func(s *ReceiverState) {
		if was = s.Identity; named(was, identity) {
			s.Identity = identity
		}
		s.TriedAt = time.Now()
	})
	if err != nil || named(was, identity) {
		return err
	}
	return fault.New(fault.Config, "deliver", receiver, text.F("接收方 %[1]s 在台账里是 %[2]s，现在却写成 %[3]s", "receiver %[1]s is %[2]s in the ledger, and now says %[3]s", receiver, was, identity),
		text.T("另一个系统或环境要用新的接收方名称，它有自己的位置和密钥", "give another system or environment a receiver name of its own: it has positions and keys of its own"))
}

// named says that an identity is the one it was; what was not told of it may be told now.
func named(was, identity string) bool {
	if was == "" {
		return true
	}
	system, environment, _ := strings.Cut(was, "/")
	nowSystem, nowEnvironment, _ := strings.Cut(identity, "/")
	return (system == "" || system == nowSystem) && (environment == "" || environment == nowEnvironment)
}

// RecordDelivery notes how a delivery ended, whether the receiver took anything before
// that, and what its clock said (nil: it did not). A stop on request, and a delivery that somebody else has the lease of, say
// nothing about the receiver.
func RecordDelivery(ctx context.Context, store ReceiverStates, receiver string, err error, took bool, clock *time.Duration) error {
	if err != nil && clock == nil && !took && !itsOwn(err) {
		return nil
	}
	return store.SetReceiverState(context.WithoutCancel(ctx), receiver, func(s *ReceiverState) { s.record(time.Now(), err, took, clock) })
}

func (s *ReceiverState) record(now time.Time, err error, took bool, clock *time.Duration) {
	if clock != nil {
		s.Clock = clock
	}
	if took {
		s.BlockedAt, s.BlockedWhy = time.Time{}, Reason{}
	}
	switch {
	case err == nil:
		s.GoodAt = now
		s.BlockedAt, s.BlockedWhy, s.FailedAt, s.FailedWhy = time.Time{}, Reason{}, time.Time{}, Reason{}
		return
	case !itsOwn(err):
		return
	}
	s.FailedAt, s.FailedWhy = now, ReasonOf(err)
	if fault.Is(err, fault.Blocked) || fault.Is(err, fault.Config) {
		s.BlockedWhy = s.FailedWhy
		if s.BlockedAt.IsZero() {
			s.BlockedAt = now
		}
	}
}

// itsOwn says that a failure has to do with the receiver.
func itsOwn(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	return !FedElsewhere(err)
}
