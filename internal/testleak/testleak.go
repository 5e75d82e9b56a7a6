// Package testleak finds the goroutines that tests leave behind. One that was told to end
// ends when the machine gets round to it: goleak alone waits half a second, and a busy
// machine may have none to spare. A goroutine that stays is found all the same.
//
// Only tests import it.
package testleak

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

const patience = 3 * time.Minute

// Main runs the tests of a binary and ends it; goroutines that stay are a failure.
func Main(m *testing.M) {
	os.Exit(Judge(m.Run()))
}

// Judge is the exit code of a binary whose tests ended with one.
func Judge(code int) int {
	if code != 0 {
		return code
	}
	if err := find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// None is an error of the test if goroutines are there that options do not leave out.
func None(t testing.TB, options ...goleak.Option) {
	t.Helper()
	if err := find(options...); err != nil {
		t.Error(err)
	}
}

func find(options ...goleak.Option) error {
	until := time.Now().Add(patience)
	for {
		err := goleak.Find(options...)
		if err == nil || time.Now().After(until) {
			return err
		}
	}
}
