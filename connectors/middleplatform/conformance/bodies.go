package conformance

import (
	"net/http"
	"strings"
	"unicode"

	"banjian/connectors/middleplatform"
	"banjian/internal/text"
)

// bodies are about the form of calls and of answers.
func bodies(p *middleplatform.Profile) []assertion {
	list := []assertion{
		{"http.method", 0, text.T("GET 不被接受", "GET is not taken"), func(c *checker) text.Text {
			l := c.life()
			body, err := c.Profile.EncodeCall(l.accept(), c.cipher)
			if err != nil {
				return text.T(err.Error(), err.Error())
			}
			r := c.request(c.Profile.Interfaces["accept"].Path, body)
			r.Method = http.MethodGet
			c.sign(r)
			return c.wantRefused(c.do(r))
		}},
		{"http.unknown_path", 0, text.T("没有的接口不说收下", "a path that does not exist takes nothing"), func(c *checker) text.Text {
			body, err := c.Profile.EncodeCall(c.life().accept(), c.cipher)
			if err != nil {
				return text.T(err.Error(), err.Error())
			}
			return c.wantRefused(c.post("/receiveNothingAtAll", body))
		}},
		{"body.garbage", 0, text.T("不成格式的请求体被拒绝", "a body that is in no form is refused"), func(c *checker) text.Text {
			return c.wantRefused(c.post(c.Profile.Interfaces["accept"].Path, []byte("\x00\x01 <> {")))
		}},
		{"body.nothing", 0, text.T("空的请求体被拒绝", "an empty body is refused"), func(c *checker) text.Text {
			return c.wantRefused(c.post(c.Profile.Interfaces["accept"].Path, nil))
		}},
		{"body.too_large", 0, text.T("太大的请求体被拒绝", "a body that is too large is refused"), func(c *checker) text.Text {
			return c.wantRefused(c.post(c.Profile.Interfaces["accept"].Path, make([]byte, middleplatform.MaxBody+1)))
		}},
		refusedText("body.malformed", "不合格的报文被拒绝", "a malformed message is refused", func(plain string) string { return plain[:len(plain)/2] }),
		scripted("body.unknown_element", 0, "不认识的元素被拒绝", "an element that is not known is refused", func(l *life) []step {
			return []step{refuse("accept", l.accept("SHOULI/NOSUCHTAG", "x"))}
		}),
		scripted("body.placeholder", 0, "必填项填“无”被拒绝", "无 for a required value is refused", func(l *life) []step {
			return []step{refuse("accept", l.accept("SHOULI/YWSLRMC", "无"))}
		}),
		scripted("body.hanzi", 0, "汉字（含扩展区）照收", "Chinese characters, those beyond the basic plane too, are taken", func(l *life) []step {
			return []step{take("accept", l.accept("SHOULI/YWSLYJ", "同意受理：㸚𠮷𤋮·（一）“甲”"))}
		}),
		scripted("body.markup", 0, "意见里的 < > & 引号照收", "markup characters in an opinion are taken", func(l *life) []step {
			return []step{take("accept", l.accept("SHOULI/YWSLYJ", `金额 < 10 万 & "首套" > 0 '是'`))}
		}),
		scripted("body.line_breaks", 0, "多行文字照收", "a text of several lines is taken", func(l *life) []step {
			return []step{take("accept", l.accept("SHOULI/YWSLYJ", "第一行\n第二行\t完"))}
		}),
	}
	if p.Body.Format == "xml" {
		list = append(list,
			refusedText("body.doctype", "文档类型声明和实体被拒绝", "a document type with an entity is refused", func(plain string) string {
				return `<!DOCTYPE a [<!ENTITY b "张样例">]>` + strings.Replace(plain, "张样例", "&b;", 1)
			}),
			refusedText("body.root", "别的根元素被拒绝", "another root element is refused", func(plain string) string {
				return strings.ReplaceAll(plain, p.Body.Root, "OTHERROOT")
			}),
			takenText("body.prolog", "带 XML 声明的报文照收", "a message with a prolog is taken", func(plain string) string {
				return `<?xml version="1.0" encoding="UTF-8"?>` + plain
			}))
	}
	return append(list, envelopes(p)...)
}

// textual sends the text of an acceptance, changed.
func textual(c *checker, change func(string) string) outcome {
	m := c.life().accept()
	plain, err := middleplatform.EncodeXML(m)
	if c.Profile.Body.Format == "json" {
		plain, err = c.Profile.EncodeJSON(m)
	}
	if err != nil {
		return outcome{err: err}
	}
	body, err := c.Profile.EncodeText(change(plain), c.cipher)
	if err != nil {
		return outcome{err: err}
	}
	return c.post(c.Profile.Interfaces["accept"].Path, body)
}

func refusedText(name, zh, en string, change func(string) string) assertion {
	return assertion{name, 0, text.T(zh, en), func(c *checker) text.Text { return c.wantRefused(textual(c, change)) }}
}

func takenText(name, zh, en string, change func(string) string) assertion {
	return assertion{name, 0, text.T(zh, en), func(c *checker) text.Text { return c.wantTaken(textual(c, change)) }}
}

// envelopes are about the form of answers.
func envelopes(p *middleplatform.Profile) []assertion {
	var list []assertion
	for _, form := range p.Envelope.Forms {
		list = append(list, assertion{"envelope." + string(form), 0, text.F("要 %s 就回 %[1]s", "who asks for %s gets it", string(form)), func(c *checker) text.Text {
			l := c.life()
			body, err := c.Profile.EncodeCall(l.accept(), c.cipher)
			if err != nil {
				return text.T(err.Error(), err.Error())
			}
			r := c.request(c.Profile.Interfaces["accept"].Path, body)
			r.Header.Set("Accept", "application/"+string(form))
			c.sign(r)
			o := c.do(r)
			begins := map[middleplatform.Form]string{middleplatform.XML: "<", middleplatform.JSON: "{"}[form]
			if wrong := c.wantTaken(o); !wrong.IsZero() {
				return wrong
			}
			if !strings.HasPrefix(strings.TrimSpace(string(o.raw)), begins) || !strings.Contains(o.header.Get("Content-Type"), string(form)) {
				kind := o.header.Get("Content-Type")
				return text.F("回应是 %s", "the answer is %s", kind)
			}
			return text.Text{}
		}})
	}
	return append(list,
		assertion{"envelope.refusal", 0, text.T("拒绝时说明原因", "a refusal says why"), func(c *checker) text.Text {
			o := c.push("accept", c.life().accept("SHOULI/YWSLRMC", ""))
			if wrong := c.wantRefused(o); !wrong.IsZero() {
				return wrong
			}
			if strings.TrimSpace(o.reply.Data) == "" {
				return text.T("没有原因", "it gives no reason")
			}
			return text.Text{}
		}},
		assertion{"envelope.status", 0, text.T("拒绝内容用约定的状态", "a refusal of a content has the agreed status"), func(c *checker) text.Text {
			o := c.push("accept", c.life().accept("SHOULI/YWSLRMC", ""))
			if !c.judged(o) || o.reply.Status != c.Profile.Envelope.Refused {
				said := c.said(o)
				return text.F("状态不是 %s：%s", "the status is not %s: %s", c.Profile.Envelope.Refused, said)
			}
			return text.Text{}
		}})
}

// isHan says that a text has Chinese characters and none that was lost.
func isHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) && !strings.ContainsAny(s, "?\ufffd")
}
