package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"banjian/connectors/middleplatform"
	"banjian/internal/text"
)

// replyTo is what is answered to a call that was let in.
type replyTo func(body []byte) middleplatform.Reply

// asked is who answers a question: the details and the materials of an application, and
// a material's file. nil: nobody.
func (s *Simulator) asked(path string) (name string, reply replyTo) {
	if s.intake == nil {
		return "", nil
	}
	if path == s.intake.Download.Path {
		return "download", s.file
	}
	for _, in := range s.intake.ByNumber() {
		if in.Path == path && in.Direction == "asks" {
			return in.Name, func(body []byte) middleplatform.Reply { return s.question(in, body) }
		}
	}
	return "", nil
}

// refuses is an answer of the platform's own status for what it understood.
func (s *Simulator) refuses(why text.Text) middleplatform.Reply {
	e := &s.opts.Profile.Envelope
	return middleplatform.Reply{Code: e.OK, Status: e.Refused, Data: why.ZH}
}

// brings is an answer with data.
func (s *Simulator) brings(data *middleplatform.Element) middleplatform.Reply {
	e := &s.opts.Profile.Envelope
	r := middleplatform.Reply{Code: e.OK, Status: e.OK, Data: "成功", Answer: data}
	if s.quirks["unescaped"] && e.Document != nil {
		if written, err := s.opts.Profile.EncodeDocument(r, s.opts.Now()); err == nil {
			r.Answer, r.Data = nil, strings.ReplaceAll(written, "&lt;", "<")
		}
	}
	return r
}

// unopened is the answer to what cannot be opened.
func (s *Simulator) unopened() middleplatform.Reply {
	return s.failed(http.StatusBadRequest, text.T("请求体解不开：要是加密后的报文", "the body cannot be opened: it is not a sealed message"))
}

// failed is an answer before anything was understood.
func (s *Simulator) failed(status int, why text.Text) middleplatform.Reply {
	return failure(s.opts.Profile, status, why).reply
}

// question answers interfaces 2 and 3.
func (s *Simulator) question(in *middleplatform.Inbound, body []byte) middleplatform.Reply {
	opened, m, err := s.intake.Wire().DecodeCall(body, s.cipher)
	switch {
	case !opened:
		return s.unopened()
	case err != nil:
		return s.refuses(text.T("报文不是合格的 XML", "the message is no well-formed XML"))
	}
	if problems := s.intake.CheckRequest(in, m); len(problems) > 0 {
		return s.refuses(sentence(problems))
	}
	names := s.opts.Profile.Body.Case
	app := s.opts.Applications(m.Value(names[0]))
	if app == nil && s.broken["info.unknown"] {
		app = TryOutApplication(middleplatform.TryOutFlow(0))
	}
	switch {
	case app == nil:
		return s.refuses(text.T("没有这个申报流水号", "there is no such flow number"))
	case app.Item != m.Value(names[1]) && !s.broken["info.unknown"]:
		return s.refuses(text.T("事项编码与申报的不同", "the application is for another item"))
	}
	if in.Number == 2 {
		return s.brings(s.spoilt(app.details(s.opts.Profile)))
	}
	var only map[string]bool
	if m.Value("YWLX") == "1" && !s.broken["materials.correction"] {
		only = s.state.corrected(app.Flow)
	}
	return s.brings(s.spoilt(app.materials(only)))
}

// file answers a download.
func (s *Simulator) file(body []byte) middleplatform.Reply {
	path, err := s.intake.DecodeDownload(body, s.cipher)
	if err != nil {
		return s.unopened()
	}
	flow := strings.TrimPrefix(path, "/tryout/")
	flow, _, _ = strings.Cut(flow, "/")
	if app := s.opts.Applications(flow); app != nil {
		for i := range app.Materials {
			if m := &app.Materials[i]; m.Path == path && m.File != nil {
				if s.broken["materials.md5"] {
					return s.intake.FileReply([]byte("x"))
				}
				return s.intake.FileReply(m.File)
			}
		}
	}
	return s.refuses(text.T("没有这个文件", "there is no such file"))
}

// spoilt is data as a broken or a quirky platform has it.
func (s *Simulator) spoilt(data *middleplatform.Element) *middleplatform.Element {
	s.breakData(data)
	for _, q := range quirks() {
		if s.quirks[q.Name] && q.change != nil {
			q.change(data)
		}
	}
	return data
}

func (s *Simulator) breakData(data *middleplatform.Element) {
	application := data.Child("SPSHENQIN")
	if records := data.Child("RECORDS"); records != nil && len(records.Children) > 1 {
		if s.broken["materials.count"] {
			records.Children = records.Children[1:]
		}
		if s.broken["materials.unique"] {
			set(records.Children[1], "STUFF_SEQ", records.Children[0].Value("STUFF_SEQ"))
		}
	}
	if application == nil {
		return
	}
	if s.broken["info.one_applicant"] {
		if data.Child("SPQIYE") == nil {
			fill(data.Add("SPQIYE", ""), "ORGNAME", "样例有限公司", "ORGCODE", "91370102MA3TEST001", "ORGTYPE", "Enterprise", "COMPANYLICENSE", "1", "HANDLERNAME", "张样例", "HANDLERPHONE", "13800138000", "HANDLERIDTYPE", "111", "HANDLERID", "11010519491231002X")
		} else {
			fill(data.Add("SPRENYUAN", ""), "IDENTITYTYPE", "111", "IDCARDNO", "11010519491231002X", "NAME", "张样例", "SEX", "1", "LINKPHONE", "13800138000")
		}
	}
	if s.broken["info.echo"] {
		set(application, "SBLSH_SHORT", "1")
	}
	if s.broken["info.hanzi"] {
		each(data, func(e *middleplatform.Element) {
			e.Text = strings.Map(func(r rune) rune {
				if r > 127 {
					return '?'
				}
				return r
			}, e.Text)
		})
	}
	if s.broken["info.form"] {
		application.Children = without(application, "XML_DATA")
	}
}

// token answers the call that fetches one; for others it is not here.
func (s *Simulator) token(w http.ResponseWriter, r *http.Request) bool {
	scheme := s.opts.Profile.Signing().Token
	if scheme == nil || r.URL.Path != scheme.Path {
		return false
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	given, status := "", http.StatusUnauthorized
	if r.Method == http.MethodPost && r.ParseForm() == nil {
		if given = s.verifier.Issue(r.PostForm); given != "" {
			status = http.StatusOK
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{scheme.Answer: given}) // a broken connection is the caller's trouble
	return true
}

// page answers the address of an application: is it signed rightly, and in time?
func (s *Simulator) page(w http.ResponseWriter, r *http.Request) {
	reason := s.opts.Profile.VerifyApplyURL(r.URL.Query(), s.opts.Credentials, s.opts.Now())
	switch {
	case reason == middleplatform.WrongMAC && s.broken["apply_url.wrong_sign"], reason == middleplatform.Stale && s.broken["apply_url.stale"]:
		reason = ""
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if reason != "" {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, reason.Text().ZH+"\n") // as above
		return
	}
	_, _ = io.WriteString(w, "申报地址有效\n")
}

// set replaces the text of a child.
func set(e *middleplatform.Element, name, text string) {
	if c := e.Child(name); c != nil {
		c.Text, c.Children = text, nil
	}
}

// without is the children but those of one name.
func without(e *middleplatform.Element, name string) []*middleplatform.Element {
	var rest []*middleplatform.Element
	for _, c := range e.Children {
		if c.Name != name {
			rest = append(rest, c)
		}
	}
	return rest
}

func each(e *middleplatform.Element, do func(*middleplatform.Element)) {
	do(e)
	for _, c := range e.Children {
		each(c, do)
	}
}
