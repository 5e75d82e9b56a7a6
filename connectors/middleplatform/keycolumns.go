package middleplatform

// KeyColumns are the columns of a record (see Subjects) by which the platform knows a repeat.
func (in *Interface) KeyColumns() []string {
	list := make([]string, len(in.Key))
	for i, path := range in.Key {
		list[i] = columnOf(path)
	}
	return list
}
