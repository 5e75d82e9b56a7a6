package draft

import (
	"embed"
	"fmt"
	"strings"
	"unicode"

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
}

func loadWords() (*words, error) {
	w := &words{codes: map[string]map[string]string{}}
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
	return w, err
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

// plainName is a column name without separators and case.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// titleOf is what stands in a comment before its first bracket, comma or list of codes.
func titleOf(comment string) string {
	comment = strings.TrimSpace(comment)
	if i := strings.IndexFunc(comment, func(r rune) bool { return strings.ContainsRune("（(【[:：,，;；。、 \t\n=", r) }); i > 0 {
		comment = comment[:i]
	}
	return comment
}
