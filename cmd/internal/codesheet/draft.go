package codesheet

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// Draft is a file of a site's schemas/ folder made of a sheet.
type Draft struct {
	Name  string // "result", "ea-jc/result"
	Table bool   // a code table rather than a code set
	Path  string // "codes/result.yaml", "profiles/ea-jc/result.yaml"
	YAML  []byte

	Added, Removed, Changed []string // codes, beside what the catalog has; of a table canonical codes
}

// Mistake is one thing that is wrong with a sheet.
type Mistake struct {
	Sheet  string
	Row    int // from 1; 0: the sheet as a whole
	Column text.Text
	What   text.Text
	Hint   text.Text
}

// parsed is a sheet taken apart.
type parsed struct {
	sheet    *Sheet
	cat      *schemas.Catalog
	facts    map[string]string
	places   map[string]int // of facts
	headings []string       // keys; "" where unknown
	lines    []Line         // below the headings
	found    []Mistake
}

// Draft makes a file of the sheet, or tells everything that is wrong with it.
func (s *Sheet) Draft(cat *schemas.Catalog) (*Draft, []Mistake) {
	p := &parsed{sheet: s, cat: cat, facts: map[string]string{}, places: map[string]int{}}
	table := p.split()
	if len(p.found) > 0 {
		return nil, p.found
	}
	var d *Draft
	if table {
		d = p.codeTable()
	} else {
		d = p.codeSet()
	}
	if len(p.found) > 0 {
		slices.SortStableFunc(p.found, func(a, b Mistake) int { return cmp.Compare(uint(a.Row-1), uint(b.Row-1)) }) // those of no row come last
		return nil, p.found
	}
	return d, nil
}

func (p *parsed) wrong(row int, column text.Text, what, hint text.Text) {
	p.found = append(p.found, Mistake{p.sheet.Name, row, column, what, hint})
}

// split tells facts, headings and lines apart; true: a code table.
func (p *parsed) split() bool {
	for i, l := range p.sheet.Lines {
		first := l.Cells[0]
		switch {
		case setHeadings[0].means(first) && len(l.Cells) > 1:
			p.head(l, setHeadings, true)
		case tableHeadings[0].means(first):
			p.head(l, tableHeadings, false)
		default:
			p.fact(l)
			continue
		}
		p.lines = p.sheet.Lines[i+1:]
		break
	}
	_, isTable := p.facts["table"]
	_, isSet := p.facts["set"]
	switch {
	case !isTable && !isSet:
		p.wrong(1, text.Text{}, text.T("第一行要写“代码集”和它的名称，或“代码对照”和它的名称", "the first line holds “code set” and its name, or “code table” and its name"),
			text.T("先用 banjian codes export 导出一份，在上面改", "export one with banjian codes export and edit that"))
	case p.headings == nil:
		p.wrong(0, text.Text{}, text.T("没有表头行", "there is no line of headings"), text.T("表头从“代码”或“标准代码”开始", "headings begin with “code” or “canonical code”"))
	case len(p.lines) == 0:
		p.wrong(0, text.Text{}, text.T("表头下面没有代码", "there are no codes below the headings"), text.Text{})
	}
	return isTable
}

func (p *parsed) fact(l Line) {
	known, ok := find(facts, l.Cells[0])
	if !ok {
		p.wrong(l.Row, text.Text{}, text.F("不认识的项目 %s", "unknown item %s", short(l.Cells[0])), text.T("代码行写在表头下面", "codes stand below the headings"))
		return
	}
	if _, twice := p.facts[known.key]; twice {
		p.wrong(l.Row, text.Text{}, text.F("%s 写了两次", "%s is written twice", short(l.Cells[0])), text.Text{})
		return
	}
	value := ""
	if len(l.Cells) > 1 {
		value = l.Cells[1]
	}
	if broken(value) {
		p.wrong(l.Row, text.Text{}, brokenText, text.Text{})
	}
	p.facts[known.key], p.places[known.key] = value, l.Row
}

var extraName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)

// head reads the line of headings. A set may have columns of its own.
func (p *parsed) head(l Line, known []label, extra bool) {
	for _, cell := range l.Cells {
		key := cell
		if is, ok := find(known, cell); ok {
			key = is.key
		} else if !extra || !extraName.MatchString(cell) {
			p.wrong(l.Row, text.Text{}, text.F("不认识的表头 %s", "unknown heading %s", short(cell)), text.T("另加的列用小写英文字母、数字和下划线命名", "a column of your own has a name of small letters, digits and underscores"))
			key = ""
		}
		if key != "" && slices.Contains(p.headings, key) {
			p.wrong(l.Row, text.Text{}, text.F("表头 %s 写了两次", "the heading %s is written twice", short(cell)), text.Text{})
		}
		p.headings = append(p.headings, key)
	}
}

// cell is a line's cell below a heading.
func (p *parsed) cell(l Line, key string) string {
	if i := slices.Index(p.headings, key); i >= 0 && i < len(l.Cells) {
		return l.Cells[i]
	}
	return ""
}

func (p *parsed) column(list []label, key string) text.Text {
	l, _ := find(list, key)
	return l.is
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,60}(/[a-z0-9][a-z0-9_-]{0,60}){0,3}$`)

// named checks the name of a set or table, which becomes a path.
func (p *parsed) named(key string, parts int) string {
	name := p.facts[key]
	if !nameForm.MatchString(name) || parts > 0 && strings.Count(name, "/") != parts-1 {
		p.wrong(p.places[key], text.Text{}, text.F("名称 %s 不合格式", "%s is no name", short(name)),
			text.T("小写字母、数字、下划线和横线，用 / 分层，如 national/result_type", "small letters, digits, underscores and dashes, in layers with /, such as national/result_type"))
	}
	return name
}

func (p *parsed) confidence() string {
	c := p.facts["confidence"]
	if c != "" && !slices.Contains(schemas.Confidences(), c) {
		p.wrong(p.places["confidence"], text.Text{}, text.F("没有 %s 这种可信程度", "there is no confidence %s", short(c)), text.F("可写：%s", "one of: %s", strings.Join(schemas.Confidences(), ", ")))
	}
	return c
}

// codeSet reads the lines of a code set.
func (p *parsed) codeSet() *Draft {
	name := p.named("set", 0)
	old, known := p.cat.CodeSet(name)
	if known && !old.Listed() && old.Form != "" {
		p.wrong(p.places["set"], text.Text{}, text.F("代码集 %s 由程序判断，不能用清单代替", "code set %s is judged by the program and cannot be a list", name), text.Text{})
		return nil
	}
	var extra []string
	for _, h := range p.headings {
		if _, ok := find(setHeadings, h); !ok {
			extra = append(extra, h)
		}
	}
	codes := make([]schemas.CodeValue, len(p.lines))
	for i, l := range p.lines {
		codes[i] = p.value(l, extra)
	}
	for _, m := range schemas.CheckCodes(codes) {
		p.wrong(p.lines[m.Index].Row, text.Text{}, m.What, text.Text{})
	}
	if known {
		p.lostZeros(old, codes)
	}
	if p.facts["title"] == "" && known {
		p.facts["title"], p.facts["title_en"] = old.Title.ZH, old.Title.EN
	}
	if p.facts["title"] == "" {
		p.wrong(p.places["set"], text.Text{}, text.T("缺少名称", "the title is missing"), text.T("在表头上面加一行“名称”", "add a line “title (Chinese)” above the headings"))
	}
	p.confidence()
	if len(p.found) > 0 {
		return nil
	}
	d := &Draft{Name: name, Path: "codes/" + name + ".yaml", YAML: p.setYAML(name, codes, extra)}
	if known {
		d.compare(old.Codes, codes)
	}
	return d
}

func (p *parsed) value(l Line, extra []string) schemas.CodeValue {
	v := schemas.CodeValue{Code: p.cell(l, "code"), Title: text.T(p.cell(l, "zh"), p.cell(l, "en")), ValidFrom: p.cell(l, "valid_from"), ValidTo: p.cell(l, "valid_to"),
		Successors: strings.FieldsFunc(p.cell(l, "successors"), func(r rune) bool { return strings.ContainsRune(" ,，、;；", r) }),
		Note:       text.T(p.cell(l, "note"), p.cell(l, "note_en"))}
	for _, name := range extra {
		v.Extra = append(v.Extra, p.cell(l, name))
	}
	if len(l.Cells) > len(p.headings) {
		p.wrong(l.Row, text.Text{}, text.F("这一行比表头多 %d 列", "this line has %d cells more than headings", len(l.Cells)-len(p.headings)), text.Text{})
	}
	for _, cell := range l.Cells {
		if broken(cell) {
			p.wrong(l.Row, text.Text{}, brokenText, text.Text{})
			break
		}
	}
	return v
}

var brokenText = text.T("有一格含换行、控制字符或乱码", "a cell holds a line end, a control character or broken text")

// broken says that a cell holds what no list of codes does.
func broken(cell string) bool {
	return strings.ContainsFunc(cell, func(r rune) bool {
		return unicode.IsControl(r) || r == '�' || r == '\u2028' || r == '\u2029' || r == '\ufeff'
	})
}

// lostZeros finds codes that were 01 before and are 1 now, which spreadsheets make of
// them.
func (p *parsed) lostZeros(old *schemas.CodeSet, codes []schemas.CodeValue) {
	now := make(map[string]int, len(codes))
	for i, v := range codes {
		now[v.Code] = i
	}
	for _, v := range old.Codes {
		bare := strings.TrimLeft(v.Code, "0")
		if bare == "" {
			bare = "0"
		}
		i, there := now[bare]
		if _, kept := now[v.Code]; there && !kept && !old.Has(bare) {
			p.wrong(p.lines[i].Row, p.column(setHeadings, "code"), text.F("代码 %s 可能是表格软件去掉了前面的零，原为 %s", "code %s was %s before: the spreadsheet may have dropped its zeros", bare, v.Code),
				text.T("把这一列的格式设为文本，或用 xlsx 文件", "make the column text, or use an xlsx file"))
		}
	}
}

// compare tells what the list has beside the one before.
func (d *Draft) compare(old, now []schemas.CodeValue) {
	was, is := map[string]string{}, map[string]string{}
	for _, list := range []struct {
		from []schemas.CodeValue
		to   map[string]string
	}{{old, was}, {now, is}} {
		for _, v := range list.from {
			list.to[v.Code] += strings.Join(append([]string{v.Title.ZH, v.Title.EN, v.ValidFrom, v.ValidTo, strings.Join(v.Successors, " ")}, v.Extra...), "\x00")
		}
	}
	d.differ(was, is)
}

func (d *Draft) differ(was, is map[string]string) {
	for code, v := range is {
		if before, ok := was[code]; !ok {
			d.Added = append(d.Added, code)
		} else if before != v {
			d.Changed = append(d.Changed, code)
		}
	}
	for code := range was {
		if _, ok := is[code]; !ok {
			d.Removed = append(d.Removed, code)
		}
	}
	for _, list := range [][]string{d.Added, d.Removed, d.Changed} {
		slices.Sort(list)
	}
}

// short is a cell as it may stand in a message.
func short(s string) string {
	if r := []rune(s); len(r) > 30 {
		return string(r[:30]) + "…"
	}
	return s
}

func near(word string, known []string) text.Text { return nearest.Hint(word, known) }
