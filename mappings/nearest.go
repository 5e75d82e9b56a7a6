package mappings

import (
	"banjian/internal/text"
)

// nearest is the known word closest to word, empty if none is close.
func nearest(word string, known []string) string {
	n := len([]rune(word))
	best, limit := "", min(n, max(2, n/3)+1)
	for _, k := range known {
		if d := distance(word, k); d < limit {
			best, limit = k, d
		}
	}
	return best
}

// meant is the hint "did you mean …", zero if nothing is close.
func meant(word string, known []string) text.Text {
	if k := nearest(word, known); k != "" {
		return text.F("是不是 %s？", "did you mean %s?", k)
	}
	return text.Text{}
}

// distance is the Levenshtein distance of a and b in characters.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diag := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diag
			if x[i] != y[j] {
				cost++
			}
			diag = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
