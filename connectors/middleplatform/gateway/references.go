package gateway

import "context"

// References calls f for the reference of every file that the journal has, taken by the
// ledger or not.
func (j *Journal) References(ctx context.Context, f func(reference string) error) error {
	rows, err := j.read.QueryContext(ctx, "SELECT reference FROM files WHERE reference<>''")
	if err != nil {
		return journalFault(err, j.path)
	}
	defer rows.Close()
	for rows.Next() {
		var reference string
		if err := rows.Scan(&reference); err != nil {
			return journalFault(err, j.path)
		}
		if err := f(reference); err != nil {
			return err
		}
	}
	return journalFault(rows.Err(), j.path)
}
