// Package nearest finds the word somebody probably meant.
package nearest

import (
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Words is up to n of the known words that are a slip of the hand away from word,
// closest first; letter case does not count.
func Words(word string, known []string, n int) []string {
	length := len([]rune(word))
	limit := min(length, max(2, length/3)+1)
	type candidate struct {
		word string
		d    int
	}
	var close []candidate
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < limit {
			close = append(close, candidate{k, d})
		}
	}
	slices.SortStableFunc(close, func(a, b candidate) int { return a.d - b.d })
	var words []string
	for _, c := range close[:min(n, len(close))] {
		words = append(words, c.word)
	}
	return words
}

// Hint is "did you mean …", zero if nothing is close.
func Hint(word string, known []string) text.Text {
	if w := Words(word, known, 1); len(w) > 0 {
		return text.F("是不是 %s？", "did you mean %s?", w[0])
	}
	return text.Text{}
}

// None says that there is no such thing of that name, and the nearest of those there are
// or, when none is near, where they are listed. It is a mistake of who wrote the name.
func None(zh, en, name string, known []string, listed text.Text) error {
	hint := Hint(name, known)
	if hint.IsZero() {
		hint = listed
	}
	return fault.New(fault.Config, "find "+en, name, text.T("没有这"+zh, "there is no such "+en), hint)
}

// distance is how many slips make a of b: a character too many, too few, another one, or
// two neighbours that changed places.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, above, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range above {
		above[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			cost := above[j]
			if x[i] != y[j] {
				cost++
			}
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				cost = min(cost, before[j-1]+1)
			}
			row[j+1] = min(cost, row[j]+1, above[j+1]+1)
		}
		before, above, row = above, row, before
	}
	return above[len(y)]
}
