package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"banjian/internal/testdb"
	"banjian/internal/testkafka"
)

// asProduct is set when the test binary is to be the product itself, so that tests
// can kill it.
const asProduct = "BANJIAN_TEST_AS_PRODUCT"

// patience is how long a test waits for what comes by itself, before it says that nothing
// does: a busy machine takes its time.
const patience = 3 * time.Minute

func runTests(m *testing.M) int {
	if os.Getenv(asProduct) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		return execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
	}
	code := testdb.Main(m)
	testkafka.Stop()
	return code
}
