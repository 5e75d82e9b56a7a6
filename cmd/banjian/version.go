package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   a.t("版本", "the release"),
		Example: "  banjian version --json",
		RunE: func(*cobra.Command, []string) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return errors.New("no build information")
			}
			revision := ""
			for _, s := range info.Settings {
				if s.Key == "vcs.revision" {
					revision = " " + s.Value[:min(12, len(s.Value))]
				}
			}
			if a.json {
				return json.NewEncoder(a.out).Encode(map[string]string{"version": info.Main.Version, "revision": strings.TrimSpace(revision), "go": info.GoVersion, "platform": runtime.GOOS + "/" + runtime.GOARCH})
			}
			fmt.Fprintf(a.out, "banjian %s%s %s %s/%s\n", info.Main.Version, revision, info.GoVersion, runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
