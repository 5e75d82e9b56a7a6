package schemas

import (
	"maps"
	"slices"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// With is a catalog with more subjects and code sets: the messages of a platform, for
// one, whose shape is known outside this package. The catalog itself and what is given
// stay as they are; the code sets are copied. Config faults: a name that exists
// already, a code or a field twice, an empty code set, a field that names a code set
// which does not exist, a condition or an order that cannot be read.
func (c *Catalog) With(subjects []*Subject, sets []*CodeSet) (*Catalog, error) {
	out := *c
	out.subjects, out.sets = maps.Clone(c.subjects), maps.Clone(c.sets)
	for _, given := range sets {
		set, err := sealed(given)
		if err != nil {
			return nil, err
		}
		if out.sets[set.Name] != nil {
			return nil, taken(set.Name)
		}
		out.sets.put(set.Name, set)
	}
	for _, s := range subjects {
		if out.subjects[s.Name] != nil {
			return nil, taken(s.Name)
		}
		for i := range s.Fields {
			if s.Field(s.Fields[i].Name) != &s.Fields[i] {
				return nil, fault.New(fault.Config, "add subject", s.Name, text.F("字段 %s 重复", "field %s is listed twice", s.Fields[i].Name), text.Text{})
			}
		}
		if _, err := NewChecker(s, &out); err != nil {
			return nil, err
		}
		out.subjects.put(s.Name, s)
	}
	return &out, nil
}

// sealed is a copy of a listed code set that answers for its codes.
func sealed(given *CodeSet) (*CodeSet, error) {
	set := *given
	set.Codes = slices.Clone(given.Codes)
	if _, what := set.index(); !what.IsZero() {
		return nil, fault.New(fault.Config, "add code set", set.Name, what, text.Text{})
	}
	if len(set.Codes) == 0 {
		return nil, fault.New(fault.Config, "add code set", set.Name, text.T("代码集是空的", "the code set is empty"), text.Text{})
	}
	set.seal()
	return &set, nil
}

func taken(name string) error {
	return fault.New(fault.Config, "extend catalog", name, text.F("%s 已经有了", "there is a %s already", name),
		text.T("站点的 schemas/ 里不要用这个名称", "do not use this name in the site's schemas/"))
}
