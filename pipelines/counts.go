package pipelines

import "fmt"

// Counts of one run of one pipeline, in source rows unless said otherwise.
type Counts struct {
	Read      int64 `json:"read"`
	Filtered  int64 `json:"filtered"`
	Unchanged int64 `json:"unchanged"`
	Rejected  int64 `json:"rejected"`
	Collected int64 `json:"collected"`
	Records   int64 `json:"records"` // records, each counted once in a run
	Deleted   int64 `json:"deleted"` // of those, records that were deleted: by a mark in their row, or because it left the view

	NewRejects int64 `json:"-"` // rejects not known before this run
	Blanked    int64 `json:"blanked"`
	Warned     int64 `json:"warned"`
	Compared   int64 `json:"compared,omitempty"` // rows that the source's server hashed, so that only those that changed had to be read
	Settling   int64 `json:"settling"`           // rows newer than the source's clock less settle, left for the next run
	BytesRead  int64 `json:"bytes_read"`
	Owed       int64 `json:"owed,omitempty"` // records that go on without the file they refer to, which could not be had yet

	Unverified int64 `json:"unverified,omitempty"` // records that were collected and wait at the receivers until they are verified

	Load Load `json:"load,omitzero"`
}

// Add adds o to c.
func (c *Counts) Add(o Counts) {
	c.Read += o.Read
	c.Filtered += o.Filtered
	c.Unchanged += o.Unchanged
	c.Rejected += o.Rejected
	c.Collected += o.Collected
	c.Records += o.Records
	c.Deleted += o.Deleted
	c.NewRejects += o.NewRejects
	c.Blanked += o.Blanked
	c.Warned += o.Warned
	c.Compared += o.Compared
	c.Settling += o.Settling
	c.BytesRead += o.BytesRead
	c.Owed += o.Owed
	c.Unverified += o.Unverified
	c.Load.Add(o.Load)
}

// Check verifies read = filtered + unchanged + rejected + collected (invariant 3).
func (c Counts) Check() error {
	if sum := c.Filtered + c.Unchanged + c.Rejected + c.Collected; sum != c.Read {
		return fmt.Errorf("sums do not add up: read %d ≠ filtered %d + unchanged %d + rejected %d + collected %d",
			c.Read, c.Filtered, c.Unchanged, c.Rejected, c.Collected)
	}
	return nil
}

// ReceiverCounts is what became of one run's records at one receiver; Released
// counts older records that went out during the run.
type ReceiverCounts struct {
	Delivered     int64 `json:"delivered"`
	Held          int64 `json:"held"`
	Rejected      int64 `json:"rejected"`
	NotApplicable int64 `json:"not_applicable"`
	Compared      int64 `json:"compared,omitempty"` // of NotApplicable: another system's word counts, they are compared with its
	Pending       int64 `json:"pending"`
	Released      int64 `json:"released"`
}

// Check verifies records = delivered + held + rejected + not_applicable + pending
// (invariant 3).
func (c ReceiverCounts) Check(records int64) error {
	if sum := c.Delivered + c.Held + c.Rejected + c.NotApplicable + c.Pending; sum != records {
		return fmt.Errorf("sums do not add up: records %d ≠ delivered %d + held %d + rejected %d + not applicable %d + pending %d",
			records, c.Delivered, c.Held, c.Rejected, c.NotApplicable, c.Pending)
	}
	return nil
}
