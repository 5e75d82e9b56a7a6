package connectortest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// HostileColumns are the columns of hostile rows; all are text, the first is the number of
// the row as its department knows it.
var HostileColumns = []string{"slbh", "jgdm", "jgms", "bjsj", "spr", "lqrsfz", "je", "bd"}

// HostileRow is a row as a department has it, one value for each of HostileColumns, nil for
// NULL. Of a good row Class is empty; of a bad one Column is at fault, and a mapping with a
// check for each column refuses the row by one of Rules. Tag tells rows apart where their
// numbers do not; it stands in jgms, but where that is the column at fault.
type HostileRow struct {
	Class  string
	Column string
	Rules  []string
	Tag    string
	Cells  []*string
}

// hostileClass spoils a good row; n counts the rows of the class.
type hostileClass struct {
	name   string
	column string
	rules  []string
	spoil  func(n int, r *rand.Rand) *string // the value of column
}

// hugeEvery is how many of the rows of a class for one that takes 5 MB; the others are as
// bad and smaller, so that many fit into a test.
const hugeEvery = 200

func hostileClasses() []hostileClass {
	of := func(values ...string) func(int, *rand.Rand) *string {
		return func(n int, _ *rand.Rand) *string { return &values[n%len(values)] }
	}
	sized := func(huge, small int, unit string) func(int, *rand.Rand) *string {
		return func(n int, _ *rand.Rand) *string {
			size := small + n
			if n%hugeEvery == 0 {
				size = huge
			}
			s := strings.Repeat(unit, size/len(unit))
			return &s
		}
	}
	return []hostileClass{
		{"bad bytes", "spr", []string{"bad_bytes", "lost_char"}, of("张\xE5\xA5", "\xD5\xC5\xC8\xFD", "a\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "张\uFFFD", "\xF0\x9F\x98", "\xFF\xFE\x00")},
		{"NUL and controls", "spr", []string{"bad_text"}, of("张\x00三", "\x00", "a\x1bb", "\x7f\x7f", "张\u0085")},
		{"over-long", "spr", []string{"too_long"}, func(n int, _ *rand.Rand) *string { s := strings.Repeat("长", 101+n%400); return &s }},
		{"wrong check digit", "lqrsfz", []string{"check_resident_id"}, of("110105194912310021", "11010519491231002Y", "11010519491331002X", "1", "１１０１０５１９４９１２３１００２X")},
		{"bad time", "bjsj", []string{"bad_time"}, of("2026-02-30 10:00:00", "0000-00-00 00:00:00", "2026-13-01 00:00:00", "10000-01-01 00:00:00", "2026-01-02 24:00:00", "昨天", "2026-01-02 10:60:00", "9e99", "2026-01-02 10:00:00.5.5")},
		{"null key", "slbh", []string{"key_null"}, func(n int, _ *rand.Rand) *string {
			if s := ""; n%2 == 0 {
				return &s
			}
			return nil
		}},
		{"unknown code", "jgdm", []string{"unmapped_code"}, of("99", "1 ", "\u200b1", "ISSUED", "1\n", "null", "-1")},
		{"huge decimal", "je", []string{"bad_decimal", "too_long"}, func(n int, _ *rand.Rand) *string {
			s := []string{strings.Repeat("9", 400+n%100), "1e309", "-" + strings.Repeat("1", 20) + ".00", "0." + strings.Repeat("3", 60), "NaN", "Infinity", "0x1p-2", "１２"}[n%8]
			return &s
		}},
		{"5 MB field", "jgms", []string{"too_long"}, sized(5<<20, 16<<10, "办件")},
		{"JSON bomb", "bd", []string{"bad_form"}, func(n int, _ *rand.Rand) *string {
			s := []string{strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 5_000) + "1", `{"sqr":{"bz":"` + strings.Repeat(`\u0000`, 10), "[" + strings.Repeat(`{"a":[`, 3_000), `{"sqr":`, "{\"sqr\":\x01}"}[n%6]
			return &s
		}},
		{"SQL as a code", "jgdm", []string{"unmapped_code"}, of("1'; DROP TABLE bj; --", "1 OR 1=1", "\\'; SELECT SLEEP(9)#", "1/*", "${jndi:ldap://x}", "%s%n", "'||(SELECT 1)||'")},
		{"duplicate key", "slbh", []string{"duplicate_key"}, nil},
	}
}

// Hostile makes good rows and as many bad ones as asked for, spread evenly over the twelve
// classes and among the good. A row with the key of another comes behind that one. The same
// seed gives the same rows.
func Hostile(good, bad int, seed uint64) []HostileRow {
	r := rand.New(rand.NewPCG(seed, 12))
	classes := hostileClasses()
	rows := make([]HostileRow, 0, good+bad)
	var number *string // of the good row before
	for made, spoiled := 0, 0; made < good || spoiled < bad; {
		if spoiled < bad && (made == good || made > 0 && (spoiled+1)*good <= made*bad) {
			c := classes[spoiled%len(classes)]
			row := goodRow(fmt.Sprintf("B%07d", spoiled), r)
			row.Class, row.Column, row.Rules = c.name, c.column, c.rules
			at := hostileColumn(c.column)
			if row.Cells[at] = number; c.spoil != nil {
				row.Cells[at] = c.spoil(spoiled/len(classes), r)
			}
			rows = append(rows, row)
			spoiled++
			continue
		}
		row := goodRow(fmt.Sprintf("G%07d", made), r)
		number = row.Cells[0]
		rows = append(rows, row)
		made++
	}
	return rows
}

func hostileColumn(name string) int {
	for i, c := range HostileColumns {
		if c == name {
			return i
		}
	}
	panic("connectortest: no column " + name)
}

// goodRow is strange and right: what looks like SQL is an opinion like any other.
func goodRow(tag string, r *rand.Rand) HostileRow {
	opinions := []string{"同意", "'; DROP TABLE bj; --", `{"a": [1, 2]}`, "第一行\n第二行\t完", "𠮷野家（分店）", "100%", `\`, "<b>&amp;</b>", "“引号”'\"", "?"}
	pick := func(list ...string) *string { return &list[r.IntN(len(list))] }
	number, opinion := "N"+tag, tag+" "+opinions[r.IntN(len(opinions))]
	return HostileRow{Tag: tag, Cells: []*string{&number, pick("1", "2"), &opinion, pick("2026-01-02 10:00:00", "2026-12-31 23:59:59", "2024-02-29 00:00:00"),
		pick("张例", "欧阳样", "买买提·艾力", "𠮷例"), pick("11010519491231002X", "440308199901101512"), pick("0.00", "12.5", "99999999999999.99", "-3"),
		pick(`{"sqr":{"bz":"无"}}`, `{"sqr":{}}`, `{"sqr":{"bz":"\ud842\udfb7"}}`)}}
}
