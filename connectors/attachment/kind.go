package attachment

import (
	"path"
	"slices"
	"strings"

	"banjian/internal/filekind"
)

// kind says what a file is that is is by its content, or what is wrong with that.
func (f *Fetcher) kind(r Ref, is string) (string, error) {
	name := nameOf(r)
	claimed := claimOf(r)
	switch types := f.types(r); {
	case claimed == "" && ending(name) != "":
		return "", wrong(RuleType, "name", ending(name))
	case is == "":
		return "", wrong(RuleType, "content")
	case claimed != "" && !filekind.Fits(is, claimed):
		return "", wrong(RuleType, "differs", claimed, is)
	case len(types) > 0 && !slices.Contains(types, is):
		return "", wrong(RuleType, "kind", is)
	}
	if t := ofType(r.Type); t != "" && !filekind.Fits(is, t) {
		return "", wrong(RuleType, "differs", t, is)
	}
	if claimed != "" {
		return claimed, nil
	}
	return is, nil
}

// nameOf is what the row calls the file, else how its reference ends.
func nameOf(r Ref) string {
	if r.Name != "" {
		return r.Name
	}
	source, _, _ := strings.Cut(slashes(r.Source), "?")
	if isAddress(r.Source) {
		return ifKnown(path.Base(source)) // an address need not end in a name: download.do
	}
	return path.Base(source)
}

// ifKnown is a name whose ending we know.
func ifKnown(name string) string {
	if filekind.ByName(name) == "" {
		return ""
	}
	return name
}

// claimOf is the kind that the row says the file is, empty: it does not say.
func claimOf(r Ref) string {
	if k := filekind.ByName(nameOf(r)); k != "" {
		return k
	}
	if ending(nameOf(r)) != "" {
		return ""
	}
	return ofType(r.Type)
}

// ofType is the kind that a word for a type means: pdf, .PDF, application/pdf.
func ofType(word string) string {
	word = strings.ToLower(strings.TrimSpace(word))
	for _, k := range filekind.Kinds() {
		if word == filekind.MediaType(k) {
			return k
		}
	}
	return filekind.ByName("." + strings.TrimPrefix(word, "."))
}

// ending is that of a name, empty where what stands behind the last dot is none, as in
// "1.身份证".
func ending(name string) string {
	e := strings.TrimPrefix(path.Ext(strings.TrimSpace(name)), ".")
	if len(e) > 8 || strings.ContainsFunc(e, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == '~')
	}) {
		return ""
	}
	return e
}
