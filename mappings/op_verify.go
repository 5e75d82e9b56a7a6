package mappings

import (
	"slices"
	"strings"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// verifyKeys are the keys of verify:.
var verifyKeys = []string{"service", "with", "expect", "on_mismatch", "on_unknown"}

// verifyPlan is verify: {…} of a field: asked when the record is whole.
type verifyPlan struct {
	service  string
	at       *node // of service:
	with     []verifyInput
	expect   []verifyExpect
	mismatch schemas.Severity // Reject, Warn or Hold
	unknown  schemas.Severity
	fields   []*node // canonical fields named, which must be mapped too
}

// verifyInput is one thing a service is told: a canonical field by the service's name.
type verifyInput struct {
	name  string
	index int // of the field in its subject
}

// verifyExpect is what one value of the answer must be: one of In, or what a field has.
type verifyExpect struct {
	name  string
	in    []string
	index int // of the field; -1: In
}

// buildVerify is verify: {service: name, with: {input: field}, expect: {answer: value},
// on_mismatch: reject, on_unknown: hold}: a service of the site is asked about the record
// once it is whole and nothing else refuses it. The value itself never changes. With a
// when, only in rows where it holds; a row in which one of the inputs is NULL is not
// asked about.
func buildVerify(c *fieldCompiler, k, v *node) error {
	if c.from != nil {
		return c.fail(k, "verify 只用于部门视图的映射：归集时核验一次，上报不再问", "verify is for mappings of a department's view: what is collected is verified once, and not asked about again when it is delivered")
	}
	if err := c.file.known(v, verifyKeys); err != nil {
		return err
	}
	service, err := c.file.scalar(v, "service", true)
	if err != nil || service == nil {
		return err
	}
	p := &verifyPlan{service: service.text, at: service}
	if err := c.verifyWith(p, k, v.get("with")); err != nil {
		return err
	}
	if err := c.verifyExpects(p, v.get("expect")); err != nil {
		return err
	}
	if p.mismatch, err = c.verifyPolicy(v, "on_mismatch", schemas.Reject); err != nil {
		return err
	}
	if p.unknown, err = c.verifyPolicy(v, "on_unknown", schemas.Hold); err != nil {
		return err
	}
	c.plan.verify = p
	c.plan.say(c.verifySays(p))
	return nil
}

// verifySays tells those who sign a mapping which values leave the house and what hangs on
// the answer.
func (c *fieldCompiler) verifySays(p *verifyPlan) text.Text {
	var zh, en []string
	for _, in := range p.with {
		t := c.subject.Fields[in.index].Title
		zh, en = append(zh, t.ZH), append(en, t.EN)
	}
	mismatch, unknown := verifyOutcomes[p.mismatch], verifyOutcomes[p.unknown]
	return text.T("把"+strings.Join(zh, "、")+"交 "+p.service+" 核验，不一致则"+mismatch.ZH+"，没有答复则"+unknown.ZH,
		strings.Join(en, ", ")+" verified with "+p.service+": if not so, "+mismatch.EN+"; without an answer, "+unknown.EN)
}

var verifyOutcomes = map[schemas.Severity]text.Text{
	schemas.Reject: text.T("作问题数据", "a reject"), schemas.Warn: text.T("提示", "a warning"), schemas.Hold: text.T("归集后暂不上报", "collected and not delivered yet"),
}

func (c *fieldCompiler) verifyWith(p *verifyPlan, k, with *node) error {
	if with == nil || with.kind != mapNode || len(with.keys) == 0 {
		if with == nil {
			with = k
		}
		return c.failHint(orNode(with, k), text.T("例如 with: {name: applicant_name, id_no: applicant_id_no}：左边是服务的输入，右边是标准字段", "for example with: {name: applicant_name, id_no: applicant_id_no}: inputs of the service on the left, canonical fields on the right"),
			"verify 要写 with: {输入: 字段}", "verify needs with: {input: field}")
	}
	for i, name := range with.keys {
		index, err := c.verifyField(with.vals[i], name)
		if err != nil {
			return err
		}
		p.with, p.fields = append(p.with, verifyInput{name.text, index}), append(p.fields, with.vals[i])
	}
	slices.SortFunc(p.with, func(a, b verifyInput) int { return strings.Compare(a.name, b.name) })
	return nil
}

// verifyField is the index of a canonical field with one value.
func (c *fieldCompiler) verifyField(n, name *node) (int, error) {
	if n.kind != scalarNode || n.text == "" {
		return 0, c.fail(orNode(n, name), "%s: 要写一个标准字段", "%s: needs a canonical field", name.text)
	}
	i := slices.IndexFunc(c.subject.Fields, func(f schemas.Field) bool { return f.Name == n.text })
	if i < 0 {
		return 0, c.failHint(n, nearest.Hint(n.text, fieldNames(c.subject)), "%s 没有字段 %s", "%s has no field %s", c.subject.Name, n.text)
	}
	switch c.subject.Fields[i].Type {
	case schemas.List, schemas.File:
		return 0, c.fail(n, "字段 %s 不是一个值，不能拿去核验", "field %s is not one value and cannot be verified", n.text)
	}
	return i, nil
}

func (c *fieldCompiler) verifyExpects(p *verifyPlan, n *node) error {
	if n == nil {
		return nil
	}
	if n.kind != mapNode || len(n.keys) == 0 {
		return c.failHint(n, text.T(`例如 expect: {status: [有效, "1"], holder: {field: applicant_name}}`, `for example expect: {status: [valid, "1"], holder: {field: applicant_name}}`),
			"expect: 要写 {答复里的名称: 应有的值}", "expect: is {name in the answer: value it must have}")
	}
	for i, name := range n.keys {
		e, err := c.verifyExpect(name, n.vals[i])
		if err != nil {
			return err
		}
		if e.index >= 0 {
			p.fields = append(p.fields, n.vals[i].get("field"))
		}
		p.expect = append(p.expect, e)
	}
	slices.SortFunc(p.expect, func(a, b verifyExpect) int { return strings.Compare(a.name, b.name) })
	return nil
}

func (c *fieldCompiler) verifyExpect(name, v *node) (verifyExpect, error) {
	e := verifyExpect{name: name.text, index: -1}
	var err error
	if v.kind != mapNode {
		e.in, err = c.words(name, v)
		return e, err
	}
	if err := c.file.known(v, []string{"field"}); err != nil {
		return e, err
	}
	field, err := c.file.scalar(v, "field", true)
	if err != nil || field == nil {
		return e, err
	}
	e.index, err = c.verifyField(field, name)
	return e, err
}

var verifyPolicies = map[string]schemas.Severity{"reject": schemas.Reject, "warn": schemas.Warn, "hold": schemas.Hold}

func (c *fieldCompiler) verifyPolicy(v *node, key string, none schemas.Severity) (schemas.Severity, error) {
	n, err := c.file.scalar(v, key, false)
	if err != nil || n == nil {
		return none, err
	}
	s, ok := verifyPolicies[n.text]
	if !ok {
		return none, c.failHint(n, nearest.Hint(n.text, []string{"reject", "warn", "hold"}), "%s: 只能是 reject、warn、hold", "%s: is reject, warn or hold", key)
	}
	return s, nil
}

// verifyFields refuses a verification by a field nothing is mapped to: it would never be
// asked.
func (c *compiler) verifyFields(b *block, out *blockPlan) {
	for _, p := range out.written {
		if p.verify == nil || b.names == nil {
			continue
		}
		for _, n := range p.verify.fields {
			if !b.names[n.text] {
				c.found.Add(c.file.fail(n, "字段 %s 没有映射，无从核验", "field %s is not mapped: there is nothing to verify", n.text))
			}
		}
	}
}
