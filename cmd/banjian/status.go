package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

// statusStore is what looking needs of the ledger.
type statusStore interface {
	ledger.Receivers
	ledger.Reports
	ledger.Runs
}

// anyOpen says whether any reject is open or any record held.
func anyOpen(ctx context.Context, store statusStore) (bool, error) {
	rejects, err := store.Rejects(ctx, ledger.RejectQuery{State: "open", Limit: 1})
	if err != nil || len(rejects) > 0 {
		return len(rejects) > 0, err
	}
	held, err := store.Exceptions(ctx, ledger.ExceptionQuery{State: ledger.Held, Limit: 1})
	return len(held) > 0, err
}

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   a.t("一屏看清：迟了、失败、挂起、问题", "one screen: late, failed, held, rejected"),
		Example: "  banjian status --lang zh",
		Args:    a.exactly(0, text.T("status 不带参数", "status takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error { return a.status(cmd.Context(), h, store) })
		},
	}
}

func (a *app) status(ctx context.Context, h *house, store statusStore) error {
	runs, err := store.LastRuns(ctx)
	if err != nil {
		return err
	}
	totals, err := store.Totals(ctx)
	if err != nil {
		return err
	}
	open, err := store.Rejects(ctx, ledger.RejectQuery{State: "open"})
	if err != nil {
		return err
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(statusOf(runs, totals, len(open)))
	}
	w := &table{out: a.out}
	w.heading(a.t("管道\t上次运行\t状态\t读取\t问题\t说明", "pipeline\tlast run\tstate\tread\trejected\tnote"))
	if len(runs) == 0 {
		w.row(a.t("还没有运行过", "nothing has run yet"))
	}
	for _, r := range runs {
		w.row(r.Pipeline, r.Started.In(h.zone).Format(time.DateTime), a.state(r.State), count(r.Counts.Read), count(r.Counts.Rejected), r.Error)
		if r.State == "failed" {
			a.code = exitNews
		}
	}
	w.print()
	fmt.Fprintln(a.out)
	w = &table{out: a.out}
	w.heading(a.t("接收方\t主题\t已送行数\t挂起\t问题\t不适用\t结果不明\t待看批次\t最早挂起", "receiver\tsubject\trows sent\theld\trejected\tnot applicable\tunsettled\tbatches behind\toldest held"))
	for _, t := range totals {
		oldest := ""
		if !t.OldestHeld.IsZero() {
			oldest = t.OldestHeld.In(h.zone).Format(time.DateTime)
		}
		w.row(t.Receiver, t.Subject, count(t.Sent), count(t.Held), count(t.Rejected), count(t.NotApplicable), count(t.Unsettled), count(t.Behind), oldest)
	}
	w.print()
	fmt.Fprintln(a.out)
	a.say(text.F("未决问题数据 %d 条（banjian rejects list）", "%d open rejects (banjian rejects list)", len(open)))
	return nil
}

// statusReport is status as scripts read it.
type statusReport struct {
	Runs        []runLine      `json:"runs"`
	Receivers   []receiverLine `json:"receivers"`
	OpenRejects int            `json:"open_rejects"`
}

type runLine struct {
	Pipeline  string `json:"pipeline"`
	Run       string `json:"run"`
	Mode      string `json:"mode"`
	StartedAt string `json:"started_at"`
	EndedAt   string `json:"ended_at,omitempty"`
	State     string `json:"state"`
	Read      int64  `json:"read"`
	Rejected  int64  `json:"rejected"`
	Error     string `json:"error"`
}

type receiverLine struct {
	Receiver      string `json:"receiver"`
	Subject       string `json:"subject"`
	Sent          int64  `json:"sent"`
	Held          int64  `json:"held"`
	Rejected      int64  `json:"rejected"`
	NotApplicable int64  `json:"not_applicable"`
	Unsettled     int64  `json:"unsettled"`
	Behind        int64  `json:"behind"`
	OldestHeld    string `json:"oldest_held,omitempty"`
}

func statusOf(runs []ledger.Run, totals []ledger.ReceiverTotals, open int) statusReport {
	s := statusReport{Runs: []runLine{}, Receivers: []receiverLine{}, OpenRejects: open}
	for _, r := range runs {
		s.Runs = append(s.Runs, runLine{Pipeline: r.Pipeline, Run: r.ID, Mode: r.Mode, StartedAt: rfc3339(r.Started), EndedAt: rfc3339(r.Ended),
			State: r.State, Read: r.Counts.Read, Rejected: r.Counts.Rejected, Error: r.Error})
	}
	for _, t := range totals {
		s.Receivers = append(s.Receivers, receiverLine{Receiver: t.Receiver, Subject: t.Subject, Sent: t.Sent, Held: t.Held, Rejected: t.Rejected,
			NotApplicable: t.NotApplicable, Unsettled: t.Unsettled, Behind: t.Behind, OldestHeld: rfc3339(t.OldestHeld)})
	}
	return s
}

// rfc3339 is t, empty for a time that never was.
func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
