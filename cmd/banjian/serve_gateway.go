package main

import (
	"context"
	"sync"
	"time"

	"banjian/internal/text"
	"banjian/ledger"
)

// pruneInbox is how often what the ledger has taken is dropped from the journal.
const pruneInbox = time.Hour

// receive takes the calls of platforms and fetches what they announced, until ctx ends. wait
// ends when all of it has; it does nothing where the site has no gateway.
func (a *app) receive(ctx context.Context, h *house, store ledger.Store) (wait func(), err error) {
	in, err := h.openGateway(ctx, store, a.log())
	if in == nil || err != nil {
		return func() {}, err
	}
	scheme := "http://"
	if in.server.TLS {
		scheme = "https://"
	}
	for _, path := range in.paths {
		a.note(text.F("收件 %[1]s", "receiving at %[1]s", scheme+in.server.Address+path))
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := in.server.Serve(ctx); err != nil {
			a.report(err)
		}
	})
	wg.Go(func() { in.fetcher.Run(ctx) })
	wg.Go(func() {
		for sleep(ctx, pruneInbox) {
			if err := in.journal.Prune(ctx, time.Now().AddDate(0, 0, -h.site.Ledger.Keep)); err != nil {
				a.log().Warn("journal not pruned", "error", err)
			}
		}
	})
	return func() { wg.Wait(); in.close() }, nil
}
