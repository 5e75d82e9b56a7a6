package main

import (
	"context"
	"errors"

	"banjian/ledger"
)

// withHouse loads and joins the site for a verb.
func (a *app) withHouse(fn func(*house) error) error {
	s, err := a.site()
	if err != nil {
		return err
	}
	h, err := build(s)
	if err != nil {
		return err
	}
	h.log = a.log()
	defer h.verifying.close()
	return errors.Join(fn(h), h.files.close())
}

// withLedger opens the site's ledger too.
func (a *app) withLedger(ctx context.Context, fn func(*house, ledger.Store) error) error {
	return a.withHouse(func(h *house) error {
		store, err := h.openLedger(ctx)
		if err != nil {
			return err
		}
		defer store.Close()
		return fn(h, store)
	})
}
