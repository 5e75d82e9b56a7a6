package routing

import (
	"cmp"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/scope"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

// FileName is the table in a site's folder.
const FileName = "routes.yaml"

// Table is a routing table. It is read-only after Parse.
type Table struct {
	Departments map[string]Department `yaml:"departments"`
	Routes      []Route               `yaml:"routes"`
	Unowned     string                `yaml:"unowned"` // the department whose first receiver holds what no route fits; default: the first by name

	version uint64
	zone    *time.Location
	byItem  map[string][]*Route // exact items
	starred []string            // items that end in *, without it, the longest first
	byStart map[string][]*Route
}

// Department is who is given applications.
type Department struct {
	Title     string   `yaml:"title"`
	Receivers []string `yaml:"receivers"` // of banjian.yaml: its inbox tables, a topic
}

// Route says whose the applications for some items are.
type Route struct {
	Items      scope.Words `yaml:"item"`       // codes; a * at the end stands for any rest
	Regions    scope.Words `yaml:"region"`     // divisions the item belongs to, alike; none: all
	Since      string      `yaml:"since"`      // day of the application, 2026-07-01
	Until      string      `yaml:"until"`      // the first day it no longer holds
	Department string      `yaml:"department"` // with members: the lead
	Members    []string    `yaml:"members"`    // of a joint case (并联审批)

	since, until time.Time
}

// Parse reads and checks a table; file names it in faults, which are Config at their line
// and column, all of them.
func Parse(file string, data []byte, receivers []string, zone *time.Location) (*Table, error) {
	t := &Table{zone: zone}
	doc, err := yamlfile.Read(file, data, t)
	if err != nil {
		return nil, err
	}
	var found fault.List
	t.checkDepartments(doc, receivers, &found)
	for i := range t.Routes {
		t.checkRoute(doc, i, &found)
	}
	t.index()
	t.checkTies(doc, &found)
	if found.Sort(); found.Len() > 0 {
		return nil, found.Err()
	}
	h := fnv.New64a()
	h.Write(data)
	t.version = h.Sum64()
	return t, nil
}

func (t *Table) checkDepartments(doc *yamlfile.Doc, receivers []string, found *fault.List) {
	if len(t.Departments) == 0 {
		found.Add(doc.Fault(text.T("路由表没有 departments", "the table has no departments"), text.T("departments: {gjj: {receivers: [gjj-inbox]}}", "departments: {gjj: {receivers: [gjj-inbox]}}"), "departments"))
	}
	taken := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(t.Departments)) {
		d := t.Departments[name]
		if len(d.Receivers) == 0 {
			found.Add(doc.Fault(text.F("部门 %s 没有接收方", "department %s has no receivers", name), text.T("写 receivers: [接收方]", "write receivers: [RECEIVER]"), "departments", name))
		}
		for i, r := range d.Receivers {
			if !slices.Contains(receivers, r) {
				found.Add(doc.Fault(text.F("部门 %s 的接收方 %q 没有定义", "department %s: receiver %q is not defined", name, r), cmp.Or(nearest.Hint(r, receivers), text.T("在 banjian.yaml 的 receivers 里加上", "add it under receivers in banjian.yaml")), "departments", name, "receivers", i))
			}
			if other := taken[r]; other != "" {
				found.Add(doc.Fault(text.F("接收方 %s 同时属于 %s 和 %s", "receiver %s is of both %s and %s", r, other, name), text.T("一个接收方只属于一个部门", "a receiver belongs to one department"), "departments", name, "receivers", i))
			}
			taken[r] = name
		}
	}
	if t.Unowned != "" {
		t.known(doc, found, t.Unowned, "unowned")
	}
}

func (t *Table) known(doc *yamlfile.Doc, found *fault.List, name string, path ...any) {
	if _, ok := t.Departments[name]; ok {
		return
	}
	found.Add(doc.Fault(text.F("没有部门 %q", "there is no department %q", name), cmp.Or(nearest.Hint(name, slices.Sorted(maps.Keys(t.Departments))), text.T("在 departments 里加上", "add it under departments")), path...))
}

func (t *Table) checkRoute(doc *yamlfile.Doc, i int, found *fault.List) {
	r := &t.Routes[i]
	bad := func(what, hint text.Text, path ...any) {
		found.Add(doc.Fault(what, hint, append([]any{"routes", i}, path...)...))
	}
	if len(r.Items) == 0 {
		bad(text.T("路由没有 item", "the route has no item"), text.T("写事项编码，末尾可用 *", "write item codes, a * at the end stands for any rest"))
	}
	scope.CheckItems(r.Items, bad)
	scope.FillRegions(r.Regions, bad)
	if r.Department == "" {
		bad(text.T("路由没有 department", "the route has no department"), text.T("写部门；联办件写牵头部门，协办的写 members", "write a department; of a joint case the lead, the others as members"))
	} else {
		t.known(doc, found, r.Department, "routes", i, "department")
	}
	for k, m := range r.Members {
		t.known(doc, found, m, "routes", i, "members", k)
		if m == r.Department || slices.Contains(r.Members[:k], m) {
			bad(text.F("部门 %s 在一条路由里出现了不止一次", "department %s is in the route more than once", m), text.Text{}, "members", k)
		}
	}
	for _, d := range []struct {
		key, written string
		to           *time.Time
	}{{"since", r.Since, &r.since}, {"until", r.Until, &r.until}} {
		if d.written == "" {
			continue
		}
		at, err := time.ParseInLocation(time.DateOnly, d.written, t.zone)
		if err != nil {
			bad(text.F("%s %q 不是日期", "%s %q is no date", d.key, d.written), text.T("例如 2026-07-01", "such as 2026-07-01"), d.key)
		}
		*d.to = at
	}
	if !r.since.IsZero() && !r.until.IsZero() && !r.since.Before(r.until) {
		bad(text.T("until 要晚于 since", "until is later than since"), text.Text{}, "until")
	}
}

// index sorts the routes by their items.
func (t *Table) index() {
	t.byItem, t.byStart = map[string][]*Route{}, map[string][]*Route{}
	for i := range t.Routes {
		r := &t.Routes[i]
		for _, item := range r.Items {
			if start, starred := strings.CutSuffix(item, "*"); starred {
				t.byStart[start] = append(t.byStart[start], r)
			} else {
				t.byItem[item] = append(t.byItem[item], r)
			}
		}
	}
	t.starred = slices.SortedFunc(maps.Keys(t.byStart), func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
}

// checkTies finds routes that would fit the same application equally well.
func (t *Table) checkTies(doc *yamlfile.Doc, found *fault.List) {
	first := map[string][]int{}
	for i := range t.Routes {
		r := &t.Routes[i]
		for _, item := range r.Items {
			for _, region := range scope.Regions(r.Regions) {
				same := item + " " + region
				for _, other := range first[same] {
					if o := &t.Routes[other]; o.overlaps(r) {
						found.Add(doc.Fault(text.F("第 %[1]d 条路由与第 %[2]d 条同样适用于事项 %[3]s、区划 %[4]s", "route %[1]d fits item %[3]s in region %[4]s as well as route %[2]d does", i+1, other+1, item, region),
							text.T("用 since、until 分开日期，或删掉一条", "tell them apart by since and until, or delete one"), "routes", i))
					}
				}
				first[same] = append(first[same], i)
			}
		}
	}
}

func (r *Route) overlaps(o *Route) bool {
	return (r.until.IsZero() || o.since.Before(r.until)) && (o.until.IsZero() || r.since.Before(o.until))
}

func (r *Route) on(at time.Time) bool {
	return !at.Before(r.since) && (r.until.IsZero() || at.Before(r.until))
}

// find is the route for an item in a region on a day, nil if there is none.
func (t *Table) find(item, region string, at time.Time) *Route {
	if item == "" {
		return nil
	}
	if r := best(t.byItem[item], region, at); r != nil {
		return r
	}
	for _, start := range t.starred {
		if strings.HasPrefix(item, start) {
			if r := best(t.byStart[start], region, at); r != nil {
				return r
			}
		}
	}
	return nil
}

func best(list []*Route, region string, at time.Time) (found *Route) {
	fit := -1
	for _, r := range list {
		if n := scope.Fit(scope.Regions(r.Regions), region); n > fit && r.on(at) {
			found, fit = r, n
		}
	}
	return found
}
