package mappings

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/text"
)

var update = flag.Bool("update", false, "rewrite golden files")

func parseAndCompile(t *testing.T, name string, data []byte) (*Mapping, error) {
	t.Helper()
	f, err := Parse(name, data)
	if err != nil {
		return nil, err
	}
	return Compile(f, catalog(t), nil)
}

func TestGoodFilesCompileAndExplainThemselves(t *testing.T) {
	files, err := filepath.Glob("testdata/*.good.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures", err)
	}
	shipped := []string{"national-2020/accept", "national-2020/process", "national-2020/material", "national-2020/result"}
	for _, file := range append(files, shipped...) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			golden := strings.TrimSuffix(file, ".good.yaml")
			if err != nil {
				data, file, err = Load(file)
				golden = filepath.Join("testdata", strings.ReplaceAll(golden, "/", "."))
			}
			if err != nil {
				t.Fatal(err)
			}
			m, err := parseAndCompile(t, filepath.Base(file), data)
			if err != nil {
				t.Fatal(err, fault.HintOf(err))
			}
			for _, lang := range []text.Lang{text.ZH, text.EN} {
				compareGolden(t, golden+".explain."+string(lang)+".txt", m.Explain(lang))
			}
		})
	}
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update to accept):\n%s", file, got)
	}
}

// A bad file says in its first comments what it must be refused with: # en:, # zh:
// and, where there is one, # hint:.
func TestBadFilesAreRefusedWithPlaceReasonAndHint(t *testing.T) {
	files, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := expectations(string(data))
			if want["en"] == "" || want["zh"] == "" {
				t.Fatal("a bad file must say what it expects: # en: and # zh:")
			}
			_, err = parseAndCompile(t, filepath.Base(file), data)
			if err == nil {
				t.Fatal("it was accepted")
			}
			if fault.KindOf(err) != fault.Config {
				t.Errorf("kind %v", fault.KindOf(err))
			}
			if got := fault.Say(err, text.EN); !strings.HasPrefix(got, want["en"]) {
				t.Errorf("en:\n got %s\nwant %s", got, want["en"])
			}
			if got := fault.Say(err, text.ZH); !strings.HasPrefix(got, want["zh"]) {
				t.Errorf("zh:\n got %s\nwant %s", got, want["zh"])
			}
			if got := fault.HintOf(err).EN; got != want["hint"] {
				t.Errorf("hint:\n got %s\nwant %s", got, want["hint"])
			}
		})
	}
}

func expectations(data string) map[string]string {
	out := map[string]string{}
	for _, line := range strings.Split(data, "\n") {
		rest, ok := strings.CutPrefix(line, "# ")
		if !ok {
			break
		}
		k, v, _ := strings.Cut(rest, ": ")
		out[k] = v
	}
	return out
}

// The table of the language in DESIGN.md is whole.
func TestDesignNamesEveryKey(t *testing.T) {
	doc, err := os.ReadFile("DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]string{fileKeys, blockKeys, ruleKeys, fieldKeys(), itemKeys} {
		for _, k := range list {
			if !strings.Contains(string(doc), "`"+k) && !strings.Contains(string(doc), k+",") && !strings.Contains(string(doc), "{"+k+":") {
				t.Errorf("%s is not in DESIGN.md", k)
			}
		}
	}
}
