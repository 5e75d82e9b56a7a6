// Command banjian collects government-service cases from departments, maps them to
// the canonical model and delivers them to receivers.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"banjian/ledger/sqlite"
)

func main() {
	tuneCollector()
	sqlite.PackPages()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
