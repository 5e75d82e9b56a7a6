package validate

import (
	"cmp"
	"log/slog"
	"path"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/cmd/internal/wiring"
	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/mappings/mappingtest"
	"banjian/pipelines"
)

// Options is how something is judged. Nothing of it need be set but Log.
type Options struct {
	Log   *slog.Logger
	Own   bool            // what ships is left out
	Right func(text.Text) // told what is right, while it is found
	Note  func(text.Text) // told what is neither right nor wrong
}

// Report is what is wrong, and what is no mistake and most likely not what is wanted.
type Report struct {
	Found  []error
	Doubts []error
}

// Site goes through everything a site is made of, used or not. wrong is what was wrong
// with the site's own file; what refers to it is not judged then.
func Site(s *site.Site, wrong error, o Options) *Report {
	c := newCheck(o)
	c.all(s, wrong)
	return &c.Report
}

// check is one pass over everything a site is made of.
type check struct {
	Report
	Options
	house    *wiring.House
	broken   bool // banjian.yaml is wrong: what refers to it is not judged
	told     map[string]bool
	right    map[string]*mappings.Mapping // those that compile
	unjudged map[string]string            // files that could not be judged whole, and the file that keeps them from it

	deliveries map[string]*mappings.Mapping // of receivers, by name and subject
}

func newCheck(o Options) *check {
	return &check{Options: o, told: map[string]bool{}, right: map[string]*mappings.Mapping{}, unjudged: map[string]string{}, deliveries: map[string]*mappings.Mapping{}}
}

// add keeps mistakes that were not told yet; it says whether there were any.
func (c *check) add(err error) bool {
	for _, one := range fault.All(err) {
		if key := fault.Say(one, text.EN); !c.told[key] {
			c.told[key] = true
			c.Found = append(c.Found, one)
		}
	}
	return err != nil
}

// ok tells what is right, if anybody asked for it.
func (c *check) ok(zh, en string, args ...any) {
	if c.Right != nil {
		c.Right(text.F(zh, en, args...))
	}
}

func (c *check) all(s *site.Site, wrong error) {
	c.broken = wrong != nil
	c.add(wrong)
	h, err := wiring.Open(s, wiring.Options{Log: c.Log})
	c.house = h
	c.add(err)
	if h.Schemas() != nil && (c.Own || !c.add(h.Schemas().Check())) {
		c.mappings()
		c.tests()
		c.receivers()
	}
	c.pipelines()
	if !c.broken {
		c.add(h.Check())
	}
	c.jobs()
}

func (c *check) mappings() {
	c.add(mappings.Misnamed(c.house.Folder("mappings")...))
	names := mappings.Names(c.house.Folder("mappings")...)
	for _, name := range names {
		if c.Own && !c.laidOver(name) {
			continue
		}
		m, err := c.house.Mapping(name, nil)
		if c.add(err) || c.add(m.CalledAs(name)) || !c.broken && c.add(c.house.CheckVerifications(m.Verifications())) {
			continue
		}
		c.right[name] = m
	}
	c.ok("映射 %d 份，%d 份没有错误", "%d mappings, %d without a mistake", len(names), len(c.right))
}

// tests looks whether tests fit their mappings; whether they pass is told by banjian test.
func (c *check) tests() {
	list, err := mappings.Tests(c.house.Folder("mappings")...)
	c.add(err)
	own := 0
	for _, t := range list {
		if c.Own && t.Shipped {
			continue
		}
		f, err := mappingtest.Parse(t.Path, t.Data)
		if c.add(err) {
			continue
		}
		if t.Shipped && c.laidOver(f.Mapping) {
			continue // it is the test of the shipped one
		}
		m := c.right[f.Mapping]
		if m == nil {
			if _, _, err := mappings.Load(f.Mapping, c.house.Folder("mappings")...); err != nil {
				c.add(f.Alone(fault.HintOf(err)))
			} else {
				c.unjudged[t.Path] = "mappings/" + f.Mapping + ".yaml"
			}
			continue
		}
		if _, err = f.Run(m, memory.DefaultAllocator); !c.add(err) {
			own++
		}
	}
	c.ok("映射测试 %d 份，%d 份与映射相符", "%d mapping tests, %d fit their mappings", len(list), own)
}

// laidOver says that the site has a mapping of this name.
func (c *check) laidOver(name string) bool {
	_, file, err := mappings.Load(name, c.house.Folder("mappings")...)
	return err == nil && file == path.Join("mappings", name+".yaml")
}

func (c *check) receivers() {
	if c.broken {
		return
	}
	for _, name := range c.house.Receivers() {
		if c.house.Profile(name) == nil {
			continue // told when the house was joined
		}
		p, err := c.house.DeliverPlan(name)
		if c.add(err) {
			continue
		}
		p.Close()
		c.ok("接收方 %s：%d 个主题 ✓", "receiver %s: %d subjects ✓", name, len(p.Subjects))
	}
}

func (c *check) pipelines() {
	specs, err := c.house.Pipelines(nil)
	c.add(err)
	if len(specs) == 0 && len(c.Found) == 0 && c.Note != nil {
		c.Note(c.house.NoPipelines().(*fault.Error).What)
	}
	for _, spec := range specs {
		if c.pipeline(spec) {
			c.feeds(spec)
			to := strings.Join(spec.Deliver, ", ")
			c.ok("管道 %[1]s：%[2]s → %[3]s ✓", "pipeline %[1]s: %[2]s → %[4]s ✓", spec.Pipeline, spec.Mapping, cmp.Or(to, "（不送接收方）"), cmp.Or(to, "(no receiver)"))
		}
	}
}

// pipeline says whether a pipeline is right.
func (c *check) pipeline(spec pipelines.Spec) bool {
	h := c.house
	if !c.broken && c.add(h.CheckNames(&spec)) {
		return false
	}
	if _, _, err := mappings.Load(spec.Mapping, h.Folder("mappings")...); err != nil {
		c.add(spec.Fault(text.F("没有映射 %s", "there is no mapping %s", spec.Mapping), fault.HintOf(err), "mapping"))
		return false
	}
	switch {
	case c.broken:
		c.unjudged[spec.File] = site.FileName
		return false // told with the site
	case c.right[spec.Mapping] == nil:
		c.unjudged[spec.File] = "mappings/" + spec.Mapping + ".yaml"
		return false // told with the mapping
	}
	_, err := h.CollectPlan(spec)
	return !c.add(err)
}

func (c *check) jobs() {
	list, err := c.house.Jobs()
	c.add(err)
	for i := range list {
		c.ok("任务 %s：%s ✓", "job %s: %s ✓", list[i].Job, list[i].Schedule)
	}
}
