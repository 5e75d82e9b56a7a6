package schemas

import "slices"

// Fallback is what may stand in for the own number of a row in a subject's natural key
// when the source has none.
type Fallback uint8

const (
	NoFallback Fallback = iota // the key names the case, the item or a thing that has a number
	NthOf                      // some of its columns, and which of the rows it is that are equal in them
	WholeRow                   // also the row as a whole: a change of it is another record
)

// A step (环节) is never told by what changes while it is under way, so never by its whole
// row: each change would be a new step.
var fallbacks = map[string]Fallback{"step_id": NthOf, "material_id": WholeRow, "question_id": WholeRow, "fee_id": WholeRow}

// Fallback is the subject's; it stands in for the last field of Key, which is returned.
func (s *Subject) Fallback() (Fallback, string) {
	if len(s.Key) == 0 {
		return NoFallback, ""
	}
	last := s.Key[len(s.Key)-1]
	if i := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == last }); i < 0 || s.Fields[i].Type != Text {
		return NoFallback, last
	}
	return fallbacks[last], last
}
