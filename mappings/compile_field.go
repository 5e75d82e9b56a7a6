package mappings

import (
	"slices"
	"unicode/utf8"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// valueState is what a field's value is at one place of its chain.
type valueState uint8

const (
	stateText valueState = iota
	stateTyped
	stateList
)

// fieldCompiler compiles one field.
type fieldCompiler struct {
	*compiler
	f       *field
	subject *schemas.Subject
	plan    *plan
	state   valueState
	seen    map[string]bool // operations compiled so far
}

func (c *fieldCompiler) fail(n *node, zh, en string, args ...any) error {
	return c.file.fail(n, zh, en, args...)
}

func (c *fieldCompiler) failHint(n *node, hint text.Text, zh, en string, args ...any) error {
	return c.file.failHint(n, hint, zh, en, args...)
}

func (c *compiler) field(s *schemas.Subject, f *field) (*plan, error) {
	i := slices.IndexFunc(s.Fields, func(x schemas.Field) bool { return x.Name == f.name.text })
	if i < 0 {
		return nil, c.file.failHint(f.name, nearest.Hint(f.name.text, fieldNames(s)), "%s 没有字段 %s", "%s has no field %s", s.Name, f.name.text)
	}
	t := &s.Fields[i]
	if t.Derived && !slices.Contains(derivedMapped, t.Name) {
		return nil, c.file.fail(f.name, "字段 %s 由系统填写，不能映射", "field %s is filled by the system and cannot be mapped", t.Name)
	}
	fc := &fieldCompiler{compiler: c, f: f, subject: s, seen: map[string]bool{}}
	fc.plan = &plan{target: t, index: i, at: c.file.at(f.name), places: map[string]string{}, layouts: defaultLayouts}
	if err := fc.all(); err != nil {
		return nil, err
	}
	c.read(fc.plan.reads()...)
	return fc.plan, nil
}

// all compiles a field part by part. What follows a wrong head or depends on a wrong
// operation is not judged: it would be told for a mistake it has no part in.
func (c *fieldCompiler) all() error {
	if err := c.head(); err != nil {
		return err
	}
	var found fault.List
	found.Add(c.operations())
	found.Add(c.otherwise())
	if found.Len() == 0 {
		found.Add(c.tail())
	}
	return found.Err()
}

func fieldNames(s *schemas.Subject) []string {
	var out []string
	for i := range s.Fields {
		if !s.Fields[i].Derived {
			out = append(out, s.Fields[i].Name)
		}
	}
	return out
}

// head compiles where the value comes from.
func (c *fieldCompiler) head() error {
	switch {
	case c.f.cons != nil:
		return c.constant()
	case c.f.expr != nil:
		e, err := compileExpr(c.file, c.f.expr, c.src)
		if err != nil {
			return err
		}
		if e.typ == tOther {
			return c.fail(c.f.expr, "表达式的结果要是文本、整数、时间或真假", "an expression gives a text, an int, a time or a truth value")
		}
		c.plan.expr = e
		if e.typ != tText {
			c.state = stateTyped
		}
		return nil
	case c.f.item != nil:
		if c.f.item.get("crosswalk") == nil {
			return c.buildCompose(c.f.name, c.f.item)
		}
		return c.buildItem(c.f.item)
	case c.f.from == nil && c.f.special == nil: // a deadline alone
		c.state = stateTyped
		return nil
	case c.f.special != nil:
		return c.special(c.f.special.name, c.f.special.val)
	}
	if err := c.useColumn(c.f.from); err != nil {
		return err
	}
	c.plan.column = c.f.from.text
	switch c.sourceType() {
	case schemas.List:
		c.state = stateList
	case schemas.Bool, schemas.Time, schemas.Date, schemas.Int:
		c.state = stateTyped
	}
	return nil
}

// useColumn refuses a column the source is known not to have.
func (c *fieldCompiler) useColumn(n *node) error {
	if _, ok := c.src.fields[n.text]; ok || c.src.open {
		return nil
	}
	return c.failHint(n, nearest.Hint(n.text, c.src.names()), "%s 没有字段 %s", "%s has no field %s", c.from.Name, n.text)
}

// sourceType is the type of the source column, Text where nobody knows.
func (c *fieldCompiler) sourceType() schemas.Type {
	if t, ok := c.src.fields[c.plan.column]; ok {
		return t
	}
	return schemas.Text
}

func (c *fieldCompiler) constant() error {
	s := c.f.cons.text
	if c.plan.target.Type == schemas.List {
		return c.fail(c.f.cons, "列表字段不能是常量", "a list cannot be a constant")
	}
	if err := c.fits(c.f.cons, s); err != nil {
		return err
	}
	c.plan.cons = &s
	return nil
}

// reshaping are the operations that change what kind of value a field has at its place;
// what follows a wrong one cannot be judged.
var reshaping = []string{"cast", "join", "split", "time"}

// operations compiles the field's keys in the order written.
func (c *fieldCompiler) operations() error {
	var found fault.List
	lost := false
	for _, k := range c.f.keys {
		c.plan.places[k.name.text] = c.file.at(k.name)
		switch k.name.text {
		case "when":
			if c.f.get("check") == nil && c.f.get("required") == nil && c.f.get("verify") == nil {
				found.Add(c.failHint(k.name, text.T("要整个字段随条件取值，用 expr: \"条件 ? 列 : null\"", "for a value that depends on a condition: expr: \"cond ? col : null\""),
					"when 只限定 check、required 和 verify，这里都没有", "when limits check, required and verify, and none is here"))
			}
		case "else":
		case "zone":
			found.Add(c.buildZone(k.name, k.val))
		default:
			if !lost && found.Add(findOp(k.name.text).build(c, k.name, k.val)) {
				lost = contains(reshaping, k.name.text)
			}
		}
		c.seen[k.name.text] = true
	}
	return found.Err()
}

// textStep adds an operation on text; an int or a truth value becomes text for it.
func (c *fieldCompiler) textStep(k *node, st step) error {
	if err := c.needText(k); err != nil {
		return err
	}
	st.key = k.text
	c.plan.steps = append(c.plan.steps, st)
	c.plan.say(st.say)
	return nil
}

func (c *fieldCompiler) needText(k *node) error {
	switch {
	case c.state == stateText:
		return nil
	case c.state == stateTyped && len(c.plan.steps) == 0 && (c.sourceType() == schemas.Int || c.sourceType() == schemas.Bool) && c.plan.expr == nil:
		c.state = stateText
		return nil
	case c.state == stateList:
		return c.fail(k, "%s 只用于文本，这里是列表", "%s is for text, this is a list", k.text)
	}
	return c.failHint(k, text.T("先 cast: text", "cast: text first"), "%s 只用于文本，这里已是时间或数值", "%s is for text, this is a time or a number already", k.text)
}

// otherwise compiles else.
func (c *fieldCompiler) otherwise() error {
	v := c.f.get("else")
	if v == nil {
		return nil
	}
	switch {
	case v.kind == scalarNode && v.text == "reject":
		c.plan.els.kind = elseReject
	case v.kind == scalarNode && v.text == "blank":
		if c.plan.target.Required || c.plan.required {
			return c.fail(v, "必填字段 %s 不能 else: blank", "field %s is required: else: blank would empty it", c.plan.target.Name)
		}
		c.plan.els.kind = elseBlank
		c.plan.say(text.T("不合规则置空", "else blank"))
	case v.kind == scalarNode && v.text == "hold":
		if c.from == nil || c.inbound() {
			return c.fail(v, "hold 只用于上报映射", "hold is for delivery mappings")
		}
		c.plan.els.kind = elseHold
		c.plan.say(text.T("不合规则则挂起", "else hold"))
	case v.kind == mapNode && len(v.keys) == 1 && v.keys[0].text == "const" && v.vals[0].kind == scalarNode && v.vals[0].text != "":
		c.plan.els = otherwise{kind: elseConst, text: v.vals[0].text}
		c.plan.say(text.F("不合规则取 %s", "else %s", v.vals[0].text))
		return c.elseValue(v.vals[0])
	default:
		return c.fail(v, "else: 只能是 reject、blank、hold 或 {const: 值}", "else: is reject, blank, hold or {const: value}")
	}
	return nil
}

// elseValue settles the constant of else: {const: v}.
func (c *fieldCompiler) elseValue(n *node) (err error) {
	if c.plan.isTyped() {
		c.plan.els.num, err = c.literal(n, n.text)
		return err
	}
	return c.fits(n, n.text)
}

// tail ends the chain as the field's type asks.
func (c *fieldCompiler) tail() error {
	if c.plan.cons != nil {
		return nil
	}
	t := c.plan.target
	switch t.Type {
	case schemas.List:
		if c.state != stateList {
			return c.failHint(c.f.name, text.T(`例如 split: "、"`, `for example split: "、"`), "列表字段 %s 要有 split", "list field %s needs split", t.Name)
		}
		return nil
	case schemas.Int, schemas.Bool, schemas.Time, schemas.Date:
		return c.typedTail()
	}
	if c.state == stateList {
		return c.failHint(c.f.name, text.T(`例如 join: "、"`, `for example join: "、"`), "来源是列表，字段 %s 要有 join", "the source is a list: field %s needs join", t.Name)
	}
	if c.state == stateTyped && (c.resultType() != schemas.Int || t.Type == schemas.Code) {
		return c.failHint(c.f.name, text.T("用 cast: text 或 map", "use cast: text or map"), "字段 %s 是文本，来源不是", "field %s is text, its source is not", t.Name)
	}
	if !c.plan.cleans && c.plan.els.kind != elseReject {
		c.plan.steps = append(chain{textGate}, c.plan.steps...)
	}
	if t.Type == schemas.Decimal {
		c.plan.steps = append(c.plan.steps, decimalStep(t.Width, t.Scale))
	}
	c.guard(t)
	return nil
}

// guard lets else speak about width and code set too; where else is reject the
// schema check finds them.
func (c *fieldCompiler) guard(t *schemas.Field) {
	if c.plan.els.kind == elseReject {
		return
	}
	if t.Type == schemas.Code && !c.seen["codes"] && !c.seen["map"] {
		if set, ok := c.cat.CodeSet(t.CodeSet); ok {
			c.plan.steps = append(c.plan.steps, memberStep(set, t.Personal))
		}
	}
	if t.Width > 0 && t.Type != schemas.Decimal {
		c.plan.steps = append(c.plan.steps, widthStep(t.Width))
	}
}

func (c *fieldCompiler) typedTail() error {
	t := c.plan.target
	if c.state == stateList {
		return c.fail(c.f.name, "字段 %s 不能取自列表", "field %s cannot come from a list", t.Name)
	}
	if c.plan.alone() {
		return nil
	}
	if c.plan.zone != nil && (c.state == stateTyped && c.f.get("time") == nil) {
		return c.fail(c.f.name, "来源已是时刻，zone 不适用", "the source is an instant already: zone does not apply")
	}
	if c.state == stateText || c.f.get("time") != nil {
		return nil
	}
	r := c.resultType()
	times := (t.Type == schemas.Time || t.Type == schemas.Date) && (r == schemas.Time || r == schemas.Date)
	if r != t.Type && !times {
		return c.fail(c.f.name, "字段 %s 的类型是 %s，来源是 %s", "field %s is %s, its source is %s", t.Name, t.Type, r)
	}
	return nil
}

// resultType is the type of a value that is not text.
func (c *fieldCompiler) resultType() schemas.Type {
	if e := c.plan.expr; e != nil {
		return map[etype]schemas.Type{tBool: schemas.Bool, tText: schemas.Text, tInt: schemas.Int, tTime: schemas.Time}[e.typ]
	}
	return c.sourceType()
}

func widthStep(width int) step {
	return step{key: "width", run: func(s *scratch, v string) (string, outcome) {
		if len(v) <= width {
			return v, valued
		}
		if n := utf8.RuneCountInString(v); n > width {
			return s.fail("too_long", itoa(width), itoa(n))
		}
		return v, valued
	}}
}
