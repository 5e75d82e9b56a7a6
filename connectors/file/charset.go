package file

import (
	"unicode/utf8"

	"banjian/internal/charset"
	"banjian/internal/text"
)

// charsetOf is the declared charset, nil for UTF-8.
func charsetOf(o *Options) (*charset.Charset, error) {
	c, ok := charset.ByName(o.Layout.Charset)
	if !ok {
		return nil, o.config("", text.F("不认识字符集 %q", "charset %q is not known", o.Layout.Charset), text.Text{})
	}
	return c, nil
}

func declared(o *Options) string {
	if o.Layout.Charset == "" {
		return "utf8"
	}
	return o.Layout.Charset
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
