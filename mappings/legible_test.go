package mappings

import (
	"strings"
	"testing"

	"banjian/internal/charset"
)

func TestARowWithBytesThatAreNoCharacterIsRejected(t *testing.T) {
	gbk := func(raw string) string { return string(charset.GBK().Append(nil, []byte(raw))) }
	for _, c := range []struct{ name, mapping string }{
		{"plain", thing("name: a\nnote: {from: b, else: blank}")},
		{"filtered", "mapping: test/thing\nto: case/thing\nwhere: \"a != '丙'\"\nfilter: [{id: x, when: \"b == '没有'\"}]\nfields:\n  id: id\n  name: a\n  note: {from: b, map: {乙: 是, 好: 好}, else: blank}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			alloc := checked(t)
			m := compile(t, c.mapping)
			rec := texts(t, alloc, []string{"id", "a", "b"},
				[]string{"0", "甲", "乙"},
				[]string{"1", gbk("\xBC\xD7\xFF"), "乙"},
				[]string{"2", "甲", "a\xE5\xA5"},
				[]string{"3", "甲\uFFFD", gbk("\x81")},
				[]string{"4", null, "好"},
				[]string{"5\xE5", "\xA5\xBD", "好"},
				[]string{"6", "甲", string(charset.AppendTooBig(nil, 20<<20, 16<<20))})
			defer rec.Release()
			p, err := m.Bind(rec.Schema())
			if err != nil {
				t.Fatal(err)
			}
			res, err := p.Apply(alloc, rec)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Release()
			want := strings.Join([]string{
				"case/thing 0: id=0 name=甲 note=" + map[string]string{"plain": "乙", "filtered": "是"}[c.name],
				"case/thing 4: id=4 note=好",
				"reject 1: name bad_bytes [a FF]",
				"reject 2: note bad_bytes [b E5 A5]",
				"reject 3: name lost_char [a]",
				"reject 3: note bad_bytes [b 81]",
				"reject 5: id bad_bytes [id E5]",
				"reject 5: name bad_bytes [a A5 BD]",
				"reject 6: note value_too_big [b 20971520 16777216]",
			}, "\n")
			if c.name == "filtered" {
				want = strings.Replace(want, "case/thing 4: id=4 note=好\n", "", 1)
			}
			got := strings.Replace(dump(res), "filtered 1\n", "", 1)
			if sortedLines(strings.Split(got, "\n")) != sortedLines(strings.Split(want, "\n")) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			keys, err := p.Keys(alloc, rec, []string{"id"})
			if err != nil {
				t.Fatal(err)
			}
			defer keys.Release()
			if k := keys.Column(0); k.NullN() != 1 || !k.IsNull(5) {
				t.Errorf("keys %v", k)
			}
		})
	}
}
