package pipelines

import (
	"embed"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"banjian/internal/charset"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/pace"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

//go:embed catalog
var catalog embed.FS

// Catalog is the pipelines and receiver profiles that ship.
func Catalog() fs.FS {
	sub, err := fs.Sub(catalog, "catalog")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return sub
}

// Spec is one pipeline as a person writes it: where rows come from, the mapping they
// go through, and the receivers they are for.
type Spec struct {
	Pipeline string      `yaml:"pipeline"`
	Title    string      `yaml:"title"`
	From     From        `yaml:"from"`
	Mapping  string      `yaml:"mapping"`
	Deliver  []string    `yaml:"deliver"`
	Rejects  LimitsSpec  `yaml:"rejects"`
	Changes  ChangesSpec `yaml:"changes"`
	Deletes  DeletesSpec `yaml:"deletes"`
	File     string      `yaml:"-"`

	Attachments *Attachments `yaml:"attachments"` // files that rows refer to; nil: none

	doc *yamlfile.Doc
}

// From is a pipeline's source: exactly one of View, Table, Query and Topic; with Topic,
// Table is the table whose changes are read.
type From struct {
	Connection string      `yaml:"connection"`
	SourceID   string      `yaml:"source_id"` // short name of the department system, fixed for ever
	View       string      `yaml:"view"`
	Table      string      `yaml:"table"`
	Query      string      `yaml:"query"`
	Key        Key         `yaml:"key"`    // canonical fields of the natural key, source_id left out; or none
	Nth        []string    `yaml:"nth"`    // source columns; rows equal in them are numbered (NthColumn)
	Cursor     string      `yaml:"cursor"` // source column that grows with every change
	Lookback   Duration    `yaml:"lookback"`
	Settle     *Duration   `yaml:"settle"`     // rows younger than this wait for the next run; default 1s
	Lag        Duration    `yaml:"lag"`        // of a standby behind the server that is written to
	Mode       string      `yaml:"mode"`       // incremental, full, compare, flagged
	Flag       *Flag       `yaml:"flag"`       // of mode: flagged
	Compare    *Compares   `yaml:"compare"`    // of an incremental pipeline: when a run compares the whole view instead; nil: never by itself
	Absent     string      `yaml:"absent"`     // keep, delete
	Scope      []ScopeRule `yaml:"scope"`      // of absent: delete; what the view can be expected to show
	Deleted    *SoftDelete `yaml:"deleted"`    // where the department marks rows as deleted
	Splits     int         `yaml:"splits"`     // ranges of the key a first load is read in; default 1
	BatchRows  int         `yaml:"batch_rows"` // rows read at a time; default 3072
	Speed      pace.Speed  `yaml:"speed"`      // of this pipeline; that of the connection holds too

	Columns map[string]ColumnSpec `yaml:"columns"` // what is to be known about single columns

	// Files instead of a view: settle is how long a file must have been left alone, default
	// 1m, and nothing where files are done.
	Files    string     `yaml:"files"`    // names in the connection's folder, with * and ?
	Layout   FileLayout `yaml:"layout"`   // where it is not the usual one
	Done     string     `yaml:"done"`     // extension of the empty file that says a file is whole: .done
	Checksum string     `yaml:"checksum"` // extension of the file with its checksum: .md5, .sha256, .sm3

	Topic     string            `yaml:"topic"`
	Format    string            `yaml:"format"`    // of its messages, or of files: csv, tsv, xlsx, jsonl, parquet; default: by their extension
	Start     string            `yaml:"start"`     // where it is begun: earliest (default), latest, or a time
	Linger    Duration          `yaml:"linger"`    // how long a batch waits to be filled; default 100ms
	Fields    []string          `yaml:"fields"`    // csv: the names of the fields
	Separator string            `yaml:"separator"` // csv: one character; default comma
	Times     map[string]string `yaml:"times"`     // columns whose numbers are times: date, millis, micros, nanos

	Inbox string `yaml:"inbox"` // what a middle platform sent us: one of InboxKinds
}

// ColumnSpec is what is to be known about one source column.
type ColumnSpec struct {
	Charset string    `yaml:"charset"`  // of its bytes: utf8, gbk, gb18030, big5; default: as the connection says
	MaxSize pace.Size `yaml:"max_size"` // of a value of a CLOB, TEXT or BLOB; a row with a larger one is rejected; default 16MiB
}

// Largest is the bytes that values of columns may have which say so.
func (f *From) Largest() map[string]int64 {
	out := map[string]int64{}
	for name, c := range f.Columns {
		if c.MaxSize > 0 {
			out[name] = int64(c.MaxSize)
		}
	}
	return out
}

// Charsets are the charsets of columns that name one.
func (f *From) Charsets() map[string]string {
	out := map[string]string{}
	for name, c := range f.Columns {
		if c.Charset != "" {
			out[name] = c.Charset
		}
	}
	return out
}

// MostSplits bounds From.Splits.
const MostSplits = 1000

// LimitsSpec is Limits as written: ratio as "2%".
type LimitsSpec struct {
	Max   int64  `yaml:"max"`
	Ratio string `yaml:"ratio"`
	After int64  `yaml:"after"`
}

// ChangesSpec bounds what a changed mapping may re-issue before a person approves it.
type ChangesSpec struct {
	Max *int64 `yaml:"max"` // records; default DefaultChanges
}

// DefaultChanges is how many records a changed mapping may re-issue unasked.
const DefaultChanges = 1000

// Most is the bound.
func (c ChangesSpec) Most() int64 {
	if c.Max == nil {
		return DefaultChanges
	}
	return *c.Max
}

// Duration is a Go duration that also takes whole days: 10m, 36h, 7d.
type Duration time.Duration

// UnmarshalYAML reads the text form.
func (d *Duration) UnmarshalYAML(unmarshal func(any) error) error {
	var s string
	if err := unmarshal(&s); err != nil {
		return err
	}
	v, ok := pace.Duration(s)
	if !ok {
		return fault.New(fault.Config, "read duration", "", text.F("%q 不是时长", "%q is not a duration", s), text.T("写成 30s、10m、36h 或 7d", "write it as 30s, 10m, 36h or 7d"))
	}
	*d = Duration(v)
	return nil
}

// LoadSpecs reads every pipeline of the shipped catalog and of the site's pipelines
// folder (nil: none); a site's pipeline replaces a shipped one of the same name. With an
// error, which tells all mistakes of all files, it gives the pipelines that are whole.
func LoadSpecs(site fs.FS) ([]Spec, error) {
	byName := map[string]Spec{}
	var found fault.List
	for _, layer := range []struct {
		fsys   fs.FS
		prefix string
	}{{Catalog(), "catalog:pipelines/"}, {site, "pipelines/"}} {
		if layer.fsys == nil {
			continue
		}
		seen := map[string]string{}
		eachYAML(layer.fsys, layer.prefix, &found, func(file string, data []byte) {
			specs, err := ParseSpecs(file, data)
			found.Add(err)
			for _, s := range specs {
				if other := seen[s.Pipeline]; other != "" {
					found.Add(s.Fault(text.F("管道 %s 已在 %s 中定义", "pipeline %s is already defined in %s", s.Pipeline, other), text.T("改名或删掉其中一个", "rename or delete one of them"), "pipeline"))
					continue
				}
				seen[s.Pipeline] = s.File
				byName[s.Pipeline] = s
			}
		})
	}
	list := make([]Spec, 0, len(byName))
	for _, s := range byName {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Spec) int { return strings.Compare(a.Pipeline, b.Pipeline) })
	return list, found.Err()
}

// eachYAML calls f for the YAML files directly in fsys, by name.
func eachYAML(fsys fs.FS, prefix string, found *fault.List, f func(file string, data []byte)) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return // a site need not have the folder
	}
	for _, e := range entries {
		switch {
		case !e.IsDir():
			found.Add(yamlfile.Misnamed(prefix + e.Name()))
		case e.Name() != "receivers": // whose files are profiles
			found.Add(yamlfile.TooDeep(fsys, prefix, e.Name()))
		}
		if e.IsDir() || path.Ext(e.Name()) != ".yaml" {
			continue
		}
		data, err := fs.ReadFile(fsys, e.Name())
		if err != nil {
			found.Add(fault.Wrap(err, fault.Config, "read file", prefix+e.Name(), text.T("读不到文件", "cannot read the file"), text.Text{}))
			continue
		}
		f(prefix+e.Name(), data)
	}
}

// ParseSpecs gives those of a file's pipelines that are whole, and all mistakes.
func ParseSpecs(file string, data []byte) ([]Spec, error) {
	var specs []*Spec
	docs, err := yamlfile.ReadAll(file, data, func() any {
		specs = append(specs, &Spec{File: file})
		return specs[len(specs)-1]
	})
	if err != nil {
		return nil, err
	}
	var list []Spec
	var found fault.List
	for i, s := range specs {
		s.doc = docs[i]
		if !found.Add(s.check()) {
			list = append(list, *s)
		}
	}
	return list, found.Err()
}

// Fault is a Config fault at the value of the pipeline that path leads to, keys and
// indices from its top: "from", "mode".
func (s *Spec) Fault(what, hint text.Text, path ...any) error {
	if s.doc == nil {
		return fault.New(fault.Config, "read pipeline", s.File, what, hint)
	}
	return s.doc.Fault(what, hint, path...)
}

var modes = []string{"full", "incremental", "compare", ModeFlagged}

// check finds what can be wrong in one file alone, and settles the mode.
func (s *Spec) check() error {
	var found fault.List
	for _, need := range []struct {
		there bool
		path  []any
	}{
		{s.Pipeline != "", []any{"pipeline"}}, {s.Mapping != "", []any{"mapping"}},
		{s.From.Connection != "", []any{"from", "connection"}}, {s.From.SourceID != "", []any{"from", "source_id"}}, {len(s.From.Key) > 0, []any{"from", "key"}},
	} {
		if !need.there {
			found.Add(s.missing(need.path))
		}
	}
	relations := 0
	for _, r := range []string{s.From.View, s.From.Table, s.From.Query, s.From.Files} {
		if r != "" {
			relations++
		}
	}
	if s.From.Topic != "" {
		found.Add(s.checkTopic())
	} else if s.From.Inbox != "" {
		found.Add(s.checkInbox(relations))
	} else if relations != 1 {
		found.Add(s.Fault(text.F("管道 %s 的 from 必须恰有 view、table、query、files、topic、inbox 之一", "pipeline %s: from needs exactly one of view, table, query, files, topic, inbox", s.Pipeline), text.T("例如 view: v_accept", "for instance view: v_accept"), "from"))
	}
	if s.From.Files != "" {
		found.Add(s.checkFiles())
	}
	if s.From.Topic != "" {
		s.From.Mode = ModeStream
	} else if s.From.Inbox != "" {
		s.From.Mode = ModeInbox
	} else if s.From.Mode == "" {
		s.From.Mode = "full"
		if s.From.Cursor != "" {
			s.From.Mode = "incremental"
		}
	}
	switch {
	case s.From.Topic != "", s.From.Files != "", s.From.Inbox != "":
	case !slices.Contains(modes, s.From.Mode):
		hint := nearest.Hint(s.From.Mode, modes)
		if hint.IsZero() {
			hint = text.T("用 full、incremental、flagged 或 compare", "use full, incremental, flagged or compare")
		}
		found.Add(s.Fault(text.F("管道 %s 的 mode %q 不认识", "pipeline %s: mode %q is not known", s.Pipeline, s.From.Mode), hint, "from", "mode"))
	case s.From.Mode == "incremental" && s.From.Cursor == "":
		found.Add(s.missing([]any{"from", "cursor"}))
	}
	if s.From.Topic == "" {
		found.Add(s.checkView())
	}
	if s.From.Files == "" {
		found.Add(s.checkNoFiles())
	}
	found.Add(s.checkAbsent())
	found.Add(s.checkCompare())
	found.Add(s.checkFlag())
	found.Add(s.checkAttachments())
	for _, name := range slices.Sorted(maps.Keys(s.From.Columns)) {
		if c := s.From.Columns[name].Charset; !charset.Known(c) {
			known := append([]string{"utf8"}, charset.Names()...)
			hint := nearest.Hint(c, known)
			if hint.IsZero() {
				hint = text.F("用 %[1]s", "use %[1]s", strings.Join(known, ", "))
			}
			found.Add(s.Fault(text.F("管道 %s：列 %s 的 charset %q 不认识", "pipeline %s: column %s: charset %q is not known", s.Pipeline, name, c), hint, "from", "columns", name, "charset"))
		}
	}
	found.Add(s.CheckNumbering())
	if n := s.From.Splits; n < 0 || n > MostSplits || n > 1 && s.From.Numbered() {
		found.Add(s.Fault(text.F("管道 %s 的 splits 应在 1 到 %d 之间，且行要有自己的键", "pipeline %s: splits is between 1 and %d, and rows must have a key of their own", s.Pipeline, MostSplits),
			text.T("例如 splits: 8；没有键的行去掉 splits", "for instance splits: 8; drop it where rows have no key"), "from", "splits"))
	}
	_, err := s.Limits()
	found.Add(err)
	found.Sort()
	return found.Err()
}

func (s *Spec) missing(path []any) error {
	var key []string
	for _, step := range path {
		key = append(key, step.(string))
	}
	name := strings.Join(key, ".")
	if s.Pipeline == "" {
		return s.Fault(text.F("管道缺少 %s", "the pipeline lacks %s", name), text.F("补上 %s:", "add %s:", name), path...)
	}
	return s.Fault(text.F("管道 %s 缺少 %s", "pipeline %s lacks %s", s.Pipeline, name), text.F("补上 %s:", "add %s:", name), path...)
}

// Limits is the reject limits as the engine takes them.
func (s *Spec) Limits() (Limits, error) {
	l := Limits{Pipeline: s.Pipeline, Max: s.Rejects.Max, After: s.Rejects.After}
	if l.Max < 0 || l.After < 0 {
		return l, s.Fault(text.F("管道 %s 的 rejects：max、after 不能为负", "pipeline %s: rejects: max and after cannot be negative", s.Pipeline), text.T("不限就不写", "leave it out for no limit"), "rejects")
	}
	if s.Rejects.Ratio == "" {
		return l, nil
	}
	percent, ok := strings.CutSuffix(strings.TrimSpace(s.Rejects.Ratio), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(percent), 64)
	if !ok || err != nil || v < 0 || v > 100 {
		return l, s.Fault(text.F("管道 %s 的 rejects.ratio %q 不是百分数", "pipeline %s: rejects.ratio %q is not a percentage", s.Pipeline, s.Rejects.Ratio), text.T("写成 2% 这样", "write it like 2%"), "rejects", "ratio")
	}
	l.Ratio = v / 100
	return l, nil
}
