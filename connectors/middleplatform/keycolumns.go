package middleplatform

import "strings"

// KeyColumns are the columns of a record (see Subjects) by which the platform knows a repeat.
func (in *Interface) KeyColumns() []string {
	list := make([]string, len(in.Key))
	for i, path := range in.Key {
		list[i] = columnOf(path)
	}
	return list
}

// KeyColumnIn is the column by which a half of a record is known, see Halves.
func (in *Interface) KeyColumnIn(block string) string {
	for _, path := range in.Key {
		if strings.HasPrefix(path, block+"/") {
			return columnOf(path)
		}
	}
	return ""
}

// HalfOf is the code of the half whose block holds a column, empty where it is of all.
func (in *Interface) HalfOf(name string) string {
	if in.Halves == nil {
		return ""
	}
	for code, block := range in.Halves.Blocks {
		for _, f := range in.block(block).Fields {
			if column(block, f.Name) == name {
				return code
			}
		}
	}
	return ""
}
