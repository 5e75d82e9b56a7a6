package mappings

import "strings"

// showPairs is a map of the file as one line, in the order written.
func showPairs(n *node) string {
	var b strings.Builder
	for i, k := range n.keys {
		if i > 0 {
			b.WriteString(", ")
		}
		to := n.vals[i].text
		if to == "" {
			to = "∅"
		}
		b.WriteString(k.text + "→" + to)
	}
	return b.String()
}
