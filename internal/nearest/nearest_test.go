package nearest

import (
	"slices"
	"testing"
)

func TestWordsFindsWhatWasMeant(t *testing.T) {
	known := []string{"local_no", "flow_no", "case_no", "accepted_at", "受理时间"}
	for _, c := range []struct {
		word string
		n    int
		want []string
	}{
		{"locel_no", 1, []string{"local_no"}},
		{"ACCEPTED_AT", 1, []string{"accepted_at"}},
		{"受理时", 1, []string{"受理时间"}},
		{"nothing_like_it", 3, nil},
		{"x", 3, nil},
	} {
		if got := Words(c.word, known, c.n); !slices.Equal(got, c.want) {
			t.Errorf("Words(%q) = %v, want %v", c.word, got, c.want)
		}
	}
}
