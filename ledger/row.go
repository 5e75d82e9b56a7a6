package ledger

import (
	"context"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/pipelines"
)

// colRow is the column a delivery batch has beside those of a payload: the row's place
// in its log batch. What all rows share lies in the metadata of the schema, see Shared.
const colRow = "_row" // int64

// Shared is what all rows of a delivery batch have in common.
type Shared struct {
	Seq      int64
	Run      int64
	Pipeline string
	Source   string
	Ahead    bool  // they are to go before the backlog
	Was      State // empty for records new in the log, else the state they come from
}

func (s Shared) metadata() *arrow.Metadata {
	m := arrow.NewMetadata([]string{"seq", "run", "pipeline", "source", "was", "ahead"},
		[]string{strconv.FormatInt(s.Seq, 10), strconv.FormatInt(s.Run, 10), s.Pipeline, s.Source, string(s.Was), strconv.FormatBool(s.Ahead)})
	return &m
}

// SharedOf reads it from the metadata of a delivery batch.
func SharedOf(rec arrow.Record) Shared {
	m := rec.Schema().Metadata()
	get := func(key string) string {
		v, _ := m.GetValue(key)
		return v
	}
	var s Shared
	s.Seq, _ = strconv.ParseInt(get("seq"), 10, 64)
	s.Run, _ = strconv.ParseInt(get("run"), 10, 64)
	s.Ahead = get("ahead") == "true"
	s.Pipeline, s.Source, s.Was = get("pipeline"), get("source"), State(get("was"))
	return s
}

// deliveryRecord is rows of a log batch (nil: all that are current) with the columns
// that say where they come from; nil when none is current.
func deliveryRecord(entry *LogEntry, rows []int32, was string, columns []string, alloc memory.Allocator) (arrow.Record, error) {
	decoded, err := Decode(entry.Payload, alloc)
	if err != nil {
		return nil, err
	}
	full := only(decoded, columns)
	decoded.Release()
	defer full.Release()
	if rows == nil {
		rows = make([]int32, full.NumRows())
		for i := range rows {
			rows[i] = int32(i)
		}
		rows = without(rows, entry.Dead)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	part, err := TakeRows(full, rows, alloc)
	if err != nil {
		return nil, err
	}
	defer part.Release()
	return withOrigin(part, entry, rows, was, alloc), nil
}

// RowsAt is the rows of a log batch at some places, ascending, as a delivery batch has them,
// replaced by newer versions or not. The caller releases it.
func RowsAt(entry *LogEntry, rows []int32, alloc memory.Allocator) (arrow.Record, error) {
	return deliveryRecord(entry, rows, "", nil, alloc)
}

func withOrigin(rec arrow.Record, entry *LogEntry, rows []int32, was string, alloc memory.Allocator) arrow.Record {
	b := array.NewInt64Builder(alloc)
	defer b.Release()
	b.Reserve(len(rows))
	for _, row := range rows {
		b.UnsafeAppend(int64(row))
	}
	at := b.NewArray()
	defer at.Release()
	fields := append(append([]arrow.Field{}, rec.Schema().Fields()...), arrow.Field{Name: colRow, Type: arrow.PrimitiveTypes.Int64})
	cols := append(append([]arrow.Array{}, rec.Columns()...), at)
	common := Shared{Seq: entry.Seq, Run: entry.Run, Pipeline: entry.Pipeline, Source: entry.Stream.Source, Was: State(was)}
	return array.NewRecord(arrow.NewSchema(fields, common.metadata()), cols, rec.NumRows())
}

// position names a source system and the log batch its delivery has reached; 0 for
// rows that do not move it.
func position(source string, seq int64) pipelines.Position {
	return pipelines.Position(source + "@" + strconv.FormatInt(seq, 10))
}

// OffsetOf is the source system and the log batch that a position of a delivery names.
func OffsetOf(p pipelines.Position) (source string, seq int64) {
	i := strings.LastIndexByte(string(p), '@')
	seq, _ = strconv.ParseInt(string(p[i+1:]), 10, 64)
	return string(p[:i]), seq
}

// Row is where one row of a delivery batch comes from.
type Row struct {
	Member   Member
	GUID     [16]byte
	Spelled  string // row_guid as an earlier program wrote it; empty = as we do
	Key      []byte // good until the batch is released
	Run      int64
	Pipeline string
	Was      State // see Shared
}

// RowsOf reads the columns that identify each row.
func RowsOf(in arrow.Record) []Row {
	rec, version := column(in, colRec).(*array.Int64), column(in, colVersion).(*array.Int64)
	del, guid := column(in, colDelete).(*array.Boolean), column(in, colGUID).(*array.FixedSizeBinary)
	key := column(in, colKey).(*array.Binary)
	row, common := column(in, colRow).(*array.Int64), SharedOf(in)
	rows := make([]Row, in.NumRows())
	for i := range rows {
		r := &rows[i]
		r.Member = Member{Rec: rec.Value(i), Version: uint32(version.Value(i)), Delete: del.Value(i),
			At: Place{Seq: common.Seq, Row: int32(row.Value(i))}}
		copy(r.GUID[:], guid.Value(i))
		r.Key, r.Run, r.Pipeline, r.Was = key.Value(i), common.Run, common.Pipeline, common.Was
	}
	return rows
}

// FillAdopted gives rows the row_guid they have taken over since their versions were collected.
func FillAdopted(ctx context.Context, store Adoptions, rows []Row) error {
	recs := make([]int64, len(rows))
	for i := range rows {
		recs[i] = rows[i].Member.Rec
	}
	guids, err := store.AdoptedGUIDs(ctx, recs)
	for i := range rows {
		if g, ok := guids[rows[i].Member.Rec]; ok {
			rows[i].GUID, rows[i].Spelled = g.GUID, g.Spelled
		}
	}
	return err
}
