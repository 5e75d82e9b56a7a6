package sqldialect

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// DefaultZone is the zone of wall times that carry none.
const DefaultZone = "+08:00"

// Config is one connection to a database. Durations of zero mean the defaults: 10 s
// to connect, 10 min for a server to answer, 1 min to send.
type Config struct {
	Name string // of the connection, for messages and for the guard
	Kind string // a name of Kinds

	Host     string // server databases
	Port     int
	User     string
	Password func(ctx context.Context) (string, error) // asked at every connect, never kept; nil: none
	Database string                                    // Oracle: the service name, or "SID:" and the SID

	Path     string // sqlite: the file
	ReadOnly bool   // sqlite: opened with mode=ro; must be there already

	Zone string // "+08:00", of the session; empty: DefaultZone

	TLS        bool   // encrypt and verify the server
	CAFile     string // PEM; empty: the system's authorities
	ServerName string // in the server's certificate; empty: Host

	ConnectTimeout time.Duration
	ReadTimeout    time.Duration
	WriteTimeout   time.Duration
}

// Dialect is the dialect of the connection's kind.
func (c Config) Dialect() (*Dialect, error) { return ByName(c.Kind) }

// Where names the connection in messages, without a password.
func (c Config) Where() string {
	switch {
	case c.Name != "":
		return c.Name
	case c.Path != "":
		return c.Path
	default:
		return fmt.Sprintf("%s:%d/%s", c.Host, c.Port, c.Database)
	}
}

// Open is a pool for the connection; nothing is dialled yet. The caller closes it.
func (c Config) Open() (*sql.DB, error) {
	d, err := c.Dialect()
	if err != nil {
		return nil, err
	}
	if c.Zone == "" {
		c.Zone = DefaultZone
	}
	if _, err := ZoneOf(c.Zone); err != nil {
		return nil, err
	}
	return d.open(c)
}

// password asks for the password; without one it is empty.
func (c Config) password(ctx context.Context) (string, error) {
	if c.Password == nil {
		return "", nil
	}
	password, err := c.Password(ctx)
	if err != nil {
		return "", fault.Wrap(err, fault.Config, "read password", c.Where(),
			text.T("取不到口令", "the password cannot be had"), text.T("检查口令的引用（env、file、command）", "check the reference (env, file, command)"))
	}
	return password, nil
}

// address is host and port, the port being the product's own unless one is given.
func (c Config) address(port int) string {
	return net.JoinHostPort(c.Host, strconv.Itoa(portOr(c.Port, port)))
}

var zoneForm = regexp.MustCompile(`^([+-])(0\d|1[0-4]):([0-5]\d)$`)

// ZoneOf is the fixed zone "+08:00" as a location.
func ZoneOf(zone string) (*time.Location, error) {
	m := zoneForm.FindStringSubmatch(zone)
	if m == nil {
		return nil, fault.New(fault.Config, "read zone", "",
			text.F("会话时区 %q 的写法不对", "session zone %q is not well formed", zone),
			text.T("写成 +08:00 这样的固定偏移", "write a fixed offset such as +08:00"))
	}
	var h, min int
	fmt.Sscanf(m[2]+" "+m[3], "%d %d", &h, &min)
	seconds := h*3600 + min*60
	if m[1] == "-" {
		seconds = -seconds
	}
	return time.FixedZone(zone, seconds), nil
}
