package pipelines

// Cutter is implemented by sources that can be asked for so many rows and no more. Cut is
// asked behind the last batch, before Close: rows are left because the limit was reached, so
// that what was not read is not gone. The position lies before them.
type Cutter interface{ Cut() bool }

// Bound counts the rows that a source gives against how many it may give in this run.
type Bound struct {
	Most  int64 // rows; 0 = all
	given int64
}

// Room is how many rows of a batch may still be given, at most batch.
func (b *Bound) Room(batch int) int {
	if b.Most == 0 {
		return batch
	}
	return int(min(int64(batch), b.Most-b.given))
}

// Gave counts rows.
func (b *Bound) Gave(rows int) { b.given += int64(rows) }

// Reached says that no row more may be given.
func (b *Bound) Reached() bool { return b.Most > 0 && b.given >= b.Most }
