package codesheet

import (
	"maps"
	"slices"
	"strings"

	"banjian/internal/text"
	"banjian/schemas"
)

// links is a code table under construction.
type links struct {
	set, peer *schemas.CodeSet
	out       map[string]string // "" where the peer has no word
	in        map[string][]string
}

// codeTable reads the lines of a code table.
func (p *parsed) codeTable() *Draft {
	path := p.named("table", 2)
	profile, name, _ := strings.Cut(path, "/")
	old, known := p.cat.CodeTable(profile, name)
	if known && old.Column != "" {
		p.wrong(p.places["table"], text.Text{}, text.F("对照 %s 取自代码集 %s 的一列，改那个代码集", "table %s is a column of code set %s: change that set", path, old.Set.Name), text.Text{})
		return nil
	}
	l := &links{out: map[string]string{}, in: map[string][]string{}}
	l.set, l.peer = p.listOf("set"), p.listOf("peer")
	p.confidence()
	if l.set == nil || l.peer == nil {
		return nil
	}
	for _, line := range p.lines {
		p.link(l, line)
	}
	p.whole(l)
	if len(p.found) > 0 {
		return nil
	}
	d := &Draft{Name: path, Table: true, Path: "profiles/" + path + ".yaml", YAML: p.tableYAML(profile, name, l)}
	if known {
		was, is := map[string]string{}, map[string]string{}
		for _, x := range old.Links() {
			was[x.Code] += way(x.Out, x.In) + x.Peer + "\x00"
		}
		for _, x := range linksOf(l) {
			is[x.Code] += way(x.Out, x.In) + x.Peer + "\x00"
		}
		d.differ(was, is)
	}
	return d
}

func way(out, in bool) string {
	s := ""
	if out {
		s = ">"
	}
	if in {
		s += "<"
	}
	return s
}

// linksOf is the links as schemas orders them.
func linksOf(l *links) []schemas.CodeLink {
	var list []schemas.CodeLink
	for _, code := range codesOf(l.set) {
		peer := l.out[code]
		list = append(list, schemas.CodeLink{Code: code, Peer: peer, Out: true, In: slices.Contains(l.in[peer], code)})
		for _, p := range codesOf(l.peer) {
			if p != peer && slices.Contains(l.in[p], code) {
				list = append(list, schemas.CodeLink{Code: code, Peer: p, In: true})
			}
		}
	}
	for _, p := range codesOf(l.peer) {
		if len(l.in[p]) == 0 {
			list = append(list, schemas.CodeLink{Peer: p, In: true})
		}
	}
	return list
}

func codesOf(set *schemas.CodeSet) []string {
	var out []string
	for _, v := range set.Codes {
		if !slices.Contains(out, v.Code) {
			out = append(out, v.Code)
		}
	}
	return out
}

func (p *parsed) listOf(key string) *schemas.CodeSet {
	name := p.facts[key]
	set, ok := p.cat.CodeSet(name)
	switch {
	case name == "":
		l, _ := find(facts, key)
		p.wrong(p.places["table"], text.Text{}, text.T("缺少“"+l.is.ZH+"”一行", "the line “"+l.is.EN+"” is missing"), text.Text{})
	case !ok:
		p.wrong(p.places[key], text.Text{}, text.F("代码集 %s 不存在", "there is no code set %s", short(name)), near(name, p.cat.CodeSetNames()))
	case !set.Listed():
		p.wrong(p.places[key], text.Text{}, text.F("代码集 %s 没有列出代码", "code set %s lists no codes", name), text.Text{})
		return nil
	}
	return set
}

// link takes in one line.
func (p *parsed) link(l *links, line Line) {
	code, peer := p.cell(line, "canonical"), p.cell(line, "peer")
	dir, ok := find([]label{both, outOnly, inOnly}, p.cell(line, "direction"))
	if p.cell(line, "direction") == "" {
		dir, ok = both, true
	}
	if !ok {
		p.wrong(line.Row, p.column(tableHeadings, "direction"), text.F("方向 %s 不认识", "unknown direction %s", short(p.cell(line, "direction"))),
			text.T("写“双向”“只报出”或“只收进”", "write “both ways”, “out only” or “in only”"))
		return
	}
	noCode, noPeer := noWord.means(code), noWord.means(peer)
	good := p.listed(line, "canonical", code, noCode, l.set)
	good = p.listed(line, "peer", peer, noPeer, l.peer) && good
	switch {
	case !good:
		return
	case noCode && noPeer:
		p.wrong(line.Row, text.Text{}, text.T("两边都没有代码", "neither side has a code"), text.Text{})
		return
	}
	if !noCode && dir.key != inOnly.key {
		if _, twice := l.out[code]; twice {
			p.wrong(line.Row, p.column(tableHeadings, "canonical"), text.F("%s 报出什么说了两次", "what %s is written as is said twice", code), text.T("只收进的行，方向写“只收进”", "a line for coming in alone has the direction “in only”"))
			return
		}
		if l.out[code] = peer; noPeer {
			l.out[code] = ""
		}
	}
	if !noPeer && dir.key != outOnly.key {
		if _, said := l.in[peer]; said && (noCode || slices.Contains(l.in[peer], code) || len(l.in[peer]) == 0) {
			p.wrong(line.Row, p.column(tableHeadings, "peer"), text.F("对方的 %s 是什么意思说了两次", "what the peer's %s means is said twice", peer), text.Text{})
			return
		}
		if noCode {
			l.in[peer] = nil
		} else {
			l.in[peer] = append(l.in[peer], code)
		}
	}
}

// listed checks one code of a line.
func (p *parsed) listed(line Line, key, code string, none bool, set *schemas.CodeSet) bool {
	column := p.column(tableHeadings, key)
	switch {
	case none:
		return true
	case code == "":
		p.wrong(line.Row, column, text.T("没有写代码", "the code is missing"), sayNone)
		return false
	case set.Has(code):
		return true
	}
	hint := near(code, codesOf(set))
	for _, v := range set.Codes {
		if strings.TrimLeft(v.Code, "0") == code {
			hint = text.F("表格软件可能去掉了前面的零：%s？", "the spreadsheet may have dropped its zeros: %s?", v.Code)
		}
	}
	p.wrong(line.Row, column, text.F("%s 不是代码集 %s 的代码", "%s is no code of %s", short(code), set.Name), hint)
	return false
}

var sayNone = text.T("没有对应代码的写（无）", "write (none) where there is none")

// whole tells what is not said, and what contradicts. A code that stands in a line is
// said where lines are wrong.
func (p *parsed) whole(l *links) {
	wrong := len(p.found) > 0
	codes, peers := map[string]bool{}, map[string]bool{}
	for _, line := range p.lines {
		codes[p.cell(line, "canonical")], peers[p.cell(line, "peer")] = true, true
	}
	for _, v := range codesOf(l.set) {
		if _, said := l.out[v]; !said && !(wrong && codes[v]) {
			p.wrong(0, p.column(tableHeadings, "canonical"), text.F("%s 报出什么没有说", "what %s is written as is not said", v), sayNone)
		}
	}
	for _, v := range codesOf(l.peer) {
		if _, said := l.in[v]; !said && !(wrong && peers[v]) {
			p.wrong(0, p.column(tableHeadings, "peer"), text.F("对方的 %s 是什么意思没有说", "what the peer's %s means is not said", v), sayNone)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(l.out)) {
		if peer := l.out[code]; peer != "" && len(l.in[peer]) == 0 {
			if _, said := l.in[peer]; said {
				p.wrong(0, text.Text{}, text.F("%s 报出 %s，而 %s 又不表示任何代码", "%s is written as %s, and %s is said to mean none", code, peer, peer), text.Text{})
			}
		}
	}
}
