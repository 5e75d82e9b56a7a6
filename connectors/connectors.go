// Package connectors lists what rows can be read from and delivered to. A connector
// is a folder of its own and a line here; there is no registry and no init.
package connectors

import (
	"context"
	"time"

	"banjian/connectors/sqlview"
	"banjian/internal/pace"
	"banjian/internal/sqldialect"
	"banjian/pipelines"
)

// SourceOptions is what every kind of source is opened with.
type SourceOptions struct {
	DB      sqldialect.Config
	Drop    DropOptions // where From names files
	From    pipelines.From
	Columns []string // source columns the mapping reads
	Key     []string // source columns that feed the natural key
	Keys    [][]any  // of a view: rows with these values of Key alone, see sqlview.Options
	Charset string   // of text that the database does not hold as Unicode; see sqlview.Options
	Hours   string
	Most    int // connections to the department at a time
	Guard   *sqlview.Guard
	Zone    *time.Location
	Speed   pace.Speed    // of the connection; that of From holds too
	Timeout time.Duration // of each statement, 0 = 10 minutes to ask, 12 hours to read
	Role    string        // primary, standby; empty: the server is asked
	Beat    sqlview.Heartbeat
	Limit   int64     // rows that are read at most; 0: all there are
	Since   time.Time // of a view read by a time: what changed from then on is read once more; zero: nothing is
	Placed  bool      // rows say in which part of the view they lie, where the server can tell

	Keep map[string]func([]byte) (string, error) // see sqlview.Options
}

// OpenSource opens a department's view, or its next file, at a position.
func OpenSource(ctx context.Context, o SourceOptions, at pipelines.Position) (pipelines.Source, error) {
	if o.From.Files != "" {
		return openFiles(ctx, o, at)
	}
	v, err := o.View()
	if err != nil {
		return nil, err
	}
	return sqlview.Open(ctx, v, at)
}

// View is the options as a view is opened with them.
func (o SourceOptions) View() (sqlview.Options, error) {
	settle := time.Duration(0)
	if o.From.Settle != nil {
		if settle = time.Duration(*o.From.Settle); settle == 0 {
			settle = -1 // written as zero: none
		}
	}
	cursor, err := o.From.CursorOf()
	if err != nil {
		return sqlview.Options{}, err
	}
	rows := o.From.BatchRows
	if rows <= 0 {
		rows = pipelines.DefaultBatchRows
	}
	return sqlview.Options{DB: o.DB, View: o.From.View, Table: o.From.Table, Query: o.From.Query, Columns: o.Columns,
		Mode: sqlview.Mode(o.From.Mode), Cursor: cursor.Columns, Greatest: cursor.Greatest, Key: o.Key, Keys: o.Keys, Lookback: time.Duration(o.From.Lookback), Settle: settle, Lag: time.Duration(o.From.Lag), Role: o.Role, Heartbeat: o.Beat, Flag: (*sqlview.Flag)(o.From.Flag),
		Nth: o.From.Nth, RowID: o.From.Key.None(), Splits: o.From.Splits, BatchRows: rows, BatchBytes: pipelines.DefaultBatchSize, MaxConnections: o.Most, Guard: o.Guard, Hours: o.Hours, Zone: o.Zone, Placed: o.Placed,
		Charset: o.Charset, Charsets: o.From.Charsets(), Largest: o.From.Largest(), Keep: o.Keep, Limit: o.Limit, Since: o.Since, Speed: o.From.Speed, Shared: o.Speed, Timeout: o.Timeout}, nil
}
