package mappings

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"unsafe"

	"banjian/internal/gm"
	"banjian/internal/text"
)

// buildHash is hash: sm3|sha256|md5: the digest of the value's UTF-8 bytes (SM3 is
// GB/T 32905—2016), in lower-case hexadecimal digits. NULL stays NULL.
func buildHash(c *fieldCompiler, k, v *node) error {
	name, err := c.word(k, v)
	if err != nil {
		return err
	}
	var run func(s *scratch, v string) (string, outcome)
	switch name {
	case "sm3":
		run = func(s *scratch, v string) (string, outcome) { d := gm.SM3(bytesOf(v)); return s.hex(d[:]) }
	case "sha256":
		run = func(s *scratch, v string) (string, outcome) { d := sha256.Sum256(bytesOf(v)); return s.hex(d[:]) }
	case "md5":
		run = func(s *scratch, v string) (string, outcome) { d := md5.Sum(bytesOf(v)); return s.hex(d[:]) }
	default:
		return c.fail(v, "hash: 只能是 sm3、sha256、md5", "hash: is sm3, sha256 or md5")
	}
	digits := 64
	if name == "md5" {
		digits = 32
	}
	if w := c.plan.target.Width; w > 0 && w < digits {
		return c.fail(v, "%s 的结果有 %d 位，字段 %s 只容 %d 个字符", "%s gives %d digits, field %s holds %d", name, digits, c.plan.target.Name, w)
	}
	return c.textStep(k, step{run: run, say: text.F("取 %s 摘要", "%s digest", name)})
}

func (s *scratch) hex(digest []byte) (string, outcome) {
	return s.end(hex.AppendEncode(s.begin(), digest))
}

// bytesOf is the bytes of v, which must not be written to.
func bytesOf(v string) []byte { return unsafe.Slice(unsafe.StringData(v), len(v)) }
