package gateway

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"banjian/connectors/middleplatform"
)

// EXPRESSTYPE: why the platform calls.
const (
	kindCorrection = "1" // the applicant corrected what was asked for
	kindAgain      = "9" // handed in again after it was returned
)

// Kinds of what the feed tells; they are the subjects that pipelines make of it.
const (
	Application = "application"
	Material    = "application_material"
	Withdrawal  = "withdrawal"
)

// announcement is a call of interface 1.
type announcement struct {
	ticket
	system, platform  string
	flowNo, item      string
	kind, replied     string
	message           string
	submission        int64 // given by announce
	repeated, refetch bool
}

// announce writes a flow number down. A call with the same number, type and correction time
// as an earlier one is that one; of the types that begin an application there is one per
// number.
func (j *Journal) announce(ctx context.Context, a *announcement) error {
	return j.do(ctx, func(tx *sql.Tx) error {
		if err := a.spend(tx, j.now()); err != nil {
			return err
		}
		id, submission, known, err := sameSubmission(tx, a)
		if err != nil {
			return err
		}
		now := j.now().UnixMilli()
		a.submission, a.repeated = submission, known
		if !known {
			_, err = tx.Exec(`INSERT INTO applications(system, platform, flow_no, submission, item, kind, replied, message, received, called, calls, state, due)
				VALUES(?,?,?,?,?,?,?,?,?,?,1,'announced',?)`, a.system, a.platform, a.flowNo, submission, a.item, a.kind, a.replied, a.message, now, now, now)
			return err
		}
		return a.again(tx, id, now)
	})
}

// again counts a repeat. One that says something else than before, or that cannot be told
// from another resubmission, is asked for anew: the number is the same, the content may not be.
func (a *announcement) again(tx *sql.Tx, id, now int64) error {
	var message, state string
	if err := tx.QueryRow("SELECT message, state FROM applications WHERE id=?", id).Scan(&message, &state); err != nil {
		return err
	}
	a.refetch = message != a.message || a.kind == kindAgain && a.replied == "" && state == stateFetched
	if !a.refetch {
		_, err := tx.Exec("UPDATE applications SET called=?, calls=calls+1 WHERE id=?", now, id)
		return err
	}
	_, err := tx.Exec("UPDATE applications SET called=?, calls=calls+1, system=?, item=?, kind=?, message=?, state=?, revision=revision+1, due=?, tries=0, error='' WHERE id=?",
		now, a.system, a.item, a.kind, a.message, stateAnnounced, now, id)
	return err
}

// States of a submission.
const (
	stateAnnounced = "announced"
	stateDetailed  = "detailed"
	stateFetched   = "fetched"
)

// sameSubmission finds the submission a call is about, or counts a new one.
func sameSubmission(tx *sql.Tx, a *announcement) (id, submission int64, known bool, err error) {
	if a.kind != kindCorrection && a.kind != kindAgain {
		err = tx.QueryRow("SELECT id FROM applications WHERE platform=? AND flow_no=? AND submission=0", a.platform, a.flowNo).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, 0, false, nil
		}
		return id, 0, err == nil, err
	}
	// Of a correction that was entered from a list the time may be known to the minute or the day.
	err = tx.QueryRow(`SELECT id, submission FROM applications WHERE platform=?1 AND flow_no=?2 AND kind=?3
		AND (replied=?4 OR min(length(replied), length(?4))>=10 AND substr(replied, 1, length(?4))=substr(?4, 1, length(replied))) ORDER BY replied=?4 DESC, submission DESC LIMIT 1`,
		a.platform, a.flowNo, a.kind, a.replied).Scan(&id, &submission)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, submission, err == nil, err
	}
	// 0 stays free for the application itself, should it come later.
	err = tx.QueryRow("SELECT coalesce(max(submission), 0) + 1 FROM applications WHERE platform=? AND flow_no=?", a.platform, a.flowNo).Scan(&submission)
	return 0, submission, false, err
}

// Answers to a withdrawal.
const (
	answerAccepted = "accepted"
	answerRefused  = "refused"
	answerUnknown  = "unknown"
)

// Decision is what a department has decided about a case.
type Decision int

// Decisions. What was finished may never have been accepted.
const (
	Undecided Decision = iota
	Accepted
	Finished
)

// DecidedFunc says whether a case of this flow number was decided on at or after a time; zero
// = at any. It is asked before a withdrawal is answered for the first time.
type DecidedFunc func(ctx context.Context, platform, flowNo string, since time.Time) (Decision, error)

// withdrawal is a call of interface 10.
type withdrawal struct {
	ticket
	system, platform, flowNo string
	message                  string
	answer                   string // given by withdraw
	finished                 bool   // why it is refused: the case is finished, be it accepted or not
	repeated                 bool
}

// withdraw answers a withdrawal and writes the answer down before it is given. What was
// answered once stays answered until the application is handed in again; only a number that
// was not known is looked at again.
func (j *Journal) withdraw(ctx context.Context, w *withdrawal, decided DecidedFunc) error {
	at, err := j.latest(ctx, w.platform, w.flowNo)
	if err != nil {
		return err
	}
	w.answer = answerUnknown
	if at.submission >= 0 {
		_, err := answered(j.read, w, at)
		switch {
		case err == nil:
		case !errors.Is(err, sql.ErrNoRows):
			return journalFault(err, j.path)
		default:
			is, err := decided(ctx, w.platform, w.flowNo, at.again)
			if err != nil {
				return err
			}
			if w.answer = answerAccepted; is != Undecided {
				w.answer, w.finished = answerRefused, is == Finished
			}
		}
	}
	return j.do(ctx, func(tx *sql.Tx) error { return j.keepWithdrawal(tx, w, at) })
}

// answered gives w the answer given since the application was last handed in: a correction that
// came meanwhile, or is late, does not open it again. sql.ErrNoRows if there is none.
func answered(db interface{ QueryRow(string, ...any) *sql.Row }, w *withdrawal, at handedIn) (id int64, err error) {
	var answer string
	var finished bool
	err = db.QueryRow("SELECT id, answer, finished FROM withdrawals WHERE platform=? AND flow_no=? AND submission BETWEEN ? AND ? ORDER BY submission DESC LIMIT 1",
		w.platform, w.flowNo, at.begun, at.submission).Scan(&id, &answer, &finished)
	if err == nil {
		w.answer, w.finished = answer, finished
	}
	return id, err
}

// keepWithdrawal stores the answer unless another call was faster; then that one's counts.
func (j *Journal) keepWithdrawal(tx *sql.Tx, w *withdrawal, at handedIn) error {
	if err := w.spend(tx, j.now()); err != nil {
		return err
	}
	now := j.now().UnixMilli()
	id, err := answered(tx, w, at)
	if err == nil {
		w.repeated = true
		_, err = tx.Exec("UPDATE withdrawals SET called=?, calls=calls+1 WHERE id=?", now, id)
		return err
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	err = tx.QueryRow("INSERT INTO withdrawals(system, platform, flow_no, submission, message, received, called, calls, answer, finished) VALUES(?,?,?,?,?,?,?,1,?,?) RETURNING id",
		w.system, w.platform, w.flowNo, at.submission, w.message, now, now, w.answer, w.finished).Scan(&id)
	if err != nil || at.submission < 0 {
		return err
	}
	if _, err := tx.Exec("DELETE FROM withdrawals WHERE platform=? AND flow_no=? AND submission=-1", w.platform, w.flowNo); err != nil {
		return err
	}
	return feed(tx, w.platform, Withdrawal, id)
}

// handedIn is how far an application has come that a withdrawal is about.
type handedIn struct {
	submission int64     // the newest; -1: the number was never announced
	begun      int64     // the one it was last handed in with, anew or for the first time
	again      time.Time // when that was, if it was handed in again
}

func (j *Journal) latest(ctx context.Context, platform, flowNo string) (handedIn, error) {
	var h handedIn
	var at int64
	err := j.read.QueryRowContext(ctx, "SELECT coalesce(max(submission), -1), coalesce(max(CASE WHEN kind=?1 THEN submission END), 0), coalesce(max(CASE WHEN kind=?1 THEN received END), 0) FROM applications WHERE platform=?2 AND flow_no=?3",
		kindAgain, platform, flowNo).Scan(&h.submission, &h.begun, &at)
	h.begun = min(h.begun, h.submission)
	if at > 0 {
		h.again = time.UnixMilli(at)
	}
	return h, journalFault(err, j.path)
}

// feed tells pipelines that something came or changed.
func feed(tx *sql.Tx, platform, kind string, ref int64) error {
	_, err := tx.Exec("INSERT INTO feed(platform, kind, ref) VALUES(?,?,?)", platform, kind, ref)
	return err
}

// textOf is the XML a message is kept as.
func textOf(m *middleplatform.Element) (string, error) { return middleplatform.EncodeXML(m) }
