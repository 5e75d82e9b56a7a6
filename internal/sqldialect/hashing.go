package sqldialect

import (
	"fmt"
	"strings"
)

// Hashing is how a server hashes rows where they lie.
type Hashing struct {
	// Row is an integer of 0 to 2^32-1 for the values of some columns, in their order; NULL
	// and empty text differ.
	Row func(exprs []string) string
	// Leaf is which of n parts, a power of two, a row belongs to by its key columns.
	Leaf func(exprs []string, n int) string
	// Unsorted stands behind GROUP BY where the server would sort the groups for nothing.
	Unsorted string
}

// Hashing is the dialect's; Row is nil where the server has no hash.
func (d *Dialect) Hashing() Hashing { return hashings[d.Name] }

var hashings = map[string]Hashing{"mysql": crcHashing, "postgres": md5Hashing}

// crcHashing joins values with a control character no text holds, as bytes, so that
// columns of several character sets go together.
var crcHashing = Hashing{
	Row: func(exprs []string) string {
		return "CRC32(CONCAT_WS(X'1F', " + strings.Join(exprs, ", ") + ", " + nullBits(exprs, "ISNULL(%s)") + "))"
	},
	Leaf: func(exprs []string, n int) string {
		return fmt.Sprintf("(CRC32(CONCAT_WS(X'1F', %s)) & %d)", strings.Join(exprs, ", "), n-1)
	},
	Unsorted: " ORDER BY NULL",
}

// md5Hashing takes the first 32 bits of an MD5: PostgreSQL has no CRC-32 before 18.
var md5Hashing = Hashing{
	Row: func(exprs []string) string {
		return first32("md5(concat_ws(chr(31), " + strings.Join(exprs, ", ") + ", " + nullBits(exprs, "(%s IS NULL)::int4") + "))")
	},
	Leaf: func(exprs []string, n int) string {
		return fmt.Sprintf("(%s & %d)", first32("md5(concat_ws(chr(31), "+strings.Join(exprs, ", ")+"))"), n-1)
	},
}

func first32(hex string) string { return "('x' || substr(" + hex + ", 1, 8))::bit(32)::int8" }

// nullBits says which of the columns are NULL, a bit each, up to 60 in a number.
func nullBits(exprs []string, isNull string) string {
	var numbers []string
	for start := 0; start < len(exprs); start += 60 {
		var bits []string
		for i, e := range exprs[start:min(start+60, len(exprs))] {
			bits = append(bits, fmt.Sprintf(isNull+" * %d", e, int64(1)<<i))
		}
		numbers = append(numbers, strings.Join(bits, " + "))
	}
	return strings.Join(numbers, ", ")
}
