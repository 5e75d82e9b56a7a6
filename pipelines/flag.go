package pipelines

import (
	"context"
	"slices"

	"banjian/internal/text"
)

// ModeFlagged reads the rows whose flag says that they wait.
const ModeFlagged = "flagged"

// Flag (状态标志) is a column in which a department marks rows that wait to be taken, and the
// table in which it lets us mark them as taken, once they are in the ledger.
type Flag struct {
	Column  string   `yaml:"column"`  // of the view: NULL or one of Waiting, the row is read
	Waiting []string `yaml:"waiting"` // as the view has them
	Table   string   `yaml:"table"`   // that may be written: its column of the same name is set …
	Taken   string   `yaml:"taken"`   // … to this
	Key     []string `yaml:"key"`     // columns of the view and of the table that name a row
	Version string   `yaml:"version"` // column of both: a row in which it has changed since it was read still waits
	Time    string   `yaml:"time"`    // column of the table that gets the server's time; none: nobody wants it
}

// Columns is what is read for it: nothing of a pipeline without flags.
func (f *Flag) Columns() []string {
	switch {
	case f == nil:
		return nil
	case f.Version == "":
		return f.Key
	}
	return append(slices.Clone(f.Key), f.Version)
}

// Acknowledger is implemented by sources that can be told what was taken. Acknowledge is
// called once everything that was read is durable; a hint, that may be lost: what was not
// marked is read again.
type Acknowledger interface {
	Acknowledge(ctx context.Context) error
}

// checkFlag finds what can be wrong in mode: flagged and flag.
func (s *Spec) checkFlag() error {
	f := s.From.Flag
	bad := func(zh, en, hintZH, hintEN string, path ...any) error {
		return s.Fault(text.T("管道 "+s.Pipeline+" "+zh, "pipeline "+s.Pipeline+": "+en), text.T(hintZH, hintEN), path...)
	}
	const example = "flag: {column: tqbz, waiting: [\"0\"], table: gjj_tq, taken: \"1\", key: [slbh], version: gxsj}"
	switch {
	case f == nil && s.From.Mode != ModeFlagged:
		return nil
	case f == nil:
		return bad("的 mode: flagged 要有 flag", "mode: flagged needs a flag", "例如 "+example, "for instance "+example, "from", "mode")
	case s.From.Mode != ModeFlagged || s.From.Topic != "" || s.From.Files != "":
		return bad("的 flag 只用于 mode: flagged 的视图", "flag is for views with mode: flagged", "写 mode: flagged，或去掉 flag", "write mode: flagged, or drop the flag", "from", "flag")
	case f.Column == "" || f.Table == "" || f.Taken == "" || len(f.Key) == 0 || slices.Contains(f.Waiting, f.Taken):
		return bad("的 flag 要有 column、table、key 和 taken，taken 不在 waiting 里", "flag has column, table, key and taken, and taken is none of waiting", "例如 "+example, "for instance "+example, "from", "flag")
	case s.From.Cursor != "" || s.From.Numbered():
		return bad("按标志读取，不写 cursor、nth，行要有自己的键", "rows read by a flag have a key of their own, and no cursor or nth", "去掉 cursor 和 nth", "drop cursor and nth", "from")
	}
	return nil
}
