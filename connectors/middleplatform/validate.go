package middleplatform

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"banjian/internal/text"
)

// mistake is what is wrong in a profile, at a YAML path.
type mistake struct {
	path string
	what text.Text
}

func wrongAt(path string, zh, en string, args ...any) *mistake {
	return &mistake{path, text.F(zh, en, args...)}
}

// wrong is the first mistake of a profile, nil if there is none. It also gives every
// interface its name and columns.
func (p *Profile) wrong() *mistake {
	if !profileName.MatchString(p.Profile) {
		return wrongAt("$.profile", "profile 要写成小写字母、数字和连字符", "profile is lower-case letters, digits and hyphens")
	}
	for _, list := range []func() *mistake{p.wrongSigner, p.wrongCipher, p.wrongBody, p.wrongSets} {
		if m := list(); m != nil {
			return m
		}
	}
	if m := p.Limits.wrong("$.limits"); m != nil {
		return m
	}
	paths := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(p.Interfaces)) {
		in := p.Interfaces[name]
		at := "$.interfaces." + name
		if in == nil {
			return wrongAt(at, "接口 %s 是空的", "interface %s is empty", name)
		}
		in.Name = name
		if other, taken := paths[in.Path]; taken {
			return wrongAt(at+".path", "与 %s 同一路径", "the same path as %s", other)
		}
		paths[in.Path] = name
		if in.Ask != nil {
			if other, taken := paths[in.Ask.Path]; taken {
				return wrongAt(at+".ask.path", "与 %s 同一路径", "the same path as %s", other)
			}
			paths[in.Ask.Path] = name
		}
		p.learn(in.Blocks)
		if m := p.wrongInterface(at, in); m != nil {
			return m
		}
	}
	if len(p.Interfaces) == 0 {
		return wrongAt("$", "没有接口", "there are no interfaces")
	}
	return nil
}

// oneOf checks a value of a closed list.
func oneOf(path, value string, list ...string) *mistake {
	if slices.Contains(list, value) {
		return nil
	}
	return wrongAt(path, "只能是 %s", "must be one of %s", strings.Join(list, " | "))
}

func first(list ...*mistake) *mistake {
	for _, m := range list {
		if m != nil {
			return m
		}
	}
	return nil
}

func (p *Profile) wrongSigner() *mistake {
	s := p.Signer
	if s.Window.Bad || s.scheme.Time != "" && s.Window.Duration <= 0 || s.Nonces <= 0 {
		return wrongAt("$.signer", "window（如 300s）和 nonces 要大于零", "window, such as 300s, and nonces are above zero")
	}
	if s.scheme.Uses("service") && s.Service == "" || s.scheme.Uses("business") && s.Business == "" {
		return wrongAt("$.signer", "这种签名方式要写 service 或 business", "this signer needs service or business")
	}
	for i := range s.scheme.Place {
		if where, _ := s.scheme.Place[i].Name(); where == "form" {
			return wrongAt("$.signer.use", "调用的签名只能放在请求头或地址里", "a call's signature stands in headers or in the address")
		}
	}
	return p.wrongApplyURL()
}

func (p *Profile) wrongApplyURL() *mistake {
	a := p.ApplyURL
	for i := range a.scheme.Place {
		if where, _ := a.scheme.Place[i].Name(); where != "query" {
			return wrongAt("$.apply_url.use", "申报地址的签名只能放在地址的参数里", "the signature of an address stands in its query")
		}
	}
	if !strings.HasPrefix(a.Path, "/") || a.EmitSecretParam && !isName(a.SecretParam) || a.scheme.At("signature") == nil || a.scheme.At("time") == nil || a.scheme.Uses("nonce") || a.scheme.Uses("token") {
		return wrongAt("$.apply_url", "path 以 / 开头；签名方式要有时间和签名；emit_secret_param 要有 secret_param", "path begins with /, the signer has a time and a signature, and emit_secret_param goes with secret_param")
	}
	return nil
}

func (p *Profile) wrongCipher() *mistake {
	c := p.Cipher
	if c.Kind == "none" {
		return nil
	}
	if m := first(oneOf("$.cipher.kind", c.Kind, "sm4-cbc", "none"), oneOf("$.cipher.scope", c.Scope, "message", "fields"), oneOf("$.cipher.derivation", c.Derivation, "ecb_hex")); m != nil {
		return m
	}
	if (c.Scope == "fields") != (len(c.Fields) > 0) {
		return wrongAt("$.cipher.fields", "scope: fields 要列出字段，message 不列", "scope: fields lists fields, message does not")
	}
	if len(c.Fill) != 1 || c.Fill[0] > 127 {
		return wrongAt("$.cipher.fill", "fill 要是一个 ASCII 字符", "fill is one ASCII character")
	}
	return nil
}

func (p *Profile) wrongBody() *mistake {
	b := &p.Body
	if b.ContentType == "" || b.Time == "" {
		return wrongAt("$.body", "content_type、time 都要写", "content_type and time are required")
	}
	if m := first(oneOf("$.body.format", b.Format, "xml", "json"), oneOf("$.body.carrier", b.Carrier, "member", "form", "body")); m != nil {
		return m
	}
	if b.Carrier != "body" && !isName(b.Parameter) || b.Carrier == "body" && b.Parameter != "" {
		return wrongAt("$.body.parameter", "parameter 要由 ASCII 字母、数字和下划线组成；carrier: body 不写", "parameter is ASCII letters, digits and underscores, and not for carrier: body")
	}
	if b.Carrier == "body" && (b.Format != "json" || p.Cipher.Kind != "none" && p.Cipher.Scope == "message") {
		return wrongAt("$.body.carrier", "carrier: body 只用于 JSON 且不整体加密", "carrier: body is for JSON that is not sealed as a whole")
	}
	for _, name := range append(slices.Clone(b.Beside), b.Within) {
		if name != "" && (!isName(name) || b.Carrier != "body") {
			return wrongAt("$.body", "within、beside 要是成员名，只用于 carrier: body", "within and beside are names, and for carrier: body")
		}
	}
	if len(b.Case) == 0 {
		return wrongAt("$.body", "case 要写", "case is required")
	}
	sample := time.Date(2001, 11, 12, 13, 14, 15, 0, time.UTC)
	if back, err := time.Parse(b.Time, sample.Format(b.Time)); err != nil || !back.Equal(sample) {
		return wrongAt("$.body.time", "time 要是精确到秒的 Go 时间格式", "time is a layout of Go's that keeps the second")
	}
	if !isName(b.Root) {
		return wrongAt("$.body.root", "root 要是一个元素名", "root is the name of an element")
	}
	return p.wrongEnvelope()
}

func (p *Profile) wrongEnvelope() *mistake {
	e := &p.Envelope
	if len(e.Forms) == 0 {
		return wrongAt("$.envelope.forms", "forms 要写", "forms is required")
	}
	for _, f := range e.Forms {
		if m := oneOf("$.envelope.forms", string(f), string(XML), string(JSON)); m != nil {
			return m
		}
		if f == XML && !isName(e.Root) {
			return wrongAt("$.envelope.root", "root 要是一个元素名", "root is the name of an element")
		}
	}
	if e.OK == "" || e.Refused == "" || e.OK == e.Refused || e.Failed == e.OK {
		return wrongAt("$.envelope", "ok 和 refused 要写且不同", "ok and refused are required and differ")
	}
	if (e.Code == "") != (e.Body == "") || e.Code == "" && len(e.Fixed) > 0 || e.Says.Status == "" || e.Document != nil && (e.Document.Root == "" || e.Document.Status == "" || e.Document.Data == "") {
		return wrongAt("$.envelope", "code 与 body 要一起写；says 要有 status；document 要有 root、status 和 data", "code and body go together, says has a status, document a root, a status and data")
	}
	return nil
}

func (l *LimitProfile) wrong(at string) *mistake {
	if l.Timeout.Bad || l.Timeout.Duration < 0 || l.Connections < 0 || l.Rate < 0 {
		return wrongAt(at, "connections、rate 和 timeout（如 30s）不能小于零", "connections, rate and timeout, such as 30s, are not below zero")
	}
	return nil
}

func (p *Profile) wrongSets() *mistake {
	for _, name := range slices.Sorted(maps.Keys(p.CodeSets)) {
		if len(p.CodeSets[name].Codes) == 0 {
			return wrongAt("$.code_sets."+name, "代码集 %s 是空的", "code set %s is empty", name)
		}
	}
	return nil
}

func (p *Profile) wrongInterface(at string, in *Interface) *mistake {
	if in.Number < 1 || in.Number > 10 {
		return wrongAt(at, "number 是 1 到 10", "number is 1 to 10")
	}
	if !strings.HasPrefix(in.Path, "/") {
		return wrongAt(at, "path 以 / 开头", "path begins with /")
	}
	if m := oneOf(at+".on_update", in.OnUpdate, "resend", "skip", "cannot"); m != nil {
		return m
	}
	if m := first(in.Limits.wrong(at+".limits"), oneOf(at+".conf", in.Conf, confidences...), p.wrongHalves(at+".halves", in), wrongFiles(at+".files", in), p.wrongInquiry(at, in)); m != nil {
		return m
	}
	in.columns = nil
	for i := range in.Blocks {
		where := fmt.Sprintf("%s.blocks[%d]", at, i)
		if m := p.wrongBlock(where, in.Blocks, i); m != nil {
			return m
		}
		for j, f := range in.Blocks[i].Fields {
			if in.made(&in.Blocks[i], &in.Blocks[i].Fields[j]) {
				continue
			}
			name := column(in.Blocks[i].Block, f.Name)
			if slices.Contains(in.columns, name) {
				return wrongAt(where, "列名 %s 重复", "the column %s is repeated", name)
			}
			in.columns = append(in.columns, name)
		}
	}
	if m := p.wrongInstead(at+".instead", in); m != nil {
		return m
	}
	for _, name := range p.Body.Case {
		if f := in.at(name); f == nil || !f.Required {
			return wrongAt(at, "缺少 body.case 的必填字段 %s", "body.case names %s, which is no required field here", name)
		}
	}
	if len(in.Key) == 0 {
		return wrongAt(at, "key 要写", "key is required")
	}
	for i, path := range in.Key {
		if f := in.at(path); f == nil || !f.Required {
			return wrongAt(fmt.Sprintf("%s.key[%d]", at, i), "%s 不是必填字段", "%s is not a required field", path)
		}
	}
	for i, a := range in.After {
		where := fmt.Sprintf("%s.after[%d]", at, i)
		if p.Interfaces[a.Interface] == nil {
			return wrongAt(where, "没有接口 %s", "there is no interface %s", a.Interface)
		}
		if a.Unless != nil && (in.at(a.Unless.Field) == nil || (a.Unless.Is == nil) == (a.Unless.IsNot == nil)) {
			return wrongAt(where+".unless", "unless 要写已有的字段，is 与 is_not 二选一", "unless has a known field and one of is and is_not")
		}
	}
	for i, name := range in.NotAfter {
		if p.Interfaces[name] == nil {
			return wrongAt(fmt.Sprintf("%s.not_after[%d]", at, i), "没有接口 %s", "there is no interface %s", name)
		}
	}
	return nil
}

// confidences say how sure a name is: seen in a client, taken from a sibling of the
// interface, or our own choice.
var confidences = []string{"client", "analog", "assumed"}

func (p *Profile) wrongBlock(at string, blocks []Block, i int) *mistake {
	b := &blocks[i]
	parent, name, nested := strings.Cut(b.Block, "/")
	if nested && !isName(parent) || nested && !isName(name) || !nested && b.Block != "" && !isName(parent) || blockOf(blocks, b.Block) != b {
		return wrongAt(at, "块名不合格式或重复", "the block's name is malformed or repeated")
	}
	if m := oneOf(at, b.Conf, confidences...); m != nil {
		return m
	}
	for j := range b.Fields {
		where := fmt.Sprintf("%s.fields[%d]", at, j)
		f := &b.Fields[j]
		if !isName(f.Name) || b.field(f.Name) != f || slices.ContainsFunc(f.Aliases, func(a string) bool { return !isName(a) || b.spelt(a) != f }) {
			return wrongAt(where, "字段名不合格式或重复", "the field's name is malformed or repeated")
		}
		if f.Type == "" {
			f.Type = "text"
		}
		if f.Conf == "" {
			f.Conf = b.Conf
		}
		if m := first(oneOf(where, f.Conf, confidences...), oneOf(where, f.Type, "text", "time", "region", "amount", "int", "file", "any"), oneOf(where, f.Personal, "", "name", "id", "phone", "address", "email", "text")); m != nil {
			return m
		}
		if _, known := p.CodeSets[f.Codes]; f.Codes != "" && !known {
			return wrongAt(where, "没有代码集 %s", "there is no code set %s", f.Codes)
		}
		if w := f.RequiredWhen; w != nil && (b.field(w.Field) == nil || (w.Is == nil) == (w.IsNot == nil)) {
			return wrongAt(where, "required_when 要写同块的字段，is 与 is_not 二选一", "required_when has a field of the block and one of is and is_not")
		}
		if to := b.field(f.PathIn); f.PathIn != "" && (f.Type != "file" || to == nil || to.Type == "file") {
			return wrongAt(where, "path_in 写在文件字段上，指同块里放地址的字段", "path_in stands at a file and names the field of the block that takes its address")
		}
		if f.Most != 0 && f.Type != "file" {
			return wrongAt(where, "most 只用于文件字段", "most is for files")
		}
		if file := b.field(f.MD5Of); f.MD5Of != "" && (file == nil || file.Type != "file") {
			return wrongAt(where, "md5_of 要写同块的文件字段", "md5_of names a file of the block")
		}
		if f.NotBefore != "" && !p.isTime(b, f) {
			return wrongAt(where, "not_before 要在时间字段上，指向时间字段 FIELD 或 INTERFACE/BLOCK/FIELD", "not_before stands on a time and names a time, FIELD or INTERFACE/BLOCK/FIELD")
		}
	}
	return nil
}

// wrongHalves is what is wrong with how an interface's records are divided.
func (p *Profile) wrongHalves(at string, in *Interface) *mistake {
	h := in.Halves
	if h == nil {
		return nil
	}
	root := in.block("")
	if root == nil || root.field(h.Field) == nil || len(h.Blocks) == 0 {
		return wrongAt(at, "halves 要写根下的字段和各块", "halves has a field of the root, and blocks")
	}
	for _, code := range slices.Sorted(maps.Keys(h.Blocks)) {
		if _, known := p.CodeSets[root.field(h.Field).Codes].Codes[code]; !known || h.Blocks[code] == "" || in.block(h.Blocks[code]) == nil {
			return wrongAt(at, "%s 不在代码集里，或没有块 %s", "%s is no code of the field, or there is no block %s", code, h.Blocks[code])
		}
	}
	return nil
}

// isTime says whether a field and the one it must not be before are both times.
func (p *Profile) isTime(b *Block, f *Field) bool {
	other := b.field(f.NotBefore)
	if name, path, cross := strings.Cut(f.NotBefore, "/"); cross {
		if other = nil; p.Interfaces[name] != nil {
			other = p.Interfaces[name].at(path)
		}
	}
	return f.Type == "time" && other != nil && other.Type == "time"
}
