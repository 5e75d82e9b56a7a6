package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"banjian/cmd/internal/validate"
	"banjian/internal/site"
	"banjian/internal/text"
)

var updateBroken = flag.Bool("update-broken", false, "rewrite what the broken files of testdata/broken are told")

// soundSite is what the files of a case are laid over.
const soundSite = `site: 某市
connections:
  gjj-window: {kind: sqlite, path: data/window.db}
  exchange: {kind: sqlite, path: data/exchange.db}
receivers:
  national: {system: national, environment: test, kind: exchange, connection: exchange, profile: national-2020, data_source: "144"}
`

// sections reads "-- name --" and what follows it, in order; the text of a name that
// ends in " escaped" has Go's escapes.
func sections(t *testing.T, data string) (names []string, parts map[string]string) {
	t.Helper()
	parts = map[string]string{}
	name := ""
	for _, line := range strings.SplitAfter(data, "\n") {
		if head, ok := strings.CutPrefix(strings.TrimSpace(line), "-- "); ok && strings.HasSuffix(head, " --") {
			name = strings.TrimSuffix(head, " --")
			names = append(names, name)
			continue
		}
		parts[name] += line
	}
	for i, n := range names {
		if plain, ok := strings.CutSuffix(n, " escaped"); ok {
			s, err := strconv.Unquote(strings.TrimSpace(parts[n]))
			if err != nil {
				t.Fatalf("%s: %v", n, err)
			}
			names[i], parts[plain] = plain, s
		}
	}
	return names, parts
}

// told is what validate prints of a site, in both languages.
func told(t *testing.T, dir string) map[text.Lang]string {
	t.Helper()
	var out, errOut bytes.Buffer
	a := &app{out: &out, err: &errOut, lang: text.EN, siteDir: dir}
	s, wrong := site.Load(dir)
	err := a.findings(validate.Site(s, wrong, validate.Options{Log: a.log(), Own: true}).Found)
	if err == nil {
		t.Fatal("it was accepted")
	}
	all := map[text.Lang]string{}
	for _, lang := range []text.Lang{text.ZH, text.EN} {
		errOut.Reset()
		a.lang = lang
		if code := a.report(err); code != exitUsage {
			t.Errorf("exit code %d", code)
		}
		all[lang] = strings.ReplaceAll(errOut.String(), dir+string(filepath.Separator), "")
	}
	return all
}

func TestBrokenFilesAreToldWholeWithPlaceLineAndHint(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/broken/*.txt")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d broken files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			names, parts := sections(t, string(data))
			dir := t.TempDir()
			layFile(t, dir, "banjian.yaml", soundSite)
			for _, name := range names {
				if name != "zh" && name != "en" {
					layFile(t, dir, name, parts[name])
				}
			}
			got := told(t, dir)
			if *updateBroken {
				input, _, _ := strings.Cut(string(data), "-- zh --\n")
				whole := fmt.Sprintf("%s-- zh --\n%s-- en --\n%s", input, got[text.ZH], got[text.EN])
				if err := os.WriteFile(file, []byte(whole), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			for _, lang := range []text.Lang{text.ZH, text.EN} {
				if want := parts[string(lang)]; got[lang] != want {
					t.Errorf("%s:\ngot\n%swant (accept with -update-broken)\n%s", lang, got[lang], want)
				}
			}
		})
	}
}

func layFile(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
