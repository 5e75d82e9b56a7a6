package sqlite

import (
	"context"

	"banjian/ledger"
)

// RedriveOf marks what rejects are about for the next delivery. See ledger.Store.
func (s *Store) RedriveOf(ctx context.Context, receiver string, list []ledger.Reject) (int64, error) {
	var sum int64
	err := s.w.do(ctx, func(t *tx) error {
		sum = 0
		id, err := t.receiverFor(receiver)
		if err != nil {
			return err
		}
		for i := range list {
			r := &list[i]
			n, err := t.change("UPDATE exceptions SET rule=? WHERE receiver=? AND rec IN (SELECT r.rec FROM streams st CROSS JOIN records r ON r.stream=st.id AND r.key=? WHERE st.subject=?)"+
				" AND state='rejected' AND rule=? AND pipeline=?", ledger.RuleRedrive, id, r.Key, r.Subject, r.Rule, r.Pipeline)
			if err != nil {
				return err
			}
			sum += n
		}
		return nil
	})
	return sum, s.fault("redrive rejects", err)
}
