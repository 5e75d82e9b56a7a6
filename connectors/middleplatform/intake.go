package middleplatform

import (
	"embed"
	"errors"
	"io/fs"
	"maps"
	"slices"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

//go:embed intake/*.yaml
var shippedIntake embed.FS

// Intake is what comes from a platform, as data in intake/*.yaml: the calls it makes to
// us, and its answers to the calls we make for details. It is read-only after
// LoadIntake.
type Intake struct {
	Profile    string              `yaml:"profile"`
	CodeSets   map[string]CodeSet  `yaml:"code_sets"` // beside those of the profile
	Interfaces map[string]*Inbound `yaml:"interfaces"`

	profile *Profile // with both lists of code sets
}

// Inbound is one call by which something comes.
type Inbound struct {
	Name      string  `yaml:"-"`
	Number    int     `yaml:"number"` // 1, 2, 3 or 10, as the standard lists them
	Title     string  `yaml:"title"`
	EN        string  `yaml:"en"`
	Direction string  `yaml:"direction"` // called: the platform calls us | asks: we call it
	Path      string  `yaml:"path"`      // as the platform names it
	Conf      string  `yaml:"conf"`      // of the path: client | analog | assumed
	Request   []Block `yaml:"request"`   // below the profile's root
	Answer    []Block `yaml:"answer"`    // below DATA; none: an acknowledgement alone
}

// AnswerRoot is the element of an answer that holds its blocks: RESULT/DATA.
const AnswerRoot = "DATA"

// LoadIntake reads what belongs to a profile: from the first of the given file systems
// that has intake/NAME.yaml, else the shipped one. Faults are Config with
// file:line:column.
func LoadIntake(p *Profile, overlays ...fs.FS) (*Intake, error) {
	path := "intake/" + p.Profile + ".yaml"
	for _, from := range append(slices.Clone(overlays), fs.FS(shippedIntake)) {
		data, err := fs.ReadFile(from, path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fault.Wrap(err, fault.Config, "read intake", path, text.T("读不了", "cannot be read"), text.Text{})
		}
		return ParseIntake(path, data, p)
	}
	return nil, fault.New(fault.Config, "find intake", path, text.F("档案 %s 没有接收方向的报文", "there is no intake of profile %s", p.Profile), text.Text{})
}

// ParseIntake reads and checks the intake of a profile; file names it in faults.
func ParseIntake(file string, data []byte, p *Profile) (*Intake, error) {
	i := new(Intake)
	if err := yamlfile.Decode(file, data, i); err != nil {
		return nil, err
	}
	both := *p
	both.CodeSets = maps.Clone(p.CodeSets)
	maps.Copy(both.CodeSets, i.CodeSets)
	i.profile = &both
	if wrong := i.wrong(p); wrong != nil {
		return nil, fault.New(fault.Config, "read intake", yamlfile.Where(file, data, wrong.path), wrong.what, text.T("请对照随程序提供的档案修改", "compare it with a shipped profile"))
	}
	return i, nil
}

// wrong is the first mistake; it also gives every call its name.
func (i *Intake) wrong(p *Profile) *mistake {
	if i.Profile != p.Profile {
		return wrongAt("$.profile", "profile 应当是 %s，与文件名一致", "profile must be %s, like the name of the file", p.Profile)
	}
	for _, name := range slices.Sorted(maps.Keys(i.CodeSets)) {
		if _, twice := p.CodeSets[name]; twice || len(i.CodeSets[name].Codes) == 0 {
			return wrongAt("$.code_sets."+name, "代码集 %s 是空的，或档案里已有", "code set %s is empty, or the profile has it", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(i.Interfaces)) {
		in, at := i.Interfaces[name], "$.interfaces."+name
		if in == nil || in.Title == "" || in.EN == "" || in.Path == "" {
			return wrongAt(at, "接口 %s 要有 title、en 和 path", "interface %s has title, en and path", name)
		}
		in.Name = name
		if !slices.Contains([]int{1, 2, 3, 10}, in.Number) {
			return wrongAt(at, "number 是 1、2、3 或 10", "number is 1, 2, 3 or 10")
		}
		if m := first(oneOf(at+".direction", in.Direction, "called", "asks"), oneOf(at+".conf", in.Conf, confidences...)); m != nil {
			return m
		}
		if in.Direction == "asks" && len(in.Answer) == 0 {
			return wrongAt(at, "asks 要有 answer", "asks has an answer")
		}
		if m := first(i.profile.wrongBlocks(at+".request", in.Request), i.profile.wrongBlocks(at+".answer", in.Answer)); m != nil {
			return m
		}
		for _, c := range p.Body.Case[:1] {
			if b := blockOf(in.Request, ""); b == nil || b.field(c) == nil || !b.field(c).Required {
				return wrongAt(at+".request", "缺少必填字段 %s", "there is no required field %s", c)
			}
		}
	}
	return nil
}

// wrongBlocks is the first mistake of a list of blocks.
func (p *Profile) wrongBlocks(at string, blocks []Block) *mistake {
	for n := range blocks {
		if m := p.wrongBlock(at, blocks, n); m != nil {
			return m
		}
	}
	return nil
}

// ByNumber lists the calls in the order of the standard.
func (i *Intake) ByNumber() []*Inbound {
	return slices.SortedFunc(maps.Values(i.Interfaces), func(a, b *Inbound) int { return a.Number - b.Number })
}

// CheckRequest finds what the description has against a request.
func (i *Intake) CheckRequest(in *Inbound, m *Element) []Problem {
	if m.Name != i.profile.Body.Root {
		return []Problem{notRoot(i.profile.Body.Root)}
	}
	return i.profile.checkBlocks(in.Request, m)
}

// CheckAnswer finds what the description has against the DATA of an answer.
func (i *Intake) CheckAnswer(in *Inbound, data *Element) []Problem {
	if data.Name != AnswerRoot {
		return []Problem{notRoot(AnswerRoot)}
	}
	return i.profile.checkBlocks(in.Answer, data)
}

// Value is the field of a block as a message has it, whichever of its spellings stands
// there; a placeholder of the profile is nothing.
func (i *Intake) Value(f *Field, block *Element) string {
	value := f.value(block)
	if slices.Contains(i.profile.Body.Placeholders, value) {
		return ""
	}
	return value
}
