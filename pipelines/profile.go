package pipelines

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

// Profile is everything one kind of receiver can differ in, as data: which subjects
// it takes, in which order, into which table, through which mapping.
type Profile struct {
	Profile  string           `yaml:"profile"`
	Title    string           `yaml:"title"`
	Kind     string           `yaml:"kind"`     // exchange: tables of a national exchange database; platform: calls of a middle platform; topic: topics of a Kafka; table: any tables, by key; file: files in a folder
	Protocol string           `yaml:"protocol"` // platform: the profile of its messages
	Deletes  string           `yaml:"deletes"`  // all but platform: ask, a person approves each; send; default of exchange ask, of others send
	Topics   *ProfileTopics   `yaml:"topics"`   // topic: how its messages are written
	Files    *ProfileFiles    `yaml:"files"`    // file: how they are written
	Subjects []ProfileSubject `yaml:"subjects"`
	Returns  []ProfileReturn  `yaml:"returns"` // exchange: where it sends rows back
	File     string           `yaml:"-"`

	doc *yamlfile.Doc
}

// ProfileSubject is one subject at a receiver. Subjects are delivered in the order
// they are listed, parents first.
type ProfileSubject struct {
	Subject   string        `yaml:"subject"`
	Table     string        `yaml:"table"`        // exchange, table
	Interface string        `yaml:"interface"`    // platform
	Topic     string        `yaml:"topic"`        // topic
	Folder    string        `yaml:"folder"`       // file: the folder its files go to
	Key       []string      `yaml:"key"`          // topic: columns that make a message's key; default the natural key, of a mapped record its row_guid; table: columns of its unique key
	Version   string        `yaml:"version"`      // table: a row goes over another only with a greater one; a column of the mapping, or else filled with the record's version
	Flag      *ProfileFlag  `yaml:"deleted_flag"` // table: what a delete sets; without one it removes the row
	Fill      ProfileFill   `yaml:"fill"`         // table: columns filled besides the mapping's
	Mapping   string        `yaml:"mapping"`
	Waits     bool          `yaml:"waits_for_accept"` // held until the case's accept record has arrived
	PartOf    string        `yaml:"part_of"`          // the item subject whose row these records name by its row_guid
	Refers    []ProfileRef  `yaml:"refers"`           // further records that these name by their row_guid
	Unless    ProfileUnless `yaml:"unless"`
	Needs     []string      `yaml:"needs"`     // case_no, flow_no, item_code: without an acceptance held until the record has them, of its own or from the application
	All       ProfileAll    `yaml:"waits_all"` // held until these records of the case have all arrived
	One       ProfileOne    `yaml:"waits_one"` // held until one of these records of the case has arrived
	InOrder   string        `yaml:"in_order"`  // platform: a time; records of a case go in its order, one after the other
	Adopt     [][]string    `yaml:"adopt"`     // exchange: sets of the table's columns that name a record, tried one after the other when identities are taken over
}

// ProfileRef is a record of the same source that is named by its row_guid: As is the column
// the mapping reads it from, Key the fields that hold that record's natural key.
type ProfileRef struct {
	As      string   `yaml:"as"`
	Subject string   `yaml:"subject"`
	Key     []string `yaml:"key"`
}

// Kinds of receivers.
const (
	KindExchange = "exchange"
	KindPlatform = "platform"
	KindTopic    = "topic"
	KindTable    = "table"
	KindFile     = "file"
)

// What becomes of deletes of records an exchange database or a topic has.
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

// ProfileAll is records of the case that must all be whole, with a value in Having, and
// have arrived.
type ProfileAll struct {
	Subject string `yaml:"subject"`
	Having  string `yaml:"having"`
}

// ProfileOne is records of the case one of which must have arrived; with a Field, one
// that has one of the values. Where the case has only others, the record is not for
// this receiver.
type ProfileOne struct {
	Subject string   `yaml:"subject"`
	Field   string   `yaml:"field"`
	In      []string `yaml:"in"`
}

// AsksDeletes says whether a person approves each delete of a record the receiver has.
func (p *Profile) AsksDeletes() bool {
	return p.Deletes == DeletesAsk || p.Kind == KindExchange && p.Deletes == ""
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
		if p.doc, err = yamlfile.Read(p.File, data, p); err != nil {
			return nil, err
		}
		if err := p.check(); err != nil {
			return nil, err
		}
		return p, nil
	}
	hint := nearest.Hint(name, Profiles(site))
	if hint.IsZero() {
		hint = text.T("检查 banjian.yaml 里 receivers 的 profile", "check profile under receivers in banjian.yaml")
	}
	return nil, fault.New(fault.Config, "load profile", file, text.F("没有接收方档案 %s", "there is no receiver profile %s", name), hint)
}

// Profiles is the names of the profiles that ship and of a site's own, sorted.
func Profiles(site fs.FS) []string {
	var names []string
	for _, fsys := range []fs.FS{site, Catalog()} {
		if fsys == nil {
			continue
		}
		files, _ := fs.Glob(fsys, "receivers/*.yaml")
		for _, f := range files {
			names = append(names, strings.TrimSuffix(path.Base(f), ".yaml"))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Fault is a Config fault at the value of the profile that path leads to.
func (p *Profile) Fault(what, hint text.Text, path ...any) error {
	if p.doc == nil {
		return fault.New(fault.Config, "load profile", p.File, what, hint)
	}
	return p.doc.Fault(what, hint, path...)
}

// checkRefers finds records that are named by nothing.
func (p *Profile) checkRefers(found *fault.List) {
	for i := range p.Subjects {
		for j, r := range p.Subjects[i].Refers {
			if r.As == "" || len(r.Key) == 0 || r.Subject == "" {
				found.Add(p.Fault(text.T("refers 要写 as、subject 和 key", "refers has as, subject and key"), text.Text{}, "subjects", i, "refers", j))
			}
		}
	}
}

func (p *Profile) check() error {
	var found fault.List
	switch {
	case !slices.Contains([]string{KindExchange, KindPlatform, KindTopic, KindTable, KindFile}, p.Kind) || len(p.Subjects) == 0:
		return p.Fault(text.T("档案须有 kind（exchange、platform、topic、table 或 file）和至少一个 subjects 项", "a profile needs kind, exchange, platform, topic, table or file, and at least one entry under subjects"), text.Text{}, "kind")
	case (p.Kind == KindPlatform) != (p.Protocol != ""):
		found.Add(p.Fault(text.T("kind: platform 要写 protocol，其他不写", "kind: platform has a protocol, others have none"), text.Text{}, "protocol"))
	case p.Deletes != "" && (p.Kind == KindPlatform || p.Deletes != DeletesAsk && p.Deletes != DeletesSend):
		found.Add(p.Fault(text.T("deletes 只用于 exchange、topic、table 和 file，写 ask 或 send", "deletes is for exchange, topic, table and file: ask or send"), text.Text{}, "deletes"))
	}
	p.checkTopics(&found)
	p.checkTables(&found)
	p.checkFiles(&found)
	p.checkReturns(&found)
	p.checkRefers(&found)
	for i, s := range p.Subjects {
		places := map[string]string{KindExchange: s.Table, KindPlatform: s.Interface, KindTopic: s.Topic, KindFile: s.Folder}
		if p.Kind == KindTable {
			places[KindTable] = s.Table
			delete(places, KindExchange)
		}
		own := places[p.Kind]
		delete(places, p.Kind)
		other := slices.ContainsFunc(slices.Collect(maps.Values(places)), func(v string) bool { return v != "" })
		if s.Subject == "" || own == "" || other || s.Mapping == "" && p.Kind != KindTopic && p.Kind != KindFile {
			found.Add(p.Fault(text.F("主题 %q 要有 subject、mapping，以及 table（exchange、table）、interface（platform）、topic（topic）或 folder（file）；topic、file 可不写 mapping", "entry %q needs subject, mapping and, of an exchange or table, table, of a platform, interface, of a topic topic, of a file folder; the last two with a mapping or without", s.Subject), text.Text{}, "subjects", i))
		}
		for _, need := range s.Needs {
			if need != "case_no" && need != "flow_no" && need != "item_code" {
				found.Add(p.Fault(text.F("主题 %q 的 needs 只能是 case_no、flow_no、item_code", "needs of entry %q are case_no, flow_no and item_code", s.Subject), text.Text{}, "subjects", i, "needs"))
			}
		}
		if (s.All.Subject == "") != (s.All.Having == "") || s.One.Field != "" && len(s.One.In) == 0 || s.One.Subject == "" && s.One.Field != "" {
			found.Add(p.Fault(text.F("主题 %q 的 waits_all 要有 subject、having，waits_one 要有 subject，有 field 时还要有 in", "entry %q: waits_all has subject and having, waits_one subject and, with a field, in", s.Subject), text.Text{}, "subjects", i))
		}
	}
	return found.Err()
}
