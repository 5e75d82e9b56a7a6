package demo

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Generate builds the department in an empty database: tables, views, dictionaries
// and o.Cases cases; what must become of them goes to w. It streams: memory does not
// grow with the number of cases. The tables gjj_* and views v_gjj_* must not exist.
// A database that Generate did not finish is not Filled. Errors are fault.Config, or
// the context's own.
func Generate(ctx context.Context, db *sql.DB, d Dialect, o Options, w Writers) (*Summary, error) {
	o = o.withDefaults()
	sum, err := generate(ctx, db, d, o, w)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "build demo department", string(d),
			text.T("生成演示部门数据库失败", "the demo department's database could not be built"),
			text.T("请换一个空的数据库", "use an empty database"))
	}
	return sum, nil
}

// Filled says whether db holds a finished demo department of these options.
func Filled(ctx context.Context, db *sql.DB, o Options) bool {
	var value string
	err := db.QueryRowContext(ctx, "SELECT csz FROM gjj_xtcs WHERE csm = ?", "demo").Scan(&value)
	return err == nil && value == o.withDefaults().mark()
}

// mark names the options a department was generated from.
func (o Options) mark() string {
	return strconv.Itoa(o.Cases) + "/" + strconv.FormatUint(o.Seed, 10) + "/" + o.Base.Format(time.RFC3339)
}

func generate(ctx context.Context, db *sql.DB, d Dialect, o Options, to Writers) (*Summary, error) {
	schema, err := statements(d)
	if err != nil {
		return nil, err
	}
	for _, s := range schema {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return nil, err
		}
	}
	if err := dictionaries(ctx, db); err != nil {
		return nil, err
	}
	g := &generator{writer: newWriter(ctx, db), foretold: newForetold(o, to)}
	defer g.writer.abandon()
	m, deck := newMaker(o), newDeck(o.Seed)
	for n := range o.Cases {
		if err := g.one(m, n, deck.next(n)); err != nil {
			return nil, err
		}
	}
	if err := g.writer.flush(); err != nil {
		return nil, err
	}
	if err := g.foretold.close(); err != nil {
		return nil, err
	}
	_, err = db.ExecContext(ctx, "INSERT INTO gjj_xtcs (csm, csz) VALUES (?, ?)", "demo", o.mark())
	return g.foretold.sum, err
}

func dictionaries(ctx context.Context, db *sql.DB) error {
	for _, b := range append(slices.Clone(branches), mistypedBranch, unnamedBranch) {
		code := centreCode()
		if b.code == mistypedBranch.code {
			code = spoil(code, usccAlphabet)
		}
		if _, err := db.ExecContext(ctx, "INSERT INTO gjj_jg (jgbh, slbm, tyxydm, xzqh) VALUES (?, ?, ?, ?)", b.code, b.name, code, b.region); err != nil {
			return err
		}
	}
	for _, i := range items {
		if _, err := db.ExecContext(ctx, "INSERT INTO gjj_sx (sxbm, sxmc) VALUES (?, ?)", i.code, i.name); err != nil {
			return err
		}
	}
	return nil
}

// generator writes one case after the other: its rows, and what becomes of each.
type generator struct {
	writer   *writer
	foretold *foretold
}

// one makes case n, lets dirt (nil: none) fall on it and writes it down.
func (g *generator) one(m *maker, n int, dirt *dirt) error {
	var w wish
	if dirt != nil {
		w = dirt.wish
		w.dirty = true
	}
	f := &fall{c: m.make(n, w), dirt: dirt, r: m.r}
	if err := g.accept(f); err != nil {
		return err
	}
	for i := range f.c.steps {
		if err := g.step(f, i); err != nil {
			return err
		}
	}
	for i := range f.c.materials {
		if err := g.material(f, i); err != nil {
			return err
		}
	}
	return g.result(f)
}

func (g *generator) accept(f *fall) error {
	c, key := f.c, []string{f.c.localNo, "1"}
	if f.is(missingParent) {
		return nil
	}
	clean := c.acceptRow(g.writer.nextID(tabAccept))
	row, x := f.row(tabAccept, 0, key, append([]any(nil), clean...))
	x.national, x.message = c.nationalAccept, c.acceptMessage
	if f.is(duplicateKey) {
		first := &record{table: tabAccept, key: key, at: map[string]verdict{}, national: x.national, message: x.message}
		f.accept(first)
		if err := g.put(clean, first); err != nil {
			return err
		}
		row[tables[tabAccept].at["id"]] = g.writer.nextID(tabAccept)
		return g.put(row, x)
	}
	f.accept(x)
	return g.put(row, x)
}

func (g *generator) step(f *fall, i int) error {
	s := &f.c.steps[i]
	row, x := f.row(tabStep, i, []string{f.c.localNo, s.id}, f.c.stepRow(s, g.writer.nextID(tabStep)))
	x.national, x.message = func() map[string]any { return f.c.nationalStep(s) }, func() Message { return f.c.courseMessage(s) }
	if !s.done {
		x.here = verdict{outcome: Filtered}
		return g.put(row, x)
	}
	f.child(x, "waits_parent")
	return g.put(row, x)
}

func (g *generator) material(f *fall, i int) error {
	k := &f.c.materials[i]
	row, x := f.row(tabMaterial, i, []string{f.c.localNo, k.id}, f.c.materialRow(k, g.writer.nextID(tabMaterial)))
	x.national = func() map[string]any { return f.c.nationalMaterial(k) }
	if !k.got {
		x.at[National] = verdict{outcome: Held, rule: "material_owed"}
	}
	f.child(x, "waits_parent")
	return g.put(row, x)
}

func (g *generator) result(f *fall) error {
	c := f.c
	if c.result == nil {
		return nil
	}
	row, x := f.row(tabResult, 0, []string{c.localNo, "1"}, c.resultRow(g.writer.nextID(tabResult)))
	x.national, x.message = c.nationalResult, c.finishMessage
	free := c.result.code == "lapsed" || !c.accepted // needs no acceptance
	switch {
	case !c.accepted && c.flowNo != "": // the acceptance says it all at the platform
		x.at[Platform] = verdict{outcome: NotApplicable, rule: "told_by_accept"}
	case free && !f.orphaned && !f.is(missingParent):
		if c.flowNo == "" {
			x.at[Platform] = verdict{outcome: NotApplicable, rule: "no_flow_no"}
		}
	case free: // its application would do, which nobody collects
		f.child(x, "waits_application")
	default:
		f.child(x, "waits_parent")
	}
	return g.put(row, x)
}

func (g *generator) put(row []any, x *record) error {
	if err := g.writer.add(x.table, row); err != nil {
		return err
	}
	return g.foretold.row(x)
}
