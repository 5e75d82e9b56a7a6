// Package gm holds the commercial ciphers of China (国密) that receivers ask for: the
// hash SM3 (GB/T 32905) and the block cipher SM4 (GB/T 32907) in the modes ECB and
// CBC with PKCS#7 padding. The mathematics is a library's; here stand the modes, the
// strict padding and the border that keeps the library in one place.
//
// It may import internal/fault and internal/text.
//
// # What holds
//
//   - No input, however wrong, makes it panic: a key, an initialisation vector or a
//     ciphertext of a wrong length is an error.
//   - Padding is checked whole, in constant time, and every failure of a decryption
//     reads the same, so that an answer tells nothing about the plaintext.
//   - ECB shows equal blocks as equal; it is here for the derivation of keys only.
//   - No error carries a key or a plaintext.
package gm
