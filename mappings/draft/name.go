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
// subject, "gjj-accept".
func NameFor(v View, subject *schemas.Subject) string {
	short := subject.Name[strings.LastIndexByte(subject.Name, '/')+1:]
	name := strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(v.Connection), "-"), "-")
	name = strings.Trim(name+"-"+strings.ReplaceAll(short, "_", "-"), "-")
	return name[:min(len(name), 63)]
}
