// Package failpoint kills the process at a named step, to prove that a crash there
// loses nothing and repeats nothing. It does nothing unless BANJIAN_FAILPOINT is set.
package failpoint

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// Name is a step between reading a row and its receipt.
type Name string

const (
	AfterRead          Name = "after_read"           // a batch was read from a department
	AfterMap           Name = "after_map"            // it was mapped
	BeforeLedgerCommit Name = "before_ledger_commit" // its ledger transaction has not begun
	InLedgerCommit     Name = "in_ledger_commit"     // everything written, not committed
	AfterLedgerCommit  Name = "after_ledger_commit"  // committed, nothing told to anybody
	BeforeFreeze       Name = "before_freeze"        // a delivery batch was mapped
	InFreeze           Name = "in_freeze"            // frozen, not committed
	AfterFreeze        Name = "after_freeze"         // frozen, nothing written at the receiver
	BeforeCall         Name = "before_call"          // one record's call was not made
	AfterCall          Name = "after_call"           // answered, no receipt stored
	InDeliver          Name = "in_deliver"           // rows written at the receiver, not committed
	AfterDeliver       Name = "after_deliver"        // committed at the receiver, no receipt stored
	InSettle           Name = "in_settle"            // receipt written, not committed
	AfterSettle        Name = "after_settle"         // receipt stored
	InRecover          Name = "in_recover"           // an unsettled batch was asked for
)

// AfterFetch is no step of a row: a file was fetched and is not in its place.
const AfterFetch Name = "after_fetch"

// Steps of a receiver in trouble; a row that goes well passes none of them.
const (
	AfterBreak   Name = "after_break"   // that it is left alone, or no longer, was stored
	InIntent     Name = "in_intent"     // that a call begins which must not be made twice was written, not committed
	AfterIntent  Name = "after_intent"  // stored, the call not made
	AfterInquiry Name = "after_inquiry" // the receiver was asked whether it has a record, nothing stored
	InGiveUp     Name = "in_give_up"    // that an outcome is not known was written, not committed
	InDecide     Name = "in_decide"     // a person's word on an outcome was written, not committed
	AfterAhead   Name = "after_ahead"   // new records were frozen before the backlog
)

// TroubleNames lists them.
var TroubleNames = []Name{AfterBreak, InIntent, AfterIntent, AfterInquiry, InGiveUp, InDecide, AfterAhead}

// Steps of a file that goes in pieces; most rows have none.
const (
	BeforePiece Name = "before_piece" // the piece was read, nothing was sent
	AfterPiece  Name = "after_piece"  // it was acknowledged, no receipt stored
	KeptPiece   Name = "kept_piece"   // its receipt was stored
)

// PieceNames lists them, in the order a piece passes them.
var PieceNames = []Name{BeforePiece, AfterPiece, KeptPiece}

// Steps of what comes in from a platform; no row of a department passes them.
const (
	BeforeJournal Name = "before_journal" // a call was read, not written down
	InJournal     Name = "in_journal"     // written, not committed
	AfterJournal  Name = "after_journal"  // committed, not acknowledged
	AfterAsk      Name = "after_ask"      // the platform answered, nothing stored
)

// InboundNames lists them, in the order a number passes them.
var InboundNames = []Name{BeforeJournal, InJournal, AfterJournal, AfterAsk, AfterFetch}

// Names lists every step, in the order a row passes them.
var Names = []Name{AfterRead, AfterMap, BeforeLedgerCommit, InLedgerCommit, AfterLedgerCommit,
	BeforeFreeze, InFreeze, AfterFreeze, BeforeCall, AfterCall, InDeliver, AfterDeliver, InSettle, AfterSettle, InRecover}

// Variable names the step, or step:n for its n-th passage.
const Variable = "BANJIAN_FAILPOINT"

var (
	armed, nth = parse(os.Getenv(Variable))
	passed     atomic.Int64
)

func parse(s string) (Name, int64) {
	name, n, found := strings.Cut(s, ":")
	count, err := strconv.ParseInt(n, 10, 64)
	if !found || err != nil {
		count = 1
	}
	return Name(name), count
}

// Hit kills the process (SIGKILL, nothing deferred runs) if this step is armed and
// passed often enough.
func Hit(name Name) {
	if armed != name || passed.Add(1) != nth {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
