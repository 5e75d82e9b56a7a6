package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"banjian/internal/sqldialect"
)

// step is one block of the mapping guide and what the comment before it says to do.
type step struct {
	line      int
	language  string // sh, sql, text, yaml, diff, tsv
	kind      string // what stands behind the language: mapping, in FILE
	directive string // write FILE, append FILE, edit FILE, run on DATABASE, ends with CODE
	text      string
}

// steps reads the blocks of a guide.
func steps(t *testing.T, name string) []step {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var list []step
	var open *step
	directive, n := "", 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimRight(line, "\n")
		comment, isComment := strings.CutPrefix(line, "<!-- ")
		switch {
		case open != nil && line == "```":
			list, open = append(list, *open), nil
		case open != nil:
			open.text += line + "\n"
		case strings.HasPrefix(line, "```"):
			language, kind, _ := strings.Cut(line[3:], " ")
			open = &step{line: n, language: language, kind: kind, directive: directive}
			directive = ""
		case isComment:
			directive = strings.TrimSuffix(comment, " -->")
		}
	}
	if open != nil || directive != "" {
		t.Fatalf("%s ends within a block, or a comment has none", name)
	}
	return list
}

// walk is a person who does what the guide says, in an empty folder.
type walk struct {
	said string // by the commands of the last sh block, on both outputs
}

func (w *walk) do(t *testing.T, s step) error {
	verb, object, _ := strings.Cut(s.directive, " ")
	switch {
	case s.language == "sh":
		return w.commands(t, s)
	case s.language == "text" && strings.HasPrefix(s.kind, "in "):
		data, err := os.ReadFile(strings.TrimPrefix(s.kind, "in "))
		if err != nil {
			return err
		}
		return alike(s.text, string(data))
	case s.language == "text" && verb != "write":
		return alike(s.text, w.said)
	case s.language == "sql" && verb == "run":
		return runSQL(strings.TrimPrefix(object, "on "), s.text)
	case verb == "write":
		if err := os.MkdirAll(filepath.Dir(object), 0o755); err != nil {
			return err
		}
		return os.WriteFile(object, []byte(s.text), 0o600)
	case verb == "append":
		data, err := os.ReadFile(object)
		if err != nil {
			return err
		}
		return os.WriteFile(object, append(data, s.text...), 0o600)
	case s.language == "diff" && verb == "edit":
		return edit(object, s.text)
	case s.language == "yaml" && slices.Contains([]string{"mapping", "test", "pipeline", "site", "job"}, s.kind):
		return nil // docs/examples_test.go hands it to the product
	}
	return fmt.Errorf("nobody can tell what to do with this block (%s, %q)", s.language, s.directive)
}

func (w *walk) commands(t *testing.T, s step) error {
	verb, object, _ := strings.Cut(s.directive, " ")
	want := exitDone
	if verb == "ends" {
		code, err := strconv.Atoi(strings.TrimPrefix(object, "with "))
		if err != nil {
			return err
		}
		want = code
	}
	w.said = ""
	lines := strings.Split(strings.TrimSpace(s.text), "\n")
	for i, line := range lines {
		words := strings.Fields(line)
		if words[0] != "bin/banjian" {
			return fmt.Errorf("%s is no command of ours", words[0])
		}
		var out, errOut bytes.Buffer
		code := execute(t.Context(), words[1:], &out, &errOut)
		w.said += out.String() + errOut.String()
		if expected := code == exitDone || i == len(lines)-1 && code == want; !expected || i == len(lines)-1 && code != want {
			return fmt.Errorf("%s exits %d\n%s%s", line, code, &out, &errOut)
		}
		if verb == "run" {
			if err := runSQL(strings.TrimPrefix(object, "on "), out.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

func runSQL(path, script string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	db, err := sqldialect.Config{Kind: "sqlite", Path: path}.Open()
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(script)
	return err
}

// edit takes the lines with a minus from a file, once, and puts those with a plus there.
func edit(path, diff string) error {
	var from, to []string
	for line := range strings.Lines(strings.TrimRight(diff, "\n")) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "-"):
			from = append(from, line[1:])
		case strings.HasPrefix(line, "+"):
			to = append(to, line[1:])
		default:
			return fmt.Errorf("neither - nor +: %s", line)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, after, found := strings.Cut(string(data), strings.Join(from, "\n"))
	if !found {
		return fmt.Errorf("%s does not hold\n%s", path, strings.Join(from, "\n"))
	}
	return os.WriteFile(path, []byte(before+strings.Join(to, "\n")+after), 0o600)
}

var blanks = regexp.MustCompile(`\s+`)

// alike says that every line of want stands in got, in this order; blanks may differ, and
// … is anything within the line.
func alike(want, got string) error {
	var have []string
	for line := range strings.Lines(got) {
		have = append(have, strings.TrimSpace(blanks.ReplaceAllString(line, " ")))
	}
	at := 0
	for line := range strings.Lines(want) {
		line = strings.TrimSpace(blanks.ReplaceAllString(line, " "))
		if line == "" {
			continue
		}
		var parts []string
		for _, p := range strings.Split(line, "…") {
			parts = append(parts, regexp.QuoteMeta(strings.TrimSpace(p)))
		}
		pattern := regexp.MustCompile("^" + strings.Join(parts, ".*"))
		i := slices.IndexFunc(have[at:], pattern.MatchString)
		if i < 0 {
			return fmt.Errorf("it says\n  %s\nand what came is\n%s", line, got)
		}
		at += i + 1
	}
	return nil
}

// TestTheMappingGuideDoesWhatItSays does every block of the guide in its order, in both
// languages: the department's database and the receiver's are SQLite files.
func TestTheMappingGuideDoesWhatItSays(t *testing.T) {
	for _, name := range []string{"mapping-guide.zh-CN.md", "mapping-guide.md"} {
		t.Run(name, func(t *testing.T) {
			list := steps(t, filepath.Join("..", "..", "docs", name))
			count := map[string]int{}
			t.Chdir(t.TempDir())
			w := &walk{}
			for _, s := range list {
				if err := w.do(t, s); err != nil {
					t.Fatalf("docs/%s:%d: %v", name, s.line, err)
				}
				count[s.language]++
			}
			if count["sh"] < 15 || count["text"] < 12 {
				t.Errorf("the guide has %v blocks: it leaves something out", count)
			}
		})
	}
}

func TestTheGuideIsTheSameInBothLanguages(t *testing.T) {
	shape := func(name string) string {
		var list []string
		for _, s := range steps(t, filepath.Join("..", "..", "docs", name)) {
			one := s.language + " " + s.kind + " " + s.directive
			if s.language == "sh" {
				one += regexp.MustCompile(`--(lang|out) \S+`).ReplaceAllString(s.text, "")
			}
			list = append(list, blanks.ReplaceAllString(one, " "))
		}
		return strings.Join(list, "\n")
	}
	if zh, en := shape("mapping-guide.zh-CN.md"), shape("mapping-guide.md"); zh != en {
		t.Errorf("the blocks differ\n%s\n---\n%s", zh, en)
	}
}
