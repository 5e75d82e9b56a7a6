package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// gcPercent trades a little work for a third less memory: batches are large and
	// short-lived, and hold few pointers to follow.
	gcPercent = 45
	// heapFloor is what the heap may grow to before garbage is collected at all: a
	// process that only delivers holds a few MiB and would collect every few hundred
	// calls.
	heapFloor = 48 << 20
)

// tuneCollector sets how often garbage is collected, and anew after every collection.
// GOGC in the environment overrules it.
func tuneCollector() {
	if os.Getenv("GOGC") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	set := 0
	var tune func(struct{})
	tune = func(struct{}) {
		metrics.Read(live)
		percent := gcPercent
		if held := live[0].Value.Uint64(); held < heapFloor {
			percent = max(gcPercent, int(heapFloor*100/max(held, 1<<20))-100)
		}
		if set == 0 || percent < set-set/8 || percent > set+set/8 { // setting it stops the world
			set = percent
			debug.SetGCPercent(percent)
		}
		runtime.AddCleanup(new([16]byte), tune, struct{}{}) // runs after the next collection
	}
	tune(struct{}{})
}
