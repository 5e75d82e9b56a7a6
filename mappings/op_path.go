package mappings

import (
	"slices"
	"strings"

	"banjian/internal/text"
	"banjian/schemas"
)

// formPlan is a path head: which path a form of a code and version is read by.
type formPlan struct {
	plain *docPath            // one path for every form
	byKey map[string]*docPath // "code", "code@version", "*"
}

// buildPath is the head path: {from: form_data, at: $.applicant.name}: one value taken
// out of a form kept in a column, JSON by $.a.b[0].c, XML by /form/a/b or /form/a/@attr.
// [*] reads every element, for lists. With form (and version) the path is chosen by these
// columns: at: {CODE: path, CODE@VERSION: path, "*": path}, the more exact one first. A
// place that is not there is NULL; a form that is no whole JSON or XML fails with
// bad_form, one without a path with unknown_form.
func buildPath(c *fieldCompiler, k, v *node) (*head, error) {
	if v.kind != mapNode {
		return nil, c.failHint(orNode(v, k), text.T("例如 path: {from: form_data, at: $.sqr.xm}", "for example path: {from: form_data, at: $.sqr.xm}"),
			"path: 要写 {from, at}", "path: needs {from, at}")
	}
	if err := c.file.known(v, pathKeys); err != nil {
		return nil, err
	}
	h := &head{key: k.text, list: c.plan.target.Type == schemas.List || c.f.get("join") != nil}
	for _, key := range []string{"from", "form", "version"} {
		n, err := c.file.scalar(v, key, key == "from")
		if err != nil {
			return nil, err
		}
		if n == nil {
			break
		}
		name, err := c.textColumn(k, n)
		if err != nil {
			return nil, err
		}
		h.columns = append(h.columns, name)
	}
	if v.get("version") != nil && v.get("form") == nil {
		return nil, c.fail(v.get("version"), "version: 要和 form: 一起写", "version: stands with form:")
	}
	h.hidden = h.columns[0]
	plan, shown, err := c.formPaths(v)
	if err != nil {
		return nil, err
	}
	h.bind = plan.bind
	h.say = text.F("从表单 %s 按路径 %s 取值", "out of the form %s by %s", h.hidden, shown)
	return h, nil
}

var pathKeys = []string{"from", "form", "version", "at"}

func (c *fieldCompiler) formPaths(v *node) (*formPlan, string, error) {
	at := v.get("at")
	if v.get("form") == nil {
		n, err := c.file.scalar(v, "at", true)
		if err != nil {
			return nil, "", err
		}
		p, err := c.docPath(n)
		return &formPlan{plain: p}, n.text, err
	}
	if at == nil || at.kind != mapNode || len(at.keys) == 0 {
		return nil, "", c.failHint(orNode(at, v), text.T(`例如 at: {F01: $.sqr.xm, "F01@2": $.applicant.name}`, `for example at: {F01: $.sqr.xm, "F01@2": $.applicant.name}`),
			"有 form: 时 at: 按表单编码写路径", "with form:, at: gives the path of each form code")
	}
	plan := &formPlan{byKey: map[string]*docPath{}}
	for i, k := range at.keys {
		if at.vals[i].kind != scalarNode {
			return nil, "", c.fail(orNode(at.vals[i], k), "%s 的路径要是一个值", "the path of %s is one value", k.text)
		}
		if strings.Contains(k.text, "@") && v.get("version") == nil {
			return nil, "", c.fail(k, "%s 带版本，要写 version: 列", "%s names a version: say version: COLUMN", k.text)
		}
		p, err := c.docPath(at.vals[i])
		if err != nil {
			return nil, "", err
		}
		plan.byKey[k.text] = p
	}
	return plan, showPairs(at), nil
}

func (c *fieldCompiler) docPath(n *node) (*docPath, error) {
	p, ok := parsePath(n.text)
	if !ok {
		return nil, c.failHint(n, text.T("JSON 写 $.a.b[0].c 或 $.a[*].b，XML 写 /form/a/b 或 /form/a/@attr", "JSON: $.a.b[0].c or $.a[*].b; XML: /form/a/b or /form/a/@attr"),
			"路径 %q 写法不对", "%q is no path", n.text)
	}
	return p, nil
}

func (f *formPlan) bind(cols []*column, s *scratch) headFn {
	var key []byte
	var w docWalker
	return func(i int, add func(string)) bool {
		doc, ok := cols[0].text(i)
		if !ok {
			return true
		}
		path := f.plain
		if path == nil {
			if key, path = f.choose(key[:0], cols[1:], i); path == nil {
				s.fail("unknown_form", strings.Clone(string(key)))
				return false
			}
		}
		if !w.walk(path, doc, add) {
			s.fail("bad_form")
			return false
		}
		return true
	}
}

// choose is the path of row i, by code and version, by code, or the one for any form.
func (f *formPlan) choose(key []byte, cols []*column, i int) ([]byte, *docPath) {
	code, _ := cols[0].text(i)
	key = append(key, code...)
	if len(cols) > 1 {
		if version, ok := cols[1].text(i); ok {
			key = append(append(key, '@'), version...)
			if p := f.byKey[string(key)]; p != nil {
				return key, p
			}
		}
	}
	if p := f.byKey[string(key[:len(code)])]; p != nil {
		return key, p
	}
	return key, f.byKey["*"]
}

// docPath is where a value lies in a document.
type docPath struct {
	xml   bool
	steps []docStep
}

type docStep struct {
	name  string // of a member, an element or, with attr, an attribute
	attr  bool
	index int // of an array element or of equal XML elements, from 0; anyIndex: all
}

const (
	noIndex  = -2 // a member
	anyIndex = -1
)

const maxDocDepth = 64

func parsePath(s string) (*docPath, bool) {
	switch {
	case strings.HasPrefix(s, "$"):
		return parseJSONPath(s[1:])
	case strings.HasPrefix(s, "/"):
		return parseXMLPath(s[1:])
	}
	return nil, false
}

func parseJSONPath(s string) (*docPath, bool) {
	p := &docPath{}
	for s != "" {
		switch s[0] {
		case '.':
			end := strings.IndexAny(s[1:], ".[")
			if end < 0 {
				end = len(s) - 1
			}
			if end == 0 {
				return nil, false
			}
			p.steps = append(p.steps, docStep{name: s[1 : 1+end], index: noIndex})
			s = s[1+end:]
		case '[':
			inner, rest, ok := strings.Cut(s[1:], "]")
			if !ok {
				return nil, false
			}
			st, ok := bracket(inner)
			if !ok {
				return nil, false
			}
			p.steps, s = append(p.steps, st), rest
		default:
			return nil, false
		}
	}
	return p, len(p.steps) > 0 && len(p.steps) < maxDocDepth
}

// bracket reads *, a number from 0 or a quoted name.
func bracket(s string) (docStep, bool) {
	if s == "*" {
		return docStep{index: anyIndex}, true
	}
	if n := len(s); n > 2 && s[0] == '\'' && s[n-1] == '\'' {
		return docStep{name: s[1 : n-1], index: noIndex}, true
	}
	n, ok := parseInt(s)
	return docStep{index: int(n)}, ok && n >= 0 && n < 1<<20
}

func parseXMLPath(s string) (*docPath, bool) {
	p := &docPath{xml: true}
	parts := strings.Split(s, "/")
	for i, part := range parts {
		st := docStep{name: part, index: anyIndex}
		if name, ok := strings.CutPrefix(part, "@"); ok {
			st = docStep{name: name, attr: true}
			if i != len(parts)-1 || i == 0 {
				return nil, false
			}
		} else if name, inner, ok := strings.Cut(part, "["); ok {
			b, good := bracket(strings.TrimSuffix(inner, "]"))
			if !good || b.index == noIndex || !strings.HasSuffix(inner, "]") {
				return nil, false
			}
			st = docStep{name: name, index: b.index}
		}
		if st.name == "" {
			return nil, false
		}
		p.steps = append(p.steps, st)
	}
	return p, len(p.steps) < maxDocDepth && !slices.ContainsFunc(p.steps, func(s docStep) bool { return strings.ContainsAny(s.name, "[]*@") })
}
