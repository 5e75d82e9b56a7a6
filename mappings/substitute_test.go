package mappings

import (
	"strings"
	"testing"

	"banjian/schemas"
)

// What a receiver's charset lacks becomes the site's substitute, counted, or a reject.
func TestARareCharacterBecomesTheSitesSubstituteOrAReject(t *testing.T) {
	alloc := checked(t)
	data, file, err := Load("national-2020/step")
	if err != nil {
		data, file, err = Load("national-2020/process")
	}
	if err != nil {
		t.Fatal(err)
	}
	cat, err := catalog(t).Counting(schemas.Unit{Charset: "gbk"}).Substituting(map[string]string{"𠮷": "吉", "㐀": "（丘）"})
	if err != nil {
		t.Fatal(err)
	}
	s, _ := cat.Subject("case/step")
	f, err := Parse(file, data)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Compile(f, cat, s)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := Compile(f, catalog(t), s)
	if err != nil || plain.Version() == m.Version() {
		t.Errorf("the version does not tell substitutes apart: %v", err)
	}
	whole := canonicalRecord(t, alloc, s,
		with(sampleStep, "user", "李𠮷㐀"), with(sampleStep, "user", "李四"), with(sampleStep, "user", "李𠮷𪚥"))
	defer whole.Release()
	res := apply(t, m, alloc, whole)
	defer res.Release()
	got := dump(res)
	for _, want := range []string{"李吉（丘）", "李四", "warn 0: ", "substituted [U+20BB7 吉]", "substituted [U+3400 （丘）]", "reject 2: ", "not_in_charset [gbk]"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "?") || strings.Contains(got, "warn 2") {
		t.Errorf("got\n%s", got)
	}
}
