package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"banjian/internal/text"
)

// splitPair is one round of first loads into an empty ledger.
type splitPair struct {
	Whole usage `json:"whole"` // one statement
	Split usage `json:"split"` // in ranges, two at a time
}

// splitResult is what ranges side by side are worth.
type splitResult struct {
	Rows   int         `json:"rows"`
	Splits int         `json:"splits"`
	Pairs  []splitPair `json:"pairs"`
}

// splits is how many ranges the load is read in: the site allows two connections.
const splits = 8

func (w *world) split(ctx context.Context, rows, pairs int) (*splitResult, error) {
	source, err := w.source(ctx, rows)
	if err != nil {
		return nil, err
	}
	res := &splitResult{Rows: rows, Splits: splits}
	for i := range pairs {
		var p splitPair
		if p.Whole, err = w.firstLoad(ctx, source, rows, 1); err != nil {
			return nil, err
		}
		if p.Split, err = w.firstLoad(ctx, source, rows, splits); err != nil {
			return nil, err
		}
		res.Pairs = append(res.Pairs, p)
		w.say(text.F("第 %d 轮：一条语句 %.0f 行/秒，分段 %.0f 行/秒", "round %d: one statement %.0f rows/s, in ranges %.0f rows/s", i+1, p.Whole.rate(), p.Split.rate()))
	}
	return res, nil
}

// firstLoad collects everything into an empty ledger, without delivering; the pipeline's file
// is put back.
func (w *world) firstLoad(ctx context.Context, source string, rows, splits int) (usage, error) {
	site := filepath.Join(w.dir, "site")
	if err := os.RemoveAll(filepath.Join(site, "data")); err != nil {
		return usage{}, err
	}
	file := filepath.Join(site, "pipelines", "bench.yaml")
	was, err := os.ReadFile(file)
	if err != nil {
		return usage{}, err
	}
	defer func() { _ = os.WriteFile(file, was, 0o644) }()
	now := strings.Replace(string(was), "absent: keep", fmt.Sprintf("absent: keep, splits: %d", splits), 1)
	if err := os.WriteFile(file, []byte(now), 0o644); err != nil {
		return usage{}, err
	}
	return w.collect(ctx, source, "incremental", rows, rows, 0)
}

func (p *paper) split(r *splitResult) {
	p.head(fmt.Sprintf("首次归集，%d 行，一条语句与分 %d 段（两个连接）", r.Rows, r.Splits), fmt.Sprintf("first load of %d rows, at once and in %d ranges (two connections)", r.Rows, r.Splits))
	p.row(p.t("轮", "round"), p.t("一条语句 行/秒", "at once rows/s"), p.t("分段 行/秒", "in ranges rows/s"), p.t("比", "ratio"), p.t("峰值 MiB", "peak MiB"))
	for i, c := range r.Pairs {
		p.row(i+1, fmt.Sprintf("%.0f", c.Whole.rate()), fmt.Sprintf("%.0f", c.Split.rate()), fmt.Sprintf("%.2f", c.Split.rate()/c.Whole.rate()), fmt.Sprintf("%.0f / %.0f", c.Whole.Peak, c.Split.Peak))
	}
}
