package simulator

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/text"
)

// refusal is why a message may not come now, or not like this; name is the assertion of
// the conformance check that asks for it.
type refusal struct {
	name string
	why  text.Text
}

// rule is an order or a content that needs more than the message itself.
type rule struct {
	on, name string
	wrong    func(c *view, m *middleplatform.Element) bool
	why      text.Text
}

// view is a case as its rules see it.
type view struct {
	profile *middleplatform.Profile
	app     *Application // nil: the platform knows nothing of it
	has     []*held      // of the case, in order of arrival
}

// latest is the latest message of an interface, nil if none came.
func (c *view) latest(name string) *middleplatform.Element {
	for _, h := range slices.Backward(c.has) {
		if h.Interface == name {
			return h.message
		}
	}
	return nil
}

// known says that a message is another revision of one that came.
func (c *view) known(m *middleplatform.Element, name string) bool {
	key := c.profile.Interfaces[name].KeyOf(m)
	return slices.ContainsFunc(c.has, func(h *held) bool { return h.Interface == name && slices.Equal(h.Key, key) })
}

func (c *view) time(m *middleplatform.Element, path string) (time.Time, bool) {
	if m == nil {
		return time.Time{}, false
	}
	return c.profile.ParseTime(m.Value(path))
}

// half is the half of a special procedure with that number that has arrived.
func (c *view) half(block, number string) *middleplatform.Element {
	for _, h := range c.has {
		if h.Interface == "suspend" && h.message.Child(block) != nil && h.message.Value(block+"/XH") == number {
			return h.message
		}
	}
	return nil
}

// list is a value of names or codes joined by semicolons.
func list(value string) []string {
	return slices.DeleteFunc(strings.FieldsFunc(value, func(r rune) bool { return r == ';' || r == '；' }), func(s string) bool { return strings.TrimSpace(s) == "" })
}

const (
	asked  = "SPTEBIESHENQING"
	ended  = "SPTEBIEJIEGUO"
	notice = "SPBUZHENGGAOZHI"
)

// rules are what a middle platform refuses by its knowledge of the case.
func rules() []rule {
	return []rule{
		{"accept", "accept.before_application", acceptedBeforeApplied, text.T("受理时间早于申办时间", "accepted before it was applied for")},
		{"course", "course.order", func(c *view, m *middleplatform.Element) bool {
			began, ok := c.time(m, "GDBSSPCL/JSSJ")
			return ok && !c.known(m, "course") && slices.ContainsFunc(c.has, func(h *held) bool {
				other, known := c.time(h.message, "GDBSSPCL/JSSJ")
				return h.Interface == "course" && known && began.Before(other)
			})
		}, text.T("环节要按开始时间先后推送", "steps come in the order they began")},
		{"correction", "correction.unknown_material", correctsUnknown, text.T("补正材料编码不在申报材料中", "a material to correct was not handed in")},
		{"correction", "correction.count", func(_ *view, m *middleplatform.Element) bool {
			return len(list(m.Value(notice+"/BQBZCLBM"))) != len(list(m.Value(notice+"/BZCLQD")))
		}, text.T("补正材料清单与编码数目不符", "the lists of materials and of codes differ in length")},
		{"correction", "correction.negative_limit", func(_ *view, m *middleplatform.Element) bool {
			return strings.HasPrefix(m.Value(notice+"/BZGZSX"), "-")
		}, text.T("补正时限小于零", "the time limit is below zero")},
		{"suspend", "suspend.result_without_request", func(c *view, m *middleplatform.Element) bool {
			return m.Child(ended) != nil && c.half(asked, m.Value(ended+"/XH")) == nil
		}, text.T("该序号的特别程序还没有申请", "no special procedure of that number was asked for")},
		{"suspend", "suspend.extension_limit", func(_ *view, m *middleplatform.Element) bool {
			n, err := strconv.Atoi(m.Value(asked + "/TBCXSX"))
			return m.Value(asked+"/TBCXZL") == "A" && (err != nil || n <= 0 || n > 10)
		}, text.T("延长审批的时限要在 1 到 10 之间", "an extension is of one to ten")},
		{"suspend", "suspend.end_before_start", func(c *view, m *middleplatform.Element) bool {
			end, ok := c.time(m, ended+"/TBCXJSRQ")
			begin, known := c.time(c.half(asked, m.Value(ended+"/XH")), asked+"/TBCXKSRQ")
			return ok && known && end.Before(begin)
		}, text.T("特别程序结束早于开始", "the special procedure ends before it begins")},
		{"finish", "finish.special_open", func(c *view, _ *middleplatform.Element) bool {
			return slices.ContainsFunc(c.has, func(h *held) bool {
				return h.Interface == "suspend" && h.message.Child(asked) != nil && c.half(ended, h.message.Value(asked+"/XH")) == nil
			})
		}, text.T("特别程序还没有结束", "a special procedure is open")},
		{"result_file", "result_file.not_granted", func(c *view, _ *middleplatform.Element) bool {
			f := c.latest("finish")
			return f != nil && !slices.Contains([]string{"0", "6"}, f.Value("SPBANJIE/BJJGDM"))
		}, text.T("办结结果不是出证或准予，不收结果文件", "the result is no licence and no grant")},
	}
}

func acceptedBeforeApplied(c *view, m *middleplatform.Element) bool {
	at, ok := c.time(m, "SHOULI/YWSLSJ")
	return ok && c.app != nil && at.Before(c.app.AppliedAt.Truncate(time.Second))
}

func correctsUnknown(c *view, m *middleplatform.Element) bool {
	return c.app != nil && slices.ContainsFunc(list(m.Value(notice+"/BQBZCLBM")), func(code string) bool {
		return !slices.ContainsFunc(c.app.Materials, func(k Material) bool { return k.Code == code })
	})
}

// viewOf is the case of a message.
func (s *state) viewOf(m *middleplatform.Element) *view {
	return &view{profile: s.profile, app: s.applications(m.Value(s.profile.Body.Case[0])), has: s.life[join(s.profile.CaseOf(m)...)]}
}

// against is every reason a message may not be taken now.
func (s *state) against(in *middleplatform.Interface, m *middleplatform.Element) []refusal {
	c := s.viewOf(m)
	var found []refusal
	for _, name := range in.Waits(m) {
		if c.latest(name) == nil {
			title := s.profile.Interfaces[name].Title
			found = append(found, refusal{in.Name + ".before_" + name, text.F("顺序不对：该办件还没有%[1]s", "out of order: the case has no %[2]s yet", title, name)})
		}
	}
	for _, name := range in.NotAfter {
		if last := c.latest(name); last != nil && !returned(last) {
			title := s.profile.Interfaces[name].Title
			found = append(found, refusal{in.Name + ".after_" + name, text.F("顺序不对：该办件已有%[1]s", "out of order: the case already has %[2]s", title, name)})
		}
	}
	for _, pair := range in.Laters() {
		name, path, _ := strings.Cut(pair[1], "/")
		own, ok := s.profile.ParseTime(m.Value(pair[0]))
		if other, known := c.time(c.latest(name), path); ok && known && own.Before(other) {
			found = append(found, refusal{in.Name + ".earlier_than_" + name, text.F("%s 早于 %s", "%s is before %s", pair[0], path)})
		}
	}
	if c.app != nil && len(s.profile.Body.Case) > 1 && m.Value(s.profile.Body.Case[1]) != c.app.Item {
		found = append(found, refusal{"case.item", text.T("事项编码与申报的不同", "the application is for another item")})
	}
	for _, r := range append(rules(), fileRules()...) {
		if r.on == in.Name && r.wrong(c, m) {
			found = append(found, refusal{r.name, r.why})
		}
	}
	return found
}
