package demo

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Files of a demo site whose department tells its changes.
const (
	busFolder  = "data/kafka"      // what the topics hold
	toldFile   = "data/told.txt"   // how many cases the department has told
	busTimeout = 10 * time.Second  // of one message
	canalBase  = 1_767_196_800_000 // execution time of the first change, Unix milliseconds
)

// busTopics is the department's views and the topics their rows are told in, in the order a
// case has them.
var busTopics = []struct{ view, topic string }{
	{"v_gjj_accept", "gjj.accept"}, {"v_gjj_material", "gjj.material"}, {"v_gjj_step", "gjj.step"}, {"v_gjj_result", "gjj.result"},
}

// Bus is a Kafka in this process, for demonstrations only, on which the department tells its
// changes as Canal does: flat JSON messages, one for each row.
type Bus struct {
	dir     string
	cluster *kfake.Cluster
	client  *kgo.Client
}

// StartBus starts the Kafka of a demo site at a port of 127.0.0.1, 0 = any that is free. The
// topics hold what they held. Errors are Config.
func StartBus(dir string, port int) (*Bus, error) {
	names := make([]string, len(busTopics))
	for i, t := range busTopics {
		names[i] = t.topic
	}
	if err := os.MkdirAll(filepath.Join(dir, busFolder), 0o755); err != nil {
		return nil, layoutFault(err, dir)
	}
	opts := []kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(3, names...), kfake.DataDir(filepath.Join(dir, busFolder))}
	if port != 0 {
		opts = append(opts, kfake.Ports(port))
	}
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "start demo Kafka", strconv.Itoa(port), text.T("演示用的 Kafka 起不来", "the Kafka of the demo does not start"),
			text.T("端口可能被占：另一个演示还在运行，或换一个 --dir", "its port may be taken: another demo is still running, or give another --dir"))
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordDeliveryTimeout(busTimeout))
	if err != nil {
		cluster.Close()
		return nil, err
	}
	return &Bus{dir: dir, cluster: cluster, client: client}, nil
}

// Address is where the Kafka listens, host:port.
func (b *Bus) Address() string { return b.cluster.ListenAddrs()[0] }

// Close ends the Kafka; Tell must have returned.
func (b *Bus) Close() {
	b.client.Close()
	b.cluster.Close()
}

// Tell tells every case of the department's database that was not told yet, one each pause,
// and calls said with the number of cases told so far. It goes on where it stood; a case
// may be told twice after a kill.
func (b *Bus) Tell(ctx context.Context, pause time.Duration, said func(cases, messages int)) error {
	cases, err := b.changes(ctx)
	if err != nil {
		return err
	}
	from, _ := os.ReadFile(filepath.Join(b.dir, toldFile)) // none yet: from the first
	first, _ := strconv.Atoi(string(from))
	messages := 0
	for i := first; i < len(cases); i++ {
		if err := b.client.ProduceSync(ctx, cases[i]...).FirstErr(); err != nil {
			return err
		}
		messages += len(cases[i])
		if err := os.WriteFile(filepath.Join(b.dir, toldFile), []byte(strconv.Itoa(i+1)), 0o644); err != nil {
			return err
		}
		said(i+1, messages)
		if pause == 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
	return nil
}

// changes is the messages of every case, in the order the acceptances have.
func (b *Bus) changes(ctx context.Context) ([][]*kgo.Record, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.dir, DepartmentFile)+"?mode=ro")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var cases [][]*kgo.Record
	at := map[string]int{}
	n := 0
	for _, t := range busTopics {
		err := eachRow(ctx, db, t.view, func(row map[string]*string) error {
			n++
			value, err := canalMessage(n, t.view, row)
			if err != nil {
				return err
			}
			no := ""
			if p := row["slbh"]; p != nil {
				no = *p
			}
			i, known := at[no]
			if !known {
				i = len(cases)
				at[no], cases = i, append(cases, nil)
			}
			cases[i] = append(cases[i], &kgo.Record{Topic: t.topic, Key: []byte(no), Value: value})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return cases, nil
}

// canalMessage is a row that was inserted, as Canal writes it without protobuf: every value
// a string.
func canalMessage(n int, view string, row map[string]*string) ([]byte, error) {
	at := canalBase + int64(n)
	return json.Marshal(struct {
		ID       int                  `json:"id"`
		Database string               `json:"database"`
		Table    string               `json:"table"`
		PKNames  []string             `json:"pkNames"`
		DDL      bool                 `json:"isDdl"`
		Type     string               `json:"type"`
		ES       int64                `json:"es"`
		TS       int64                `json:"ts"`
		SQL      string               `json:"sql"`
		Data     []map[string]*string `json:"data"`
		Old      []map[string]*string `json:"old"`
	}{n, "gjj", view, []string{"id"}, false, "INSERT", at, at, "", []map[string]*string{row}, nil})
}

// eachRow calls f for every row of a view, values as text, a NULL nil.
func eachRow(ctx context.Context, db *sql.DB, view string, f func(map[string]*string) error) error {
	rows, err := db.QueryContext(ctx, "SELECT * FROM "+view)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		cells, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read %s: %w", view, err)
		}
		row := make(map[string]*string, len(columns))
		for i, c := range columns {
			if row[c] = nil; cells[i].Valid {
				row[c] = &cells[i].String
			}
		}
		if err := f(row); err != nil {
			return err
		}
	}
	return rows.Err()
}
