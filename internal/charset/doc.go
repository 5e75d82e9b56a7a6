// Package charset reads and writes the charsets that departments and receivers use beside
// UTF-8: GBK, GB 18030 and Big5. Reading is strict: a byte that stands for nothing is never
// replaced by U+FFFD or '?', it is marked, so that whoever judges the value finds the byte.
//
// It imports nothing of the house.
package charset
