package main

import (
	"io/fs"
	"strings"
	"testing"

	"banjian/cmd/internal/wiring"
	"banjian/connectors/middleplatform"
	"banjian/mappings"
	"banjian/pipelines"
)

// Every shipped receiver profile names subjects, tables and mappings that fit each other,
// and waits only for what it takes itself.
func TestEveryShippedReceiverProfileFitsItsMappings(t *testing.T) {
	cat, err := wiring.Catalog()
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
			if p.Kind == pipelines.KindPlatform {
				to = layoutOf(t, p.Protocol, s.Interface)
			}
			if p.Kind == pipelines.KindTable {
				to = strings.NewReplacer("inbox_", "inbox/", "dn_task_", "national/up_task_", "dn_audit_", "national/dn_audit_").Replace(s.Table)
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

// layoutOf is the subject whose columns the messages of an interface have: that of the
// platform, or of the one it is like, which must have the same.
func layoutOf(t *testing.T, protocol, name string) string {
	t.Helper()
	p, err := middleplatform.LoadProfile(protocol)
	if err != nil {
		t.Fatal(err)
	}
	if p.Like == "" {
		return p.SubjectName(p.Interfaces[name])
	}
	other, err := middleplatform.LoadProfile(p.Like)
	if err != nil {
		t.Fatal(err)
	}
	var columns [2]string
	for i, one := range []*middleplatform.Profile{p, other} {
		subjects, _ := one.Subjects()
		for _, s := range subjects {
			if s.Name == one.SubjectName(one.Interfaces[name]) {
				columns[i] = s.Arrow().String()
			}
		}
	}
	if columns[0] != columns[1] {
		t.Errorf("%s has other columns for %s than %s", protocol, name, p.Like)
	}
	return other.SubjectName(other.Interfaces[name])
}
