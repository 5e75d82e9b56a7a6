package mappings

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// keyHint says how a key that names an unmapped field is mended.
func keyHint() text.Text {
	return text.T("管道文件的 from.key 要写映射里有的字段：改 key，或在 fields 里补上它", "from.key of the pipeline names fields of the mapping: mend key, or map the field")
}

// Keys computes only these canonical fields of the first block, for every row of rec
// and in its order: no where, no rules, no schema check. A value that fails, or has
// bytes that cannot be read, is NULL (or else's constant). Of a row that makes several records it is the key of the first.
// The caller releases the record. A field that is not mapped is
// a fault.Config.
func (p *Program) Keys(alloc memory.Allocator, rec arrow.Record, fields []string) (arrow.Record, error) {
	if err := p.load(rec); err != nil {
		return nil, err
	}
	b := p.blocks[0]
	need := map[string]bool{}
	for _, name := range fields {
		if b.plan.plan(name) == nil {
			return nil, fault.New(fault.Config, "compute keys", p.m.file.Path,
				text.F("键字段 %s 没有映射", "key field %s is not mapped", name), keyHint())
		}
		need[name] = true
	}
	if p.m.from == nil {
		b.plan.withWhen(need)
	}
	r := &run{p: p, alloc: alloc, rows: int(rec.NumRows())}
	if s := b.spread; s != nil {
		s.run(p, r.rows, nil, true)
		for k, a := range s.arrays(alloc) {
			defer a.Release()
			s.made[k].load(a)
		}
	}
	made := map[string]arrow.Array{}
	for _, f := range b.fields {
		if need[f.target.Name] {
			arr := r.field(f)
			defer arr.Release()
			b.out[f.index].load(arr)
			made[f.target.Name] = arr
		}
	}
	cols := make([]arrow.Array, len(fields))
	types := make([]arrow.Field, len(fields))
	for i, name := range fields {
		cols[i] = p.legibleOnly(alloc, made[name])
		defer cols[i].Release()
		types[i] = arrow.Field{Name: name, Type: cols[i].DataType(), Nullable: true}
	}
	return array.NewRecord(arrow.NewSchema(types, nil), cols, rec.NumRows()), nil
}

// withWhen adds to need the fields that needed fields ask for. Plans run
// after those they ask for, so one pass from the end finds all.
func (b *blockPlan) withWhen(need map[string]bool) {
	for _, p := range slices.Backward(b.plans) {
		if need[p.target.Name] {
			for _, name := range p.before() {
				need[name] = true
			}
		}
	}
}
