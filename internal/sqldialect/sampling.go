package sqldialect

// Chance is an expression of a new number from 0 up to 1 for every row, to take samples by;
// empty: the server has none, or nobody would split what it holds.
func (d *Dialect) Chance() string { return chances[d.Name] }

var chances = map[string]string{"mysql": "RAND()", "postgres": "random()"}
