// Command banjian collects government-service cases from departments, maps them to
// the canonical model and delivers them to receivers.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
)

// gcPercent trades a little work for a quarter less memory: batches are large and
// short-lived. headroom is address space that counts as heap and is never touched, so
// that a small heap, one that only delivers, is not collected every few hundred calls.
const (
	gcPercent = 60
	headroom  = 40 << 20 // bytes
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	untouched := make([]byte, headroom)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	runtime.KeepAlive(untouched)
	os.Exit(code)
}
