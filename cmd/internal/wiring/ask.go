package wiring

import (
	"cmp"
	"context"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// Answer is what a receiver said when it was asked.
type Answer struct {
	Address string // without a password
	Took    time.Duration
	Clock   *time.Duration // its clock less ours; nil = it did not say
	Notes   []text.Text    // what a person should know though it will do
	Without []string       // subjects it has no table for; no pipeline sends them
}

// prober is a receiver that can be called without effect.
type prober interface {
	Probe(ctx context.Context) (middleplatform.Probe, error)
}

// Ask asks a receiver what it can be asked without effect. With an error it gives what was
// learnt before.
func (h *House) Ask(ctx context.Context, name string) (Answer, error) {
	var got Answer
	plan, err := h.DeliverPlan(name)
	if err != nil {
		return got, err
	}
	defer plan.Close()
	connection := h.site.Receivers[name].Connection
	c := h.site.Connections[connection]
	if p, ok := plan.Caller.(prober); ok {
		if got.Address = c.URL; c.Embedded != "" {
			got.Address = "embedded:" + c.Embedded
		}
		told, err := p.Probe(ctx)
		if got.Took = told.Answer; told.Dated {
			got.Clock = &told.Offset
		}
		return got, err
	}
	if c.Kind == "kafka" || c.Kind == "folder" {
		got.Address = cmp.Or(strings.Join(c.Brokers, ","), h.site.Path(c.Path))
		start := time.Now()
		_, shut, err := h.Ready(ctx, plan)
		got.Took = time.Since(start)
		return got, cmp.Or(err, firstShut(shut))
	}
	db, _, err := h.Connection(connection)
	if err != nil {
		return got, err
	}
	got.Address = addressOf(db)
	start := time.Now()
	notes, shut, err := h.Ready(ctx, plan)
	got.Notes, got.Took = notes, time.Since(start)
	if err = cmp.Or(err, firstShut(shut)); err != nil {
		return got, err
	}
	got.Without = slices.Sorted(maps.Keys(shut))
	got.Clock, err = clockOf(ctx, db)
	return got, err
}

// firstShut is why records that are sent cannot go to a receiver, nil if they can.
func firstShut(shut map[string]error) error {
	for _, subject := range slices.Sorted(maps.Keys(shut)) {
		if shut[subject] != nil {
			return shut[subject]
		}
	}
	return nil
}

// addressOf is where a database is, without a password.
func addressOf(c sqldialect.Config) string {
	if c.Path != "" {
		return c.Path
	}
	return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) + "/" + c.Database
}

// clockOf asks a server's clock. A file has none.
func clockOf(ctx context.Context, c sqldialect.Config) (*time.Duration, error) {
	dialect, err := c.Dialect()
	if err != nil || c.Path != "" {
		return nil, err
	}
	zone, err := sqldialect.ZoneOf(c.Zone)
	if err != nil {
		return nil, err
	}
	db, err := c.Open()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := db.PingContext(ctx); err != nil { // connecting takes time that says nothing about the clock
		return nil, dialect.Fault(err, "ask clock", c.Where())
	}
	sent := time.Now()
	var told string
	if err := db.QueryRowContext(ctx, dialect.Clock(c.Zone)).Scan(&told); err != nil {
		return nil, dialect.Fault(err, "ask clock", c.Where())
	}
	middle := sent.Add(time.Since(sent) / 2)
	now, err := time.ParseInLocation("2006-01-02 15:04:05.999999", told, zone)
	if err != nil {
		return nil, fault.New(fault.Bug, "ask clock", c.Where(), text.T("数据库给出的时间无法识别", "the database's time cannot be read"), text.Text{})
	}
	offset := now.Sub(middle)
	return &offset, nil
}
