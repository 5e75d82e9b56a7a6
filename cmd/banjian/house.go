package main

import (
	"context"
	"errors"

	"banjian/cmd/internal/wiring"
	"banjian/internal/site"
	"banjian/ledger"
)

// withHouse loads and joins the site for a verb.
func (a *app) withHouse(fn func(*house) error) error {
	s, err := a.site()
	if err != nil {
		return err
	}
	h, err := build(s, wiring.Options{Log: a.log()})
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

// house is what verbs have of a site, and what they say of it.
type house struct{ *wiring.House }

// build opens a site, with what is whole of it beside an error.
func build(s *site.Site, o wiring.Options) (*house, error) {
	h, err := wiring.Open(s, o)
	return &house{h}, err
}
