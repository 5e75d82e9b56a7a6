package main

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"banjian/internal/text"
)

// listing is things as a verb lists them: with --json a line each, else a table.
type listing struct {
	n       int
	none    text.Text // said where there are none; zero: the table has its heading alone
	heading string    // of the table, tabs between
	line    func(i int) any
	row     func(i int) []string
}

func (a *app) list(l *listing) error {
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		for i := range l.n {
			if err := enc.Encode(l.line(i)); err != nil {
				return err
			}
		}
		return nil
	}
	if l.n == 0 && !l.none.IsZero() {
		a.note(l.none)
		return nil
	}
	w := &table{out: a.out}
	w.heading(l.heading)
	for i := range l.n {
		w.row(l.row(i)...)
	}
	w.print()
	return nil
}

// waitingPage is how many of them are read at a time.
const waitingPage = 1024

// waiting is how things that wait in the ledger are read.
type waiting[T any] struct {
	only  string                                                // this pipeline; empty: all
	page  func(pipeline string, after *T) (page []T, err error) // after is the last one had; nil: from the first
	keep  func(*T) bool
	since func(*T) (since time.Time, rec int64)
	limit int // 0: all
}

// of is everything that waits in these pipelines, oldest first.
func (w *waiting[T]) of(pipelines []string) ([]T, error) {
	var list []T
	slices.Sort(pipelines)
	for _, p := range slices.Compact(pipelines) {
		if w.only != "" && p != w.only {
			continue
		}
		var last *T
		for {
			page, err := w.page(p, last)
			if err != nil {
				return nil, err
			}
			if len(page) == 0 {
				break
			}
			last = new(page[len(page)-1])
			list = append(list, slices.DeleteFunc(page, func(one T) bool { return !w.keep(&one) })...)
		}
	}
	slices.SortStableFunc(list, func(x, y T) int {
		sx, rx := w.since(&x)
		sy, ry := w.since(&y)
		return cmp.Or(sx.Compare(sy), cmp.Compare(rx, ry))
	})
	if w.limit > 0 && len(list) > w.limit {
		list = list[:w.limit]
	}
	return list, nil
}
