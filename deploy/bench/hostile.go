package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"banjian/connectors/connectortest"
	"banjian/internal/text"
)

const (
	hostilePipeline = "bench-hostile"
	hostileOneIn    = 100 // good rows for one bad one
	insertedAtOnce  = 200 // rows of one statement
)

// hostilePair is one round: the same good rows alone, and with hostile ones among them.
type hostilePair struct {
	Clean   usage `json:"clean"`
	Hostile usage `json:"hostile"`
}

// hostileResult is collecting with hostile values in every class among the rows.
type hostileResult struct {
	Rows  int           `json:"rows"` // good ones
	Bad   int           `json:"bad"`
	Pairs []hostilePair `json:"pairs"`
}

// hostile collects good rows and, in turn, the same with hostile ones among them, each time
// into an empty ledger.
func (w *world) hostile(ctx context.Context, rows, pairs int) (*hostileResult, error) {
	bad := rows / hostileOneIn
	res := &hostileResult{Rows: rows, Bad: bad}
	w.say(text.F("准备敌意数据，%d 行好的，%d 行坏的……", "filling a table with %d good and %d hostile rows …", rows, bad))
	if err := w.fillHostile(ctx, "hostile_none", rows, 0); err != nil {
		return nil, err
	}
	if err := w.fillHostile(ctx, "hostile_some", rows, bad); err != nil {
		return nil, err
	}
	for i := range pairs {
		var p hostilePair
		var err error
		if p.Clean, err = w.collectHostile(ctx, "hostile_none", rows, 0); err != nil {
			return nil, err
		}
		if p.Hostile, err = w.collectHostile(ctx, "hostile_some", rows, bad); err != nil {
			return nil, err
		}
		res.Pairs = append(res.Pairs, p)
		w.say(text.F("第 %d 轮：无坏行 %.0f 行/秒，有坏行 %.0f 行/秒", "round %d: %.0f rows/s without bad ones, %.0f rows/s with them", i+1, p.Clean.rate(), p.Hostile.rate()))
	}
	return res, nil
}

// fillHostile makes a database with table bj of good rows and bad ones among them. The
// column that holds bytes which are no UTF-8 is binary, as the pipeline says.
func (w *world) fillHostile(ctx context.Context, name string, good, bad int) error {
	db, err := w.create(ctx, name)
	if err != nil {
		return err
	}
	defer db.Close()
	ddl := "CREATE TABLE bj (id INT PRIMARY KEY, " + strings.Join(connectortest.HostileColumns, " LONGTEXT, ") + " LONGTEXT)"
	if _, err := db.ExecContext(ctx, strings.Replace(ddl, "spr LONGTEXT", "spr BLOB", 1)); err != nil {
		return err
	}
	rows := connectortest.Hostile(good, bad, 7)
	one := "(?" + strings.Repeat(", ?", len(connectortest.HostileColumns)) + ")"
	for at := 0; at < len(rows); at += insertedAtOnce {
		part := rows[at:min(at+insertedAtOnce, len(rows))]
		var args []any
		for i := range part {
			args = append(args, at+i)
			for _, c := range part[i].Cells {
				if c == nil {
					args = append(args, nil)
				} else {
					args = append(args, *c)
				}
			}
		}
		if _, err := db.ExecContext(ctx, "INSERT INTO bj VALUES "+one+strings.Repeat(", "+one, len(part)-1), args...); err != nil {
			return err
		}
	}
	_, err = db.ExecContext(ctx, "ANALYZE TABLE bj")
	return err
}

// collectHostile runs the pipeline into an empty ledger and refuses other sums.
func (w *world) collectHostile(ctx context.Context, source string, good, bad int) (usage, error) {
	if err := os.RemoveAll(filepath.Join(w.dir, "site", "data")); err != nil {
		return usage{}, err
	}
	u, sums, err := w.run(ctx, source, good+bad, hostilePipeline, "--fail-on", "none", "--collect-only")
	if err == nil && (sums.Read != good+bad || sums.Collected != good || sums.Rejected != bad) {
		err = sums.wrong(fmt.Sprintf("%d good and %d bad rows", good, bad))
	}
	return u, err
}

// hostile prints the rounds and their ratio.
func (p *paper) hostile(r *hostileResult) {
	p.head(fmt.Sprintf("敌意数据：%d 行里有 %d 行坏的，十二类", r.Rows+r.Bad, r.Bad), fmt.Sprintf("hostile values: %d rows with %d bad ones in twelve classes", r.Rows+r.Bad, r.Bad))
	p.row(p.t("轮", "round"), p.t("无坏行 行/秒", "clean rows/s"), p.t("有坏行 行/秒", "hostile rows/s"), p.t("比", "ratio"), p.t("CPU 秒/百万行", "CPU s/M rows"), p.t("峰值 MiB", "peak MiB"))
	var ratios []float64
	for i, c := range r.Pairs {
		ratio := c.Hostile.rate() / c.Clean.rate()
		ratios = append(ratios, ratio)
		p.row(i+1, fmt.Sprintf("%.0f", c.Clean.rate()), fmt.Sprintf("%.0f", c.Hostile.rate()), fmt.Sprintf("%.2f", ratio),
			fmt.Sprintf("%.1f / %.1f", c.Clean.perMillion(c.Clean.CPU), c.Hostile.perMillion(c.Hostile.CPU)), fmt.Sprintf("%.0f", c.Hostile.Peak))
	}
	p.target(p.t("有坏行 ÷ 无坏行", "hostile ÷ clean"), median(ratios), wantHostile, true, "%.2f")
}
