package schemas

import (
	"maps"
	"slices"
	"strings"

	"banjian/internal/nearest"
	"banjian/internal/text"
)

// none stands in a table where the other side has no word for a code.
const none = "none"

// codeTableFile is the YAML shape of a file in profiles/. It says of every canonical
// code what the peer writes for it, and of every code of the peer what it means: a
// code, several of which it may be any, or none.
type codeTableFile struct {
	Profile    string                  `yaml:"profile"`
	Table      string                  `yaml:"table"`
	Title      text.Text               `yaml:"title"`
	Set        string                  `yaml:"set"`
	Peer       string                  `yaml:"peer"`
	Like       string                  `yaml:"like"`   // the profile whose table of this name stands for this one
	Column     string                  `yaml:"column"` // the peer writes this column of the canonical set
	Same       bool                    `yaml:"same"`   // codes not named below are the same on both sides
	Basis      bothWords               `yaml:"basis"`
	Confidence Confidence              `yaml:"confidence"`
	Note       text.Text               `yaml:"note"`
	Out        map[string]string       `yaml:"out"`
	In         map[string]codeMeanings `yaml:"in"`
}

// codeMeanings is one code or a list of them.
type codeMeanings []string

// UnmarshalYAML takes a text or a list of texts.
func (m *codeMeanings) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if err := unmarshal(&one); err == nil {
		*m = codeMeanings{one}
		return nil
	}
	return unmarshal((*[]string)(m))
}

// tableReader makes a table of a file. A shipped table keeps to what a site has made
// of its lists: a code the site added has no word on the other side, one it took away
// is passed over.
type tableReader struct {
	src     source
	file    codeTableFile
	table   *CodeTable
	lenient bool
}

func (l *loader) codeTable(src source, path string, site bool) (*CodeTable, error) {
	r := &tableReader{src: src}
	f := &r.file
	if err := src.decode(f); err != nil {
		return nil, err
	}
	if f.Profile+"/"+f.Table != path {
		return nil, src.fail("$.profile", text.F("profile 和 table 合起来应当是 %q，与文件路径一致", "profile and table must be %q, like the path of the file", path), text.Text{})
	}
	if f.Like != "" {
		return l.likeTable(src, f)
	}
	if f.Confidence != "" && !slices.Contains(confidences, f.Confidence) {
		return nil, src.fail("$.confidence", text.F("没有 %s 这种可信程度", "there is no confidence %s", string(f.Confidence)),
			text.F("可写：%s", "one of: %s", joinWords(confidences)))
	}
	r.table = &CodeTable{Profile: f.Profile, Name: f.Table, Title: f.Title, Column: f.Column, Basis: text.Text(f.Basis), Confidence: f.Confidence,
		Note: f.Note, out: map[string]string{}, in: map[string][]string{}}
	var err error
	if r.table.Set, err = l.listOf(src, "$.set", f.Set); err != nil {
		return nil, err
	}
	if f.Column != "" {
		err = r.byColumn()
	} else {
		r.table.Peer, err = l.listOf(src, "$.peer", f.Peer)
	}
	if err != nil {
		return nil, err
	}
	r.lenient = !site && (l.cat.sets[f.Set].site || l.cat.sets[f.Peer] != nil && l.cat.sets[f.Peer].site)
	if r.table.Title.IsZero() {
		r.table.Title = r.table.Set.Title
	}
	if err := firstOf(r.readOut, r.readIn, r.agree); err != nil {
		return nil, err
	}
	r.table.seal()
	return r.table, nil
}

// likeTable is the table of another profile under this one's name. One step is
// enough.
func (l *loader) likeTable(src source, f *codeTableFile) (*CodeTable, error) {
	it, ok := l.cat.codeTables[f.Like+"/"+f.Table]
	if !ok || f.Like == f.Profile {
		return nil, src.fail("$.like", text.F("%s 没有对照 %s", "%s has no table %s", f.Like, f.Table), text.Text{})
	}
	if f.Set != "" || f.Peer != "" || f.Out != nil || f.In != nil || f.Column != "" || f.Same {
		return nil, src.fail("$.like", text.T("写了 like 就不再写对照本身", "like goes without a table of its own"), text.Text{})
	}
	from, err := it.get()
	if err != nil {
		return nil, err
	}
	t := *from
	t.Profile = f.Profile
	if basis := text.Text(f.Basis); !basis.IsZero() || f.Confidence != "" || !f.Note.IsZero() {
		t.Basis, t.Confidence, t.Note = basis, f.Confidence, f.Note
	}
	return &t, nil
}

// listOf is a code set that lists its codes.
func (l *loader) listOf(src source, at, name string) (*CodeSet, error) {
	it, ok := l.cat.sets[name]
	if !ok {
		return nil, src.fail(at, text.F("代码集 %s 不存在", "there is no code set %s", name), nearest.Hint(name, l.cat.CodeSetNames()))
	}
	set, err := it.get()
	if err == nil && !set.Listed() {
		err = src.fail(at, text.F("代码集 %s 没有列出代码，不能对照", "code set %s lists no codes: there is nothing to lead to", name), text.Text{})
	}
	return set, err
}

// byColumn makes the peer's list of a column of the canonical set, and of what in
// names beyond it.
func (r *tableReader) byColumn() error {
	f, set := &r.file, r.table.Set
	at := slices.Index(set.Extra, f.Column)
	if at < 0 && f.Column != "zh" && f.Column != "en" || f.Peer != "" || f.Same {
		return r.src.fail("$.column", text.F("代码集 %s 没有列 %s；写了 column 就不写 peer 和 same", "code set %s has no column %s; column goes without peer and same", set.Name, f.Column), text.Text{})
	}
	peer := &CodeSet{Name: set.Name + "." + f.Column, Title: set.Title, Version: set.Version, Basis: set.Basis}
	add := func(code string, title text.Text) {
		if code != "" && !slices.ContainsFunc(peer.Codes, func(v CodeValue) bool { return v.Code == code }) {
			peer.Codes = append(peer.Codes, CodeValue{Code: code, Title: title})
		}
	}
	for _, v := range set.Codes {
		code := v.Title.ZH
		switch {
		case at >= 0:
			code = v.Extra[at]
		case f.Column == "en":
			code = v.Title.EN
		}
		add(code, v.Title)
		if code != "" && r.table.out[v.Code] == "" {
			r.table.out[v.Code] = code
			r.table.in[code] = append(r.table.in[code], v.Code)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(f.In)) {
		title := text.T(code, code)
		if v, ok := set.Value(f.In[code][0]); ok {
			title = v.Title
		}
		add(code, title)
		delete(r.table.in, code)
	}
	peer.newest = make(map[string]int32, len(peer.Codes))
	for i, v := range peer.Codes {
		peer.newest[v.Code] = int32(i)
	}
	peer.seal()
	r.table.Peer = peer
	return nil
}

// readOut settles what is written for every canonical code.
func (r *tableReader) readOut() error {
	t := r.table
	for _, code := range slices.Sorted(maps.Keys(r.file.Out)) {
		peer, at := r.file.Out[code], "$.out."+keyPath(code)
		switch {
		case !t.Set.Has(code):
			if r.lenient {
				continue
			}
			return r.src.fail(at, text.F("%s 不是代码集 %s 的代码", "%s is no code of %s", code, t.Set.Name), nearest.Hint(code, t.Set.codes()))
		case peer == none:
			peer = ""
		case !t.Peer.Has(peer):
			if !r.lenient {
				return r.src.fail(at, text.F("%s 不是代码集 %s 的代码", "%s is no code of %s", peer, t.Peer.Name), nearest.Hint(peer, t.Peer.codes()))
			}
			peer = ""
		}
		t.out[code] = peer
	}
	for _, code := range t.Set.codes() {
		if _, said := t.out[code]; said {
			continue
		}
		if t.out[code] = ""; r.file.Same && t.Peer.Has(code) {
			t.out[code] = code
		} else if !r.lenient {
			return r.src.fail("$.out", text.F("%s（%s）对应什么没有说", "what %s (%s) leads to is not said", code, r.titleOf(t.Set, code)), sayNone)
		}
	}
	return nil
}

var sayNone = text.T("对方没有对应代码的写 none", "write none where the other side has no word for it")

func (r *tableReader) titleOf(set *CodeSet, code string) string {
	v, _ := set.Value(code)
	return v.Title.ZH
}

// readIn settles what every code of the peer means.
func (r *tableReader) readIn() error {
	t := r.table
	for _, peer := range slices.Sorted(maps.Keys(r.file.In)) {
		codes, at := r.file.In[peer], "$.in."+keyPath(peer)
		if !t.Peer.Has(peer) {
			if r.lenient {
				continue
			}
			return r.src.fail(at, text.F("%s 不是代码集 %s 的代码", "%s is no code of %s", peer, t.Peer.Name), nearest.Hint(peer, t.Peer.codes()))
		}
		t.in[peer] = nil
		for i, code := range codes {
			switch {
			case code == none && len(codes) == 1:
			case t.Set.Has(code) && slices.Index(codes, code) == i:
				t.in[peer] = append(t.in[peer], code)
			case !r.lenient:
				return r.src.fail(at, text.F("%s 不是代码集 %s 的代码，或写了两次", "%s is no code of %s, or named twice", code, t.Set.Name), nearest.Hint(code, t.Set.codes()))
			}
		}
	}
	for _, peer := range t.Peer.codes() {
		if _, said := t.in[peer]; said {
			continue
		}
		if t.in[peer] = nil; r.file.Same && t.Set.Has(peer) {
			t.in[peer] = []string{peer}
		} else if !r.lenient {
			return r.src.fail("$.in", text.F("对方的 %s（%s）是什么意思没有说", "what the peer's %s (%s) means is not said", peer, r.titleOf(t.Peer, peer)), sayNone)
		}
	}
	return nil
}

// agree refuses a peer code that is written for some code and means none.
func (r *tableReader) agree() error {
	t := r.table
	for _, code := range t.Set.codes() {
		if peer := t.out[code]; peer != "" && len(t.in[peer]) == 0 && !r.lenient {
			return r.src.fail("$.in."+keyPath(peer), text.F("%s 写成 %s，而 %s 又不表示任何代码", "%s is written as %s, and %s is said to mean none", code, peer, peer), text.Text{})
		}
	}
	return nil
}

// keyPath is a key as a YAML path names it.
func keyPath(key string) string {
	if strings.ContainsAny(key, ".[]'\" ") {
		return "'" + key + "'"
	}
	return key
}
