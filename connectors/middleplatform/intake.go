package middleplatform

import (
	"embed"
	"errors"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"

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
	Like       string              `yaml:"like"`      // another profile's intake: what is not said here is as there
	CodeSets   map[string]CodeSet  `yaml:"code_sets"` // beside those of the profile
	Interfaces map[string]*Inbound `yaml:"interfaces"`
	Download   Download            `yaml:"download"`

	profile *Profile // with both lists of code sets
}

// Download is the call that brings the bytes of a material's file.
type Download struct {
	Path string `yaml:"path"`
	Conf string `yaml:"conf"`
	Mode string `yaml:"mode"` // downloadMode of the call
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

// Intakes lists the profiles that an intake ships for.
func Intakes() []string {
	files, _ := fs.Glob(shippedIntake, "intake/*.yaml") // the pattern is well formed
	for i, f := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(f, "intake/"), ".yaml")
	}
	return files
}

// LoadIntake reads what belongs to a profile: from the first of the given file systems
// that has intake/NAME.yaml, else the shipped one, else that of the profile it is like. Faults are Config with
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
		return parseIntake(path, data, p, overlays)
	}
	if p.Like != "" {
		return parseIntake(path, []byte("profile: "+p.Profile+"\nlike: "+p.Like+"\n"), p, overlays)
	}
	return nil, fault.New(fault.Config, "find intake", path, text.F("档案 %s 没有接收方向的报文", "there is no intake of profile %s", p.Profile), text.Text{})
}

// parseIntake reads and checks the intake of a profile; file names it in faults.
func parseIntake(file string, data []byte, p *Profile, overlays []fs.FS) (*Intake, error) {
	i := new(Intake)
	if err := yamlfile.Decode(file, data, i); err != nil {
		return nil, err
	}
	wrong := i.settle(overlays)
	if wrong == nil {
		wrong = i.wrong(p)
	}
	if wrong != nil {
		return nil, fault.New(fault.Config, "read intake", yamlfile.Where(file, data, wrong.path), wrong.what, text.T("请对照随程序提供的档案修改", "compare it with a shipped profile"))
	}
	return i, nil
}

// settle fills in what an intake takes from another one.
func (i *Intake) settle(overlays []fs.FS) *mistake {
	if i.Like == "" {
		return nil
	}
	if i.Like == i.Profile {
		return wrongAt("$.like", "like 要指别的档案", "like names another profile")
	}
	p, err := LoadProfile(i.Like, overlays...)
	if err != nil {
		return &mistake{"$.like", whatOf(err)}
	}
	other, err := LoadIntake(p, overlays...)
	if err != nil {
		return &mistake{"$.like", whatOf(err)}
	}
	i.CodeSets = filled(i.CodeSets, other.CodeSets)
	for name, in := range i.Interfaces {
		if from := other.Interfaces[name]; in != nil && from != nil {
			fill(reflect.ValueOf(in).Elem(), reflect.ValueOf(*from), true)
		}
	}
	i.Interfaces = filled(i.Interfaces, other.Interfaces)
	fill(reflect.ValueOf(&i.Download).Elem(), reflect.ValueOf(other.Download), true)
	return nil
}

// wrong is the first mistake; it also gives every call its name.
func (i *Intake) wrong(p *Profile) *mistake {
	if i.Profile != p.Profile {
		return wrongAt("$.profile", "profile 应当是 %s，与文件名一致", "profile must be %s, like the name of the file", p.Profile)
	}
	both := *p
	both.CodeSets = maps.Clone(p.CodeSets)
	maps.Copy(both.CodeSets, i.CodeSets)
	both.spelt, both.loose = nil, nil
	i.profile = &both
	if m := oneOf("$.download.conf", i.Download.Conf, confidences...); m != nil || !strings.HasPrefix(i.Download.Path, "/") || i.Download.Mode == "" {
		return wrongAt("$.download", "download 要有 path（以 / 开头）、conf 和 mode", "download has a path that begins with /, conf and mode")
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
		i.profile.learn(in.Request)
		i.profile.learn(in.Answer)
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

// Wire is the profile by which the calls of an intake are read and written: that of the
// platform, with the names and code sets of the intake.
func (i *Intake) Wire() *Profile { return i.profile }

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
	return i.profile.Told(f.value(block))
}
