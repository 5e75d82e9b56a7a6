package testkafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
)

// Environment variables: the broker to use instead of one of our own, and the folder of
// the jars when it is not the usual one.
const (
	Env     = "BANJIAN_TEST_KAFKA" // host:port
	EnvJars = "BANJIAN_TEST_JARS"
)

// Broker is an Apache Kafka that may be written to freely.
type Broker struct {
	Address string // host:port

	jvm *jvm // nil: not ours
}

// Jars is the folder of the servers' jars. An error says what to do.
func Jars() (string, error) {
	dir := os.Getenv(EnvJars)
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(cache, "banjian", "test-servers")
	}
	if _, err := os.Stat(filepath.Join(dir, "pom.xml")); err != nil {
		return "", errors.New("the jars are not there: run scripts/kafka.sh")
	}
	_, err := exec.LookPath("java")
	return dir, err
}

// java is the arguments every program begins with.
func java(jars, heap string) []string {
	return []string{"-Xmx" + heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", filepath.Join(jars, "*")}
}

// StartBroker starts a broker whose files lie in dir, made new if it is empty. The caller
// ends it with Stop.
func StartBroker(dir string) (b *Broker, err error) {
	jars, err := Jars()
	if err != nil {
		return nil, err
	}
	for range 3 { // somebody may have taken the port
		if b, err = startBroker(jars, dir); !errors.Is(err, errEnded) {
			break
		}
	}
	return b, err
}

func startBroker(jars, dir string) (*Broker, error) {
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	b := &Broker{Address: fmt.Sprintf("127.0.0.1:%d", ports[0])}
	properties := filepath.Join(dir, "server.properties")
	if err := os.WriteFile(properties, []byte(brokerProperties(dir, b.Address, ports[1])), 0o600); err != nil {
		return nil, err
	}
	format := exec.Command("java", append(java(jars, "128m"), "kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", "AAAAAAAAQAGAAAAAAAAAAQ", "-c", properties)...)
	if out, err := format.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("format storage: %w: %s", err, out)
	}
	b.jvm = &jvm{dir: dir, args: append(java(jars, "512m"), "kafka.Kafka", properties)}
	return b, b.jvm.start(func() bool { return answers(b.Address) })
}

func brokerProperties(dir, address string, controller int) string {
	return strings.Join([]string{
		"process.roles=broker,controller",
		"node.id=1",
		fmt.Sprintf("controller.quorum.voters=1@127.0.0.1:%d", controller),
		fmt.Sprintf("listeners=PLAINTEXT://%s,CONTROLLER://127.0.0.1:%d", address, controller),
		"advertised.listeners=PLAINTEXT://" + address,
		"controller.listener.names=CONTROLLER",
		"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
		"log.dirs=" + filepath.Join(dir, "data"),
		"offsets.topic.replication.factor=1",
		"offsets.topic.num.partitions=4",
		"transaction.state.log.replication.factor=1",
		"transaction.state.log.min.isr=1",
		"transaction.state.log.num.partitions=4",
		"group.initial.rebalance.delay.ms=0",
		"broker.heartbeat.interval.ms=300", // a killed broker is taken back soon
		"broker.session.timeout.ms=1500",
		"log.retention.ms=-1", // tests write of days long past; a week is looked for half a minute after the start
		"",
	}, "\n")
}

// Kill9 kills the broker as a power cut would; Restart brings it back with the same data
// at the same address, at the latest when the test has ended: others share the broker.
// Tests of a broker given by Env are skipped.
func (b *Broker) Kill9(t testing.TB) {
	t.Helper()
	b.own(t)
	b.jvm.signal(syscall.SIGKILL)
	t.Cleanup(func() {
		if !b.jvm.runs() {
			b.Restart(t)
		}
	})
}

// Restart starts the broker again after Kill9 and waits until it answers.
func (b *Broker) Restart(t testing.TB) {
	t.Helper()
	b.own(t)
	b.jvm.signal(syscall.SIGKILL)
	if err := b.jvm.start(func() bool { return answers(b.Address) }); err != nil {
		t.Fatal(err)
	}
}

func (b *Broker) own(t testing.TB) {
	t.Helper()
	if b.jvm == nil {
		t.Skip("SKIPPED: the broker of " + Env + " is not ours to kill")
	}
}

// Stop ends the broker and removes its files, if it is ours.
func (b *Broker) Stop() {
	if b != nil && b.jvm != nil {
		b.jvm.signal(syscall.SIGKILL)
		_ = os.RemoveAll(b.jvm.dir)
	}
}

var shared struct {
	sync.Mutex
	broker *Broker
	err    error
	asked  bool
}

// Kafka is the broker the tests of this binary share, started at the first call. A test
// binary that calls it ends its TestMain with Stop.
func Kafka(t testing.TB) *Broker {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.asked {
		shared.asked = true
		shared.broker, shared.err = first()
	}
	if shared.err != nil {
		skip(t, shared.err)
	}
	return shared.broker
}

func skip(t testing.TB, why error) {
	t.Helper()
	fmt.Fprintf(os.Stderr, "SKIPPED: no Apache Kafka for %s: %v\n", t.Name(), why)
	t.Skipf("SKIPPED: no Apache Kafka: %v", why)
}

func first() (*Broker, error) {
	if address := os.Getenv(Env); address != "" {
		if !answers(address) {
			return nil, fmt.Errorf("%s=%s does not answer", Env, address)
		}
		return &Broker{Address: address}, nil
	}
	dir, err := os.MkdirTemp("", "banjian-kafka-")
	if err != nil {
		return nil, err
	}
	b, err := StartBroker(dir)
	if err != nil {
		_ = os.RemoveAll(dir)
	}
	return b, err
}

// Stop stops the shared broker, if one was started.
func Stop() {
	shared.Lock()
	defer shared.Unlock()
	shared.broker.Stop()
	shared.broker, shared.asked = nil, false
}

// CreateTopic makes an empty topic, gone when the test ends.
func (b *Broker) CreateTopic(t testing.TB, name string, partitions int) {
	t.Helper()
	// Connections of its own: those of a broker that was killed are no good.
	transport := &kafka.Transport{MetadataTTL: MetadataAge}
	t.Cleanup(transport.CloseIdleConnections)
	client := &kafka.Client{Addr: kafka.TCP(b.Address), Transport: transport}
	topic := kafka.TopicConfig{Topic: name, NumPartitions: partitions, ReplicationFactor: 1}
	made, err := client.CreateTopics(t.Context(), &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{topic}})
	if err == nil {
		err = made.Errors[name]
	}
	if err == nil {
		err = AwaitLeaders(t.Context(), client, name)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = client.DeleteTopics(context.Background(), &kafka.DeleteTopicsRequest{Topics: []string{name}}) // the broker may have been killed
	})
}

// Patience is how long a test waits for an answer of a broker on a busy machine: a message
// whose answer came too late is sent again, and is there twice.
const Patience = 3 * time.Minute

// MetadataAge is for the transport of a client that waits for leaders: it asks no more often.
const MetadataAge = 2 * time.Second

// AwaitLeaders waits until a topic that was just made can be read and written.
func AwaitLeaders(ctx context.Context, client *kafka.Client, topic string) error {
	ctx, stop := context.WithTimeout(ctx, Patience)
	defer stop()
	for {
		known, err := client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
		if err == nil && ledAll(known.Topics) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s has no leaders: %w", topic, cmp.Or(err, ctx.Err()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func ledAll(topics []kafka.Topic) bool {
	for _, t := range topics {
		if t.Error != nil || len(t.Partitions) == 0 || slices.ContainsFunc(t.Partitions, func(p kafka.Partition) bool { return p.Error != nil || p.Leader.Host == "" }) {
			return false
		}
	}
	return len(topics) > 0
}
