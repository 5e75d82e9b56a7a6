package middleplatform

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"banjian/internal/text"
	"banjian/schemas"
)

// SubjectName is the subject of the records that become messages of an interface.
func (p *Profile) SubjectName(in *Interface) string { return "platform/" + p.Profile + "/" + in.Name }

// setName is a code set of the profile as the catalog calls it.
func (p *Profile) setName(set string) string { return p.Profile + "/" + set }

// Subjects is the shape of the profile's messages in Arrow, for schemas.Catalog.With:
// one subject for each interface, with a column for each field, FIELD for a child of
// the root and BLOCK_FIELD for one in a block, and for each it borrows. A time is ts, an amount a decimal with
// two places, a region a code of the set region, a file a reference to a stored one, all
// else an int, text or a code. What a
// column cannot say is left to Check: two times in order, a placeholder, and what is
// required of a block that may be missing as a whole.
func (p *Profile) Subjects() ([]*schemas.Subject, []*schemas.CodeSet) {
	var subjects []*schemas.Subject
	for _, in := range p.ByNumber() {
		s := &schemas.Subject{Name: p.SubjectName(in), Title: text.T(in.Title, in.EN), Version: p.Profile}
		for i := range len(in.Blocks) + len(in.borrows) {
			b := in.blockAt(i)
			for j := range b.Fields {
				if in.made(b, &b.Fields[j]) {
					continue
				}
				f := p.column(b, &b.Fields[j])
				if in.Halves != nil && f.Name == in.Halves.Field {
					f.Required = false // the messages of a row have it
				}
				if i >= len(in.Blocks) || in.Instead != nil && join(b.Block, b.Fields[j].Name) == in.Instead.Missing {
					f.Required, f.RequiredWhen = false, "" // of one message or the other, see Instead
				}
				s.Fields = append(s.Fields, f)
			}
		}
		subjects = append(subjects, s)
	}
	var sets []*schemas.CodeSet
	for _, name := range slices.Sorted(maps.Keys(p.CodeSets)) {
		from := p.CodeSets[name]
		set := &schemas.CodeSet{Name: p.setName(name), Title: text.T(from.Title, from.EN), Version: p.Profile}
		for _, code := range slices.Sorted(maps.Keys(from.Codes)) {
			set.Codes = append(set.Codes, schemas.CodeValue{Code: code, Title: from.Codes[code]})
		}
		sets = append(sets, set)
	}
	return subjects, sets
}

const (
	amountPlaces = 2
	amountDigits = 18 // of an amount whose profile gives no width
)

func (p *Profile) column(b *Block, f *Field) schemas.Field {
	c := schemas.Field{Name: column(b.Block, f.Name), Title: text.T(f.Title, f.EN), Type: schemas.Text, Width: f.Width,
		Required: f.Required && (b.Block == "" || b.Required), RequiredWhen: p.condition(b, f.RequiredWhen),
		Personal: f.Personal != "", Mask: schemas.Mask(f.Personal)}
	switch {
	case f.Codes != "":
		c.Type, c.CodeSet = schemas.Code, p.setName(f.Codes)
	case f.Type == "time":
		c.Type, c.Width = schemas.Time, 0
	case f.Type == "region":
		c.Type, c.CodeSet, c.Width = schemas.Code, "region", regionDigits
	case f.Type == "int":
		c.Type, c.Width = schemas.Int, 0
	case f.Type == "file":
		c.Type, c.Width = schemas.File, 0
	case f.Type == "amount":
		c.Type, c.Scale = schemas.Decimal, amountPlaces
		if c.Width <= amountPlaces {
			c.Width = amountDigits
		}
	}
	return c
}

// condition is a When as a column's condition, empty where it cannot be said: over a
// time or an amount, or with a value that would have to be quoted. Of a coded field,
// "none of these" is "one of the others".
func (p *Profile) condition(b *Block, w *When) string {
	if w == nil {
		return ""
	}
	over := b.field(w.Field)
	if over.Codes == "" && over.Type != "text" {
		return ""
	}
	name, list := column(b.Block, w.Field), w.Is
	if w.IsNot != nil {
		if over.Codes == "" {
			if len(w.IsNot) != 1 || strings.Contains(w.IsNot[0], "'") {
				return ""
			}
			return fmt.Sprintf("%s != '%s'", name, w.IsNot[0])
		}
		list = slices.DeleteFunc(slices.Sorted(maps.Keys(p.CodeSets[over.Codes].Codes)), func(code string) bool { return slices.Contains(w.IsNot, code) })
	}
	if len(list) == 0 || strings.ContainsAny(strings.Join(list, ""), "',") {
		return ""
	}
	return fmt.Sprintf("%s in ['%s']", name, strings.Join(list, "', '"))
}
