package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/editor"
)

// schemaJSONCommands print the JSON Schema of one kind of file each.
func (a *app) schemaJSONCommands() []*cobra.Command {
	var out []*cobra.Command
	for _, s := range editor.Schemas {
		out = append(out, &cobra.Command{
			Use:     s.Name,
			Short:   "JSON Schema: " + s.Title.In(a.lang),
			Example: fmt.Sprintf("  banjian schema %[1]s > %[1]s.json", s.Name),
			RunE: func(*cobra.Command, []string) error {
				cat, err := a.anyCatalog()
				if err != nil {
					return err
				}
				printed, err := s.Print(cat)
				if err != nil {
					return err
				}
				_, err = a.out.Write(printed)
				return err
			},
		})
	}
	return out
}
