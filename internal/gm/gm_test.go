package gm

import (
	"bytes"
	"crypto/cipher"
	"crypto/des"
	"encoding/hex"
	"strings"
	"testing"

	"banjian/internal/fault"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func blockOf(t testing.TB, key []byte) cipher.Block {
	t.Helper()
	b, err := Software{}.SM4(key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The examples of GB/T 32905 A.1 and A.2.
func TestSM3GivesTheStandardsExamples(t *testing.T) {
	for in, want := range map[string]string{
		"abc":                      "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
		strings.Repeat("abcd", 16): "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
	} {
		if got := SM3([]byte(in)); hex.EncodeToString(got[:]) != want {
			t.Errorf("SM3(%q) = %x, want %s", in, got, want)
		}
	}
}

const standardKey = "0123456789abcdef fedcba9876543210"

// The first example of GB/T 32907, as the first block of an ECB text.
func TestSM4GivesTheStandardsExample(t *testing.T) {
	key := unhex(t, standardKey)
	sealed, err := EncryptECB(blockOf(t, key), key)
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(sealed[:BlockSize]); got != "681edf34d206965e86b3e94f536e4246" {
		t.Errorf("SM4 = %s", got)
	}
}

func TestSM4InCBCGivesTheKnownAnswer(t *testing.T) {
	block, iv := blockOf(t, unhex(t, standardKey)), unhex(t, "000102030405060708090a0b0c0d0e0f")
	sealed, err := EncryptCBC(block, iv, unhex(t, "aaaaaaaabbbbbbbb ccccccccdddddddd eeeeeeeeffffffff aaaaaaaabbbbbbbb"))
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(sealed[:2*BlockSize]); got != "78ebb11cc40b0a48312aaeb2040244cb4cb7016951909226979b0d15dc6a8f6d" {
		t.Errorf("SM4-CBC = %s", got)
	}
}

func TestWhatIsEncryptedComesBack(t *testing.T) {
	block, iv := blockOf(t, unhex(t, standardKey)), make([]byte, BlockSize)
	for n := range 50 {
		plain := bytes.Repeat([]byte{0xe6}, n)
		sealed, err := EncryptCBC(block, iv, plain)
		if err != nil {
			t.Fatal(err)
		}
		if len(sealed) != (n/BlockSize+1)*BlockSize {
			t.Errorf("%d bytes became %d", n, len(sealed))
		}
		if got, err := DecryptCBC(block, iv, sealed); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes came back as %x, %v", n, got, err)
		}
	}
}

func TestWrongPaddingIsRefusedWhateverItsForm(t *testing.T) {
	block, iv := blockOf(t, unhex(t, standardKey)), make([]byte, BlockSize)
	for name, end := range map[string]string{
		"zero":              "000000",
		"longer than block": "111111",
		"255":               "ffffff",
		"one byte differs":  "030203",
		"says four has two": "000404",
	} {
		t.Run(name, func(t *testing.T) {
			raw := make([]byte, BlockSize)
			copy(raw[BlockSize-3:], unhex(t, end))
			sealed := make([]byte, BlockSize)
			cipher.NewCBCEncrypter(block, iv).CryptBlocks(sealed, raw)
			if got, err := DecryptCBC(block, iv, sealed); !fault.Is(err, fault.Data) {
				t.Errorf("took it: %x, %v", got, err)
			}
		})
	}
}

func TestWrongLengthsAreErrorsAndNeverPanic(t *testing.T) {
	block := blockOf(t, unhex(t, standardKey))
	for _, n := range []int{0, 1, 15, 17, 32} {
		if _, err := (Software{}).SM4(make([]byte, n)); !fault.Is(err, fault.Config) {
			t.Errorf("a key of %d bytes: %v", n, err)
		}
		if _, err := EncryptCBC(block, make([]byte, n), nil); !fault.Is(err, fault.Config) {
			t.Errorf("a vector of %d bytes: %v", n, err)
		}
		if n == 32 {
			continue
		}
		if _, err := DecryptCBC(block, make([]byte, BlockSize), make([]byte, n)); !fault.Is(err, fault.Data) {
			t.Errorf("a ciphertext of %d bytes: %v", n, err)
		}
	}
	if _, err := DecryptCBC(block, nil, make([]byte, BlockSize)); !fault.Is(err, fault.Config) {
		t.Errorf("no vector: %v", err)
	}
	if _, err := EncryptECB(nil, nil); err == nil {
		t.Error("encrypted without a cipher")
	}
	if small, _ := des.NewCipher(make([]byte, 8)); small != nil {
		if _, err := EncryptECB(small, nil); err == nil {
			t.Error("encrypted with blocks of 8 bytes")
		}
	}
}

func FuzzDecrypt(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), []byte("0123456789abcdef"), []byte("0123456789abcdef"))
	f.Add([]byte("short"), []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, key, iv, sealed []byte) {
		block, err := Software{}.SM4(key)
		if err != nil {
			return
		}
		plain, err := DecryptCBC(block, iv, sealed)
		if err != nil {
			return
		}
		again, err := EncryptCBC(block, iv, plain)
		if err != nil || !bytes.Equal(again, sealed) {
			t.Errorf("%x decrypts to what encrypts to %x, %v", sealed, again, err)
		}
	})
}
