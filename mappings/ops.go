package mappings

import (
	"strconv"
	"sync"

	"banjian/internal/text"
)

// op is one key of a field that does something to its value. build checks the key's
// value and adds to the field's plan.
type op struct {
	key   string
	build func(c *fieldCompiler, k *node, v *node) error
}

// The closed list of operations. Each lies in its own op_*.go with its test; the heads
// a field begins with stand beside them.
var ops = sync.OnceValue(func() []op {
	return []op{
		{"blank", buildBlank},
		{"cast", buildCast},
		{"check", buildCheck},
		{"clean", buildClean},
		{"codes", buildCodes},
		{"deadline", buildDeadline},
		{"default", buildDefault},
		{"fold", buildFold},
		{"hash", buildHash},
		{"join", buildJoin},
		{"lookup", buildLookup},
		{"lower", buildLower},
		{"map", buildMap},
		{"map_each", buildMapEach},
		{"mask", buildMask},
		{"name_of", buildNameOf},
		{"normalise", buildNormalise},
		{"pad_left", buildPadLeft},
		{"pad_right", buildPadRight},
		{"replace", buildReplace},
		{"required", buildRequired},
		{"split", buildSplit},
		{"time", buildTime},
		{"trim", buildTrim},
		{"unit", buildUnit},
		{"upper", buildUpper},
		{"verify", buildVerify},
	}
})

// heads say where a field's value comes from; modifiers change how operations act.
var (
	heads     = []string{"from", "const", "expr", "item_code", "array", "first_of", "path"}
	modifiers = []string{"when", "else", "zone"}
)

var fieldKeys = sync.OnceValue(func() []string {
	keys := append(append([]string{}, heads...), modifiers...)
	for _, o := range ops() {
		keys = append(keys, o.key)
	}
	return keys
})

func findOp(name string) *op {
	for i, o := range ops() {
		if o.key == name {
			return &ops()[i]
		}
	}
	return nil
}

// flag is the value of a key that is only ever true.
func (c *fieldCompiler) flag(k, v *node) error {
	if v.kind != scalarNode || v.text != "true" || !v.plain {
		return c.fail(orNode(v, k), "%s: 只能写 true", "%s: is only ever true", k.text)
	}
	return nil
}

// word is a key's value as one text; "" is refused.
func (c *fieldCompiler) word(k, v *node) (string, error) {
	if v.kind != scalarNode || v.text == "" {
		return "", c.fail(orNode(v, k), "%s: 要有一个值", "%s: needs one value", k.text)
	}
	return v.text, nil
}

// words is a key's value as one text or a list of texts.
func (c *fieldCompiler) words(k, v *node) ([]string, error) {
	list := []*node{v}
	if v.kind == listNode {
		list = v.vals
	}
	var out []string
	for _, n := range list {
		s, err := c.word(k, n)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, c.fail(orNode(v, k), "%s: 的列表是空的", "%s: has an empty list", k.text)
	}
	return out, nil
}

// pairs is a key's value as a map of texts.
func (c *fieldCompiler) pairs(k, v *node) (map[string]string, error) {
	if v.kind != mapNode || len(v.keys) == 0 {
		return nil, c.failHint(orNode(v, k), text.F("例如 %s: {是: \"1\", 否: \"0\"}", "for example %s: {yes: \"1\", no: \"0\"}", k.text),
			"%s: 要写 {旧值: 新值}", "%s: needs {old: new}", k.text)
	}
	out := make(map[string]string, len(v.keys))
	for i, from := range v.keys {
		to := v.vals[i]
		if to.kind != scalarNode && to.kind != nullNode {
			return nil, c.fail(orNode(to, from), "%s: %s 的新值要是一个值", "%s: %s leads to no single value", k.text, from.text)
		}
		out[from.text] = to.text
	}
	return out, nil
}

// number is a key's value as a whole number from 1.
func (c *fieldCompiler) number(k, v *node) (int, error) {
	if v != nil && v.kind == scalarNode {
		if n, err := strconv.Atoi(v.text); err == nil && n > 0 {
			return n, nil
		}
	}
	return 0, c.fail(orNode(v, k), "%s: 要是正整数", "%s: needs a whole number above 0", k.text)
}
