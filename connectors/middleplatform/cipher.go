package middleplatform

import (
	"crypto/cipher"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"banjian/internal/fault"
	"banjian/internal/gm"
	"banjian/internal/text"
)

// Cipher seals and opens the bodies of one caller. It may be used concurrently.
type Cipher struct {
	block   cipher.Block // nil: bodies go as they are
	iv      []byte
	flatten bool
}

// NewCipher derives the working key from the key string a platform allots. The rule
// ecb_hex: k16 is the key filled or cut to 16 bytes; the working key is the first 16
// characters of the upper-case hexadecimal SM4-ECB of the key under k16; k16 is also
// the initialisation vector, always the same, so equal texts give equal ciphertexts.
// That is the platform's format. A missing key, or one that is not ASCII, is a Config
// fault; keys is who computes, nil for this process.
func NewCipher(p *Profile, sm4Key string, keys gm.KeyProvider) (*Cipher, error) {
	if p.Cipher.Kind == "none" {
		return &Cipher{}, nil
	}
	if sm4Key == "" || strings.ContainsFunc(sm4Key, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, fault.New(fault.Config, "make cipher", "", text.T("SM4 密钥要是非空的 ASCII 文本", "the SM4 key is ASCII text and not empty"), text.Text{})
	}
	if keys == nil {
		keys = gm.Software{}
	}
	k16 := []byte(sm4Key + strings.Repeat(p.Cipher.Fill, gm.BlockSize))[:gm.BlockSize]
	first, err := keys.SM4(k16)
	if err != nil {
		return nil, err
	}
	derived, err := gm.EncryptECB(first, []byte(sm4Key))
	if err != nil {
		return nil, err
	}
	working := strings.ToUpper(hex.EncodeToString(derived))[:gm.BlockSize]
	block, err := keys.SM4([]byte(working))
	if err != nil {
		return nil, err
	}
	return &Cipher{block: block, iv: k16, flatten: p.Cipher.StripNewlines}, nil
}

var newlines = strings.NewReplacer("\r", "", "\n", "")

// Encrypt is the base64 of a sealed text, in one line. Line breaks of the text are
// left out where the profile says so.
func (c *Cipher) Encrypt(plain string) (string, error) {
	sealed, err := c.appendSealed(nil, plain)
	return string(sealed), err
}

// appendSealed is Encrypt at the end of dst.
func (c *Cipher) appendSealed(dst []byte, plain string) ([]byte, error) {
	if c.flatten {
		plain = newlines.Replace(plain)
	}
	if c.block == nil {
		return append(dst, plain...), nil
	}
	sealed, err := gm.EncryptCBC(c.block, c.iv, []byte(plain))
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.AppendEncode(dst, sealed), nil
}

// Decrypt is the reverse; line breaks inside the base64 do not matter. What is not
// base64, is cut short, was sealed with another key or is not UTF-8 is a Data fault.
func (c *Cipher) Decrypt(sealed string) (string, error) {
	if c.block == nil {
		return sealed, nil
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(newlines.Replace(sealed))
	if err != nil {
		return "", undecipherable(text.T("密文不是完整的 base64", "the ciphertext is no complete base64"))
	}
	plain, err := gm.DecryptCBC(c.block, c.iv, raw)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(plain) {
		return "", undecipherable(text.T("解出来的不是 UTF-8 文本", "what it decrypts to is no UTF-8 text"))
	}
	return string(plain), nil
}

func undecipherable(what text.Text) error {
	return fault.New(fault.Data, "decrypt", "", what, text.T("核对双方的 SM4 密钥，以及密文是否完整", "compare the SM4 key of both sides, and see whether the text is complete"))
}
