package region

import "strings"

// Named is every division whose own name is the word, then those whose name holds it,
// in the order of their codes; at most limit.
func Named(word string, limit int) []Division {
	if word == "" {
		return nil
	}
	var whole, part []Division
	for _, d := range load().rows {
		if d.Name == word {
			whole = append(whole, d)
		} else if strings.Contains(d.Name, word) {
			part = append(part, d)
		}
	}
	whole = append(whole, part...)
	return whole[:min(limit, len(whole))]
}
