package sqlview

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/day"
	"banjian/internal/fault"
	"banjian/internal/pace"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Mode is how much of a view a run reads.
type Mode string

const (
	Full        Mode = "full"        // 全量: every row
	Incremental Mode = "incremental" // 增量: rows changed since the last run
	Flagged     Mode = "flagged"     // 按标志: rows whose flag says that they wait
	Compare     Mode = "compare"     // 全量比对: every row, where the server finds none that changed without sending it
)

// whole says that a run stands for every row.
func (m Mode) whole() bool { return m == Full || m == Compare }

// Options say what is read and how. Exactly one of View, Table and Query is given.
type Options struct {
	DB    sqldialect.Config
	View  string // view or schema.view
	Table string // the same, for a table
	Query string // a single SELECT without comments, ? and ;

	Columns  []string // mapped columns, as the mapping names them; nothing else is delivered
	Mode     Mode     // empty: Full
	Cursor   []string // the cursor column, or several of which the first that is not NULL counts
	Greatest bool     // of several cursor columns the greatest counts that is not NULL
	Nth      []string // rows get a number among those equal in these columns (pipelines.NthColumn); full reads only
	RowID    bool     // rows get an identity from what they hold (pipelines.RowColumn); full reads only
	Key      []string // columns that break ties between equal cursors
	Keys     [][]any  // values of Key, nil for NULL: of a full read these rows alone are read, and the position stays; nil: all

	Lookback      time.Duration // of cursors that are times
	LookbackSteps int64         // of cursors that are integers
	Settle        time.Duration // zero: one second; negative: none
	Lag           time.Duration // how far the server may be behind the one that is written to; the upper bound is that much earlier, or by what is measured if that is more
	Role          string        // RolePrimary, RoleStandby; empty: the server is asked
	Heartbeat     Heartbeat     // zero: the server is asked
	Where         []Condition   // all must hold
	Flag          *Flag         // of Flagged; other modes pass over it

	Charset  string            // of text columns that the server does not hold as Unicode: gbk, gb18030 or big5; empty, utf8: the server turns all text into UTF-8
	Charsets map[string]string // of single columns of Columns, whatever the server holds them as; also of binary ones

	// Keep takes the bytes of single binary columns of Columns as they are read and gives what
	// stands in their place, a text; the bytes are its own only until it returns. It may be
	// called concurrently.
	Keep    map[string]func([]byte) (string, error)
	Largest map[string]int64 // bytes of a value of single columns whose type is large; others: MostLarge. One that is larger is not read, and its row is rejected

	// Splits divides a first load into so many ranges of the key, read side by side, at most
	// MaxConnections of them at a time, each in a snapshot of its own.
	Splits     int
	SplitAbove int64 // rows from which that is worth it; zero: 50,000

	Limit int64     // rows a run reads at most; zero: all. The rest waits for the next run
	Since time.Time // of incremental reads with a time as cursor: what changed from then on is read once more; zero: nothing is

	Placed     bool  // records have pipelines.LeafColumn, where the server can hash; Compare has it anyway
	BatchRows  int   // zero: 8192
	BatchBytes int64 // zero: 8 MiB; a batch ends behind the row that reaches it

	MaxConnections int    // to DB at the same time in this process, kept by Guard; zero: no limit
	Guard          *Guard // shared by all sources of a process; nil: none

	Speed   pace.Speed    // of this run
	Shared  pace.Speed    // of all runs over DB in this process together, kept by Guard
	Timeout time.Duration // of each statement at the server; zero: 10 minutes to ask, 12 hours to read

	Hours string           // "22:00-06:00,12:00-13:30", when reading is allowed; empty: always
	Zone  *time.Location   // of Hours; nil: fixed UTC+8
	Clock func() time.Time // for Hours; nil: time.Now

	Alloc memory.Allocator // of the records; nil: Go's

	open func(sqldialect.Config) (*sql.DB, error) // nil: the dialect's
}

const (
	defaultRows  = 8192
	defaultBytes = 8 << 20
	futureAfter  = 5 * time.Minute // ahead of the source's clock
)

func (o Options) withDefaults() Options {
	if o.Mode == "" {
		o.Mode = Full
	}
	if o.BatchRows <= 0 {
		o.BatchRows = defaultRows
	}
	if o.BatchBytes <= 0 {
		o.BatchBytes = defaultBytes
	}
	if o.SplitAbove == 0 {
		o.SplitAbove = splitAbove
	}
	if o.Settle == 0 {
		o.Settle = time.Second
	}
	if o.Settle < 0 {
		o.Settle = 0
	}
	if o.DB.Zone == "" {
		o.DB.Zone = sqldialect.DefaultZone
	}
	if o.Zone == nil {
		o.Zone = time.FixedZone("UTC+8", 8*3600)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Alloc == nil {
		o.Alloc = memory.DefaultAllocator
	}
	if o.Guard == nil {
		o.Guard = NewGuard()
	}
	if o.open == nil {
		o.open = sqldialect.Config.Open
	}
	if o.DB.ReadTimeout == 0 && o.Timeout > defaultAsk {
		o.DB.ReadTimeout = o.Timeout + time.Minute // the server gives up first, and says so
	}
	o.BatchRows, o.BatchBytes = o.Speed.Page(o.BatchRows, o.BatchBytes)
	o.BatchRows, o.BatchBytes = o.Shared.Page(o.BatchRows, o.BatchBytes)
	o.DB.ReadOnly = true
	return o
}

// Check says whether the options can be right, without connecting. Errors are Config
// faults.
func (o Options) Check() error {
	given := 0
	for _, s := range []string{o.View, o.Table, o.Query} {
		if s != "" {
			given++
		}
	}
	switch {
	case given != 1:
		return bad("view, table 与 query 必须且只能写一个", "exactly one of view, table and query must be given")
	case len(o.Columns) == 0:
		return bad("没有要读取的列", "there is no column to read")
	case o.Mode != "" && !o.Mode.whole() && o.Mode != Incremental && o.Mode != Flagged:
		return bad("mode 只能是 full、incremental、flagged 或 compare", "mode is full, incremental, flagged or compare")
	case o.Mode == Incremental && len(o.Cursor) == 0:
		return bad("增量读取需要 cursor（更新时间列）；视图没有这样的列时用 mode: full",
			"an incremental read needs a cursor (a column of the time of change); without one use mode: full")
	case o.Timeout < 0:
		return bad("语句时限不能为负", "a statement's time limit cannot be negative")
	case o.Mode == Incremental && o.numbered():
		return bad("没有键的行只能全量读取（mode: full 或 compare）：只读改过的行，认不出哪些行相同", "rows without a key can only be read whole (mode: full or compare): of changed rows alone nobody knows which are equal")
	case o.Splits < 0 || o.Splits > pipelines.MostSplits:
		return bad("splits 应在 1 到 1000 之间", "splits is between 1 and 1000")
	case o.Splits > 1 && len(o.Key) == 0:
		return bad("没有键列，不能分段读取（splits）", "without key columns there are no ranges to split into")
	case o.Splits > 1 && o.numbered():
		return bad("行没有自己的键，不能分段读取（splits）：相同的行要在同一次快照里数", "rows without a key of their own cannot be split: equal rows are counted in one snapshot")
	case o.Role != "" && o.Role != RolePrimary && o.Role != RoleStandby:
		return bad("role 只能是 primary 或 standby", "role is primary or standby")
	case o.Lag < 0:
		return bad("lag 不能为负", "lag cannot be negative")
	case o.Lookback < 0 || o.LookbackSteps < 0:
		return bad("lookback 不能为负", "lookback cannot be negative")
	case o.Lookback > 0 && o.LookbackSteps > 0:
		return bad("lookback 只能是时长或整数之一", "lookback is a duration or an integer, not both")
	}
	if _, err := day.ParseHours(o.Hours); err != nil {
		return err
	}
	if err := o.checkFlag(); err != nil {
		return err
	}
	if err := o.checkKeys(); err != nil {
		return err
	}
	if err := o.checkBounds(); err != nil {
		return err
	}
	return o.checkNames()
}

func (o Options) checkNames() error {
	d, err := o.DB.Dialect()
	if err != nil {
		return err
	}
	for _, list := range [][]string{o.Columns, o.Cursor, o.Key, o.Nth} {
		for _, name := range list {
			if err := sqldialect.CheckName(name); err != nil {
				return err
			}
		}
	}
	if err := repeated(o.Columns); err != nil {
		return err
	}
	if err := o.checkCharsets(); err != nil {
		return err
	}
	if _, err := whereSQL(&params{d: d}, o.Where); err != nil {
		return err
	}
	_, err = fromSQL(d, o)
	return err
}

func repeated(names []string) error {
	seen := make(map[string]bool, len(names))
	for _, n := range names {
		if seen[n] {
			return fault.New(fault.Config, "check options", n, text.T("列重复", "the column is named twice"), text.Text{})
		}
		seen[n] = true
	}
	return nil
}

func bad(zh, en string) error {
	return fault.New(fault.Config, "check options", "", text.T(zh, en), text.Text{})
}

// numbered says that rows get an identity here.
func (o Options) numbered() bool { return len(o.Nth) > 0 || o.RowID }

// relation is the view as people know it, for messages.
func (o Options) relation() string {
	for _, s := range []string{o.View, o.Table} {
		if s != "" {
			return s
		}
	}
	return "query"
}

// origin tells views, tables and queries apart in stored positions.
func (o Options) origin() string {
	if o.Query != "" {
		return fmt.Sprintf("query:%x", sha256.Sum256([]byte(o.Query)))[:22]
	}
	return o.relation()
}

// cursorName tells cursors apart in stored positions.
func (o Options) cursorName() []string {
	if o.Greatest && len(o.Cursor) > 1 {
		return append([]string{"greatest"}, o.Cursor...)
	}
	return o.Cursor
}

func (o Options) where() string { return o.DB.Where() + " " + o.relation() }
