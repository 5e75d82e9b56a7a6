package wiring

import (
	"io/fs"

	"banjian/connectors/middleplatform"
	"banjian/schemas"
)

// withMessages is a catalog with the messages of the platform that is spoken to when
// nobody says, whose layouts the other shipped ones share, and of those named besides;
// overlays may have profiles of their own.
func withMessages(cat *schemas.Catalog, names []string, overlays ...fs.FS) (*schemas.Catalog, map[string]*middleplatform.Profile, error) {
	messages := map[string]*middleplatform.Profile{}
	for _, name := range append([]string{middleplatform.DefaultProfile}, names...) {
		if messages[name] != nil {
			continue
		}
		m, err := middleplatform.LoadProfile(name, overlays...)
		if err != nil {
			return nil, nil, err
		}
		messages[name] = m
		if cat, err = cat.With(m.Subjects()); err != nil {
			return nil, nil, err
		}
	}
	return cat, messages, nil
}

// Catalog is the schemas with overlays over them and the messages of a platform: a
// mapping may be looked at though no receiver uses it yet.
func Catalog(overlays ...fs.FS) (*schemas.Catalog, error) {
	cat, err := schemas.Load(overlays...)
	if err != nil {
		return nil, err
	}
	cat, _, err = withMessages(cat, nil, overlays...)
	return cat, err
}
