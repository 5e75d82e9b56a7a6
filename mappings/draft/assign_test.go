package draft

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestTheBestPairsAreFoundTogether(t *testing.T) {
	for _, c := range []struct {
		gain [][]float64
		want []int
	}{
		{[][]float64{{5, 4}, {5, 1}}, []int{1, 0}}, // the first gives way
		{[][]float64{{3}, {2}, {4}}, []int{-1, -1, 0}},
		{[][]float64{{-1, 0}, {2, -7}}, []int{-1, 0}},
		{[][]float64{{}, {}}, []int{-1, -1}},
		{nil, []int{}},
	} {
		if got := assign(c.gain); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, not %v", c.gain, got, c.want)
		}
	}
}

func TestNoOtherPairingGainsMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 5).Draw(t, "rows"), rapid.IntRange(1, 5).Draw(t, "cols")
		gain := make([][]float64, rows)
		for i := range gain {
			for range cols {
				gain[i] = append(gain[i], float64(rapid.IntRange(-5, 9).Draw(t, "gain")))
			}
		}
		sum, used := 0.0, map[int]bool{}
		for i, j := range assign(gain) {
			if j >= 0 {
				if used[j] {
					t.Fatalf("column %d twice: %v", j, gain)
				}
				used[j] = true
				sum += gain[i][j]
			}
		}
		if best := greatest(gain, 0, map[int]bool{}); sum != best {
			t.Fatalf("%v: %v, not %v", gain, sum, best)
		}
	})
}

// greatest tries every pairing of the rows from i on.
func greatest(gain [][]float64, i int, used map[int]bool) float64 {
	if i == len(gain) {
		return 0
	}
	best := greatest(gain, i+1, used)
	for j, g := range gain[i] {
		if !used[j] {
			used[j] = true
			best = max(best, g+greatest(gain, i+1, used))
			delete(used, j)
		}
	}
	return best
}
