package schemas

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
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

func parseCodeSet(src source, name string) (*CodeSet, string, error) {
	var f codeSetFile
	if err := src.decode(&f); err != nil {
		return nil, "", err
	}
	if f.Set != name {
		return nil, "", src.fail("$.set",
			text.F("set 应当是 %q，与文件路径一致", "set must be %q, like the path of the file", name), text.Text{})
	}
	set := &CodeSet{Name: name, Title: f.Title, Version: f.Version, Basis: f.Basis, Form: f.Form}
	if f.Form != "" {
		form, ok := forms[f.Form]
		if !ok || len(f.Codes) > 0 || f.Extends != "" {
			return nil, "", src.fail("$.form",
				text.T("form 须是已知的写法，且不得再列 codes 或 extends", "form must be a known one, and goes without codes and extends"),
				text.T("已知：region12", "known: region12"))
		}
		set.form = form
	}
	for _, c := range f.Codes {
		set.Codes = append(set.Codes, CodeValue{Code: c.Code, Title: text.T(c.ZH, c.EN)})
	}
	return set, f.Extends, indexCodes(src, set)
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

// extendSet puts the codes of the set that name extends before its own. One step is
// enough: a base that extends another is refused.
func extendSet(src source, sets map[string]*CodeSet, name string, extends map[string]string) error {
	set := sets[name]
	if base := extends[name]; base != "" {
		from, ok := sets[base]
		if !ok || extends[base] != "" || from.form != nil {
			return src.fail("$.extends",
				text.F("extends 要指向一个直接列出代码的代码集，%s 不是", "extends must name a set that lists its codes itself, %s does not", base), text.Text{})
		}
		set.Codes = append(slices.Clone(from.Codes), set.Codes...)
		if err := indexCodes(src, set); err != nil {
			return err
		}
	}
	if set.form == nil && len(set.Codes) == 0 {
		return src.fail("$.codes", text.T("代码集是空的", "the code set is empty"), text.Text{})
	}
	set.seal()
	return nil
}
