package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var stop = regexp.MustCompile("\\[([a-z/]+\\.go)\\]\\(\\.\\./([a-z/]+\\.go)\\)[ ,的]*\\s*`([A-Za-z]+)\\.([A-Za-z]+)`")

func TestEveryStopOfOneRowIsWhereThePageSays(t *testing.T) {
	var first string
	for _, page := range []string{"one-row.md", "one-row.zh-CN.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		var stops []string
		for _, m := range stop.FindAllStringSubmatch(string(text), -1) {
			code, err := os.ReadFile(filepath.Join("..", m[2]))
			if err != nil {
				t.Errorf("%s: %v", page, err)
				continue
			}
			function := regexp.MustCompile(`(?m)^func \([a-z]+ \*?` + m[3] + `\) ` + m[4] + `\(`)
			if m[1] != m[2] || !function.Match(code) {
				t.Errorf("%s: %s.%s is not in %s", page, m[3], m[4], m[2])
			}
			stops = append(stops, m[2]+" "+m[4])
		}
		if first == "" {
			first = strings.Join(stops, "\n")
		}
		if len(stops) != 11 || strings.Join(stops, "\n") != first {
			t.Errorf("%s stops at %d places:\n%s", page, len(stops), strings.Join(stops, "\n"))
		}
	}
}
