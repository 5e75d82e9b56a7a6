package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"banjian/internal/text"
)

// reconcileResult is the ledger and the national table laid side by side.
type reconcileResult struct {
	Rows   int   `json:"rows"`
	Run    usage `json:"run"`
	Source usage `json:"source"` // with the department's view beside them
}

// reconcile delivers everything, spoils three rows at the receiver and has them found.
func (w *world) reconcile(ctx context.Context, rows int) (*reconcileResult, error) {
	if _, _, err := w.ours(ctx, rows); err != nil {
		return nil, err
	}
	const some = "(SELECT id FROM (SELECT id FROM " + acceptTable + " ORDER BY id LIMIT 1 OFFSET %d) x)"
	if err := w.exec(ctx, exchangeDB,
		fmt.Sprintf("DELETE FROM "+acceptTable+" WHERE id="+some, rows/3),
		fmt.Sprintf("UPDATE "+acceptTable+" SET address=CONCAT(address, 'x') WHERE id="+some, rows/2),
		fmt.Sprintf("UPDATE "+acceptTable+" SET row_guid=UUID() WHERE id="+some, rows-2)); err != nil {
		return nil, err
	}
	w.say(text.F("对账，双方各 %d 行……", "reconciling %d rows on either side …", rows))
	source, err := w.source(ctx, rows)
	if err != nil {
		return nil, err
	}
	res := &reconcileResult{Rows: rows}
	if res.Run, err = w.reconciling(ctx, rows, source); err != nil {
		return nil, err
	}
	res.Source, err = w.reconciling(ctx, rows, source, "--source")
	return res, err
}

// reconciling has the three rows found, and nothing else.
func (w *world) reconciling(ctx context.Context, rows int, source string, flags ...string) (usage, error) {
	cmd := exec.CommandContext(ctx, w.banjian, append([]string{"reconcile", "--receiver", "national", "--json", "--site", filepath.Join(w.dir, "site")}, flags...)...)
	cmd.Env = append(os.Environ(), "BANJIAN_BENCH_SOURCE="+w.dsn(source), "BANJIAN_BENCH_EXCHANGE="+w.dsn(exchangeDB))
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	u, err := w.measure(rows, cmd)
	const differs = 3
	if err == nil || cmd.ProcessState.ExitCode() != differs {
		return u, fmt.Errorf("reconcile %v did not end with %d: %w: %s", flags, differs, err, errOut.String())
	}
	var report struct {
		Differences []struct {
			Kind string `json:"kind"`
		} `json:"differences"`
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		return u, err
	}
	kinds := map[string]int{}
	for _, d := range report.Differences {
		kinds[d.Kind]++
	}
	if len(report.Differences) != 4 || kinds["missing"] != 2 || kinds["altered"] != 1 || kinds["extra"] != 1 {
		return u, fmt.Errorf("three rows were spoilt, found: %v", kinds)
	}
	return u, nil
}

// reconcile prints what it took.
func (p *paper) reconcile(r *reconcileResult) {
	p.head(fmt.Sprintf("对账，双方各 %d 行", r.Rows), fmt.Sprintf("reconciling %d rows on either side", r.Rows))
	p.target(p.t("百万行用时，秒", "seconds for a million rows"), r.Run.perMillion(r.Run.Wall), wantReconcileS, false, "%.1f")
	p.target(p.t("内存峰值 MiB", "peak memory MiB"), r.Run.Peak, wantReconcileMiB, false, "%.0f")
	p.target(p.t("连同部门视图，百万行用时，秒", "with the department's view, seconds for a million rows"), r.Source.perMillion(r.Source.Wall), wantReconcileS, false, "%.1f")
	p.target(p.t("连同部门视图，内存峰值 MiB", "with the department's view, peak memory MiB"), r.Source.Peak, wantReconcileMiB, false, "%.0f")
}
