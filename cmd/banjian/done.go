package main

import (
	"encoding/json"

	"banjian/internal/text"
)

// done says what a verb did: the sentence to people, the fields to scripts.
func (a *app) done(said text.Text, fields map[string]any) error {
	if !a.json {
		a.say(said)
		return nil
	}
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(fields)
}
