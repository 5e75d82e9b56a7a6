package file

import (
	"context"
	"slices"
	"strings"

	"banjian/internal/nearest"
	"banjian/internal/text"
)

// bind finds the mapped columns among those of a file: by name, or, where only one fits, in
// other letter case. A column that is not there, or there twice, is a Config fault.
func bind(o *Options, file string, has []string) ([]int, error) {
	if o.heads != nil {
		*o.heads = slices.Clone(has)
	}
	at := make([]int, len(o.Columns))
	var missing []string
	for i, name := range o.Columns {
		n := 0
		for j, h := range has {
			if h == name {
				at[i], n = j, n+1
			}
		}
		if n == 0 {
			for j, h := range has {
				if strings.EqualFold(h, name) {
					at[i], n = j, n+1
				}
			}
		}
		switch {
		case n == 0:
			missing = append(missing, name)
		case n > 1:
			return nil, o.config(file, text.F("列 %s 出现了 %d 次", "there are %[2]d columns %[1]s", name, n), text.T("请部门给各列不同的名字", "have the department name its columns apart"))
		}
	}
	if missing == nil {
		return at, nil
	}
	return nil, o.config(file, text.F("文件缺少列 %s", "the file has no column %s", strings.Join(missing, ", ")), hintFor(missing, has))
}

func hintFor(missing, has []string) text.Text {
	var zh, en []string
	for _, m := range missing {
		if near := strings.Join(nearest.Words(m, has, 3), ", "); near != "" {
			zh, en = append(zh, m+" 相近的列："+near), append(en, "nearest to "+m+": "+near)
		}
	}
	if zh != nil {
		return text.T(strings.Join(zh, "；"), strings.Join(en, "; "))
	}
	has = slices.DeleteFunc(slices.Clone(has), func(h string) bool { return h == "" })
	shown := strings.Join(has[:min(len(has), 20)], ", ")
	return text.F("文件现有的列：%s；列名不在第一行时写 layout: {header: 行号}", "the file has: %s; if its names are not in the first line, say layout: {header: LINE}", shown)
}

// Headings is the column names of the first file that is ready. It closes o.Folder. Faults
// are those of Open; a file that cannot be read has none.
func Headings(ctx context.Context, o Options) (has []string, err error) {
	o.Columns, o.heads = nil, &has
	s, err := Open(ctx, o, "")
	if err != nil {
		return nil, err
	}
	return has, s.Close()
}
