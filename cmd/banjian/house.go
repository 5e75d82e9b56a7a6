package main

import (
	"context"
	"errors"

	"banjian/cmd/internal/wiring"
	"banjian/ledger"
)

// withHouse loads and joins the site for a verb.
func (a *app) withHouse(fn func(*house) error) error {
	s, err := a.site()
	if err != nil {
		return err
	}
	h, err := wiring.Open(s, wiring.Options{Log: a.log()})
	if err != nil {
		return err
	}
	return errors.Join(fn(h), h.Close())
}

// withLedger opens the site's ledger too.
func (a *app) withLedger(ctx context.Context, fn func(*house, ledger.Store) error) error {
	return a.withHouse(func(h *house) error {
		store, err := h.OpenLedger(ctx)
		if err != nil {
			return err
		}
		defer store.Close()
		return fn(h, store)
	})
}

// house is a site at work, as verbs are given it.
type house = wiring.House
