package pace

import (
	"slices"
	"time"
)

// What is slow, and what is done about it.
const (
	warmUp      = 5                      // pages before anything is judged
	remembered  = 31                     // pages the median is of
	slowAt      = 3                      // times the median
	slowFloor   = 200 * time.Millisecond // a page that came sooner is never slow
	pauseFirst  = 250 * time.Millisecond
	pauseMost   = 30 * time.Second
	smallestCut = 16 // a page is never cut to less than this part
)

// Backoff (让步) notices that a server gets slow by what a row of each page took against
// the median of the pages before, and says how to go on: a pause, and smaller pages, both
// given up step by step once it is as quick as before. It has no clock: the same pages
// always give the same answers. The zero Backoff is ready; it is for one reader.
type Backoff struct {
	perRow []time.Duration // of the last pages
	pause  time.Duration
	cut    int // pages are one cut-th; 0 is 1
}

// Next takes in how long a page of rows took to come, and says how long to leave the
// server alone now and which part of a full page to ask for, as 1/cut.
func (b *Backoff) Next(rows int, took time.Duration) (pause time.Duration, cut int) {
	b.cut = max(b.cut, 1)
	if rows <= 0 {
		return b.pause, b.cut
	}
	each := took / time.Duration(rows)
	usual := b.median()
	if len(b.perRow) >= warmUp && took*time.Duration(b.cut) >= slowFloor && each > slowAt*usual {
		b.remember(slowAt * max(usual, 1)) // what stays slow becomes usual, but slowly
		b.cut = min(2*b.cut, smallestCut)
		b.pause = min(max(2*b.pause, pauseFirst, took), pauseMost)
		return b.pause, b.cut
	}
	b.remember(each)
	b.cut = max(b.cut/2, 1)
	if b.pause /= 2; b.pause < pauseFirst {
		b.pause = 0
	}
	return b.pause, b.cut
}

func (b *Backoff) remember(each time.Duration) {
	if len(b.perRow) == remembered {
		b.perRow = slices.Delete(b.perRow, 0, 1)
	}
	b.perRow = append(b.perRow, each)
}

func (b *Backoff) median() time.Duration {
	if len(b.perRow) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(b.perRow))
	return sorted[len(sorted)/2]
}
