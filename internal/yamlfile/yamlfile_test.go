package yamlfile_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"banjian/internal/fault"
	"banjian/internal/yamlfile"
)

type sheet struct {
	Name  string `yaml:"name"`
	Count int    `yaml:"count"`
	Inner struct {
		Key string `yaml:"key"`
	} `yaml:"inner"`
	List []string          `yaml:"list"`
	Map  map[string]string `yaml:"map"`
}

func TestEveryMistakeIsNamedWithItsPlace(t *testing.T) {
	for _, c := range []struct{ name, data, where string }{
		{"an unknown key", "name: a\nnmae: b\n", "f.yaml:2:1"},
		{"an unknown key further in", "name: a\ninner:\n  key: a\n  kye: b\n", "f.yaml:4:3"},
		{"a key twice", "name: a\ncount: 1\nname: b\n", "f.yaml:3:1"},
		{"text for a number", "name: a\ncount: many\n", "f.yaml:2:8"},
		{"a map for a list", "list: {a: b}\n", "f.yaml:1:"},
		{"no YAML at all", "name: [a\n", "f.yaml:1:"},
		{"something below what is said to be empty", "name: a\ninner: {} # 空\n\n  # more\n  key: a\n", "f.yaml:2:8: this is said to be empty"},
		{"an entry below an empty list", "list: []\n  - a\n", "f.yaml:1:7: this is said to be empty"},
		{"a tab", "inner:\n\tkey: a\n", "f.yaml:2:"},
	} {
		var s sheet
		err := yamlfile.Decode("f.yaml", []byte(c.data), &s)
		if !fault.Is(err, fault.Config) || !strings.HasPrefix(err.Error(), c.where) || fault.HintOf(err).IsZero() {
			t.Errorf("%s: got %v, want it at %s", c.name, err, c.where)
		}
	}
}

// What an input method writes looks like YAML's own punctuation and is none.
func TestFullWidthMarksAreNamedWhereTheyStand(t *testing.T) {
	for _, c := range []struct{ name, data, says, hint string }{
		{"a brace", "inner: ｛key: a, other: b｝\n", "f.yaml:1:8: here stands full-width", "ASCII"},
		{"a blank after the colon", "name:　a\ncount: 1\n", "f.yaml:1:6: what follows the colon", "ASCII blank"},
		{"no-break blanks among others", "inner:\n\u00a0\u00a0key: a\nlist: [a]\n", "f.yaml:2:1: the indentation", "space bar"},
		{"full-width blanks", "name: a\n　　count: 1\n", "f.yaml:2:1: the indentation", "space bar"},
		{"a digit", "count: ２\n", "f.yaml:1:8", "full-width"},
		{"a comma within a value", "count: {a，b}\n", "f.yaml:1:9", "full-width ，"},
		{"five stars", "name: * * * * *\n", "f.yaml:1:7: a value cannot begin with *", `"* * * * *"`},
	} {
		err := yamlfile.Decode("f.yaml", []byte(c.data), &sheet{})
		if !fault.Is(err, fault.Config) || !strings.HasPrefix(err.Error(), c.says) || !strings.Contains(fault.HintOf(err).EN, c.hint) {
			t.Errorf("%s: got %v, what to do: %v", c.name, err, fault.HintOf(err))
		}
	}
}

func TestAMisspeltKeyIsToldTheNearestOne(t *testing.T) {
	err := yamlfile.Decode("f.yaml", []byte("cuont: 1\n"), &sheet{})
	if hint := fault.HintOf(err); !strings.Contains(hint.EN, "count") || !strings.Contains(hint.ZH, "count") {
		t.Errorf("the hint is %v", hint)
	}
}

func TestAnEmptyFileIsEmptyNotWrong(t *testing.T) {
	for _, data := range []string{"", "# 没有内容\n", "---\n"} {
		var s sheet
		if err := yamlfile.Decode("f.yaml", []byte(data), &s); err != nil || s.Name != "" {
			t.Errorf("%q: %+v, %v", data, s, err)
		}
	}
}

func TestAFileThatIsTooLargeIsRefused(t *testing.T) {
	data := []byte("name: " + strings.Repeat("x", yamlfile.MaxSize))
	if err := yamlfile.Decode("f.yaml", data, &sheet{}); !fault.Is(err, fault.Config) {
		t.Errorf("got %v", err)
	}
}

func TestEveryDocumentOfAFileIsRead(t *testing.T) {
	var got []*sheet
	next := func() any {
		got = append(got, &sheet{})
		return got[len(got)-1]
	}
	if _, err := yamlfile.ReadAll("f.yaml", []byte("name: a\n---\nname: b\n---\nname: c\n"), next); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range got {
		names = append(names, s.Name)
	}
	if strings.Join(names, " ") != "a b c" {
		t.Errorf("got %q", names)
	}
	if _, err := yamlfile.ReadAll("f.yaml", []byte("name: a\n---\nnmae: b\n"), next); !fault.Is(err, fault.Config) || !strings.HasPrefix(err.Error(), "f.yaml:3:1") {
		t.Errorf("a mistake in the second: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("name: a\ninner: {key: b}\nlist: [c]\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("? !!binary x\n: - \"\\u"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := yamlfile.Decode("f.yaml", data, &sheet{}); err != nil && !fault.Is(err, fault.Config) {
			t.Errorf("%v is a %s fault", err, fault.KindOf(err))
		}
	})
}

func TestAFileThatWouldNotBeReadIsToldItsName(t *testing.T) {
	if err := yamlfile.Misnamed("jobs/nightly.yaml"); err != nil {
		t.Error(err)
	}
	if hint := fault.HintOf(yamlfile.Misnamed("jobs/nightly.yml")); !strings.Contains(hint.EN, "jobs/nightly.yaml") || !strings.Contains(hint.ZH, "jobs/nightly.yaml") {
		t.Errorf("the hint is %v", hint)
	}
}

func TestAFileThatLiesTooDeepIsTold(t *testing.T) {
	folder := fstest.MapFS{"gjj/night/a.yaml": {}, "gjj/b.yml": {}, "gjj/README.md": {}, "c.yaml": {}}
	var told []string
	for _, err := range fault.All(yamlfile.TooDeep(folder, "jobs/", "gjj")) {
		told = append(told, fault.HintOf(err).EN)
	}
	if want := []string{"move it to jobs/b.yaml", "move it to jobs/a.yaml"}; !slices.Equal(told, want) {
		t.Errorf("told: %q", told)
	}
}
