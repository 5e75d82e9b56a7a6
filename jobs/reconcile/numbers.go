package reconcile

import "context"

// Unannounced is a flow number that a platform has and that no call of its brought: it was
// announced while nobody heard it.
const Unannounced = "unannounced"

// Numbers is a platform's list of flow numbers, to be laid beside what its calls brought.
type Numbers struct {
	Platform string
	Subject  string // of what a number brings
	Listing  *Listing
	// Known says which numbers came.
	Known func(ctx context.Context, numbers []string) (map[string]bool, error)
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
	Missing  int64  `json:"missing"` // numbers that did not come, each once
	Entered  int64  `json:"entered"` // of those, that are fetched now
}

// numbersTogether is how many rows are looked up together.
const numbersTogether = 500

// listed is a row of a list of numbers.
type listed struct {
	cells []string
	where string
}

// Run tells the numbers that did not come, and has them fetched where that is wanted. The
// first column of the list is the number.
func (n *Numbers) Run(ctx context.Context, named int, report *Report) error {
	if err := n.Listing.Check(ctx); err != nil {
		return err
	}
	count := NumbersCount{Platform: n.Platform, File: n.Listing.Name}
	told := map[string]bool{}
	var batch []listed
	take := func() error {
		numbers := make([]string, len(batch))
		for i := range batch {
			numbers[i] = batch[i].cells[0]
		}
		known, err := n.Known(ctx, numbers)
		if err != nil {
			return err
		}
		for _, row := range batch {
			number := row.cells[0]
			switch {
			case told[number]:
				continue
			case known[number]:
				count.Known++
				continue
			}
			told[number] = true
			count.Missing++
			report.name(Difference{Kind: Unannounced, Subject: n.Subject, Source: n.Platform, Key: []string{number}, Where: row.where}, named)
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
