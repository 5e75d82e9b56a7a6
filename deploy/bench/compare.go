package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"banjian/internal/text"
)

// comparePair is one round over a view in which nothing changed.
type comparePair struct {
	Scan        usage `json:"scan"`        // the mariadb client's SELECT BIT_XOR(CRC32(…)) over the view
	Compare     usage `json:"compare"`     // banjian run --mode compare
	Incremental usage `json:"incremental"` // banjian run --mode incremental
}

// compareResult is the comparing of a view with the ledger.
type compareResult struct {
	Rows  int           `json:"rows"`
	First usage         `json:"first"` // the first compare, which reads every row
	Pairs []comparePair `json:"pairs"`
}

// compare collects a department once, then compares it, with nothing changed, in turn with a
// bare scan.
func (w *world) compare(ctx context.Context, rows, pairs int) (*compareResult, error) {
	source, err := w.source(ctx, rows)
	if err != nil {
		return nil, err
	}
	if err := os.RemoveAll(filepath.Join(w.dir, "site", "data")); err != nil {
		return nil, err
	}
	w.say(text.T("首次归集与首次比对……", "the first collect and the first compare …"))
	if _, err := w.collect(ctx, source, "incremental", rows, rows, 0); err != nil {
		return nil, err
	}
	res := &compareResult{Rows: rows}
	if res.First, err = w.collect(ctx, source, "compare", rows, 0, rows); err != nil {
		return nil, err
	}
	scan := "SELECT BIT_XOR(CRC32(CONCAT_WS('#', " + strings.Join(viewColumns, ", ") + "))) FROM v_accept"
	for i := range pairs {
		var p comparePair
		if p.Scan, err = w.measure(rows, w.client(ctx, "mariadb", source, "-e", scan)); err != nil {
			return nil, err
		}
		if p.Compare, err = w.collect(ctx, source, "compare", 0, 0, rows); err != nil {
			return nil, err
		}
		if p.Incremental, err = w.collect(ctx, source, "incremental", -1, 0, 0); err != nil {
			return nil, err
		}
		res.Pairs = append(res.Pairs, p)
		w.say(text.F("第 %d 轮：裸扫描 %.2f 秒，比对 %.2f 秒，增量 %.0f 毫秒", "round %d: bare scan %.2f s, compare %.2f s, incremental %.0f ms", i+1, p.Scan.Wall, p.Compare.Wall, p.Incremental.Wall*1000))
	}
	return res, nil
}

// collect runs the pipeline in a mode, without delivering, and refuses a run that read,
// collected or hashed another number of rows; read below zero: any.
func (w *world) collect(ctx context.Context, source, mode string, read, collected, hashed int) (usage, error) {
	u, sums, err := w.run(ctx, source, max(read, hashed), pipeline, "--collect-only", "--mode", mode)
	if err == nil && (read >= 0 && sums.Read != read || sums.Collected != collected || sums.Compared != hashed) {
		err = sums.wrong(mode)
	}
	return u, err
}

// compare prints the rounds and their ratios.
func (p *paper) compare(r *compareResult) {
	p.head(fmt.Sprintf("比对没有变化的视图，%d 行", r.Rows), fmt.Sprintf("comparing a view in which nothing changed, %d rows", r.Rows))
	p.row(p.t("轮", "round"), p.t("裸扫描 秒", "bare scan s"), p.t("比对 秒", "compare s"), p.t("比", "ratio"), p.t("增量 毫秒", "incremental ms"))
	var ratios, incremental []float64
	for i, c := range r.Pairs {
		ratio := c.Compare.Wall / c.Scan.Wall
		ratios, incremental = append(ratios, ratio), append(incremental, c.Incremental.Wall*1000)
		p.row(i+1, fmt.Sprintf("%.2f", c.Scan.Wall), fmt.Sprintf("%.2f", c.Compare.Wall), fmt.Sprintf("%.2f", ratio), fmt.Sprintf("%.0f", c.Incremental.Wall*1000))
	}
	p.target(p.t("比对 ÷ 裸扫描", "compare ÷ bare scan"), median(ratios), wantCompare, false, "%.2f")
	p.target(p.t("没有变化的增量，毫秒", "incremental without changes, ms"), median(incremental), wantIdleMS, false, "%.0f")
}
