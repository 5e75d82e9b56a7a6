package schemas

import (
	"strings"
	"unicode/utf8"
)

// Mask is the way a personal value is hidden wherever a person sees it.
type Mask string

const (
	MaskNone    Mask = ""
	MaskName    Mask = "name"    // 张三丰 → 张**
	MaskID      Mask = "id"      // 110***********1234
	MaskPhone   Mask = "phone"   // 138****0000
	MaskAddress Mask = "address" // first six characters, then ******
	MaskEmail   Mask = "email"   // z***@example.cn
	MaskText    Mask = "text"    // first two characters, then ******
	MaskSecret  Mask = "secret"  // ******, not even the length shows
)

// known says that m is one of the ways above.
func (m Mask) known() bool {
	switch m {
	case MaskNone, MaskName, MaskID, MaskPhone, MaskAddress, MaskEmail, MaskText, MaskSecret:
		return true
	}
	return false
}

const hidden = "******"

// Apply hides value. An empty value stays empty; a value too short to hide a part of
// is hidden whole.
func (m Mask) Apply(value string) string {
	if value == "" || m == MaskNone {
		return value
	}
	switch m {
	case MaskName:
		return keep(value, 1, 0)
	case MaskID:
		return keep(value, 3, 4)
	case MaskPhone:
		return keep(value, 3, 4)
	case MaskAddress:
		return head(value, 6)
	case MaskEmail:
		return maskEmail(value)
	case MaskText:
		return head(value, 2)
	}
	return hidden
}

// Show is value as a person may see it in this field.
func (f *Field) Show(value string) string { return f.Mask.Apply(value) }

// keep shows the first and the last characters and a star for each between; when
// less than half would be hidden it shows one character at most.
func keep(value string, first, last int) string {
	n := utf8.RuneCountInString(value)
	if n < 2*(first+last) && first+last > 1 && n < first+last+4 {
		first, last = 1, 0
	}
	if n <= first+last {
		return strings.Repeat("*", n)
	}
	runes := []rune(value)
	return string(runes[:first]) + strings.Repeat("*", n-first-last) + string(runes[n-last:])
}

func head(value string, n int) string {
	runes := []rune(value)
	if len(runes) <= n {
		return hidden
	}
	return string(runes[:n]) + hidden
}

func maskEmail(value string) string {
	at := strings.LastIndexByte(value, '@')
	if at < 1 {
		return head(value, 2)
	}
	_, size := utf8.DecodeRuneInString(value)
	return value[:size] + "***" + value[at:]
}
