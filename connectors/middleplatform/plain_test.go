package middleplatform

import (
	"encoding/json"
	"testing"
)

// What the plain reader takes, encoding/json takes and reads alike.
func FuzzPlainObjectsAreReadAsJSONReadsThem(f *testing.F) {
	for _, s := range []string{`{"status":"200","msg":"成功"}`, ` {"a":"1"}`, `{"a":"1" , "b" :"2"}`, `{"a":"1","a":"2"}`, "{\"a\":\"\t\"}", `{"a":"\u0041"}`, `{"a":1}`, `{}`,
		`{"a":"1",}`, `{"a":"1"}}`, `{"a":"1"`, `{"a":{"b":"c"}}`, "{\"a\":\"\xff\"}", `{"a":"1"} `, `{"":""}`, "{\"a\"\u00a0:\"1\"}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		plain, ok := plainObject(s)
		if !ok {
			return
		}
		var whole map[string]string
		if err := json.Unmarshal([]byte(s), &whole); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		of, names := members{plain: plain}, map[string]bool{}
		for _, m := range plain {
			names[m.name] = true
			if m.name != "" && of.text(m.name) != whole[m.name] {
				t.Errorf("%q: %s is %q, not %q", s, m.name, of.text(m.name), whole[m.name])
			}
		}
		if len(names) != len(whole) {
			t.Errorf("%q: %d members of %d", s, len(names), len(whole))
		}
	})
}

func TestAPlainAnswerNeedsNoJSONReader(t *testing.T) {
	for s, want := range map[string]bool{
		`{"status":"200","msg":"成功","time":"20260301120000"}`: true, `{ "a" : "1" , "b":"" }`: true,
		`{"a":1}`: false, `{"a":null}`: false, `{"a":"\n"}`: false, `{}`: false, `{"a":"1"`: false, `[]`: false, ``: false,
	} {
		if _, ok := plainObject(s); ok != want {
			t.Errorf("%s: %t", s, ok)
		}
	}
}
