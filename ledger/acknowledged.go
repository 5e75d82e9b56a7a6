package ledger

import (
	"context"
	"time"
)

// Acknowledged (已知) is a concern that a person has seen: until it grows or changes it is
// nothing new.
type Acknowledged struct {
	Concern string // what it is about, the same for as long as it lasts
	Count   int64  // how many of it there were
	State   string // what of it, when it changes, makes it another; no personal data
	At      time.Time
	Who     string
}

// Acknowledgements keeps them.
type Acknowledgements interface {
	// Acknowledged is what people have seen, by concern.
	Acknowledged(ctx context.Context) ([]Acknowledged, error)
	// Acknowledge stores these instead of what there was.
	Acknowledge(ctx context.Context, list []Acknowledged) error
}
