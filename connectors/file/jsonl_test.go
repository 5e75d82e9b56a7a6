package file

import (
	"strings"
	"testing"

	"banjian/pipelines"
)

func TestJSONLinesAreReadAsTheyAreWritten(t *testing.T) {
	for _, c := range []struct {
		name, charset, content string
		want                   []string
	}{
		{"kinds", "", `{"id": 440106199001011234567890, "v": "a\n\u529e"}` + "\n\n" + `{"v": null, "id": 1.50, "more": [1]}` + "\r\n" + `{"id": true, "v": {"a": [1, "b"]}}`,
			[]string{"440106199001011234567890,a\n办", "1.50,∅", `true,{"a":[1,"b"]}`}},
		{"absent keys", "", `{"id": 1}`, []string{"1,∅"}},
		{"not objects", "", "[1]\n{\"id\": 1\n{\"id\": 1}}\n{\"id\": 1} {}\nx\n{\"id\": 2}", []string{"!row_json:", "!row_json:", "!row_json:", "!row_json:", "!row_json:", "2,∅"}},
		{"a key twice", "", `{"id": 1, "id": 2}`, []string{"!row_json:"}},
		{"half a character", "", `{"id": 1, "v": "\ud83d"}` + "\n" + `{"id": 1, "v": "\ufffd"}`, []string{"!row_json:", "1,\uFFFD"}},
		{"bad bytes", "", "{\"id\": 1, \"v\": \"\xB0\xEC\"}\n{\"id\": 2}", []string{"!bad_bytes:,B0 EC", "2,∅"}},
		{"gbk", "gbk", gbk(t, `{"id": 1, "v": "办"}`) + "\n{\"id\": \"\xFF\"}", []string{"1,办", "!bad_bytes:,FF"}},
		{"deep", "", strings.Repeat(`{"id":`, 20000) + "\n{\"id\": 2}", []string{"!row_json:", "2,∅"}},
		{"too long", "", `{"id": "` + strings.Repeat("x", 2<<20) + `"}` + "\n{\"id\": 2}", []string{"!row_too_long:1048576", "2,∅"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, rows := range []int{1, 100} {
				d := newDrop(t, Options{Files: "*.jsonl", Format: "jsonl", Layout: pipelines.FileLayout{Charset: c.charset}, BatchRows: rows, rowLimit: 1 << 20})
				d.put("a.jsonl", c.content)
				d.wantRows(d.run(true), c.want...)
			}
		})
	}
}
