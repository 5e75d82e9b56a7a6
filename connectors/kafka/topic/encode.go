package topic

import (
	"fmt"
	"time"

	"banjian/pipelines"
)

// Format is how the values of messages are written.
type Format string

const (
	Debezium Format = "debezium" // JSON with before, after, source and op
	JSON     Format = "json"     // a flat JSON object
	Avro     Format = "avro"     // Avro, with the schema's number in a registry or its fingerprint
	Arrow    Format = "arrow"    // an Arrow IPC stream of many records
)

// Fields that messages have besides those of the record. Op and Deleted are spelled as
// Debezium spells them where it flattens events.
const (
	fieldOp      = "__op"
	fieldDeleted = "__deleted"
)

// opWords is the operation as Debezium has it: create, update, delete.
var opWords = map[pipelines.Op]string{pipelines.OpInsert: "c", pipelines.OpUpdate: "u", pipelines.OpDelete: "d"}

// event is one row of a delivery on its way into a message.
type event struct {
	*batch
	row int
}

// batch is a delivery with what the writers look up once.
type batch struct {
	*pipelines.Delivery
	topic *Topic
	cols  []pipelines.Cells
	zone  *time.Location
	name  string // of the receiver
}

func (e *event) version() uint32 { return e.Versions[e.row] }

func (e *event) op() pipelines.Op { return e.Ops[e.row] }

// id names the event for ever: row_guid and version.
func (e *event) id() string { return fmt.Sprintf("%s:%d", e.guid(), e.version()) }

func (e *event) guid() string {
	g := e.GUIDs[e.row]
	return fmt.Sprintf("%x-%x-%x-%x-%x", g[0:4], g[4:6], g[6:8], g[8:10], g[10:16])
}
