package ledger

import (
	"errors"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Taken (他人持有) is why a lease is not ours: another process has it, or took it meanwhile. In
// its chain is the Blocked fault that people are told, without the name of the lease.
type Taken struct {
	Lease string
	Owner string // host and process; empty = not known
	Here  bool   // it is this very process

	told *fault.Error
}

func (t *Taken) Error() string { return t.told.Error() }
func (t *Taken) Unwrap() error { return t.told }

// beijing is the time that people are told: a ledger does not know its site's zone.
var beijing = time.FixedZone("UTC+8", 8*3600)

// TakenBy is the fault of a lease that somebody alive has until then.
func TakenBy(lease, owner string, here bool, until time.Time) *Taken {
	t := TakenMeanwhile(lease, "take lease",
		text.F("正由另一个进程运行（%s），租约到北京时间 %s", "another process is running it (%s), lease until %s Beijing time", owner, until.In(beijing).Format(time.TimeOnly)),
		text.T("等它结束，或停掉它后再运行", "wait for it to end, or stop it and run again"))
	t.Owner, t.Here = owner, here
	return t
}

// TakenMeanwhile is the fault of a lease that was ours, in these words.
func TakenMeanwhile(lease, op string, what, hint text.Text) *Taken {
	about := LeaseText(lease)
	return &Taken{Lease: lease, told: fault.New(fault.Blocked, op, "", text.T(about.ZH+"："+what.In(text.ZH), about.EN+": "+what.In(text.EN)), hint)}
}

// LeaseText is what a lease is of, for people: they know pipelines and receivers.
func LeaseText(lease string) text.Text {
	kind, name, _ := strings.Cut(lease, ":")
	name, part, _ := strings.Cut(name, "#")
	switch {
	case kind == "collect" && part != "":
		return text.T("管道 "+name+" 的分区 "+part, "pipeline "+name+", part "+part)
	case kind == "collect":
		return text.T("管道 "+name, "pipeline "+name)
	case kind == "deliver":
		return text.T("接收方 "+name, "receiver "+name)
	case kind == "feedback":
		return text.T("接收方 "+name+" 的回传", "feedback of receiver "+name)
	}
	return text.T(lease, lease)
}

// FedElsewhere says that a delivery did not happen because another process has the lease
// of its receiver.
func FedElsewhere(err error) bool {
	var t *Taken
	return errors.As(err, &t) && strings.HasPrefix(t.Lease, DeliverLease(""))
}

// DeliverLease is the name of the lease under which a receiver is fed.
func DeliverLease(receiver string) string { return "deliver:" + receiver }
