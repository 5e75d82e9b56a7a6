package main

import (
	"io/fs"
	"strings"
	"testing"

	"banjian/mappings"
	"banjian/pipelines"
)

// Every shipped receiver profile names subjects, tables and mappings that fit each other,
// and waits only for what it takes itself.
func TestEveryShippedReceiverProfileFitsItsMappings(t *testing.T) {
	cat, err := catalogOf()
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(pipelines.Catalog(), "receivers/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		p, err := pipelines.LoadProfile(strings.TrimSuffix(strings.TrimPrefix(file, "receivers/"), ".yaml"), nil)
		if err != nil {
			t.Error(err)
			continue
		}
		listed := map[string]bool{"": true}
		for _, s := range p.Subjects {
			to := "platform/" + p.Protocol + "/" + s.Interface
			if p.Kind == pipelines.KindExchange {
				to = "national/" + s.Table
			}
			from, known := cat.Subject(s.Subject)
			data, path, err := mappings.Load(s.Mapping)
			if !known || err != nil {
				t.Errorf("%s: %s, %v", p.Profile, s.Subject, err)
				continue
			}
			f, err := mappings.Parse(path, data)
			if err != nil {
				t.Error(err)
				continue
			}
			m, err := mappings.Compile(f, cat, from)
			if err != nil || m.Subjects()[0] != to {
				t.Errorf("%s: %s does not fill %s: %v", p.Profile, s.Mapping, to, err)
			}
			if !listed[s.All.Subject] || !listed[s.One.Subject] {
				t.Errorf("%s: %s waits for what does not come before it", p.Profile, s.Subject)
			}
			for subject, field := range map[string]string{s.Subject: s.Unless.Field, s.All.Subject: s.All.Having, s.One.Subject: s.One.Field} {
				if of, ok := cat.Subject(subject); ok && field != "" && of.Field(field) == nil {
					t.Errorf("%s: %s has no field %s", p.Profile, subject, field)
				}
			}
			listed[s.Subject] = true
		}
	}
}
