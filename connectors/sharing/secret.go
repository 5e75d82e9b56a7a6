package sharing

import (
	"crypto/aes"
	"crypto/sha1"
	"encoding/base64"
	"unicode/utf8"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// OpenSecret is the secret of a service from the answer to a refresh: base64 of
// AES-128 in ECB with PKCS#5 padding, whose key is the first 16 bytes of
// SHA1(SHA1(appkey)). That is what a Java KeyGenerator seeded with SHA1PRNG makes of
// the app key.
func OpenSecret(appKey, sealed string) (string, error) {
	if appKey == "" {
		return "", fault.New(fault.Config, "open secret", "", text.T("缺少 appkey", "there is no app key"), text.Text{})
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(sealed)
	if err != nil || len(raw) == 0 || len(raw)%aes.BlockSize != 0 {
		return "", unopened()
	}
	block, err := aes.NewCipher(secretKey(appKey))
	if err != nil {
		return "", unopened()
	}
	for at := 0; at < len(raw); at += aes.BlockSize {
		block.Decrypt(raw[at:], raw[at:])
	}
	fill := int(raw[len(raw)-1])
	if fill < 1 || fill > aes.BlockSize || fill > len(raw) {
		return "", unopened()
	}
	plain := raw[:len(raw)-fill]
	for _, b := range raw[len(plain):] {
		if int(b) != fill {
			return "", unopened()
		}
	}
	if len(plain) == 0 || !utf8.Valid(plain) {
		return "", unopened()
	}
	return string(plain), nil
}

func secretKey(appKey string) []byte {
	once := sha1.Sum([]byte(appKey))
	twice := sha1.Sum(once[:])
	return twice[:aes.BlockSize]
}

func unopened() error {
	return fault.New(fault.Data, "open secret", "", text.T("服务密钥解不开", "the service's secret cannot be opened"), text.T("核对 appkey 是否属于这个服务（sid）", "see whether the app key belongs to that service (sid)"))
}
