package mappings

import (
	"strings"
	"time"
	"unsafe"

	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// tri is a truth value with NULL.
type tri int8

const (
	no tri = iota
	yes
	unknown
)

func triOf(b bool) tri {
	if b {
		return yes
	}
	return no
}

type (
	boolFn func(i int) tri
	textFn func(i int) (string, bool) // false: NULL
	numFn  func(i int) (int64, bool)
)

// binder turns lowered nodes into functions of the row over one Program's columns.
// A text a function returns holds until it is called again.
type binder struct {
	column func(name string) *column
	broken *bool // set when an interpreted part could not be evaluated
}

func (b *binder) bools(n *lnode) boolFn {
	switch n.op {
	case opColumn:
		c := b.column(n.name)
		return func(i int) tri { return c.truth(i) }
	case opBool:
		v := triOf(n.yes)
		return func(int) tri { return v }
	case opNot:
		x := b.bools(n.args[0])
		return func(i int) tri {
			switch x(i) {
			case yes:
				return no
			case no:
				return yes
			}
			return unknown
		}
	case opAnd:
		x, y := b.bools(n.args[0]), b.bools(n.args[1])
		return func(i int) tri { return and(x(i), y, i, no) }
	case opOr:
		x, y := b.bools(n.args[0]), b.bools(n.args[1])
		return func(i int) tri { return and(x(i), y, i, yes) }
	case opCond:
		c, x, y := b.bools(n.args[0]), b.bools(n.args[1]), b.bools(n.args[2])
		return func(i int) tri {
			if c(i) == yes {
				return x(i)
			}
			return y(i)
		}
	case opIsNull:
		return b.isNull(n.args[0])
	case opCompare:
		return b.compare(n)
	case opIn:
		return b.member(n)
	case opInterp:
		eval := b.interp(n)
		return func(i int) tri {
			if v, ok := eval(i).(types.Bool); ok {
				return triOf(bool(v))
			}
			return unknown
		}
	}
	return func(int) tri { return unknown }
}

// and is Kleene's and for decisive no, or for decisive yes: y is not asked when x
// decides, and NULL wins over the other side only when that does not decide.
func and(x tri, y boolFn, i int, decisive tri) tri {
	if x == decisive {
		return x
	}
	if r := y(i); r == decisive || x != unknown {
		return r
	}
	return unknown
}

func (b *binder) isNull(n *lnode) boolFn {
	switch n.typ {
	case tText:
		f := b.texts(n)
		return func(i int) tri { _, ok := f(i); return triOf(!ok) }
	case tBool:
		f := b.bools(n)
		return func(i int) tri { return triOf(f(i) == unknown) }
	case tInt, tTime:
		f := b.nums(n)
		return func(i int) tri { _, ok := f(i); return triOf(!ok) }
	}
	return func(int) tri { return yes }
}

func (b *binder) compare(n *lnode) boolFn {
	switch n.args[0].typ {
	case tText:
		return b.compareTexts(n)
	case tBool:
		x, y := b.bools(n.args[0]), b.bools(n.args[1])
		return func(i int) tri {
			p, q := x(i), y(i)
			if p == unknown || q == unknown {
				return unknown
			}
			return holds(n.cmp, int(p)-int(q))
		}
	}
	x, y := b.nums(n.args[0]), b.nums(n.args[1])
	return func(i int) tri {
		p, ok := x(i)
		q, ok2 := y(i)
		if !ok || !ok2 {
			return unknown
		}
		switch {
		case p < q:
			return holds(n.cmp, -1)
		case p > q:
			return holds(n.cmp, 1)
		}
		return holds(n.cmp, 0)
	}
}

func (b *binder) compareTexts(n *lnode) boolFn {
	x, y := b.texts(n.args[0]), b.texts(n.args[1])
	if n.cmp == operators.Equals || n.cmp == operators.NotEquals {
		equal := n.cmp == operators.Equals
		return func(i int) tri {
			p, ok := x(i)
			if !ok {
				return unknown
			}
			q, ok := y(i)
			if !ok {
				return unknown
			}
			return triOf((p == q) == equal)
		}
	}
	return func(i int) tri {
		p, ok := x(i)
		q, ok2 := y(i)
		if !ok || !ok2 {
			return unknown
		}
		return holds(n.cmp, strings.Compare(p, q))
	}
}

func holds(cmp string, order int) tri {
	switch cmp {
	case operators.Equals:
		return triOf(order == 0)
	case operators.NotEquals:
		return triOf(order != 0)
	case operators.Less:
		return triOf(order < 0)
	case operators.LessEquals:
		return triOf(order <= 0)
	case operators.Greater:
		return triOf(order > 0)
	}
	return triOf(order >= 0)
}

func (b *binder) member(n *lnode) boolFn {
	if n.args[0].typ == tText {
		x := b.texts(n.args[0])
		return func(i int) tri {
			v, ok := x(i)
			if !ok {
				return unknown
			}
			return triOf(n.set[v])
		}
	}
	x := b.nums(n.args[0])
	return func(i int) tri {
		v, ok := x(i)
		if !ok {
			return unknown
		}
		return triOf(n.nums[v])
	}
}

func (b *binder) texts(n *lnode) textFn {
	switch n.op {
	case opColumn:
		return b.column(n.name).text
	case opText:
		return func(int) (string, bool) { return n.text, true }
	case opConcat:
		return b.concat(n)
	case opCond:
		c, x, y := b.bools(n.args[0]), b.texts(n.args[1]), b.texts(n.args[2])
		return func(i int) (string, bool) {
			if c(i) == yes {
				return x(i)
			}
			return y(i)
		}
	case opInterp:
		eval := b.interp(n)
		return func(i int) (string, bool) {
			v, ok := eval(i).(types.String)
			return string(v), ok
		}
	}
	return func(int) (string, bool) { return "", false }
}

func (b *binder) concat(n *lnode) textFn {
	parts := make([]textFn, len(n.args))
	for k, a := range n.args {
		parts[k] = b.texts(a)
	}
	var buf []byte
	return func(i int) (string, bool) {
		buf = buf[:0]
		for _, p := range parts {
			v, ok := p(i)
			if !ok {
				return "", false
			}
			buf = append(buf, v...)
		}
		return unsafe.String(unsafe.SliceData(buf), len(buf)), true
	}
}

func (b *binder) nums(n *lnode) numFn {
	switch n.op {
	case opColumn:
		return b.column(n.name).num
	case opNumber:
		return func(int) (int64, bool) { return n.num, true }
	case opCond:
		c, x, y := b.bools(n.args[0]), b.nums(n.args[1]), b.nums(n.args[2])
		return func(i int) (int64, bool) {
			if c(i) == yes {
				return x(i)
			}
			return y(i)
		}
	case opInterp:
		eval := b.interp(n)
		return func(i int) (int64, bool) {
			switch v := eval(i).(type) {
			case types.Int:
				return int64(v), true
			case types.Timestamp:
				return v.Unix(), true
			}
			return 0, false
		}
	}
	return func(int) (int64, bool) { return 0, false }
}

// rowVars hands one row's columns to the interpreter.
type rowVars struct {
	names []string
	cols  []*column
	row   int
}

func (r *rowVars) ResolveName(name string) (any, bool) {
	for k, n := range r.names {
		if n == name {
			return r.cols[k].value(r.row), true
		}
	}
	return nil, false
}

func (r *rowVars) Parent() interpreter.Activation { return nil }

// interp evaluates a part CEL keeps. A NULL among its columns makes it NULL, unless
// the part itself speaks of null; an error marks the row broken.
func (b *binder) interp(n *lnode) func(i int) ref.Val {
	vars := &rowVars{names: n.vars, cols: make([]*column, len(n.vars))}
	for k, name := range n.vars {
		vars.cols[k] = b.column(columnOf(name))
	}
	return func(i int) ref.Val {
		if !n.nulls {
			for _, c := range vars.cols {
				if c.null(i) {
					return types.NullValue
				}
			}
		}
		vars.row = i
		v, _, err := n.prog.Eval(vars)
		if err != nil {
			*b.broken = true
			return types.NullValue
		}
		return v
	}
}

func timeValue(sec int64) ref.Val { return types.Timestamp{Time: time.Unix(sec, 0).UTC()} }
