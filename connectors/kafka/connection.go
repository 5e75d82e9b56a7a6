package kafka

import (
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
	"github.com/twmb/franz-go/pkg/kgo"
	franzplain "github.com/twmb/franz-go/pkg/sasl/plain"
	franzscram "github.com/twmb/franz-go/pkg/sasl/scram"

	"banjian/internal/fault"
	"banjian/internal/remote"
	"banjian/internal/text"
)

// Mechanisms are the ways to sign in, as a site writes them.
var Mechanisms = []string{"plain", "scram-sha-256", "scram-sha-512"}

const (
	clientID    = "banjian"
	dialTimeout = 10 * time.Second
	idleTimeout = time.Minute // a gateway may have forgotten a connection idle for longer
	metadataTTL = 6 * time.Second
)

// Connection says how brokers are reached. Nothing is dialled before it is used.
type Connection struct {
	Name       string   // of the site's connection, in faults
	Brokers    []string // host:port, any of the cluster
	TLS        bool
	CAFile     string // PEM; empty = the system's authorities
	ServerName string // in the brokers' certificates; empty = their host names
	Mechanism  string // one of Mechanisms; empty = nobody signs in
	User       string
	Password   func() (string, error)

	Registry         string // base URL of a schema registry; empty = there is none
	RegistryUser     string // empty = nobody signs in there
	RegistryPassword func() (string, error)
}

// Transport is the way to the brokers for a kafka.Client or kafka.Writer. Its owner closes
// idle connections.
func (c *Connection) Transport() (*kafka.Transport, error) {
	config, mechanism, err := c.security()
	if err != nil {
		return nil, err
	}
	return &kafka.Transport{ClientID: clientID, DialTimeout: dialTimeout, IdleTimeout: idleTimeout, MetadataTTL: metadataTTL, TLS: config, SASL: mechanism}, nil
}

// Dialer is the same for a kafka.Reader or kafka.ConsumerGroup.
func (c *Connection) Dialer() (*kafka.Dialer, error) {
	config, mechanism, err := c.security()
	if err != nil {
		return nil, err
	}
	return &kafka.Dialer{ClientID: clientID, Timeout: dialTimeout, DualStack: true, TLS: config, SASLMechanism: mechanism}, nil
}

// Address is the brokers for a kafka.Client.
func (c *Connection) Address() net.Addr { return kafka.TCP(c.Brokers...) }

// Options is the same for a client of franz-go.
func (c *Connection) Options() ([]kgo.Opt, error) {
	config, err := c.Security()
	if err != nil {
		return nil, err
	}
	opts := []kgo.Opt{kgo.SeedBrokers(c.Brokers...), kgo.ClientID(clientID), kgo.DialTimeout(dialTimeout), kgo.ConnIdleTimeout(idleTimeout)}
	if config != nil {
		opts = append(opts, kgo.DialTLSConfig(config))
	}
	if c.Mechanism == "" {
		return opts, nil
	}
	password, err := c.password()
	if err != nil {
		return nil, err
	}
	switch c.Mechanism {
	case "plain":
		return append(opts, kgo.SASL(franzplain.Auth{User: c.User, Pass: password}.AsMechanism())), nil
	case "scram-sha-256":
		return append(opts, kgo.SASL(franzscram.Auth{User: c.User, Pass: password}.AsSha256Mechanism())), nil
	default:
		return append(opts, kgo.SASL(franzscram.Auth{User: c.User, Pass: password}.AsSha512Mechanism())), nil
	}
}

func (c *Connection) security() (*tls.Config, sasl.Mechanism, error) {
	config, err := c.Security()
	if err != nil || c.Mechanism == "" {
		return config, nil, err
	}
	password, err := c.password()
	if err != nil {
		return nil, nil, err
	}
	switch c.Mechanism {
	case "plain":
		return config, plain.Mechanism{Username: c.User, Password: password}, nil
	case "scram-sha-256":
		mechanism, err := scram.Mechanism(scram.SHA256, c.User, password)
		return config, mechanism, c.unusable(err)
	default:
		mechanism, err := scram.Mechanism(scram.SHA512, c.User, password)
		return config, mechanism, c.unusable(err)
	}
}

func (c *Connection) password() (string, error) {
	if !slices.Contains(Mechanisms, c.Mechanism) {
		return "", c.config(text.F("登录方式 %q 不认识", "the way to sign in %q is not known", c.Mechanism), text.F("使用 %s", "use %s", strings.Join(Mechanisms, ", ")))
	}
	if c.Password == nil {
		return "", c.config(text.T("登录需要口令", "signing in needs a password"), text.T("写上 password: {env: 变量名}", "write password: {env: NAME}"))
	}
	return c.Password()
}

// unusable is a user or password the mechanism cannot carry, without saying which.
func (c *Connection) unusable(err error) error {
	if err == nil {
		return nil
	}
	return c.config(text.T("user 或口令里有这种登录方式不能用的字符", "user or password has characters this way to sign in cannot carry"), text.Text{})
}

// Security verifies the brokers always; TLS 1.2 is the least.
func (c *Connection) Security() (*tls.Config, error) {
	if !c.TLS {
		return nil, nil
	}
	return remote.TLS{CAFile: c.CAFile, ServerName: c.ServerName}.Config()
}

func (c *Connection) config(what, hint text.Text) error {
	return fault.New(fault.Config, "connect to Kafka", c.Name, what, hint)
}
