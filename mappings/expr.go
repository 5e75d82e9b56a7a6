package mappings

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// Caps of one expression.
const (
	maxExprBytes = 4096
	maxExprDepth = 64
	maxExprCost  = 100_000 // CEL cost units of one evaluation, for expressions with loops
)

// etype is the type of an expression as far as columns know it.
type etype uint8

const (
	tOther etype = iota
	tBool
	tText
	tInt
	tTime
)

// expr is one CEL expression, typed and lowered; immutable.
type expr struct {
	src    string
	typ    etype
	root   *lnode
	vars   []string // columns it reads, in order of first use
	interp []string // parts left to the interpreter, as written
}

// scope is the names an expression may use. An open one takes every name as a text
// column, for views whose columns are known only when they are read.
type scope struct {
	open   bool
	fields map[string]schemas.Type
}

func (s *scope) names() []string {
	out := make([]string, 0, len(s.fields))
	for name := range s.fields {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// typeNames are identifiers of CEL itself, never columns.
var typeNames = []string{"bool", "bytes", "double", "duration", "dyn", "int", "list", "map", "null_type", "string", "timestamp", "type", "uint"}

var baseEnv = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		ext.Strings(ext.StringsVersion(2)),
		cel.EnableMacroCallTracking(),
		cel.ParserRecursionLimit(maxExprDepth),
		cel.ParserExpressionSizeLimit(maxExprBytes),
	)
})

// compileExpr types the expression at n within sc and lowers it.
func compileExpr(f *File, n *node, sc *scope) (*expr, error) {
	if len(n.text) > maxExprBytes {
		return nil, f.fail(n, "表达式超过 %d 字节", "the expression is longer than %d bytes", maxExprBytes)
	}
	base, err := baseEnv()
	if err != nil {
		return nil, err
	}
	src, from := inCEL(n.text)
	parsed, iss := base.Parse(src)
	if iss.Err() != nil {
		return nil, celError(f, n, iss, src, from)
	}
	vars := freeNames(parsed.NativeRep().Expr())
	env, err := declare(f, n, base, sc, vars)
	if err != nil {
		return nil, err
	}
	checked, iss := env.Check(parsed)
	if iss.Err() != nil {
		return nil, celError(f, n, iss, src, from)
	}
	l := &lowerer{env: env, ast: checked.NativeRep(), sc: sc}
	out := &expr{src: n.text, typ: l.typ(l.ast.Expr()), vars: columnsOf(vars)}
	if out.root = l.lower(l.ast.Expr()); l.err != nil {
		return nil, l.err
	}
	if l.emptyText {
		return nil, f.failHint(n, text.T("写 x == null", "write x == null"),
			"空文本就是空值，与 '' 比较永远不成立", "an empty text is NULL: a comparison with '' never holds")
	}
	out.interp = l.interp
	return out, nil
}

// compileCondition is compileExpr for what must be true or false.
func compileCondition(f *File, n *node, sc *scope) (*expr, error) {
	e, err := compileExpr(f, n, sc)
	if err == nil && e.typ != tBool {
		return nil, f.fail(n, "条件的结果要是真或假", "a condition must be true or false")
	}
	return e, err
}

func declare(f *File, n *node, base *cel.Env, sc *scope, vars []string) (*cel.Env, error) {
	var opts []cel.EnvOption
	var found fault.List
	for _, v := range vars {
		name := columnOf(v)
		t, ok := sc.fields[name]
		if !ok && !sc.open {
			at := n
			if i := strings.Index(n.text, name); i >= 0 {
				at = f.inside(n, len([]rune(n.text[:i])))
			}
			found.Add(f.failHint(at, nearest.Hint(name, sc.names()), "表达式里的 %s 不是字段", "%s in the expression is no field", name))
		}
		opts = append(opts, cel.Variable(v, celType(t)))
	}
	if found.Len() > 0 {
		return nil, found.Err()
	}
	return base.Extend(opts...)
}

func celType(t schemas.Type) *cel.Type {
	switch t {
	case schemas.Int:
		return cel.NullableType(cel.IntType)
	case schemas.Bool:
		return cel.NullableType(cel.BoolType)
	case schemas.Time, schemas.Date:
		return cel.TimestampType
	case schemas.List:
		return cel.ListType(cel.StringType)
	}
	return cel.NullableType(cel.StringType)
}

func typeOf(t *cel.Type) etype {
	switch t.Kind() {
	case types.BoolKind:
		return tBool
	case types.StringKind:
		return tText
	case types.IntKind:
		return tInt
	case types.TimestampKind:
		return tTime
	}
	return tOther
}

// quoted is a text literal of an expression.
var quoted = regexp.MustCompile(`'(\\.|[^'\\])*'|"(\\.|[^"\\])*"`)

// freeNames are the identifiers of e that no loop of e binds, in order of first use.
func freeNames(e ast.Expr) []string {
	var out []string
	walkNames(e, nil, func(name string) {
		if !slices.Contains(out, name) && !slices.Contains(typeNames, name) {
			out = append(out, name)
		}
	})
	return out
}

func walkNames(e ast.Expr, bound []string, see func(string)) {
	sub := func(es ...ast.Expr) {
		for _, x := range es {
			walkNames(x, bound, see)
		}
	}
	switch e.Kind() {
	case ast.IdentKind:
		if !slices.Contains(bound, e.AsIdent()) {
			see(e.AsIdent())
		}
	case ast.CallKind:
		if e.AsCall().IsMemberFunction() {
			sub(e.AsCall().Target())
		}
		sub(e.AsCall().Args()...)
	case ast.SelectKind:
		sub(e.AsSelect().Operand())
	case ast.ListKind:
		sub(e.AsList().Elements()...)
	case ast.MapKind:
		for _, m := range e.AsMap().Entries() {
			sub(m.AsMapEntry().Key(), m.AsMapEntry().Value())
		}
	case ast.StructKind:
		for _, m := range e.AsStruct().Fields() {
			sub(m.AsStructField().Value())
		}
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		sub(c.IterRange(), c.AccuInit())
		bound = append(slices.Clone(bound), c.IterVar(), c.IterVar2(), c.AccuVar())
		sub(c.LoopCondition(), c.LoopStep(), c.Result())
	}
}
