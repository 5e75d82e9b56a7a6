package house

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// commands is what the generated reference of the command line knows: the flags of
// every verb ("rejects list"), and under "" those of all.
func commands(t *testing.T) map[string][]string {
	t.Helper()
	verbs := map[string][]string{"": {"--help"}, "completion bash": nil}
	verb := ""
	flag := regexp.MustCompile(`^ +(?:-[a-z], )?(--[a-z0-9-]+)`)
	for line := range strings.Lines(read(t, "docs/cli.md")) {
		if name, ok := strings.CutPrefix(line, "## banjian "); ok {
			verb = strings.TrimSpace(name)
			verbs[verb] = nil
		}
		if m := flag.FindStringSubmatch(line); m != nil {
			verbs[verb] = append(verbs[verb], m[1])
		}
	}
	if len(verbs) < 5 {
		t.Fatal("docs/cli.md lists no verbs")
	}
	return verbs
}

func targets(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z]+):`).FindAllStringSubmatch(read(t, "Makefile"), -1) {
		list = append(list, m[1])
	}
	return list
}

// shown is every command the documents show: lines of sh blocks, and what stands
// between backticks in the text.
func shown(text string) []string {
	var list []string
	fenced, shell := false, false
	inline := regexp.MustCompile("`((?:bin/)?banjian [^`]+|make [a-z]+)`")
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "```"):
			fenced, shell = !fenced, line == "```sh"
		case shell:
			list = append(list, strings.Split(line, " && ")...)
		case !fenced:
			for _, m := range inline.FindAllStringSubmatch(line, -1) {
				list = append(list, m[1])
			}
		}
	}
	return list
}

func TestEveryCommandTheDocumentsShowExists(t *testing.T) {
	verbs, makes := commands(t), targets(t)
	for _, name := range allFiles(t) {
		if path.Ext(name) != ".md" || strings.Contains(name, "testdata/") || strings.HasPrefix(name, "docs/cli.") {
			continue
		}
		for _, command := range shown(read(t, name)) {
			words := strings.Fields(command)
			if len(words) < 2 {
				continue
			}
			switch words[0] {
			case "make":
				if !slices.Contains(makes, words[1]) {
					t.Errorf("%s: %q: there is no such target", name, command)
				}
			case "banjian", "bin/banjian":
				if wrong := unknown(verbs, words[1:]); wrong != "" {
					t.Errorf("%s: %q: the command line does not know %s", name, command, wrong)
				}
			case "go":
				for _, w := range words[2:] {
					if dir, ok := strings.CutPrefix(w, "./"); ok && !there(strings.TrimSuffix(dir, "/...")) {
						t.Errorf("%s: %q: there is no %s", name, command, w)
					}
				}
			}
		}
	}
}

func there(name string) bool {
	_, err := os.Stat(filepath.Join(root, name))
	return err == nil
}

// unknown is the first word of a banjian command that does not exist, empty if all do.
// In text a verb may stand for a group (`banjian rejects`) or for both of its verbs.
func unknown(verbs map[string][]string, words []string) string {
	verb := ""
	for v := range verbs {
		if v != "" && (words[0] == v || len(words) > 1 && words[0]+" "+words[1] == v) {
			verb = v
		}
	}
	if verb == "" {
		for v := range verbs {
			if strings.HasPrefix(v, words[0]+" ") && len(words) == 1 {
				return ""
			}
		}
		if strings.HasPrefix(words[0], "--") || words[0] == "VERB" || words[0] == "completion" {
			return ""
		}
		return strings.Join(words[:min(2, len(words))], " ")
	}
	for _, w := range words {
		if f, _, _ := strings.Cut(w, "="); strings.HasPrefix(f, "--") && !slices.Contains(verbs[verb], f) && !slices.Contains(verbs[""], f) {
			return f
		}
	}
	return ""
}
