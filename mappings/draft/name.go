package draft

import (
	"regexp"
	"strings"

	"banjian/schemas"
)

// GoodName says whether a mapping and a pipeline may be called so.
func GoodName(name string) bool { return goodName.MatchString(name) }

var goodName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// NameFor is the name a draft has by default: the connection and the last word of the
// subject, "gjj-accept"; of several "gjj-case".
func NameFor(v View, subjects ...*schemas.Subject) string {
	short := "case"
	if len(subjects) == 1 {
		short = subjects[0].Name[strings.LastIndexByte(subjects[0].Name, '/')+1:]
	}
	name := strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(v.Connection), "-"), "-")
	name = strings.Trim(name+"-"+strings.ReplaceAll(short, "_", "-"), "-")
	return name[:min(len(name), 63)]
}
