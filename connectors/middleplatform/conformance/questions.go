package conformance

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strings"

	"banjian/connectors/middleplatform"
	"banjian/internal/text"
)

// ask is the answer to interface 2 or 3.
func (l *life) ask(name string, pairs ...string) outcome {
	in := l.Intake.Interfaces[name]
	body, err := l.Intake.Wire().EncodeCall(l.message(pairs...), l.cipher)
	if err != nil {
		return outcome{err: err}
	}
	return l.post(in.Path, body)
}

// brought is the data of an answer, or what is wrong.
func (l *life) brought(o outcome) (*middleplatform.Element, text.Text) {
	if wrong := l.wantTaken(o); !wrong.IsZero() {
		return nil, wrong
	}
	if o.reply.Answer == nil {
		return nil, text.T("回应里没有数据", "the answer brings nothing")
	}
	return o.reply.Answer, text.Text{}
}

func missing(what string) text.Text { return text.F("没有 %s", "there is no %s", what) }

// filled says that an element is there and holds anything.
func filled(e *middleplatform.Element) bool {
	return e != nil && (strings.TrimSpace(e.Text) != "" || slices.ContainsFunc(e.Children, filled))
}

// problems is the first thing the description has against an answer.
func (l *life) problems(name string, data *middleplatform.Element, rules ...string) text.Text {
	for _, p := range l.Intake.CheckAnswer(l.Intake.Interfaces[name], data) {
		if slices.Contains(rules, p.Rule) && !l.otherApplicant(data, p.Field) {
			return p.Text
		}
	}
	return text.Text{}
}

// otherApplicant says that a field stands in the empty one of the two applicant blocks.
func (l *life) otherApplicant(data *middleplatform.Element, field string) bool {
	block, _, _ := strings.Cut(field, "/")
	return (block == "SPRENYUAN" || block == "SPQIYE") && !filled(data.Child(block))
}

// informed is an assertion about the details of an application.
func informed(name, zh, en string, wrong func(*life, *middleplatform.Element) text.Text) assertion {
	return assertion{"info." + name, 2, text.T(zh, en), func(c *checker) text.Text {
		for range 3 { // of persons and of companies, as the numbers fall
			l := c.life()
			data, bad := l.brought(l.ask("apply_info"))
			if bad = first(bad); bad.IsZero() {
				bad = wrong(l, data)
			}
			if !bad.IsZero() {
				return bad
			}
		}
		return text.Text{}
	}}
}

// details are about interface 2.
func details(*middleplatform.Profile) []assertion {
	return []assertion{
		informed("found", "申报流水号取得到申请信息", "a flow number brings details", func(*life, *middleplatform.Element) text.Text { return text.Text{} }),
		informed("echo", "回应的流水号和事项编码与所问一致", "the answer is about the flow number and item that were asked for", func(l *life, data *middleplatform.Element) text.Text {
			if flow := data.Value("SPSHENQIN/SBLSH_SHORT"); flow != l.flow {
				return text.T("SPSHENQIN/SBLSH_SHORT 与所问不同", "SPSHENQIN/SBLSH_SHORT is another one")
			}
			if data.Value("SPSHENQIN/SXBM") != l.item {
				return text.T("SPSHENQIN/SXBM 与所问不同", "SPSHENQIN/SXBM is another one")
			}
			return text.Text{}
		}),
		informed("one_applicant", "个人与企业只填一块，且与申请人类型一致", "exactly one of person and company is filled, as the applicant's type says", func(l *life, data *middleplatform.Element) text.Text {
			person, company := filled(data.Child("SPRENYUAN")), filled(data.Child("SPQIYE"))
			if person == company {
				return text.T("SPRENYUAN 与 SPQIYE 都填了，或都没填", "SPRENYUAN and SPQIYE are both filled, or neither")
			}
			if kind := data.Value("SPSHENQIN/SQRLX"); person != (kind == "1") {
				return text.T("SQRLX 与所填的块不符", "SQRLX does not fit the block that is filled")
			}
			return text.Text{}
		}),
		informed("required", "必填项齐全", "what is required is there", func(l *life, data *middleplatform.Element) text.Text {
			return l.problems("apply_info", data, "required")
		}),
		informed("codes", "代码都在代码集内", "codes are in their sets", func(l *life, data *middleplatform.Element) text.Text {
			return l.problems("apply_info", data, "bad_code")
		}),
		informed("widths", "长度、时间和区划合格", "widths, times and divisions are right", func(l *life, data *middleplatform.Element) text.Text {
			return l.problems("apply_info", data, "too_long", "bad_time", "bad_region", "bad_int")
		}),
		informed("hanzi", "汉字完整", "Chinese characters are whole", func(_ *life, data *middleplatform.Element) text.Text {
			if !isHan(data.Value("BJMC")) || !isHan(data.Value("SPSHENQIN/SXMC")) {
				return text.T("BJMC 或 SPSHENQIN/SXMC 的汉字丢了", "characters of BJMC or SPSHENQIN/SXMC are lost")
			}
			return text.Text{}
		}),
		informed("form", "电子表单保留", "the form is there", func(_ *life, data *middleplatform.Element) text.Text {
			if application := data.Child("SPSHENQIN"); application == nil || !filled(application.Child("XML_DATA")) {
				return missing("SPSHENQIN/XML_DATA")
			}
			return text.Text{}
		}),
		informed("again", "再问一次，回应相同", "asked again, it answers the same", func(l *life, data *middleplatform.Element) text.Text {
			again, bad := l.brought(l.ask("apply_info"))
			if !bad.IsZero() {
				return bad
			}
			a, err := middleplatform.EncodeXML(data)
			b, err2 := middleplatform.EncodeXML(again)
			if err != nil || err2 != nil || a != b {
				return text.T("两次回应不同", "the answers differ")
			}
			return text.Text{}
		}),
		{"info.unknown", 2, text.T("不认识的流水号被拒绝", "an unknown flow number is refused"), func(c *checker) text.Text {
			l := c.life()
			l.flow = "no-such-flow-number"
			return l.wantRefused(l.ask("apply_info"))
		}},
		{"info.other_item", 2, text.T("流水号与事项编码不配被拒绝", "a flow number with another item is refused"), func(c *checker) text.Text {
			l := c.life()
			l.item = "no-such-item"
			return l.wantRefused(l.ask("apply_info"))
		}},
		{"info.flow_required", 2, text.T("不带流水号的查询被拒绝", "a question without a flow number is refused"), func(c *checker) text.Text {
			l := c.life()
			return l.wantRefused(l.ask("apply_info", "SBLSH_SHORT", ""))
		}},
	}
}

// records are the materials in an answer.
func records(data *middleplatform.Element) []*middleplatform.Element {
	if list := data.Child("RECORDS"); list != nil {
		return list.Children
	}
	return nil
}

// handed is the materials of a case.
func (l *life) handed() ([]*middleplatform.Element, *middleplatform.Element, text.Text) {
	data, bad := l.brought(l.ask("apply_materials", "YWLX", "0"))
	if !bad.IsZero() {
		return nil, nil, bad
	}
	list := records(data)
	if len(list) == 0 {
		return nil, nil, missing("RECORDS/RECORD")
	}
	return list, data, text.Text{}
}

// listed is an assertion about the materials of an application.
func listed(name, zh, en string, wrong func(*life, []*middleplatform.Element, *middleplatform.Element) text.Text) assertion {
	return assertion{"materials." + name, 3, text.T(zh, en), func(c *checker) text.Text {
		l := c.life()
		list, data, bad := l.handed()
		if !bad.IsZero() {
			return bad
		}
		return wrong(l, list, data)
	}}
}

// materials are about interface 3 and the download of files.
func materials(*middleplatform.Profile) []assertion {
	return []assertion{
		listed("found", "申报流水号取得到材料", "a flow number brings materials", func(*life, []*middleplatform.Element, *middleplatform.Element) text.Text { return text.Text{} }),
		listed("count", "材料条数与申报材料清单一致", "there are as many materials as the application lists", func(l *life, list []*middleplatform.Element, _ *middleplatform.Element) text.Text {
			data, bad := l.brought(l.ask("apply_info"))
			if !bad.IsZero() {
				return bad
			}
			names := split(data.Value("SPSHENQIN/SBCLQD"))
			if want, got := len(names), len(list); want != got {
				return text.F("清单 %d 项，给了 %d 条", "the list has %d, %d came", want, got)
			}
			return text.Text{}
		}),
		listed("unique", "材料编码不重复", "no code is there twice", func(_ *life, list []*middleplatform.Element, _ *middleplatform.Element) text.Text {
			seen := map[string]bool{}
			for _, r := range list {
				if seen[r.Value("STUFF_SEQ")] {
					return text.T("STUFF_SEQ 重复", "STUFF_SEQ is repeated")
				}
				seen[r.Value("STUFF_SEQ")] = true
			}
			return text.Text{}
		}),
		listed("required", "必填项齐全，代码在代码集内", "what is required is there, codes are in their sets", func(l *life, _ []*middleplatform.Element, data *middleplatform.Element) text.Text {
			return l.problems("apply_materials", data, "required", "bad_code", "bad_int")
		}),
		listed("download", "电子材料下载得到", "an electronic material can be downloaded", func(l *life, list []*middleplatform.Element, _ *middleplatform.Element) text.Text {
			_, bad := l.download(list)
			return bad
		}),
		listed("md5", "下载的内容与 MD5 一致", "what is downloaded has the MD5 that was given", func(l *life, list []*middleplatform.Element, _ *middleplatform.Element) text.Text {
			content, bad := l.download(list)
			if !bad.IsZero() {
				return bad
			}
			sum := md5.Sum(content)
			want := electronic(list).Value("ATTACH_SIGN")
			if want != "" && !strings.EqualFold(want, hex.EncodeToString(sum[:])) {
				return text.T("内容与 ATTACH_SIGN 不符", "the content is not that of ATTACH_SIGN")
			}
			return text.Text{}
		}),
		{"materials.unknown_file", 3, text.T("没有的文件下载不到", "a file that does not exist cannot be downloaded"), func(c *checker) text.Text {
			return c.wantRefused(c.fetch("/no/such/file"))
		}},
		{"materials.unknown", 3, text.T("不认识的流水号被拒绝", "an unknown flow number is refused"), func(c *checker) text.Text {
			l := c.life()
			l.flow = "no-such-flow-number"
			return l.wantRefused(l.ask("apply_materials", "YWLX", "0"))
		}},
		{"materials.bad_code", 3, text.T("代码集以外的业务类型被拒绝", "a business type outside its set is refused"), func(c *checker) text.Text {
			return c.wantRefused(c.life().ask("apply_materials", "YWLX", "8"))
		}},
		{"materials.correction", 3, text.T("补正查询只给补正的材料", "asked for a correction, only the corrected materials come"), corrected},
	}
}

func corrected(c *checker) text.Text {
	l := c.life()
	list, _, bad := l.handed()
	if !bad.IsZero() {
		return bad
	}
	if len(list) < 2 {
		return text.T("只有一件材料，无法检查", "there is one material only, this cannot be checked")
	}
	one := list[0]
	if bad := l.walk(take("correction", l.correction(one.Value("CLMC"), one.Value("STUFF_SEQ")))); !bad.IsZero() {
		return bad
	}
	data, bad := l.brought(l.ask("apply_materials", "YWLX", "1"))
	if !bad.IsZero() {
		return bad
	}
	if got := records(data); len(got) != 1 || got[0].Value("STUFF_SEQ") != one.Value("STUFF_SEQ") {
		n := len(got)
		return text.F("给了 %d 条，应为补正的 1 条", "%d came, the one corrected was to come", n)
	}
	return text.Text{}
}

func split(s string) []string {
	return slices.DeleteFunc(strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == '；' }), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// electronic is the first material with a file, nil if there is none.
func electronic(list []*middleplatform.Element) *middleplatform.Element {
	for _, r := range list {
		if r.Value("ATTACH_PATH") != "" {
			return r
		}
	}
	return nil
}

func (c *checker) fetch(path string) outcome {
	body, err := c.Intake.EncodeDownload(path, c.cipher)
	if err != nil {
		return outcome{err: err}
	}
	r := c.request(c.Intake.Download.Path, body)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	c.sign(r)
	return c.do(r)
}

func (l *life) download(list []*middleplatform.Element) ([]byte, text.Text) {
	m := electronic(list)
	if m == nil {
		return nil, text.T("没有一件材料有 ATTACH_PATH", "no material has ATTACH_PATH")
	}
	o := l.fetch(m.Value("ATTACH_PATH"))
	if bad := l.wantTaken(o); !bad.IsZero() {
		return nil, bad
	}
	content, err := l.Intake.FileOf(o.reply)
	if err != nil || len(content) == 0 {
		return nil, text.T("回应里没有文件内容", "the answer brings no file")
	}
	return content, text.Text{}
}

// corrections are about interface 6.
func corrections(*middleplatform.Profile) []assertion {
	about := func(name, zh, en string, taken bool, make func(l *life, one *middleplatform.Element) *middleplatform.Element) assertion {
		return assertion{"correction." + name, 6, text.T(zh, en), func(c *checker) text.Text {
			l := c.life()
			list, _, bad := l.handed()
			if !bad.IsZero() {
				return bad
			}
			return l.walk(step{"correction", make(l, list[0]), taken})
		}}
	}
	plain := func(pairs ...string) func(*life, *middleplatform.Element) *middleplatform.Element {
		return func(l *life, one *middleplatform.Element) *middleplatform.Element {
			return l.correction(one.Value("CLMC"), one.Value("STUFF_SEQ"), pairs...)
		}
	}
	return []assertion{
		about("taken", "受理前的补正告知被收下", "a correction notice before the acceptance is taken", true, plain()),
		about("unknown_material", "没有申报的材料不能补正", "a material that was not handed in cannot be corrected", false, func(l *life, one *middleplatform.Element) *middleplatform.Element {
			return l.correction(one.Value("CLMC"), "NO-SUCH-MATERIAL")
		}),
		about("count", "补正材料清单与编码数目一致", "the lists of names and codes are as long", false, func(l *life, one *middleplatform.Element) *middleplatform.Element {
			return l.correction(one.Value("CLMC")+";"+one.Value("CLMC"), one.Value("STUFF_SEQ"))
		}),
		about("negative_limit", "时限小于零被拒绝", "a limit below zero is refused", false, plain("SPBUZHENGGAOZHI/BZGZSX", "-1")),
		about("zero_limit", "时限为零被收下", "a limit of zero is taken", true, plain("SPBUZHENGGAOZHI/BZGZSX", "0")),
		about("unit", "时限单位只有 G 和 Z", "the unit of the limit is G or Z", false, plain("SPBUZHENGGAOZHI/BZGZSXDW", "H")),
		about("calendar_days", "自然日的时限被收下", "a limit in calendar days is taken", true, plain("SPBUZHENGGAOZHI/BZGZSXDW", "Z")),
		about("required", "缺原因被拒绝", "a notice without a reason is refused", false, plain("SPBUZHENGGAOZHI/BZGZYY", "")),
		{"correction.repeat", 6, text.T("同一补正告知再推送仍被收下", "the same notice again is taken"), func(c *checker) text.Text {
			l := c.life()
			list, _, bad := l.handed()
			if !bad.IsZero() {
				return bad
			}
			m := l.correction(list[0].Value("CLMC"), list[0].Value("STUFF_SEQ"))
			return l.walk(take("correction", m), take("correction", m))
		}},
		{"correction.then_accept", 6, text.T("补正之后照常受理", "after a correction the acceptance is taken"), func(c *checker) text.Text {
			l := c.life()
			list, _, bad := l.handed()
			if !bad.IsZero() {
				return bad
			}
			return l.walk(take("correction", l.correction(list[0].Value("CLMC"), list[0].Value("STUFF_SEQ"))), take("accept", l.accept()))
		}},
	}
}
