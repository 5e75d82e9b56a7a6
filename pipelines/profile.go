package pipelines

import (
	"io/fs"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

// Profile is everything one kind of receiver can differ in, as data: which subjects
// it takes, in which order, into which table, through which mapping.
type Profile struct {
	Profile  string           `yaml:"profile"`
	Title    string           `yaml:"title"`
	Kind     string           `yaml:"kind"`     // exchange: tables of a national exchange database; platform: calls of a middle platform
	Protocol string           `yaml:"protocol"` // platform: the profile of its messages
	Deletes  string           `yaml:"deletes"`  // exchange: ask, a person approves each; send; default ask
	Subjects []ProfileSubject `yaml:"subjects"`
	File     string           `yaml:"-"`
}

// ProfileSubject is one subject at a receiver. Subjects are delivered in the order
// they are listed, parents first.
type ProfileSubject struct {
	Subject   string        `yaml:"subject"`
	Table     string        `yaml:"table"`     // exchange
	Interface string        `yaml:"interface"` // platform
	Mapping   string        `yaml:"mapping"`
	Waits     bool          `yaml:"waits_for_accept"` // held until the case's accept record has arrived
	Unless    ProfileUnless `yaml:"unless"`
}

// Kinds of receivers.
const (
	KindExchange = "exchange"
	KindPlatform = "platform"
)

// What becomes of deletes of records an exchange database has.
const (
	DeletesAsk  = "ask"  // they are held until a person approves them
	DeletesSend = "send" // they go as they come
)

// ProfileUnless names records that do not wait: those whose field has one of the
// values.
type ProfileUnless struct {
	Field string   `yaml:"field"`
	In    []string `yaml:"in"`
}

// LoadProfile reads a profile by name, the site's receivers folder first.
func LoadProfile(name string, site fs.FS) (*Profile, error) {
	file := "receivers/" + name + ".yaml"
	for _, layer := range []struct {
		fsys   fs.FS
		prefix string
	}{{site, "pipelines/"}, {Catalog(), "catalog:pipelines/"}} {
		if layer.fsys == nil {
			continue
		}
		data, err := fs.ReadFile(layer.fsys, file)
		if err != nil {
			continue
		}
		p := &Profile{File: layer.prefix + file}
		if err := yamlfile.Decode(p.File, data, p); err != nil {
			return nil, err
		}
		return p, p.check()
	}
	return nil, fault.New(fault.Config, "load profile", file, text.F("没有接收方档案 %s", "there is no receiver profile %s", name),
		text.T("检查 banjian.yaml 里 receivers 的 profile", "check profile under receivers in banjian.yaml"))
}

func (p *Profile) check() error {
	bad := func(what text.Text) error { return fault.New(fault.Config, "load profile", p.File, what, text.Text{}) }
	switch {
	case p.Kind != KindExchange && p.Kind != KindPlatform || len(p.Subjects) == 0:
		return bad(text.T("档案须有 kind（exchange 或 platform）和至少一个 subjects 项", "a profile needs kind, exchange or platform, and at least one entry under subjects"))
	case (p.Kind == KindPlatform) != (p.Protocol != ""):
		return bad(text.T("kind: platform 要写 protocol，其他不写", "kind: platform has a protocol, others have none"))
	case p.Deletes != "" && (p.Kind != KindExchange || p.Deletes != DeletesAsk && p.Deletes != DeletesSend):
		return bad(text.T("deletes 只用于 exchange，写 ask 或 send", "deletes is for exchange: ask or send"))
	}
	for _, s := range p.Subjects {
		own, other := s.Table, s.Interface
		if p.Kind == KindPlatform {
			own, other = other, own
		}
		if s.Subject == "" || own == "" || other != "" || s.Mapping == "" {
			return bad(text.F("主题 %q 要有 subject、mapping，以及 table（exchange）或 interface（platform）", "entry %q needs subject, mapping and, of an exchange, table, of a platform, interface", s.Subject))
		}
	}
	return nil
}
