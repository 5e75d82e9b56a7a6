package mappings

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// buildProfile is codes: {profile: P, set: TABLE}: the codes of the other side by a code
// table of profile P. A mapping to the canonical model reads the other side's codes, a
// mapping to a receiver writes them. but: {value: code} decides otherwise for some
// values, and must do so where a value may mean several codes. A value without a code
// fails: unmapped_code when the table does not know it, no_word_for_code when the other
// side has none for it, ambiguous_code when it may be any of several.
func (c *fieldCompiler) buildProfile(k, v *node) error {
	if n := c.f.get("map"); n != nil {
		return c.fail(n, "codes 已按对照转换，不再写 map", "codes translates by a profile already: map does not go with it")
	}
	t, err := c.codeTable(v)
	if err != nil {
		return err
	}
	tr := &translation{table: t, inbound: c.inbound(), personal: c.plan.target.Personal}
	if err := c.fitsTarget(v, tr); err != nil {
		return err
	}
	if tr.but, err = c.exceptions(v.get("but"), tr); err != nil {
		return err
	}
	if err := c.buildOn(v.get("on")); err != nil {
		return err
	}
	tr.settle()
	run := tr.run
	if c.plan.on != nil {
		run = tr.runOn
	}
	return c.textStep(k, step{run: run, say: tr.say()})
}

// inbound says that the mapping fills a canonical record from codes of another side.
func (c *fieldCompiler) inbound() bool {
	return c.from == nil || strings.HasPrefix(c.from.Name, "platform/") || strings.HasPrefix(c.from.Name, "national/")
}

func (c *fieldCompiler) codeTable(v *node) (*schemas.CodeTable, error) {
	profile, err := c.file.scalar(v, "profile", true)
	if err != nil {
		return nil, err
	}
	set, err := c.file.scalar(v, "set", true)
	if err != nil {
		return nil, err
	}
	t, ok := c.cat.CodeTable(profile.text, set.text)
	if ok {
		c.uses.tables[t.Path()] = t
		return t, nil
	}
	var tables []string
	for _, path := range c.cat.CodeTableNames() {
		if name, ok := strings.CutPrefix(path, profile.text+"/"); ok {
			tables = append(tables, name)
		}
	}
	if tables == nil {
		return nil, c.failHint(profile, nearest.Hint(profile.text, c.cat.Profiles()), "没有代码对照 %s", "there is no profile %s", profile.text)
	}
	hint := nearest.Hint(set.text, tables)
	if hint.IsZero() {
		hint = text.F("有这些对照：%s", "it has %s", strings.Join(tables, ", "))
	}
	return nil, c.failHint(set, hint, "%s 没有代码集 %s 的对照", "%s has no table %s", profile.text, set.text)
}

// fitsTarget refuses a table that leads to codes the field does not hold.
func (c *fieldCompiler) fitsTarget(v *node, tr *translation) error {
	t := c.plan.target
	if t.Type != schemas.Code {
		return nil
	}
	set, ok := c.cat.CodeSet(t.CodeSet)
	for _, x := range tr.target().Codes {
		if ok && !set.Has(x.Code) {
			return c.failHint(v.get("set"), text.F("字段 %s 的代码集是 %s", "field %s holds codes of %s", t.Name, t.CodeSet),
				"对照 %s 转换出的代码不属于这个字段", "%s leads to codes this field does not hold", tr.table.Path())
		}
	}
	return nil
}

// exceptions reads but.
func (c *fieldCompiler) exceptions(v *node, tr *translation) (map[string]string, error) {
	if v == nil {
		return nil, nil
	}
	but, err := c.pairs(&node{text: "but", line: v.line, col: v.col}, v)
	if err != nil {
		return nil, err
	}
	for i, from := range v.keys {
		if src := tr.source(); !src.Has(from.text) {
			return nil, c.failHint(from, nearest.Hint(from.text, codesOf(src)), "%s 不是 %s 的代码", "%s is no code of %s", from.text, src.Name)
		}
		if to := v.vals[i]; to.text != "" && !tr.target().Has(to.text) {
			return nil, c.failHint(to, nearest.Hint(to.text, codesOf(tr.target())), "%s 不是 %s 的代码", "%s is no code of %s", to.text, tr.target().Name)
		}
	}
	return but, nil
}

// translation is one direction of a code table, with a mapping's exceptions.
type translation struct {
	table    *schemas.CodeTable
	inbound  bool
	personal bool
	but      map[string]string
	plain    map[string]string // values with exactly one code
}

// source is the list values are of, target that of what they become.
func (tr *translation) source() *schemas.CodeSet {
	if tr.inbound {
		return tr.table.Peer
	}
	return tr.table.Set
}

func (tr *translation) target() *schemas.CodeSet {
	if tr.inbound {
		return tr.table.Set
	}
	return tr.table.Peer
}

// meant is the codes a value may become, with but applied.
func (tr *translation) meant(v string) ([]string, schemas.Fit) {
	if to, ok := tr.but[v]; ok {
		return []string{to}, schemas.Exact
	}
	if tr.inbound {
		return tr.table.In(v)
	}
	to, fit := tr.table.Out(v)
	if fit != schemas.Exact {
		return nil, fit
	}
	return []string{to}, fit
}

func (tr *translation) settle() {
	tr.plain = map[string]string{}
	for _, v := range tr.source().Codes {
		if to, fit := tr.meant(v.Code); fit == schemas.Exact {
			tr.plain[v.Code] = to[0]
		}
	}
}

// say is the table with what every value becomes, where there are not too many.
func (tr *translation) say() text.Text {
	const most = 20
	var pairs []string
	for _, v := range tr.source().Codes {
		if to, ok := tr.plain[v.Code]; ok {
			pairs = append(pairs, v.Code+"→"+cmp.Or(to, "∅"))
		}
	}
	if len(pairs) > most {
		pairs = nil
		for _, from := range slices.Sorted(maps.Keys(tr.but)) {
			pairs = append(pairs, from+"→"+cmp.Or(tr.but[from], "∅"))
		}
	}
	if pairs == nil {
		return text.F("代码按 %s", "codes by %s", tr.table.Path())
	}
	return text.F("代码按 %s：%s", "codes by %s: %s", tr.table.Path(), strings.Join(pairs, ", "))
}

// run translates whatever the day.
func (tr *translation) run(s *scratch, v string) (string, outcome) {
	if to, ok := tr.plain[v]; ok {
		return to, valued
	}
	to, fit := tr.meant(v)
	return tr.fail(s, v, to, fit)
}

// runOn translates codes as they stood on the day of the row. A value that may mean
// several codes means the one of that day, if there is just one.
func (tr *translation) runOn(s *scratch, v string) (string, outcome) {
	if s.day == noDay {
		return tr.run(s, v)
	}
	to, fit := tr.meant(v)
	if fit == schemas.Unlisted || fit == schemas.NoWord {
		return tr.fail(s, v, to, fit)
	}
	s.holds(tr.source().Holds(v, s.day))
	if !tr.source().HasOn(v, s.day) {
		return s.failOn(tr.source(), v, tr.personal)
	}
	found := 0
	var code string
	for _, one := range to {
		s.holds(tr.target().Holds(one, s.day))
		if one == "" || tr.target().HasOn(one, s.day) {
			found++
			code = one
		}
	}
	switch found {
	case 0:
		return s.failOn(tr.target(), to[0], tr.personal)
	case 1:
		return code, valued
	}
	return tr.fail(s, v, to, schemas.Several)
}

func (tr *translation) fail(s *scratch, v string, to []string, fit schemas.Fit) (string, outcome) {
	name, shown := tr.table.Path(), shownCode(v, tr.personal)
	switch fit {
	case schemas.NoWord:
		return s.fail("no_word_for_code", name, shown)
	case schemas.Several:
		return s.fail("ambiguous_code", name, shown, strings.Join(to, ", "))
	}
	return s.fail("unmapped_code", name, shown)
}
