package main

import (
	"context"
	"os"
	"runtime"
	"sync"
	"time"

	"banjian/internal/text"
	"banjian/ledger"
)

// pruneInbox is how often what the ledger has taken is dropped from the journal.
const pruneInbox = time.Hour

// callThreads is how many threads more than cores a process with a gateway may run.
const callThreads = 6

// callsFirst has calls answered promptly beside a load: with a thread of its own a call waits
// for the kernel, which favours who has run little, and not behind the load's goroutines, of
// which each runs for 10 ms at a time. GOMAXPROCS in the environment overrules it.
func callsFirst() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + callThreads)
	}
}

// receive takes the calls of platforms and fetches what they announced, until ctx ends. wait
// ends when all of it has; it does nothing where the site has no gateway.
func (a *app) receive(ctx context.Context, h *house, store ledger.Store) (wait func(), err error) {
	in, err := h.OpenGateway(ctx, store)
	if in == nil || err != nil {
		return func() {}, err
	}
	if in.Shut != nil {
		a.report(in.Shut)
	}
	callsFirst()
	scheme := "http://"
	if in.Server.TLS {
		scheme = "https://"
	}
	for _, path := range in.Paths {
		a.note(text.F("收件 %[1]s", "receiving at %[1]s", scheme+in.Server.Address+path))
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := in.Server.Serve(ctx); err != nil {
			a.report(err)
		}
	})
	wg.Go(func() { in.Fetcher.Run(ctx) })
	wg.Go(func() {
		for sleep(ctx, pruneInbox) {
			if err := h.Prune(ctx, in, store, time.Duration(h.Site().Ledger.Keep)*24*time.Hour); err != nil {
				a.log().Warn("journal not pruned", "error", err)
			}
		}
	})
	return func() { wg.Wait(); in.Close() }, nil
}
