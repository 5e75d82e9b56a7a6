package conformance

import (
	"strings"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/text"
)

// life is a case of its own, on its way through the interfaces; the people are invented.
type life struct {
	*checker
	flow, item string
}

func (c *checker) life() *life {
	flow, item := c.fresh()
	return &life{c, flow, item}
}

// message is a message of the case: pairs of path and value; a later pair replaces an
// earlier one, an empty value takes the element out.
func (l *life) message(pairs ...string) *middleplatform.Element {
	m := &middleplatform.Element{Name: l.Profile.Body.Root}
	m.Add("SBLSH_SHORT", l.flow)
	m.Add("SXBM", l.item)
	for i := 0; i < len(pairs); i += 2 {
		put(m, strings.Split(pairs[i], "/"), pairs[i+1])
	}
	return m
}

func put(e *middleplatform.Element, path []string, value string) {
	child := e.Child(path[0])
	if len(path) > 1 {
		if child == nil {
			child = e.Add(path[0], "")
		}
		put(child, path[1:], value)
		return
	}
	switch {
	case child == nil && value != "":
		e.Add(path[0], value)
	case child != nil && value == "":
		for i, c := range e.Children {
			if c == child {
				e.Children = append(e.Children[:i], e.Children[i+1:]...)
				break
			}
		}
	case child != nil:
		child.Text = value
	}
}

// ago is a moment before the check began, as messages have it.
func (l *life) ago(d time.Duration) string { return l.Profile.FormatTime(l.began.Add(-d)) }

const division, department = "370102000000", "11370000MB284651XX"

func (l *life) accept(pairs ...string) *middleplatform.Element {
	return l.message(append([]string{"SHOULI/YWSLSJ", l.ago(4 * time.Hour), "SHOULI/YWSLRMC", "张样例", "SHOULI/YWSLZT", "1", "SHOULI/YWSLQHMC", "历下区", "SHOULI/YWSLQHBM", division,
		"SHOULI/YWSLBMMC", "样例公积金中心", "SHOULI/YWSLBMBM", department}, pairs...)...)
}

func (l *life) course(pairs ...string) *middleplatform.Element {
	return l.message(append([]string{"GDBSSPCL/SPHJDM", "2", "GDBSSPCL/SPHJMC", "审核", "GDBSSPCL/SPBMMC", "样例公积金中心", "GDBSSPCL/SPBMZZJDMD", department, "GDBSSPCL/XZQHDM", division,
		"GDBSSPCL/SPRXM", "李样例", "GDBSSPCL/SPHJZTDM", "1", "GDBSSPCL/SPYJ", "同意", "GDBSSPCL/JSSJ", l.ago(3 * time.Hour), "GDBSSPCL/SPSJ", l.ago(2 * time.Hour)}, pairs...)...)
}

// correction asks for materials by name and code.
func (l *life) correction(names, codes string, pairs ...string) *middleplatform.Element {
	return l.message(append([]string{"SPBUZHENGGAOZHI/BZGZFCRXM", "张样例", "SPBUZHENGGAOZHI/BZGZYY", "材料不清晰", "SPBUZHENGGAOZHI/BZCLQD", names, "SPBUZHENGGAOZHI/BQBZCLBM", codes,
		"SPBUZHENGGAOZHI/BZGZSX", "5", "SPBUZHENGGAOZHI/BZGZSXDW", "G", "SPBUZHENGGAOZHI/BZGZSJ", l.ago(5 * time.Hour), "SPBUZHENGGAOZHI/XZQHDM", division}, pairs...)...)
}

func (l *life) suspend(pairs ...string) *middleplatform.Element {
	return l.message(append([]string{"SUSPENDTYPE", "0", "SPTEBIESHENQING/XH", "1", "SPTEBIESHENQING/TBCXZL", "B", "SPTEBIESHENQING/TBCXZLMC", "公示", "SPTEBIESHENQING/TBCXKSRQ", l.ago(3 * time.Hour),
		"SPTEBIESHENQING/TBCXPZR", "王样例", "SPTEBIESHENQING/TBCXQDLY", "依法公示", "SPTEBIESHENQING/SQNR", "暂停计时", "SPTEBIESHENQING/TBCXSX", "5", "SPTEBIESHENQING/TBCXSXDW", "G",
		"SPTEBIESHENQING/XZQHDM", division}, pairs...)...)
}

func (l *life) resume(pairs ...string) *middleplatform.Element {
	return l.message(append([]string{"SUSPENDTYPE", "1", "SPTEBIEJIEGUO/XH", "1", "SPTEBIEJIEGUO/TBCXJG", "公示无异议", "SPTEBIEJIEGUO/JGCSRQ", l.ago(2 * time.Hour), "SPTEBIEJIEGUO/TBCXJSRQ", l.ago(2 * time.Hour),
		"SPTEBIEJIEGUO/XZQHDM", division}, pairs...)...)
}

func (l *life) finish(pairs ...string) *middleplatform.Element {
	return l.message(append([]string{"SPBANJIE/BJBMMC", "样例公积金中心", "SPBANJIE/BJBMZZJDDM", department, "SPBANJIE/XZQHDM", division, "SPBANJIE/SPRXM", "王样例", "SPBANJIE/BJJGDM", "6",
		"SPBANJIE/BJJGMS", "准予许可", "SPBANJIE/BJSJ", l.ago(time.Hour)}, pairs...)...)
}

// push sends a message to an interface.
func (c *checker) push(name string, m *middleplatform.Element) outcome {
	body, err := c.Profile.EncodeCall(m, c.cipher)
	if err != nil {
		return outcome{err: err}
	}
	return c.post(c.Profile.Interfaces[name].Path, body)
}

// step is a message and whether it is to be taken.
type step struct {
	name  string
	m     *middleplatform.Element
	taken bool
}

func take(name string, m *middleplatform.Element) step   { return step{name, m, true} }
func refuse(name string, m *middleplatform.Element) step { return step{name, m, false} }

// walk sends one after the other; what is wrong is that of the first that did not end
// as it should.
func (l *life) walk(steps ...step) text.Text {
	for i, s := range steps {
		o := l.push(s.name, s.m)
		wrong := l.wantTaken(o)
		if !s.taken {
			wrong = l.wantRefused(o)
		}
		if !wrong.IsZero() {
			n := i + 1
			return text.F("第 %[3]d 步 %[4]s：%[1]s", "step %[3]d, %[4]s: %[2]s", wrong.ZH, wrong.EN, n, s.name)
		}
	}
	return text.Text{}
}

// scripted is an assertion that walks through a case.
func scripted(name string, number int, zh, en string, steps func(*life) []step) assertion {
	return assertion{name, number, text.T(zh, en), func(c *checker) text.Text {
		l := c.life()
		return l.walk(steps(l)...)
	}}
}
