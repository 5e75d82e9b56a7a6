package validate

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/text"
	"banjian/mappings"
	"banjian/pipelines"
)

// feeds looks whether what a pipeline fills is what its receivers must have: a record
// that lacks it is collected and then refused when it is delivered.
func (c *check) feeds(spec pipelines.Spec) {
	filled := map[string][]string{}
	for _, d := range c.right[spec.Mapping].Describe() {
		for _, f := range d.Fields {
			filled[d.Subject.Name] = append(filled[d.Subject.Name], f.Field.Name)
		}
	}
	for i, receiver := range spec.Deliver {
		profile := c.house.Profile(receiver)
		if profile == nil {
			continue // told with the site
		}
		for _, ps := range profile.Subjects {
			if filled[ps.Subject] == nil {
				continue
			}
			m := c.delivery(ps.Mapping, ps.Subject)
			if m == nil {
				continue // told with the receiver
			}
			unfed, err := m.Unfed(filled[ps.Subject], memory.DefaultAllocator)
			if c.add(err) || len(unfed) == 0 {
				continue
			}
			zh, en := c.unfedWords(ps.Subject, unfed)
			c.Doubts = append(c.Doubts, spec.Fault(text.F("%[1]s 送 %[2]s 的 %[3]s 会被退：接收方必填、映射 %[4]s 没有填的字段：%[5]s", "%[3]s of %[1]s will be refused by %[2]s, which must have fields that mapping %[4]s does not fill: %[6]s",
				spec.Pipeline, receiver, ps.Subject, spec.Mapping, zh, en), text.T("在映射里写上这些字段；视图里没有的，从对照表取（item_code、lookup）或写 const", "map these fields; what the view does not have comes from a crosswalk (item_code, lookup) or a const"), "deliver", i))
		}
	}
}

// delivery compiles a receiver's mapping once; nil if it is broken.
func (c *check) delivery(name, subject string) *mappings.Mapping {
	key := name + " " + subject
	m, known := c.deliveries[key]
	if !known {
		m, _ = c.house.Mapping(name, c.house.Form(subject)) // what is wrong with it is told with the receiver
		c.deliveries[key] = m
	}
	return m
}

// unfedWords is the canonical fields to fill, in Chinese and in English.
func (c *check) unfedWords(subject string, unfed []mappings.FieldDescription) (zh, en string) {
	var names, titles, english []string
	for _, f := range unfed {
		for _, column := range f.Columns {
			if field := c.house.Form(subject).Field(column); field != nil && !slices.Contains(names, column) {
				names = append(names, column)
				titles = append(titles, column+" "+field.Title.ZH)
				english = append(english, column+" ("+field.Title.EN+")")
			}
		}
	}
	return strings.Join(titles, "、"), strings.Join(english, ", ")
}
