package kafka

import (
	"encoding/json"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Place is where a partition was read to.
type Place struct {
	Topic     string `json:"topic"`
	Partition int    `json:"partition"`
	Offset    int64  `json:"offset"`         // of the next message
	End       int64  `json:"end"`            // of the partition, as last seen
	Time      int64  `json:"time,omitempty"` // of the last message taken, Unix milliseconds; 0 = none yet
	Mark      Mark   `json:"mark,omitzero"`
}

// Position is the place as the ledger keeps it.
func (p Place) Position() pipelines.Position {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // numbers and a name
	}
	return pipelines.Position(b)
}

// Lag is how many messages were left when the place was stored.
func (p Place) Lag() int64 { return max(0, p.End-p.Offset) }

// At is when the last message taken was written; zero = none was.
func (p Place) At() time.Time {
	if p.Time == 0 {
		return time.Time{}
	}
	return time.UnixMilli(p.Time)
}

// ReadPlace reads what Position wrote. Anything else is a Gone fault.
func ReadPlace(at pipelines.Position) (Place, error) {
	var p Place
	if err := json.Unmarshal([]byte(at), &p); err != nil || p.Topic == "" || p.Offset < 0 {
		return p, fault.New(fault.Gone, "read position", "", text.T("保存的位置不是 Kafka 主题的", "the stored position is not one of a Kafka topic"), lostHint)
	}
	return p, nil
}
