package main

import (
	"path"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/cmd/internal/wiring"
	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/mappings/mappingtest"
	"banjian/pipelines"
)

// check is one pass over everything a site is made of.
type check struct {
	*app
	house  *house
	own    bool // what ships is left out
	broken bool // banjian.yaml is wrong: what refers to it is not judged
	found  []error
	told   map[string]bool
	right  map[string]*mappings.Mapping // those that compile

	doubts     []error                      // what is no mistake, and most likely not what is wanted
	deliveries map[string]*mappings.Mapping // of receivers, by name and subject
}

// add keeps mistakes that were not told yet; it says whether there were any.
func (c *check) add(err error) bool {
	for _, one := range fault.All(err) {
		if key := fault.Say(one, text.EN); !c.told[key] {
			c.told[key] = true
			c.found = append(c.found, one)
		}
	}
	return err != nil
}

// validate goes through everything, used or not, and tells all that is wrong; wrong is
// what was wrong with the site's own file.
func (a *app) validate(s *site.Site, wrong error) error {
	c := &check{app: a}
	found := c.all(s, wrong)
	if err := a.doubts(c.doubts); err != nil {
		return err
	}
	return a.findings(found)
}

// all is everything that is wrong with a site.
func (c *check) all(s *site.Site, wrong error) []error {
	c.broken, c.told, c.right = wrong != nil, map[string]bool{}, map[string]*mappings.Mapping{}
	c.deliveries = map[string]*mappings.Mapping{}
	c.add(wrong)
	h, err := build(s, wiring.Options{Log: c.log()})
	c.house = h
	c.add(err)
	if h.Schemas() != nil && (c.own || !c.add(h.Schemas().Check())) {
		c.mappings()
		c.tests()
		c.receivers()
	}
	c.pipelines()
	if !c.broken {
		c.add(h.Check())
	}
	c.jobs()
	return c.found
}

func (c *check) mappings() {
	names := mappings.Names(c.house.Folder("mappings")...)
	for _, name := range names {
		if c.own && !c.laidOver(name) {
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
		if c.own && t.Shipped {
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
			_, _, err := mappings.Load(f.Mapping, c.house.Folder("mappings")...)
			c.add(err)
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

func (c *check) pipelines() {
	h := c.house
	specs, err := h.Pipelines(nil)
	c.add(err)
	if len(specs) == 0 && len(c.found) == 0 {
		c.note(h.NoPipelines().(*fault.Error).What)
	}
	for _, spec := range specs {
		if c.pipeline(spec) {
			c.feeds(spec)
			c.ok("管道 %s：%s → %s ✓", "pipeline %s: %s → %s ✓", spec.Pipeline, spec.Mapping, c.receiversOf(spec.Deliver))
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
	if c.broken || c.right[spec.Mapping] == nil {
		return false // told with the site, or with the mapping
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
