package failpoint_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"banjian/internal/failpoint"
)

const child = "BANJIAN_FAILPOINT_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(child) != "" {
		for range 3 {
			failpoint.Hit(failpoint.AfterRead)
			failpoint.Hit(failpoint.AfterSettle)
		}
		fmt.Print("survived")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestOnlyTheArmedStepKillsAndOnlyAtItsPassage(t *testing.T) {
	for armed, killed := range map[string]bool{
		"": false, "after_read": true, "after_read:3": true, "after_read:4": false, "after_settle:1": true, "in_freeze": false, "after": false, "after_read:x": true,
	} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), child+"=1", failpoint.Variable+"="+armed)
		out, err := cmd.Output()
		var exit *exec.ExitError
		gone := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
		if gone != killed || (string(out) == "survived") == killed {
			t.Errorf("armed %q: killed %t (%v), printed %q", armed, gone, err, out)
		}
	}
}

func TestStepsHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[failpoint.Name]bool{}
	for _, n := range failpoint.Names {
		if n == "" || seen[n] {
			t.Errorf("%q is listed twice", n)
		}
		seen[n] = true
	}
}
