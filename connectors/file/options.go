package file

import (
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Options say which files are read and how.
type Options struct {
	Name     string               // of the connection, in errors
	Folder   Folder               // where they are dropped; the Source closes it
	Files    string               // pattern of their names, below a sub-folder if it has one
	Format   string               // csv, tsv, xlsx, jsonl, parquet
	Layout   pipelines.FileLayout // how they hold their rows
	Columns  []string             // mapped columns, as the mapping names them
	Whole    bool                 // every file has all rows there are
	Done     string               // extension of the marker that a file is whole; empty: none
	Checksum string               // .md5, .sha256, .sm3; empty: none
	Archive  string               // folder for files that were taken, below Folder; empty: they stay
	Rejected string               // folder for files that cannot be read; empty: as Archive

	Settle     time.Duration // how long a file without marker and checksum was left alone
	BatchRows  int           // zero: 3072
	BatchBytes int64         // zero: 4 MiB; a batch ends behind the row that reaches it
	Limit      int64         // rows a run reads at most; zero: all of its file
	Zone       *time.Location
	Clock      func() time.Time
	Alloc      memory.Allocator

	heads    *[]string // gets the column names of the file; nil: nobody asks
	rowLimit int       // zero: maxRow
	scale    int64     // what other limits are divided by, in tests; zero: 1
}

const (
	maxRow      = 16 << 20 // bytes of one row; a longer one is refused
	maxColumns  = 20_000   // of a file; Excel has 16,384
	maxTaken    = 10000    // taken files that may lie in the folder
	keptHashes  = 1000     // hashes of taken files that are gone
	maxFileName = 1000
)

func (o Options) withDefaults() Options {
	if o.BatchRows <= 0 {
		o.BatchRows = pipelines.DefaultBatchRows
	}
	if o.BatchBytes <= 0 {
		o.BatchBytes = pipelines.DefaultBatchSize
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
	if o.rowLimit <= 0 {
		o.rowLimit = maxRow
	}
	if o.scale <= 0 {
		o.scale = 1
	}
	if o.Rejected == "" {
		o.Rejected = o.Archive
	}
	return o
}

func (o *Options) config(where string, what, hint text.Text) error {
	if where != "" {
		where = " " + where
	}
	return fault.New(fault.Config, "read file", o.Name+where, what, hint)
}

func (o *Options) transient(err error, where string, what text.Text) error {
	return fault.Wrap(err, fault.Transient, "read file", o.Name+" "+where, what, text.Text{})
}
