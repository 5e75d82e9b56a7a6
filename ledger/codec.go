package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// smallPayload is the number of rows up to which compression costs more than it
// saves.
const smallPayload = 64

// The columns a payload has beside the canonical fields.
const (
	colRec     = "_rec"     // int64: number of the record
	colVersion = "_version" // int64
	colDelete  = "_delete"  // bool: the record vanished, by rule or approval
	colGUID    = "_guid"    // fixed binary 16
	colKey     = "_key"     // binary, see EncodeKey
)

var systemFields = []arrow.Field{
	{Name: colRec, Type: arrow.PrimitiveTypes.Int64},
	{Name: colVersion, Type: arrow.PrimitiveTypes.Int64},
	{Name: colDelete, Type: arrow.FixedWidthTypes.Boolean},
	{Name: colGUID, Type: &arrow.FixedSizeBinaryType{ByteWidth: 16}},
	{Name: colKey, Type: arrow.BinaryTypes.Binary},
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Encode writes one record as an Arrow IPC stream of its own, LZ4-compressed unless
// it is small, and its CRC-32C, four bytes big-endian: neither SQLite nor Arrow notices
// a value that was damaged on disk.
func Encode(rec arrow.Record) ([]byte, error) {
	e := newEncoder()
	defer e.putBack()
	opts := []ipc.Option{ipc.WithSchema(rec.Schema()), ipc.WithAllocator(&e.scratch)}
	if rec.NumRows() > smallPayload {
		opts = append(opts, ipc.WithLZ4())
	}
	w := ipc.NewWriter(&e.buf, opts...)
	err := w.Write(rec)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Bug, "encode log batch", "", text.T("写入台账批次失败", "cannot encode a log batch"), text.Text{})
	}
	sum := crc32.Checksum(e.buf.Bytes(), castagnoli)
	e.buf.Write(binary.BigEndian.AppendUint32(e.buf.AvailableBuffer(), sum))
	return bytes.Clone(e.buf.Bytes()), nil
}

// Decode reads what Encode wrote. The caller releases the record.
func Decode(payload []byte, alloc memory.Allocator) (arrow.Record, error) {
	n := len(payload) - crc32.Size
	if n < 0 || crc32.Checksum(payload[:n], castagnoli) != binary.BigEndian.Uint32(payload[n:]) {
		return nil, damaged(errChecksum)
	}
	r, err := ipc.NewReader(bytes.NewReader(payload[:n]), ipc.WithAllocator(alloc))
	if err != nil {
		return nil, damaged(err)
	}
	defer r.Release()
	rec, err := r.Read()
	if err != nil {
		return nil, damaged(err)
	}
	rec.Retain()
	return rec, nil
}

var errChecksum = errors.New("its checksum does not match")

func damaged(err error) error {
	return fault.Wrap(err, fault.Gone, "decode log batch", "ledger",
		text.T("台账批次已损坏，无法读出", "a log batch is damaged and cannot be read"),
		text.T("从备份恢复台账文件，再运行一次", "restore the ledger file from a backup and run again"))
}

// TakeRows is rows of rec in the given order, as a new record the caller releases.
func TakeRows(rec arrow.Record, rows []int32, alloc memory.Allocator) (arrow.Record, error) {
	return pipelines.Take(rec, rows, alloc)
}
