package mappings

import (
	"slices"
	"strconv"
	"strings"

	"banjian/internal/nearest"
	"banjian/internal/text"
)

// sequencePlan numbers the records of one row.
type sequencePlan struct {
	name  string
	among []string // columns of the block; records equal in them are counted from 1
}

// sequences compiles sequence: {name: [columns]}: a column that holds which one a record
// is, from 1, among the records of its row that are equal in these columns of explode or
// unpivot; an empty list counts all. What becomes of a row depends on that row alone, so
// rows are never counted among each other: see refuseSequence.
func (c *compiler) sequences(n *node, s *spreadPlan) error {
	if n == nil {
		return nil
	}
	if n.kind != mapNode || len(n.keys) == 0 {
		return c.file.failHint(n, text.T("例如 sequence: {nth: [clmc]}", "for example sequence: {nth: [clmc]}"), "sequence: 要写 {名称: [列]}", "sequence: needs {name: [columns]}")
	}
	for i, k := range n.keys {
		list := n.vals[i]
		if list.kind != listNode || slices.Contains(s.names(), k.text) {
			return c.file.fail(orNode(list, k), "%s: 要写 explode 或 unpivot 里的一组列，且不能重名", "%s: needs a list of columns of explode or unpivot, and a name of its own", k.text)
		}
		q := sequencePlan{name: k.text}
		for _, v := range list.vals {
			if !slices.Contains(s.columns, v.text) {
				return c.file.failHint(v, nearest.Hint(v.text, s.columns), "%s 不是 explode 或 unpivot 的列", "%s is no column of explode or unpivot", v.text)
			}
			q.among = append(q.among, v.text)
		}
		s.sequences = append(s.sequences, q)
		s.says = append(s.says, text.F("%s：在本行 %s 相同的各条中的序号", "%s: number among the records of the row equal in (%s)", k.text, sayColumns(q.among)))
	}
	return nil
}

// refuseSequence says why rows of a view are not counted here, and what to do instead:
// where batches are cut and how far an incremental run reads would change the number, and
// the number is part of the key.
func (c *compiler) refuseSequence(n *node) error {
	among := "slbh, hjmc, kssj"
	if n.kind == mapNode && len(n.vals) > 0 && len(n.vals[0].vals) > 0 {
		var names []string
		for _, v := range n.vals[0].vals {
			names = append(names, v.text)
		}
		among = strings.Join(names, ", ")
	}
	return c.file.failHint(n, text.F("全量读取的管道写 nth: [%[1]s]，再把 nth 当普通列用；或在视图里给出：ROW_NUMBER() OVER (PARTITION BY %[1]s ORDER BY 不变的列) AS nth", "in a pipeline that reads everything write nth: [%[1]s] and use nth as a column; or let the view give it, ROW_NUMBER() OVER (PARTITION BY %[1]s ORDER BY a column that never changes) AS nth", among),
		"sequence 只数同一行拆出的各条；行与行之间的序号会随批次变化", "sequence counts the records of one row; a number among rows would change with the batches")
}

// sequenceCounter counts equal records of the row under way.
type sequenceCounter struct{ seen []map[string]int }

func (q *sequenceCounter) reset() {
	for _, m := range q.seen {
		clear(m)
	}
}

// next is the number of the record under way by sequence k.
func (q *sequenceCounter) next(k int, s sequencePlan, p *spreadProg) string {
	for len(q.seen) <= k {
		q.seen = append(q.seen, map[string]int{})
	}
	var key strings.Builder
	for _, name := range s.among {
		v := p.value(name)
		key.WriteString(strconv.Itoa(len(v)) + ":" + v)
	}
	q.seen[k][key.String()]++
	return strconv.Itoa(q.seen[k][key.String()])
}
