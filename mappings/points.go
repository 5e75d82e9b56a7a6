package mappings

// PointKind is a kind of place in a mapping file that a test can reach.
type PointKind string

const (
	FieldPoint PointKind = "field" // a row gave the field a value
	EntryPoint PointKind = "map"   // a row had the key of this entry
	ElsePoint  PointKind = "else"  // a value failed and else said what becomes of it
	CheckPoint PointKind = "check" // a check or code set let a value pass; one more point: refused one
	RulePoint  PointKind = "rule"  // a row broke the rule
)

// Point is one place of a mapping that a test can reach.
type Point struct {
	Kind  PointKind
	Block int    // of the mapping, from 0
	Field string // empty for a rule
	Name  string // map: the key; check: "check", "codes"; else: "else"; rule: its id
	Fails bool   // check: the point of a refusal
}

// Place is a point and where it stands, file:line:column.
type Place struct {
	Point
	At string
}

// Points is every point of the mapping, in the order of the file. An item code is
// looked up but not a point: its crosswalk is data of its own.
func (m *Mapping) Points() []Place {
	var out []Place
	for b := range m.file.blocks {
		add := func(p Point, n *node) {
			p.Block = b
			out = append(out, Place{p, m.file.at(n)})
		}
		for i := range m.file.blocks[b].fields {
			f := &m.file.blocks[b].fields[i]
			add(Point{Kind: FieldPoint, Field: f.name.text}, f.name)
			for _, k := range f.keys {
				f.points(k, add)
			}
		}
		for _, r := range m.file.blocks[b].rules {
			add(Point{Kind: RulePoint, Name: r.id.text}, r.id)
		}
	}
	return out
}

func (f *field) points(k key, add func(Point, *node)) {
	switch op := k.name.text; op {
	case "map":
		for _, from := range k.val.keys {
			add(Point{Kind: EntryPoint, Field: f.name.text, Name: from.text}, from)
		}
	case "else":
		add(Point{Kind: ElsePoint, Field: f.name.text, Name: op}, k.name)
	case "verify":
		add(Point{Kind: CheckPoint, Field: f.name.text, Name: op}, k.name)
		add(Point{Kind: CheckPoint, Field: f.name.text, Name: op, Fails: true}, k.name)
		add(Point{Kind: ElsePoint, Field: f.name.text, Name: "on_unknown"}, k.name)
	case "codes", "check":
		if op == "codes" && f.get("map") != nil {
			return // it only names the set of the map's results
		}
		add(Point{Kind: CheckPoint, Field: f.name.text, Name: op}, k.name)
		add(Point{Kind: CheckPoint, Field: f.name.text, Name: op, Fails: true}, k.name)
	}
}

// Point is the point a step of Trace reached; no when it reached none.
func (s Step) Point() (Point, bool) {
	p := Point{Block: s.Block, Field: s.Field}
	switch s.Op {
	case "result":
		p.Kind = FieldPoint
		return p, s.Out != nil
	case "map":
		if p.Kind = EntryPoint; len(s.In) == 1 {
			p.Name = s.In[0]
		}
		return p, p.Name != ""
	case "else":
		p.Kind, p.Name = ElsePoint, s.Op
		return p, true
	case "verify":
		p.Kind, p.Name = CheckPoint, s.Op
		if p.Fails = s.Issue != nil; p.Fails && s.Issue.Rule == RuleUnknown {
			p.Kind, p.Name, p.Fails = ElsePoint, "on_unknown", false
		}
		return p, true
	case "check", "codes":
		p.Kind, p.Name = CheckPoint, s.Op
		p.Fails = s.Out == nil
		return p, !s.Skipped && len(s.In) > 0
	case "rule":
		p.Kind, p.Field, p.Name = RulePoint, "", s.Name
		return p, s.Issue != nil && s.Issue.Rule == s.Name
	}
	return p, false
}
