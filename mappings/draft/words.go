package draft

import (
	"embed"
	"fmt"
	"strconv"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

//go:embed data
var data embed.FS

// called is how departments call what one canonical field holds.
type called struct {
	subject string // "accept"; "*" is every subject
	field   string
	names   []string
	titles  []string
}

// words is the three tables of data/.
type words struct {
	fields   []called
	subjects []called                     // field is empty
	codes    map[string]map[string]string // set → word → code
	shapes   map[string]shaped            // by field
}

// shaped is what the values of a field look like, and what they never do.
type shaped struct {
	fits, clash []shape
	prior       float64 // how usual the field is, in logarithms of odds
}

func loadWords() (*words, error) {
	w := &words{codes: map[string]map[string]string{}, shapes: map[string]shaped{}}
	err := eachLine("fields", 4, func(c []string) {
		w.fields = append(w.fields, called{c[0], c[1], strings.Fields(c[2]), strings.Fields(c[3])})
	})
	if err == nil {
		err = eachLine("subjects", 3, func(c []string) {
			w.subjects = append(w.subjects, called{subject: c[0], names: strings.Fields(c[1]), titles: strings.Fields(c[2])})
		})
	}
	if err == nil {
		err = eachLine("codes", 3, func(c []string) {
			if w.codes[c[0]] == nil {
				w.codes[c[0]] = map[string]string{}
			}
			for _, word := range strings.Fields(c[2]) {
				w.codes[c[0]][word] = c[1]
			}
		})
	}
	if err == nil {
		err = eachLine("shapes", 4, func(c []string) {
			prior, _ := strconv.ParseFloat(c[3], 64)
			w.shapes[c[0]] = shaped{shapesOf(c[1]), shapesOf(c[2]), prior}
		})
	}
	return w, err
}

func shapesOf(cell string) []shape {
	var out []shape
	for _, s := range strings.Fields(cell) {
		out = append(out, shape(s))
	}
	return out
}

// eachLine reads one table: lines that begin with # are comments, the first other line
// names the columns.
func eachLine(name string, columns int, take func(cells []string)) error {
	file := "data/" + name + ".tsv"
	raw, err := data.ReadFile(file)
	if err != nil {
		return err
	}
	n, titled := 0, false
	for line := range strings.Lines(string(raw)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != columns {
			return fault.New(fault.Bug, "read words", fmt.Sprintf("mappings/draft/%s:%d:1", file, n),
				text.F("这一行有 %d 列，应为 %d 列", "this line has %d columns instead of %d", len(cells), columns), text.Text{})
		}
		if titled {
			take(cells)
		}
		titled = true
	}
	return nil
}

// titleOf is what stands in a comment before its first bracket, comma or list of codes.
func titleOf(comment string) string {
	comment = strings.TrimSpace(comment)
	if i := strings.IndexFunc(comment, func(r rune) bool { return strings.ContainsRune("（(【[:：,，;；。、 \t\n=", r) }); i > 0 {
		comment = comment[:i]
	}
	return comment
}
