package mappingtest

import (
	"regexp"
	"strconv"
	"strings"

	"banjian/mappings"
)

// plainText is what needs no quotes: words, and numbers that begin with a letter or are
// moments. A number stays quoted, as codes are written everywhere.
var (
	plainText = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_\-./（）、，。；：～ ]*$`)
	moment    = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$`)
	yamlWord  = regexp.MustCompile(`(?i)^(null|true|false|yes|no|on|off|y|n)$`)
)

// render is a value in the form of the file.
func render(v []string, list bool) string {
	switch {
	case len(v) == 0:
		return "null"
	case len(v) == 1 && !list:
		return renderText(v[0])
	}
	parts := make([]string, len(v))
	for i := range v {
		parts[i] = renderText(v[i])
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func renderText(v string) string {
	if moment.MatchString(v) || plainText.MatchString(v) && !yamlWord.MatchString(v) && !strings.HasSuffix(v, " ") {
		return v
	}
	return strconv.Quote(v)
}

func renderFindings(found []finding) string {
	parts := make([]string, len(found))
	for i, x := range found {
		parts[i] = "{rule: " + renderText(x.rule) + "}"
		if x.field != "" {
			parts[i] = "{field: " + renderText(x.field) + ", rule: " + renderText(x.rule) + "}"
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// recordsOf is every record of a subject, with all that is not NULL.
func (u *caseUpdate) recordsOf(subject string) string {
	var parts []string
	for _, rec := range u.o.records[subject] {
		parts = append(parts, u.flow(subject, rec))
	}
	switch len(parts) {
	case 0:
		return "null"
	case 1:
		return parts[0]
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func (u *caseUpdate) flow(subject string, rec record) string {
	return "{" + strings.Join(u.entries(subject, rec), ", ") + "}"
}

// entries is the fields of a record that are not NULL, in the order of the subject.
func (u *caseUpdate) entries(subject string, rec record) []string {
	var out []string
	for _, f := range u.m.Fields(subject) {
		if v := rec[f.Name]; len(v) > 0 {
			out = append(out, f.Name+": "+render(v, u.isList(subject, f.Name)))
		}
	}
	return out
}

// whole is expect with everything the row became: one field a line, or in brackets
// where the case is.
func (u *caseUpdate) whole() string {
	var entries []string
	if !several(u.m) {
		subject := u.m.Subjects()[0]
		entries = u.entries(subject, u.o.records[subject][0])
	} else {
		for _, s := range subjectsOnce(u.m) {
			entries = append(entries, s+": "+u.recordsOf(s))
		}
	}
	if u.c.node.flow {
		return "expect: {" + strings.Join(entries, ", ") + "}"
	}
	lead := "\n" + strings.Repeat(" ", u.c.node.col+1)
	return "expect:" + lead + strings.Join(entries, lead)
}

func subjectsOnce(m *mappings.Mapping) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range m.Subjects() {
		if !seen[s] {
			out = append(out, s)
		}
		seen[s] = true
	}
	return out
}
