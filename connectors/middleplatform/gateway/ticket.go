package gateway

import (
	"database/sql"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
)

// ticket is what makes a signed call good for once; without a nonce it is good for ever.
type ticket struct {
	caller, nonce string
	good          time.Duration // how long its stamp may be inside the window
}

// errSpent says that the nonce of a call was used before: by a call before a restart, or at
// another process with the same journal.
var errSpent = fault.New(fault.Data, "take call", "", middleplatform.Replayed.Text(), middleplatform.Replayed.Text())

// spend writes the nonce down in the transaction of what the call does, so that both last or
// neither does, and no fsync is added. Nonces whose stamps are stale are dropped.
func (t ticket) spend(tx *sql.Tx, now time.Time) error {
	if t.nonce == "" {
		return nil
	}
	if _, err := tx.Exec("DELETE FROM nonces WHERE until<?", now.UnixMilli()); err != nil {
		return err
	}
	done, err := tx.Exec("INSERT INTO nonces(caller, nonce, until) VALUES(?,?,?) ON CONFLICT DO NOTHING", t.caller, t.nonce, now.Add(t.good).UnixMilli())
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		if err == nil {
			err = errSpent
		}
		return err
	}
	return nil
}
