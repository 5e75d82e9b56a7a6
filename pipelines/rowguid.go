package pipelines

import (
	"crypto/sha1"
	"strings"

	"github.com/google/uuid"
)

// RowGUID is a row_guid in 16 bytes, however its writer spelled it: a UUID is itself in any
// of its spellings, any other text stands for a UUID version 5 of it. spelled is the text
// where it is not as we write it, 36 characters in lower case.
func RowGUID(text string) (guid [16]byte, spelled string) {
	text = strings.TrimSpace(text)
	if id, err := uuid.Parse(text); err == nil {
		if guid = id; id.String() != text {
			spelled = text
		}
		return guid, spelled
	}
	sum := sha1.Sum([]byte("row_guid\x00" + text))
	copy(guid[:], sum[:16])
	guid[6], guid[8] = guid[6]&0x0f|0x50, guid[8]&0x3f|0x80
	return guid, text
}
