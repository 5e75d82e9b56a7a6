package reconcile

import "context"

// Unannounced is a flow number that a platform has and that no call of its brought, or not with
// the correction that its row tells of: it was announced while nobody heard it.
const Unannounced = "unannounced"

// Numbers is a platform's list of flow numbers, to be laid beside what its calls brought.
type Numbers struct {
	Platform string
	Subject  string // of what a number brings
	Listing  *Listing
	// Known says which rows' calls came.
	Known func(ctx context.Context, rows [][]string) ([]bool, error)
	// Call names the call that a row tells of; rows of one call count once.
	Call func(cells []string) string
	// Enter has a number fetched that did not come, by the cells of its row; nil: it is only
	// told.
	Enter func(ctx context.Context, cells []string) error
}

// NumbersCount is what came of a list.
type NumbersCount struct {
	Platform string `json:"platform"`
	File     string `json:"file"`
	Listed   int64  `json:"listed"` // rows
	Known    int64  `json:"known"`
	Missing  int64  `json:"missing"` // calls that did not come, each once
	Entered  int64  `json:"entered"` // of those, that are fetched now
}

// numbersTogether is how many rows are looked up together.
const numbersTogether = 500

// listed is a row of a list of numbers.
type listed struct {
	cells []string
	where string
}

// Run tells the numbers whose calls did not come, and has them fetched where that is wanted. The
// first column of the list is the number.
func (n *Numbers) Run(ctx context.Context, named int, report *Report) error {
	if err := n.Listing.Check(ctx); err != nil {
		return err
	}
	count := NumbersCount{Platform: n.Platform, File: n.Listing.Name}
	told := map[string]bool{}
	var batch []listed
	take := func() error {
		rows := make([][]string, len(batch))
		for i := range batch {
			rows[i] = batch[i].cells
		}
		known, err := n.Known(ctx, rows)
		if err != nil {
			return err
		}
		for i, row := range batch {
			call := n.Call(row.cells)
			switch {
			case told[call]:
				continue
			case known[i]:
				count.Known++
				continue
			}
			told[call] = true
			count.Missing++
			report.name(Difference{Kind: Unannounced, Subject: n.Subject, Source: n.Platform, Key: row.cells[:1], Where: row.where}, named)
			if n.Enter == nil {
				continue
			}
			if err := n.Enter(ctx, row.cells); err != nil {
				return err
			}
			count.Entered++
		}
		batch = batch[:0]
		return nil
	}
	err := n.Listing.each(ctx, func(cells []string, where string) error {
		count.Listed++
		row := listed{make([]string, len(cells)), where}
		for i := range cells { // in the platform's own words
			row.cells[i] = string([]byte(n.Listing.Columns[i].listed(cells[i], n.Listing.fine[i])))
		}
		batch = append(batch, row)
		if len(batch) < numbersTogether {
			return nil
		}
		return take()
	})
	if err == nil && len(batch) > 0 {
		err = take()
	}
	report.Numbers = append(report.Numbers, count)
	return err
}
