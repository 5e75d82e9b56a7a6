package main

import (
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Every verb shows how it is used, and refuses what is none.
func TestEveryVerbHasAnExampleAndRefusesAnUnknownWord(t *testing.T) {
	a := &app{out: io.Discard, err: io.Discard, lang: "zh"}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		words := strings.Fields(c.CommandPath())[1:]
		if c.HasSubCommands() || c.Name() == "help" {
			if code, _, errOut := command(append(words, "nosuchword")...); code != exitUsage || !strings.Contains(errOut, "nosuchword") {
				t.Errorf("%s nosuchword exits %d: %s", c.CommandPath(), code, errOut)
			}
		}
		if !c.HasSubCommands() && !strings.Contains(c.Example, "banjian "+words[0]) {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(a.root())
}

func TestWhatReportsSomethingDoesSoToScripts(t *testing.T) {
	for _, args := range [][]string{{"init", filepath.Join(t.TempDir(), "site")}, {"platform", "sign", "--key", "a", "--secret", "b"}, {"platform", "encrypt", "--key", "a", "办件"}, {"version"}} {
		var got map[string]any
		if code, out, errOut := command(append(args, "--json")...); code != exitDone || json.Unmarshal([]byte(out), &got) != nil || len(got) == 0 {
			t.Errorf("%v exits %d: %s%s", args, code, out, errOut)
		}
	}
}
