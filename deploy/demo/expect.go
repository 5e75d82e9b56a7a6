package demo

import (
	"io"
)

// Receivers of the demo site.
const (
	National = "national" // 国家平台资源共享服务中心: rows of exchange tables
	Platform = "platform" // 业务中台: one message a record
)

var receivers = [...]string{National, Platform}

// Line is one line of expected.jsonl: a row that is not simply collected, or not simply
// delivered to a receiver, and what becomes of it there. A row has a line for each of
// these. A line without a dirt is the consequence of another row of its case, or
// ordinary (a pending step, a case without a flow number).
type Line struct {
	Pipeline string   `json:"pipeline"`
	View     string   `json:"view"`
	Key      []string `json:"key"` // canonical key values after source_id, integers in decimal
	Dirt     string   `json:"dirt,omitempty"`
	Outcome  string   `json:"outcome"`
	Rule     string   `json:"rule,omitempty"`
	Field    string   `json:"field,omitempty"`    // canonical; of a message BLOCK_FIELD
	Receiver string   `json:"receiver,omitempty"` // set when it happens at delivery
}

// Summary is the last line of expected.jsonl: the sums of a first full run.
type Summary struct {
	Summary   bool                                `json:"summary"` // always true
	Cases     int                                 `json:"cases"`
	Seed      uint64                              `json:"seed"`
	Dirty     int                                 `json:"dirty"` // rows a dirt was put on, or whose parent it took away
	Pipelines map[string]*Tally                   `json:"pipelines"`
	Receivers map[string]map[string]*ReceiverSide `json:"receivers"` // by receiver and pipeline
	Tables    map[string]int                      `json:"tables"`    // rows of the exchange tables
	Messages  map[string]int                      `json:"messages"`  // messages the platform has, by interface
}

// Tally is one pipeline's side of collecting, in source rows.
type Tally struct {
	Read      int `json:"read"`
	Filtered  int `json:"filtered"`
	Rejected  int `json:"rejected"`
	Collected int `json:"collected"`
	Records   int `json:"records"`
	Blanked   int `json:"blanked"`
	Warned    int `json:"warned"`
	Mended    int `json:"mended"`
}

// ReceiverSide is what becomes of a pipeline's records at a receiver.
type ReceiverSide struct {
	Delivered     int `json:"delivered"`
	Held          int `json:"held"`
	Rejected      int `json:"rejected"`
	NotApplicable int `json:"not_applicable"`
}

// NationalRow is one row an exchange table must hold, save the columns the sink
// writes itself. Times are UTC+8 texts, NULL columns are left out.
type NationalRow struct {
	Table string         `json:"table"`
	Key   []string       `json:"key"` // of the canonical record, after source_id
	Row   map[string]any `json:"row"` // string or int
}

// Message is one message the platform must have. Times are UTC+8 texts; what is empty
// is left out.
type Message struct {
	Interface string         `json:"interface"` // accept, course or finish
	Key       []string       `json:"key"`       // the values the platform knows it by
	Message   map[string]any `json:"message"`   // text, or the texts of a block
}

// Writers receive what is expected, as JSON lines; nil means not wanted.
type Writers struct {
	Expected io.Writer // Line and, last, Summary
	National io.Writer // NationalRow
	Platform io.Writer // Message
}
