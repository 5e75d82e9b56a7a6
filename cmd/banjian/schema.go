package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/wiring"
	"banjian/internal/text"
	"banjian/mappings/draft"
	"banjian/schemas"
)

func (a *app) schemaCommand() *cobra.Command {
	c := &cobra.Command{Use: "schema", Short: a.t("编辑器用的 JSON Schema、接收方的表、给部门的视图脚本", "JSON Schemas for editors, a receiver's tables, view scripts for a department")}
	c.AddCommand(a.schemaDDLCommand(), a.schemaViewCommand(), a.schemaFilesCommand(), a.schemaRulesCommand())
	c.AddCommand(a.schemaJSONCommands()...)
	return c
}

// schemaFilesCommand writes all JSON Schemas into the site at once.
func (a *app) schemaFilesCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "files [DIR]",
		Short:   a.t("把全部 JSON Schema 写进站点的 .schema，供编辑器用", "write every JSON Schema into the site's .schema, for editors"),
		Example: "  banjian schema files\n  banjian schema files my-city",
		Args:    a.fileArgument,
		RunE: func(_ *cobra.Command, args []string) error {
			cat, err := a.anyCatalog()
			if err != nil {
				return err
			}
			dir := a.siteDir
			if s, err := a.site(); err == nil {
				dir = s.Dir
			}
			if len(args) == 1 {
				dir = args[0]
			}
			if err := writeEditorSchemas(cat, dir); err != nil {
				return err
			}
			dir = filepath.Join(dir, draft.SchemaDir)
			return a.done(text.F("写在 %s", "written to %s", dir), map[string]any{"folder": dir})
		},
	}
}

// anyCatalog is that of the site, or what ships when there is no site.
func (a *app) anyCatalog() (*schemas.Catalog, error) {
	s, err := a.site()
	if err != nil && a.siteDir == "" {
		return wiring.Catalog()
	}
	if err != nil {
		return nil, err
	}
	if f := s.Folder("schemas"); f != nil {
		return wiring.Catalog(f)
	}
	return wiring.Catalog()
}
