package gm

import (
	"crypto/cipher"
	"crypto/subtle"
	"hash"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// BlockSize is the block, the key and the initialisation vector of SM4, in bytes.
const BlockSize = sm4.BlockSize

// SM3 is the hash of data.
func SM3(data []byte) [sm3.Size]byte { return sm3.Sum(data) }

// NewSM3 is the hash of data that is written to it.
func NewSM3() hash.Hash { return sm3.New() }

// KeyProvider makes the cipher of a key: this program itself (Software), or a device
// that does the work. What it returns must serve any number of goroutines.
type KeyProvider interface {
	SM4(key []byte) (cipher.Block, error)
}

// Software computes SM4 in this process.
type Software struct{}

// SM4 takes a key of 16 bytes; any other length is a Config fault.
func (Software) SM4(key []byte) (cipher.Block, error) {
	block, err := sm4.NewCipher(key)
	if err != nil {
		return nil, fault.New(fault.Config, "make SM4 key", "", text.F("SM4 密钥要 %d 字节，现有 %d", "an SM4 key has %d bytes, this one %d", BlockSize, len(key)), text.Text{})
	}
	return block, nil
}

// EncryptECB pads plain and encrypts each block by itself. The result is a new slice.
func EncryptECB(block cipher.Block, plain []byte) ([]byte, error) {
	if err := fits(block, BlockSize); err != nil {
		return nil, err
	}
	out := pad(plain)
	for at := 0; at < len(out); at += BlockSize {
		block.Encrypt(out[at:at+BlockSize], out[at:at+BlockSize])
	}
	return out, nil
}

// EncryptCBC pads plain and encrypts it in cipher block chaining from iv, which has
// BlockSize bytes. The result is a new slice.
func EncryptCBC(block cipher.Block, iv, plain []byte) ([]byte, error) {
	if err := fits(block, len(iv)); err != nil {
		return nil, err
	}
	out := pad(plain)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, out)
	return out, nil
}

// DecryptCBC is the reverse of EncryptCBC. A wrong key, a cut or a changed ciphertext
// is a Data fault, unless its last bytes happen to look like padding: this mode
// proves nothing about who wrote the text.
func DecryptCBC(block cipher.Block, iv, sealed []byte) ([]byte, error) {
	if err := fits(block, len(iv)); err != nil {
		return nil, err
	}
	if !whole(sealed) {
		return nil, undecipherable()
	}
	out := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, sealed)
	return unpad(out)
}

// fits checks what a caller chose: the cipher and the length of the vector.
func fits(block cipher.Block, vector int) error {
	if block == nil || block.BlockSize() != BlockSize {
		return fault.New(fault.Bug, "use SM4", "", text.T("分组密码不是 16 字节的", "the block cipher is not one of 16 bytes"), text.Text{})
	}
	if vector != BlockSize {
		return fault.New(fault.Config, "use SM4", "", text.F("初始向量要 %d 字节，现有 %d", "the initialisation vector has %d bytes, this one %d", BlockSize, vector), text.Text{})
	}
	return nil
}

func whole(sealed []byte) bool { return len(sealed) > 0 && len(sealed)%BlockSize == 0 }

func undecipherable() error {
	return fault.New(fault.Data, "decrypt", "", text.T("密文解不开", "the ciphertext cannot be decrypted"),
		text.T("核对双方的 SM4 密钥，以及密文是否完整", "compare the SM4 key of both sides, and see whether the text is complete"))
}

// pad is a copy of plain with PKCS#7 padding: always at least one byte.
func pad(plain []byte) []byte {
	n := BlockSize - len(plain)%BlockSize
	out := make([]byte, len(plain)+n)
	copy(out, plain)
	for i := len(plain); i < len(out); i++ {
		out[i] = byte(n)
	}
	return out
}

// unpad checks every byte of the padding without branching on any of them.
func unpad(padded []byte) ([]byte, error) {
	last := padded[len(padded)-BlockSize:]
	n := int(last[BlockSize-1])
	good := subtle.ConstantTimeLessOrEq(1, n) & subtle.ConstantTimeLessOrEq(n, BlockSize)
	for i, b := range last {
		inside := subtle.ConstantTimeLessOrEq(BlockSize-n, i)
		same := subtle.ConstantTimeByteEq(b, byte(n))
		good &= subtle.ConstantTimeSelect(inside, same, 1)
	}
	if good != 1 {
		return nil, undecipherable()
	}
	return padded[:len(padded)-n], nil
}
