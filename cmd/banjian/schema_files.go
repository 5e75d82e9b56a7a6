package main

import (
	"os"
	"path/filepath"

	"banjian/cmd/internal/editor"
	"banjian/mappings/draft"
	"banjian/schemas"
)

// writeEditorSchemas writes the JSON Schema of every kind of file into the folder of a
// site where the first lines of drafts and scaffolds look for them. They are made from
// the catalog, so what is there is replaced.
func writeEditorSchemas(cat *schemas.Catalog, site string) error {
	dir := filepath.Join(site, draft.SchemaDir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return cannotWrite(err, dir)
	}
	for _, s := range editor.Schemas {
		printed, err := s.Print(cat)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, s.Name+".json")
		if err := os.WriteFile(path, printed, 0o644); err != nil {
			return cannotWrite(err, path)
		}
	}
	return nil
}
