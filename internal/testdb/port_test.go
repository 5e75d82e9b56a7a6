package testdb

import "testing"

func TestAPortIsGivenOnce(t *testing.T) {
	given := map[int]bool{}
	for range 500 {
		port, err := FreePort()
		if err != nil {
			t.Fatal(err)
		}
		if given[port] {
			t.Fatalf("port %d is given again", port)
		}
		given[port] = true
	}
}
