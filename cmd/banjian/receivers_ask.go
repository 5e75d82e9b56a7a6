package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) receiversTestCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "test R",
		Short:   a.t("试问一个接收方，不写入任何东西：通不通、时钟差、有什么不对", "ask a receiver without effect: reachable, its clock, what is wrong"),
		Example: "  banjian receivers test national",
		Args:    a.oneReceiver(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				if err := h.mustHave(a, args[0]); err != nil {
					return err
				}
				return a.testReceiver(cmd.Context(), h, store, args[0])
			})
		},
	}
}

// answer is what a receiver said when it was asked.
type answer struct {
	address string
	took    time.Duration
	clock   *time.Duration // its clock less ours; nil = it did not say
	notes   []text.Text    // what a person should know though it will do
}

func (a *app) testReceiver(ctx context.Context, h *house, store ledger.ReceiverStates, name string) error {
	got, err := h.ask(ctx, name)
	if err == nil && got.clock != nil {
		err = store.SetReceiverState(ctx, name, func(s *ledger.ReceiverState) { s.Clock = got.clock })
	}
	if a.json {
		line := map[string]any{"receiver": name, "ok": err == nil, "address": got.address, "took_ms": got.took.Milliseconds(), "clock_offset_ms": nil, "notes": texts(got.notes, a.lang), "error": "", "hint": ""}
		if got.clock != nil {
			line["clock_offset_ms"] = got.clock.Milliseconds()
		}
		if err != nil {
			line["error"], line["hint"] = fault.Say(err, a.lang), fault.HintOf(err).In(a.lang)
			a.code = codeOf(err)
		}
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(line)
	}
	fmt.Fprintf(a.out, "%s  %s\n", name, got.address)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "  %s %s\n", a.t("应答用时", "answered in"), got.took.Round(time.Millisecond))
	if got.clock != nil {
		fmt.Fprintf(a.out, "  %s %s\n", a.t("对方时钟", "its clock"), a.clock(*got.clock))
	}
	for _, n := range got.notes {
		fmt.Fprintf(a.out, "  %s %s\n", a.t("注意", "note"), n.In(a.lang))
	}
	fmt.Fprintf(a.out, "  %s\n", a.t("可以上报", "it can be fed"))
	return nil
}

func texts(list []text.Text, lang text.Lang) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.In(lang)
	}
	return out
}

// prober is a receiver that can be called without effect.
type prober interface {
	Probe(ctx context.Context) (middleplatform.Probe, error)
}

// ask asks a receiver what it can be asked without effect.
func (h *house) ask(ctx context.Context, name string) (answer, error) {
	var got answer
	plan, err := h.DeliverPlan(name)
	if err != nil {
		return got, err
	}
	defer plan.Close()
	connection := h.Site().Receivers[name].Connection
	c := h.Site().Connections[connection]
	if p, ok := plan.Caller.(prober); ok {
		if got.address = c.URL; c.Embedded != "" {
			got.address = "embedded:" + c.Embedded
		}
		told, err := p.Probe(ctx)
		if got.took = told.Answer; told.Dated {
			got.clock = &told.Offset
		}
		return got, err
	}
	if c.Kind == "kafka" || c.Kind == "folder" {
		got.address = cmp.Or(strings.Join(c.Brokers, ","), h.Site().Path(c.Path))
		start := time.Now()
		_, shut, err := h.Ready(ctx, plan)
		got.took = time.Since(start)
		return got, cmp.Or(err, firstShut(shut))
	}
	db, _, err := h.Connection(connection)
	if err != nil {
		return got, err
	}
	got.address = addressOf(db)
	start := time.Now()
	notes, shut, err := h.Ready(ctx, plan)
	got.notes, got.took = notes, time.Since(start)
	if err = cmp.Or(err, firstShut(shut)); err != nil {
		return got, err
	}
	got.clock, err = clockOf(ctx, db)
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
