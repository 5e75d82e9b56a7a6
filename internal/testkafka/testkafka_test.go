package testkafka

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"

	"banjian/internal/testdb"
)

func TestMain(m *testing.M) {
	code := testdb.Main(m)
	Stop()
	os.Exit(code)
}

func TestTheBrokerKeepsWhatItAcknowledgedThroughAKill(t *testing.T) {
	b := Kafka(t)
	topic := fmt.Sprintf("kept-%d", os.Getpid())
	b.CreateTopic(t, topic, 1)
	w := &kafka.Writer{Addr: kafka.TCP(b.Address), Topic: topic, RequiredAcks: kafka.RequireAll, BatchSize: 1}
	defer w.Close()
	if err := w.WriteMessages(t.Context(), kafka.Message{Value: []byte("one")}); err != nil {
		t.Fatal(err)
	}
	b.Kill9(t)
	b.Restart(t)
	if got := string(readOne(t, b, topic).Value); got != "one" {
		t.Errorf("read %q", got)
	}
}

func TestDebeziumFollowsADepartmentsTable(t *testing.T) {
	b, db := Kafka(t), testdb.MySQL(t)
	name := db.CreateDatabase(t)
	db.Exec(t, name, "CREATE TABLE cases (id INT PRIMARY KEY, title VARCHAR(50))", "INSERT INTO cases VALUES (1, '公积金提取')")
	c := StartConnect(t, b, DebeziumMariaDB(db, name, "dept"))
	topic := "dept." + name + ".cases"
	var event struct {
		Op    string         `json:"op"`
		After map[string]any `json:"after"`
	}
	if err := json.Unmarshal(readOne(t, b, topic).Value, &event); err != nil {
		t.Fatal(err)
	}
	if event.Op != "r" || event.After["title"] != "公积金提取" {
		t.Errorf("first event is %+v\n%s", event, c.Log())
	}
}

func readOne(t *testing.T, b *Broker, topic string) kafka.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	for {
		r := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{b.Address}, Topic: topic, MaxWait: 200 * time.Millisecond})
		m, err := r.ReadMessage(ctx)
		_ = r.Close()
		if err == nil {
			return m
		}
		if ctx.Err() != nil {
			t.Fatalf("%s: %v", topic, err)
		}
	}
}
