package conformance

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"banjian/connectors/middleplatform"
	"banjian/internal/text"
)

// acknowledged is what an approval system answered to a notice.
type acknowledged struct {
	status string // 200 | 0
	http   int
	whole  bool // it is an acknowledgement
	err    error
}

// notify calls interface 1 or 10 of the approval system.
func (l *life) notify(name string, m *middleplatform.Element, how middleplatform.Notice, spoil func(*http.Request)) acknowledged {
	r, err := l.Intake.Notify(strings.TrimSuffix(l.Callback, "/")+l.Intake.Interfaces[name].Path, m, how, l.cipher)
	if err != nil {
		return acknowledged{err: err}
	}
	return l.deliver(r, spoil)
}

func (l *life) deliver(r *http.Request, spoil func(*http.Request)) acknowledged {
	r = r.WithContext(l.ctx)
	l.sign(r)
	if spoil != nil {
		spoil(r)
	}
	resp, err := l.Client.Do(r)
	if err != nil {
		return acknowledged{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, middleplatform.MaxBody))
	a := acknowledged{http: resp.StatusCode, err: err}
	a.status, a.whole = l.Intake.Acknowledged(body, l.cipher)
	return a
}

func (a acknowledged) wantTaken() text.Text {
	if a.err == nil && a.http == http.StatusOK && a.whole && a.status == "200" {
		return text.Text{}
	}
	return text.F("应当确认，却是 HTTP %d，status %s", "it was to be acknowledged, but: HTTP %d, status %s", a.http, a.status)
}

func (a acknowledged) wantRefused() text.Text {
	if a.err == nil && a.http < 500 && (a.http >= 400 || a.whole && a.status != "200") {
		return text.Text{}
	}
	return text.F("应当拒绝，却是 HTTP %d，status %s", "it was to be refused, but: HTTP %d, status %s", a.http, a.status)
}

func (l *life) applyNo(pairs ...string) *middleplatform.Element {
	return l.message(append([]string{"XZQHDM", division, "EXPRESSTYPE", "0"}, pairs...)...)
}

func (l *life) cancel(pairs ...string) *middleplatform.Element {
	return l.message(append([]string{"CXRXM", "张样例", "CXSJ", l.ago(time.Hour), "CXYY", "不办了"}, pairs...)...)
}

var byForm = middleplatform.Notice{Place: "form"}

// callbacks are about interfaces 1 and 10 of an approval system.
func callbacks(p *middleplatform.Profile) []assertion {
	var list []assertion
	for _, place := range []string{"form", "query", "json"} {
		for _, sealed := range []bool{false, true} {
			if sealed && p.Cipher.Kind == "none" {
				continue
			}
			name, zh, en := "callback."+place+"_plain", "明文", "in the open"
			if sealed {
				name, zh, en = "callback."+place+"_sealed", "加密", "sealed"
			}
			list = append(list, assertion{name, 1, text.F("%[1]s 里%[2]s的流水号通知被确认", "a flow number as %[1]s, %[3]s, is acknowledged", place, zh, en), func(c *checker) text.Text {
				l := c.life()
				return l.notify("apply_no", l.applyNo(), middleplatform.Notice{Place: place, Sealed: sealed}, nil).wantTaken()
			}})
		}
	}
	list = append(list, announced()...)
	list = append(list, withdrawn()...)
	return append(list, guarded(p)...)
}

func announced() []assertion {
	one := func(name, zh, en string, taken bool, pairs func(*life) []string) assertion {
		return assertion{"apply_no." + name, 1, text.T(zh, en), func(c *checker) text.Text {
			l := c.life()
			a := l.notify("apply_no", l.applyNo(pairs(l)...), byForm, nil)
			if taken {
				return a.wantTaken()
			}
			return a.wantRefused()
		}}
	}
	pair := func(list ...string) func(*life) []string { return func(*life) []string { return list } }
	return []assertion{
		one("instant", "即办件的通知被确认", "the notice of an instant case is acknowledged", true, pair("EXPRESSTYPE", "2")),
		one("window", "收件待受理的通知被确认", "the notice of a case taken in at a window is acknowledged", true, pair("EXPRESSTYPE", "3")),
		one("corrected", "补正的通知被确认", "the notice of a correction is acknowledged", true, func(l *life) []string {
			return []string{"EXPRESSTYPE", "1", "BZSLBLRXM", "张样例", "BZCLQD", "身份证", "BZSJ", l.ago(time.Hour)}
		}),
		one("resubmitted", "退回再提交的通知被确认", "the notice of a resubmission is acknowledged", true, pair("EXPRESSTYPE", "9")),
		one("flow_required", "没有流水号的通知被拒绝", "a notice without a flow number is refused", false, pair("SBLSH_SHORT", "")),
		one("item_required", "没有事项编码的通知被拒绝", "a notice without an item code is refused", false, pair("SXBM", "")),
		one("bad_code", "代码集以外的办件类型被拒绝", "an express type outside its set is refused", false, pair("EXPRESSTYPE", "8")),
		{"apply_no.repeat", 1, text.T("同一通知再来仍被确认", "the same notice again is acknowledged"), func(c *checker) text.Text {
			l := c.life()
			m := l.applyNo()
			return first(l.notify("apply_no", m, byForm, nil).wantTaken(), l.notify("apply_no", m, byForm, nil).wantTaken())
		}},
		{"apply_no.prolog", 1, text.T("带 XML 声明的通知被确认", "a notice with a prolog is acknowledged"), func(c *checker) text.Text {
			l := c.life()
			if l.Profile.Body.Format != "xml" {
				return text.Text{}
			}
			return l.notify("apply_no", l.applyNo(), middleplatform.Notice{Place: "form", Prolog: `<?xml version="1.0" encoding="GBK"?>`}, nil).wantTaken()
		}},
		{"apply_no.malformed", 1, text.T("不成报文的通知被拒绝", "a notice that is no message is refused"), func(c *checker) text.Text {
			l := c.life()
			r, err := l.Intake.NotifyText(strings.TrimSuffix(l.Callback, "/")+l.Intake.Interfaces["apply_no"].Path, "<APPROVEDATAINFO><SBLSH", "form")
			if err != nil {
				return text.T(err.Error(), err.Error())
			}
			return l.deliver(r, nil).wantRefused()
		}},
	}
}

func withdrawn() []assertion {
	return []assertion{
		{"cancel.known", 10, text.T("已通知的流水号可以撤销", "a flow number that was announced can be withdrawn"), func(c *checker) text.Text {
			l := c.life()
			return first(l.notify("apply_no", l.applyNo(), byForm, nil).wantTaken(), l.notify("cancel", l.cancel(), byForm, nil).wantTaken())
		}},
		{"cancel.repeat", 10, text.T("撤销再来一次，回应相同", "a withdrawal again is answered the same"), func(c *checker) text.Text {
			l := c.life()
			return first(l.notify("apply_no", l.applyNo(), byForm, nil).wantTaken(), l.notify("cancel", l.cancel(), byForm, nil).wantTaken(), l.notify("cancel", l.cancel(), byForm, nil).wantTaken())
		}},
		{"cancel.unknown", 10, text.T("没有通知过的流水号不能撤销", "a flow number that was never announced cannot be withdrawn"), func(c *checker) text.Text {
			l := c.life()
			return l.notify("cancel", l.cancel(), byForm, nil).wantRefused()
		}},
		{"cancel.by_required", 10, text.T("没有撤销人的撤销被拒绝", "a withdrawal by nobody is refused"), func(c *checker) text.Text {
			l := c.life()
			return first(l.notify("apply_no", l.applyNo(), byForm, nil).wantTaken(), l.notify("cancel", l.cancel("CXRXM", ""), byForm, nil).wantRefused())
		}},
		{"cancel.json_sealed", 10, text.T("JSON 里加密的撤销被确认", "a withdrawal in JSON, sealed where the profile seals, is acknowledged"), func(c *checker) text.Text {
			l := c.life()
			how := middleplatform.Notice{Place: "json", Sealed: l.Profile.Cipher.Kind != "none"}
			return first(l.notify("apply_no", l.applyNo(), byForm, nil).wantTaken(), l.notify("cancel", l.cancel(), how, nil).wantTaken())
		}},
	}
}

// guarded are about approval systems that check who calls.
func guarded(p *middleplatform.Profile) []assertion {
	signature := p.Signing().At("signature")
	refused := func(name, zh, en string, again func(*life, *http.Request)) assertion {
		return assertion{"callback." + name, 1, text.T(zh, en), func(c *checker) text.Text {
			if c.CallbackOpen || signature == nil {
				return text.Text{}
			}
			l := c.life()
			return l.notify("apply_no", l.applyNo(), byForm, func(r *http.Request) { again(l, r) }).wantRefused()
		}}
	}
	return []assertion{
		refused("wrong_secret", "别的密钥签的通知被拒绝", "a notice signed with another secret is refused", func(l *life, r *http.Request) {
			l.signAs(r, middleplatform.Credentials{Key: l.Keys.Credentials.Key, Secret: l.Keys.Credentials.Secret + "-wrong"}, uuid.NewString(), l.Now())
		}),
		refused("unsigned", "没有签名的通知被拒绝", "a notice without a signature is refused", func(_ *life, r *http.Request) { at(r, signature, "") }),
		refused("stale", "过期的通知被拒绝", "a stale notice is refused", func(l *life, r *http.Request) {
			l.signAs(r, l.Keys.Credentials, uuid.NewString(), l.Now().Add(-l.Profile.Signer.Window.Duration-time.Minute))
		}),
		{"callback.replay", 1, text.T("通知的随机数只能用一次", "a notice's nonce is taken once"), func(c *checker) text.Text {
			if c.CallbackOpen || c.Profile.Signing().At("nonce") == nil {
				return text.Text{}
			}
			l, nonce := c.life(), uuid.NewString()
			same := func(r *http.Request) { l.signAs(r, l.Keys.Credentials, nonce, l.Now()) }
			wrong := l.notify("apply_no", l.applyNo(), byForm, same).wantTaken()
			other := c.life()
			return first(wrong, other.notify("apply_no", other.applyNo(), byForm, same).wantRefused())
		}},
	}
}
