package precedence

import (
	"cmp"
	"hash/fnv"
	"io/fs"
	"slices"
	"time"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/pace"
	"banjian/internal/scope"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

// FileName is the table in a site's folder.
const FileName = "precedence.yaml"

// DefaultSilent is how long a case may be known to a compared system alone before it is
// shown, where a rule does not say.
const DefaultSilent = 7 * 24 * time.Hour

// DefaultMatch is what makes two acceptances the same case where a rule does not say: the
// case number, which is unique in the province, else the flow number and the item.
var defaultMatch = [][]string{{"case_no"}, {"flow_no", "item_code"}}

// Table is the rules of a site. It is read-only after Parse; nil has no rules.
type Table struct {
	Cases []Rule `yaml:"cases"`

	version uint64
}

// Rule says whose word counts for some items.
type Rule struct {
	Items   scope.Words   `yaml:"item"`    // codes, the item code or the implementation code; a * at the end stands for any rest
	Regions scope.Words   `yaml:"region"`  // divisions the item belongs to, alike; none: all
	From    string        `yaml:"from"`    // the source_id whose records are delivered
	Compare scope.Words   `yaml:"compare"` // source_ids whose records of these items are compared and never delivered
	Match   []scope.Words `yaml:"match"`   // fields of an acceptance, or lists of them, tried one after the other; default case_no, then flow_no with item_code
	Silent  string        `yaml:"silent"`  // how long a case may be known to a compared system alone; default 7d
	Ignore  scope.Words   `yaml:"ignore"`  // canonical fields that are not compared

	silent time.Duration
}

// Load reads the table of a site's folder; nil where there is none. sources are the site's
// systems, fields those of an acceptance; nil where they are not known.
func Load(dir fs.FS, sources, fields []string) (*Table, error) {
	data, err := fs.ReadFile(dir, FileName)
	if err != nil {
		if _, missing := fs.Stat(dir, FileName); missing != nil {
			return nil, nil
		}
		return nil, fault.Wrap(err, fault.Config, "read precedence", FileName, text.T("读不到文件", "cannot read the file"), text.Text{})
	}
	return Parse(FileName, data, sources, fields)
}

// Parse reads and checks a table; file names it in faults, which are Config at their line
// and column, all of them.
func Parse(file string, data []byte, sources, fields []string) (*Table, error) {
	t := &Table{}
	doc, err := yamlfile.Read(file, data, t)
	if err != nil {
		return nil, err
	}
	var found fault.List
	if len(t.Cases) == 0 {
		found.Add(doc.Fault(text.T("没有 cases", "there are no cases"), text.T("cases: [{item: GJJ-*, from: gjj-core, compare: gjj-vertical}]", "cases: [{item: GJJ-*, from: gjj-core, compare: gjj-vertical}]"), "cases"))
	}
	for i := range t.Cases {
		c := checker{&t.Cases[i], func(what, hint text.Text, path ...any) {
			found.Add(doc.Fault(what, hint, append([]any{"cases", i}, path...)...))
		}}
		c.scope()
		c.systems(sources)
		c.sameness(fields)
	}
	t.checkTies(doc, &found)
	if found.Sort(); found.Len() > 0 {
		return nil, found.Err()
	}
	h := fnv.New64a()
	h.Write(data)
	t.version = h.Sum64()
	return t, nil
}

// checker looks at one rule.
type checker struct {
	*Rule
	bad func(what, hint text.Text, path ...any)
}

func (c *checker) scope() {
	if len(c.Items) == 0 {
		c.bad(text.T("规则没有 item", "the rule has no item"), text.T("写事项编码，末尾可用 *", "write item codes, a * at the end stands for any rest"))
	}
	scope.CheckItems(c.Items, c.bad)
	scope.FillRegions(c.Regions, c.bad)
	c.silent = DefaultSilent
	if c.Silent == "" {
		return
	}
	d, ok := pace.Duration(c.Silent)
	if !ok || d <= 0 {
		c.bad(text.F("silent %q 不是时长", "silent %q is not a duration", c.Silent), text.T("写成 36h 或 7d", "write it as 36h or 7d"), "silent")
	}
	c.silent = d
}

func (c *checker) systems(sources []string) {
	known := func(source string, path ...any) {
		if !slices.Contains(sources, source) {
			c.bad(text.F("没有来源系统 %q", "there is no source system %q", source), cmp.Or(nearest.Hint(source, sources), text.T("写管道的 from.source_id", "write the from.source_id of a pipeline")), path...)
		}
	}
	if c.From == "" {
		c.bad(text.T("规则没有 from", "the rule has no from"), text.T("写以哪个系统为准", "write the system that counts"))
	} else {
		known(c.From, "from")
	}
	if len(c.Compare) == 0 {
		c.bad(text.T("规则没有 compare", "the rule has no compare"), text.T("写与它比对、不上报的系统", "write the systems that are compared with it and not delivered"))
	}
	for k, s := range c.Compare {
		known(s, "compare")
		if s == c.From || slices.Contains(c.Compare[:k], s) {
			c.bad(text.F("系统 %s 在一条规则里出现了不止一次", "system %s is in the rule more than once", s), text.Text{}, "compare")
		}
	}
}

func (c *checker) sameness(fields []string) {
	known := func(name string, path ...any) {
		if fields != nil && !slices.Contains(fields, name) {
			c.bad(text.F("受理记录没有字段 %q", "an acceptance has no field %q", name), nearest.Hint(name, fields), path...)
		}
	}
	for k, set := range c.Match {
		for _, name := range set {
			known(name, "match", k)
			if name == "source_id" || name == "local_no" || name == "source_pk" {
				c.bad(text.F("%s 是各系统自己的编号，认不出同一办件", "%s is each system's own, no two have it in common", name), text.T("例如 match: [case_no, [flow_no, item_code]]", "such as match: [case_no, [flow_no, item_code]]"), "match", k)
			}
		}
	}
	if len(c.Match) == 0 {
		for _, set := range defaultMatch {
			c.Match = append(c.Match, set)
		}
	}
}

// checkTies finds rules that would fit a case of the same system equally well.
func (t *Table) checkTies(doc *yamlfile.Doc, found *fault.List) {
	first := map[string]int{}
	for i := range t.Cases {
		r := &t.Cases[i]
		for _, item := range r.Items {
			for _, region := range scope.Regions(r.Regions) {
				for _, source := range r.Systems() {
					same := item + " " + region + " " + source
					if other, is := first[same]; is && other != i {
						found.Add(doc.Fault(text.F("第 %[1]d 条规则与第 %[2]d 条都说到系统 %[5]s 的事项 %[3]s、区划 %[4]s", "rule %[1]d speaks of item %[3]s in region %[4]s of system %[5]s as rule %[2]d does", i+1, other+1, item, region, source),
							text.T("合成一条，或用 item、region 分开", "make them one, or tell them apart by item or region"), "cases", i))
						continue
					}
					first[same] = i
				}
			}
		}
	}
}
