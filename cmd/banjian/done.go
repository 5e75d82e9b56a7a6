package main

import (
	"encoding/json"
	"io"

	"banjian/internal/text"
)

// done says what a verb did: the sentence to people, the fields to scripts.
func (a *app) done(said text.Text, fields map[string]any) error {
	return a.script(said.In(a.lang)+"\n", fields)
}

// script prints a text that is the same in all languages, or the fields to scripts.
func (a *app) script(text string, fields map[string]any) error {
	if !a.json {
		_, err := io.WriteString(a.out, text)
		return err
	}
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(fields)
}
