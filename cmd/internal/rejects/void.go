package rejects

import (
	"maps"
	"slices"
	"strings"

	"banjian/internal/text"
)

// Void is what of a table has no effect, or not for long, since the mapping of a pipeline
// reads other columns than when its rows were refused.
type Void struct {
	Pipeline string
	Cells    map[string]int // corrected cells of columns that are not read any more, by column
	Gone     []string       // columns that were kept and are not read any more, those of Cells among them
}

// Void compares what was corrected with the columns that are read of each pipeline now.
func (m *Mended) Void(reads func(pipeline string) ([]string, error)) ([]Void, error) {
	var list []Void
	for _, p := range m.Pipelines {
		columns, err := reads(p)
		if err != nil {
			return nil, err
		}
		v := Void{Pipeline: p, Cells: map[string]int{}}
		for _, name := range m.kinds[p] {
			if !slices.Contains(columns, name) {
				v.Gone = append(v.Gone, name)
			}
		}
		for _, at := range m.order {
			for name := range m.byRow[at].Cells {
				if at.pipeline == p && slices.Contains(v.Gone, name) {
					v.Cells[name]++
				}
			}
		}
		if len(v.Gone) > 0 {
			list = append(list, v)
		}
	}
	return list, nil
}

// Sentences says it of a mapping and its version.
func (v *Void) Sentences(mapping, version string) []text.Text {
	var said []text.Text
	for _, name := range slices.Sorted(maps.Keys(v.Cells)) {
		said = append(said, text.F("%[1]s：列 %[2]s 更正了 %[3]d 格，但映射 %[4]s（版本 %[5]s）已不读这一列，这些更正不起作用；要么映射改回读它，要么请部门在自己的系统里更正",
			"%[1]s: cells of column %[2]s that were corrected: %[3]d; mapping %[4]s (version %[5]s) does not read that column any more, so that these corrections have no effect. Let the mapping read it again, or have the department mend its own data", v.Pipeline, name, v.Cells[name], mapping, version))
	}
	return append(said, text.F("%[1]s：这些行被拒之后，映射 %[3]s（版本 %[4]s）不再读 %[2]s；更正只对现在的重推有效，下次从部门视图读到这些行时按视图的值算",
		"%[1]s: since these rows were refused mapping %[3]s (version %[4]s) stopped reading %[2]s: corrections count for driving the rows again now, but when they are next read from the department's view they are taken as the view has them", v.Pipeline, strings.Join(v.Gone, ", "), mapping, version))
}
