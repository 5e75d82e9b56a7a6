package mappings

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// lop is what a lowered node does.
type lop uint8

const (
	opColumn  lop = iota // a column
	opText               // a text constant
	opNumber             // an int or time constant
	opBool               // a truth constant
	opNull               // NULL
	opCompare            // args[0] cmp args[1], both of the same type
	opAnd
	opOr
	opNot
	opIsNull
	opIn     // args[0] in set
	opConcat // texts joined; NULL if one is
	opCond   // args[0] ? args[1] : args[2]
	opInterp // left to the CEL interpreter
)

// lnode is one node of a lowered expression: a typed operation on columns.
type lnode struct {
	op   lop
	typ  etype
	args []*lnode
	name string // opColumn
	cmp  string // opCompare: the CEL operator
	text string
	num  int64
	yes  bool
	set  map[string]bool // opIn over texts
	nums map[int64]bool  // opIn over numbers

	prog  cel.Program // opInterp
	vars  []string
	nulls bool // the interpreted part itself speaks of null
}

// lowerer turns a checked expression into lnodes. Comparisons, and, or, not, null
// tests, membership in a constant list, text + and the conditional become column
// operations; the largest part that is none of these is interpreted.
type lowerer struct {
	env       *cel.Env
	ast       *ast.AST
	sc        *scope
	interp    []string
	emptyText bool // something is compared with ''
	err       error
}

// typ is the type of e; a choice between null and a value, in either order, has the
// value's.
func (l *lowerer) typ(e ast.Expr) etype {
	t := typeOf(l.ast.GetType(e.ID()))
	if t == tOther && e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.Conditional && isNull(e.AsCall().Args()[1]) {
		return l.typ(e.AsCall().Args()[2])
	}
	return t
}

func (l *lowerer) lower(e ast.Expr) *lnode {
	var n *lnode
	switch e.Kind() {
	case ast.IdentKind:
		if t := l.typ(e); t != tOther {
			n = &lnode{op: opColumn, typ: t, name: columnOf(e.AsIdent())}
		}
	case ast.LiteralKind:
		n = literalNode(e)
	case ast.CallKind:
		n = l.call(e)
	}
	if n == nil {
		n = l.interpret(e)
	}
	return n
}

func literalNode(e ast.Expr) *lnode {
	if _, null := e.AsLiteral().(types.Null); null {
		return &lnode{op: opNull}
	}
	return plainNode(e.AsLiteral())
}

// plainNode is a value as a node, nil if it is none that columns can be held against.
func plainNode(v ref.Val) *lnode {
	switch v := v.(type) {
	case types.String:
		return &lnode{op: opText, typ: tText, text: string(v)}
	case types.Int:
		return &lnode{op: opNumber, typ: tInt, num: int64(v)}
	case types.Bool:
		return &lnode{op: opBool, typ: tBool, yes: bool(v)}
	case types.Timestamp:
		return &lnode{op: opNumber, typ: tTime, num: v.Unix()}
	}
	return nil
}

// call lowers a call, nil if it is none of the simple forms.
func (l *lowerer) call(e ast.Expr) *lnode {
	c := e.AsCall()
	args := c.Args()
	switch c.FunctionName() {
	case operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return l.compare(c.FunctionName(), args[0], args[1])
	case operators.LogicalAnd:
		return &lnode{op: opAnd, typ: tBool, args: []*lnode{l.lower(args[0]), l.lower(args[1])}}
	case operators.LogicalOr:
		return &lnode{op: opOr, typ: tBool, args: []*lnode{l.lower(args[0]), l.lower(args[1])}}
	case operators.LogicalNot:
		return &lnode{op: opNot, typ: tBool, args: []*lnode{l.lower(args[0])}}
	case operators.Conditional:
		return l.conditional(e, args)
	case operators.Add:
		if l.typ(e) == tText {
			return &lnode{op: opConcat, typ: tText, args: flatten(l.lower(args[0]), l.lower(args[1]))}
		}
	case operators.In:
		return l.member(args[0], args[1])
	}
	return nil
}

func flatten(a, b *lnode) []*lnode {
	var out []*lnode
	for _, n := range []*lnode{a, b} {
		if n.op == opConcat {
			out = append(out, n.args...)
		} else {
			out = append(out, n)
		}
	}
	return out
}

func (l *lowerer) compare(cmp string, a, b ast.Expr) *lnode {
	if isNull(a) {
		a, b = b, a
	}
	if isNull(b) {
		if isNull(a) || l.typ(a) == tOther {
			return nil
		}
		test := &lnode{op: opIsNull, typ: tBool, args: []*lnode{l.lower(a)}}
		if cmp == operators.NotEquals {
			return &lnode{op: opNot, typ: tBool, args: []*lnode{test}}
		}
		return test
	}
	t := l.typ(a)
	if t == tOther || t != l.typ(b) {
		return nil
	}
	n := &lnode{op: opCompare, typ: tBool, cmp: cmp, args: []*lnode{l.lower(a), l.lower(b)}}
	for _, x := range n.args {
		l.emptyText = l.emptyText || x.op == opText && x.text == ""
	}
	return n
}

func isNull(e ast.Expr) bool {
	return e.Kind() == ast.LiteralKind && e.AsLiteral() == types.NullValue
}

func (l *lowerer) conditional(e ast.Expr, args []ast.Expr) *lnode {
	if l.typ(e) == tOther {
		return nil
	}
	return &lnode{op: opCond, typ: l.typ(e), args: []*lnode{l.lower(args[0]), l.lower(args[1]), l.lower(args[2])}}
}

func (l *lowerer) member(x, list ast.Expr) *lnode {
	t := l.typ(x)
	if list.Kind() != ast.ListKind || (t != tText && t != tInt) {
		return nil
	}
	n := &lnode{op: opIn, typ: tBool, set: map[string]bool{}, nums: map[int64]bool{}}
	for _, e := range list.AsList().Elements() {
		if e.Kind() != ast.LiteralKind {
			return nil
		}
		switch v := e.AsLiteral().(type) {
		case types.String:
			n.set[string(v)] = true
		case types.Int:
			n.nums[int64(v)] = true
		default:
			return nil
		}
	}
	n.args = []*lnode{l.lower(x)}
	return n
}

// interpret leaves e to CEL, as a program of its own. A part without columns is
// evaluated here and becomes a constant.
func (l *lowerer) interpret(e ast.Expr) *lnode {
	n := &lnode{op: opInterp, typ: l.typ(e), vars: freeNames(e), nulls: speaksOfNull(e)}
	src, err := cel.ExprToString(e, l.ast.SourceInfo())
	if err != nil {
		l.err = err
		return n
	}
	checked, iss := l.env.Compile(src)
	if iss.Err() != nil {
		l.err = iss.Err()
		return n
	}
	var opts []cel.ProgramOption
	if hasLoop(e) {
		opts = append(opts, cel.CostLimit(maxExprCost))
	} else {
		opts = append(opts, cel.EvalOptions(cel.OptOptimize))
	}
	if n.prog, l.err = l.env.Program(checked, opts...); l.err != nil {
		return n
	}
	if len(n.vars) == 0 {
		if c := constant(n); c != nil {
			return c
		}
	}
	l.interp = append(l.interp, readable(src))
	return n
}

// constant evaluates a part without columns, nil if it fails or is no plain value.
func constant(n *lnode) *lnode {
	v, _, err := n.prog.Eval(cel.NoVars())
	if err != nil {
		return nil
	}
	return plainNode(v)
}

func speaksOfNull(e ast.Expr) bool {
	found := false
	ast.PostOrderVisit(e, ast.NewExprVisitor(func(x ast.Expr) { found = found || isNull(x) }))
	return found
}

func hasLoop(e ast.Expr) bool {
	found := false
	ast.PostOrderVisit(e, ast.NewExprVisitor(func(x ast.Expr) { found = found || x.Kind() == ast.ComprehensionKind }))
	return found
}
