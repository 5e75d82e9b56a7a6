package draft

import "math"

// assign pairs rows with columns of a matrix of gains so that their sum is greatest, no
// row and no column twice; a pair that gains nothing is not made. out[row] is the column,
// -1 without one. It is the Hungarian method with potentials, O(rows² · columns).
func assign(gain [][]float64) []int {
	rows := len(gain)
	out := make([]int, rows)
	if rows == 0 {
		return out
	}
	fields := len(gain[0])
	cols := fields + rows // each row may go without: one more column, gaining nothing
	cost := func(r, c int) float64 {
		if c < fields {
			return -max(gain[r][c], 0)
		}
		return 0
	}
	u, v := make([]float64, rows+1), make([]float64, cols+1)
	owner := make([]int, cols+1) // row of a column, 1-based; 0 is none
	way := make([]int, cols+1)
	for r := 1; r <= rows; r++ {
		owner[0] = r
		least, seen := make([]float64, cols+1), make([]bool, cols+1)
		for c := range least {
			least[c] = math.Inf(1)
		}
		at := 0
		for owner[at] != 0 {
			seen[at] = true
			row, next, delta := owner[at], 0, math.Inf(1)
			for c := 1; c <= cols; c++ {
				if seen[c] {
					continue
				}
				if d := cost(row-1, c-1) - u[row] - v[c]; d < least[c] {
					least[c], way[c] = d, at
				}
				if least[c] < delta {
					delta, next = least[c], c
				}
			}
			for c := range seen {
				if seen[c] {
					u[owner[c]] += delta
					v[c] -= delta
				} else {
					least[c] -= delta
				}
			}
			at = next
		}
		for at != 0 {
			owner[at] = owner[way[at]]
			at = way[at]
		}
	}
	for r := range out {
		out[r] = -1
	}
	for c := 1; c <= fields; c++ {
		if r := owner[c]; r > 0 && gain[r-1][c-1] > 0 {
			out[r-1] = c - 1
		}
	}
	return out
}
