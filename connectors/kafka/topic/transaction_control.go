package topic

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// The control topic is compacted. Its key is the transactional id, a slash and a topic, its
// value a page: the deliveries that last arrived there, oldest first. A page is written in
// the transaction of the delivery it ends with, so it is there if and only if that is.

// mostEntries is how many deliveries a page tells. The ledger asks for one before it freezes
// the next of the same records, and three are under way together.
const mostEntries = 32

// mostControlBytes keeps a page below the limit of any topic, should many rows be refused.
const mostControlBytes = 512 << 10

// controlConfig is how the control topic is made: small segments, so that few old pages
// need be read.
var controlConfig = []kafka.ConfigEntry{{ConfigName: "cleanup.policy", ConfigValue: "compact"}, {ConfigName: "segment.bytes", ConfigValue: "16777216"}, {ConfigName: "min.cleanable.dirty.ratio", ConfigValue: "0.1"}}

// page is the value of a record of the control topic.
type page struct {
	Batches []entry `json:"batches"`
}

// entry is a delivery that arrived.
type entry struct {
	ID      string       `json:"id"`
	At      int64        `json:"at"` // when it was frozen, Unix milliseconds
	Rows    int          `json:"rows"`
	Refused []refusedRow `json:"refused,omitempty"`
}

type refusedRow struct {
	GUID string   `json:"guid"` // hexadecimal
	Rule string   `json:"rule"`
	Args []string `json:"args,omitempty"`
}

func entryOf(b *batch, refused []pipelines.Issue) entry {
	e := entry{ID: b.ID, At: b.Time.UnixMilli(), Rows: len(b.GUIDs) - len(refused)}
	for _, is := range refused {
		e.Refused = append(e.Refused, refusedRow{hex.EncodeToString(b.GUIDs[is.Row][:]), is.Rule, is.Args})
	}
	return e
}

func (e *entry) arrival() *arrival {
	a := &arrival{rows: e.Rows}
	for _, r := range e.Refused {
		var guid [16]byte
		if n, err := hex.Decode(guid[:], []byte(r.GUID)); err != nil || n != len(guid) {
			continue
		}
		if a.refused == nil {
			a.refused = map[[16]byte]pipelines.Issue{}
		}
		a.refused[guid] = pipelines.Issue{Rule: r.Rule, Args: r.Args, Severity: pipelines.Reject}
	}
	return a
}

func (p page) find(id string) *entry {
	for i := range p.Batches {
		if p.Batches[i].ID == id {
			return &p.Batches[i]
		}
	}
	return nil
}

// with is the page with one delivery more; the oldest go when there are too many, but not
// those in doubt.
func (p page) with(e entry, doubts map[string]bool) page {
	list := append(slices.Clone(p.Batches), e)
	for i := 0; len(list) > mostEntries && i < len(list)-1; {
		if doubts[list[i].ID] {
			i++
			continue
		}
		list = slices.Delete(list, i, i+1)
	}
	return page{list}
}

// record is a page on its way to the control topic.
func (x *transactions) record(ctx context.Context, topic string, p page) (*kgo.Record, error) {
	value, err := json.Marshal(p)
	for err == nil && len(value) > mostControlBytes && len(p.Batches) > 1 {
		p.Batches = p.Batches[1:]
		value, err = json.Marshal(p)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Bug, "write control record", topic, text.Text{}, text.Text{})
	}
	partition, err := x.partition(ctx)
	if err != nil {
		return nil, err
	}
	return &kgo.Record{Topic: x.target.opts.Control, Partition: int32(partition), Key: []byte(x.keyPrefix() + topic), Value: value}, nil
}

func (x *transactions) keyPrefix() string { return x.target.opts.ID + "/" }

// partition is where the pages of this receiver lie.
func (x *transactions) partition(ctx context.Context) (int, error) {
	at, err := x.target.place(ctx, x.target.opts.Control)
	if err != nil {
		return 0, err
	}
	return partitionOf([]byte(x.target.opts.ID), at.partitions), nil
}

// read is the receiver's pages by topic, as committed. What other receivers have open in
// the same partition is waited for.
func (x *transactions) read(ctx context.Context) (map[string]page, error) {
	control := x.target.opts.Control
	partition, err := x.partition(ctx)
	if err != nil {
		return nil, err
	}
	pages := map[string]page{}
	first, end, err := x.span(ctx, partition)
	if err != nil || first >= end {
		return pages, err
	}
	opts, err := x.target.opts.Connection.Options()
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(append(opts, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{control: {int32(partition): kgo.NewOffset().At(first)}}))...)
	if err != nil {
		return nil, x.fault("read control topic", control, err, fault.Config)
	}
	defer client.Close()
	for last := first - 1; last < end-1; {
		fetched := client.PollFetches(ctx)
		if errs := fetched.Errors(); len(errs) > 0 {
			return nil, x.fault("read control topic", control, errs[0].Err, fault.Transient)
		}
		for _, r := range fetched.Records() {
			last = r.Offset
			topic, ours := strings.CutPrefix(string(r.Key), x.keyPrefix())
			if r.Attrs.IsControl() || !ours {
				continue
			}
			var p page
			if err := json.Unmarshal(r.Value, &p); err != nil {
				return nil, fault.Wrap(err, fault.Config, "read control topic", x.target.where(control), text.T("控制主题里有不是本程序写的消息", "the control topic has messages this program did not write"),
					text.T("另用一个控制主题", "use another control topic"))
			}
			pages[topic] = p
		}
	}
	return pages, nil
}

// span is the first offset of the partition and the one behind its last, committed or not.
func (x *transactions) span(ctx context.Context, partition int) (first, end int64, err error) {
	control := x.target.opts.Control
	res, err := x.target.client.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{control: {kafka.FirstOffsetOf(partition), kafka.LastOffsetOf(partition)}}})
	if err != nil {
		return 0, 0, x.target.fault("read control topic", control, err, fault.Transient)
	}
	for _, p := range res.Topics[control] {
		if p.Partition != partition {
			continue
		}
		if p.Error != nil {
			return 0, 0, x.target.fault("read control topic", control, p.Error, fault.Transient)
		}
		return p.FirstOffset, p.LastOffset, nil
	}
	return 0, 0, x.target.fault("read control topic", control, kafka.UnknownTopicOrPartition, fault.Transient)
}
