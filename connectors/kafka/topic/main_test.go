package topic

import (
	"os"
	"testing"

	"banjian/internal/testkafka"
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkafka.Stop()
	os.Exit(code)
}
