package topic

import (
	"flag"
	"os"
	"testing"

	"banjian/internal/testkafka"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestMain(m *testing.M) {
	code := m.Run()
	testkafka.Stop()
	os.Exit(code)
}
