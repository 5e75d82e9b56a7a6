package schemas

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"banjian/internal/text"
	"banjian/schemas/ids"
)

// CodeSet (代码集) is the values a code may have. Most are lists; a set with a Form is
// open: it takes every well-formed code of that form, and Codes is empty.
type CodeSet struct {
	Name    string    // "result"; "national/result_type"
	Title   text.Text // 办结结果 / result
	Version string    // of the list
	Basis   string    // the standard it is taken from, empty when it is our own
	Form    string    // "" for a list, "region12" for administrative divisions
	Codes   []CodeValue

	has    map[string]int32 // code → index in Codes
	form   func(string) bool
	digest string
}

// CodeValue is one code and what it means.
type CodeValue struct {
	Code  string
	Title text.Text
}

// forms are the open sets' rules of well-formedness.
var forms = map[string]func(string) bool{
	"region12": ids.Region12,
}

// Has says whether code belongs to the set. It allocates nothing.
func (s *CodeSet) Has(code string) bool {
	if s.form != nil {
		return s.form(code)
	}
	_, ok := s.has[code]
	return ok
}

// Value finds a listed code.
func (s *CodeSet) Value(code string) (CodeValue, bool) {
	i, ok := s.has[code]
	if !ok {
		return CodeValue{}, false
	}
	return s.Codes[i], true
}

// Digest is a hex hash of the codes (not of their titles): two sets of equal digest
// accept the same values.
func (s *CodeSet) Digest() string { return s.digest }

func (s *CodeSet) seal() {
	h := sha256.New()
	h.Write([]byte(s.Form))
	for _, v := range s.Codes {
		h.Write([]byte{0})
		h.Write([]byte(v.Code))
	}
	s.digest = hex.EncodeToString(h.Sum(nil))
}

// codeSetFile is the YAML shape of a file in codes/.
type codeSetFile struct {
	Set     string      `yaml:"set"`
	Title   text.Text   `yaml:"title"`
	Version string      `yaml:"version"`
	Basis   string      `yaml:"basis"`
	Form    string      `yaml:"form"`
	Extends string      `yaml:"extends"` // another set whose codes come first
	Codes   []codeEntry `yaml:"codes"`
}

type codeEntry struct {
	Code string `yaml:"code"`
	ZH   string `yaml:"zh"`
	EN   string `yaml:"en"`
}

// rawSet is a set as its file has it.
type rawSet struct {
	set     *CodeSet
	extends string
}

func parseCodeSet(src source, name string) (rawSet, error) {
	var f codeSetFile
	if err := src.decode(&f); err != nil {
		return rawSet{}, err
	}
	if f.Set != name {
		return rawSet{}, src.fail("$.set",
			text.F("set 应当是 %q，与文件路径一致", "set must be %q, like the path of the file", name), text.Text{})
	}
	set := &CodeSet{Name: name, Title: f.Title, Version: f.Version, Basis: f.Basis, Form: f.Form}
	if f.Form != "" {
		form, ok := forms[f.Form]
		if !ok || len(f.Codes) > 0 || f.Extends != "" {
			return rawSet{}, src.fail("$.form",
				text.T("form 须是已知的写法，且不得再列 codes 或 extends", "form must be a known one, and goes without codes and extends"),
				text.T("已知：region12", "known: region12"))
		}
		set.form = form
	}
	for _, c := range f.Codes {
		set.Codes = append(set.Codes, CodeValue{Code: c.Code, Title: text.T(c.ZH, c.EN)})
	}
	return rawSet{set: set, extends: f.Extends}, indexCodes(src, set)
}

func indexCodes(src source, set *CodeSet) error {
	set.has = make(map[string]int32, len(set.Codes))
	for i, v := range set.Codes {
		at := codePath(i)
		if v.Code == "" || v.Title.ZH == "" {
			return src.fail(at, text.T("每个代码都要有 code 和 zh", "every code needs code and zh"), text.Text{})
		}
		if _, twice := set.has[v.Code]; twice {
			return src.fail(at, text.F("代码 %s 重复", "code %s is listed twice", v.Code), text.Text{})
		}
		set.has[v.Code] = int32(i)
	}
	return nil
}

func codePath(i int) string { return "$.codes[" + strconv.Itoa(i) + "]" }

// close refuses an empty list and computes the digest.
func (s *CodeSet) close(src source) error {
	if s.form == nil && len(s.Codes) == 0 {
		return src.fail("$.codes", text.T("代码集是空的", "the code set is empty"), text.Text{})
	}
	s.seal()
	return nil
}
