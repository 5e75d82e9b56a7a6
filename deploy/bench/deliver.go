package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"banjian/internal/text"
)

// deliverRound is one round over a ledger that holds every record.
type deliverRound struct {
	Ours usage `json:"ours"` // ledger → map → check → exchange table
	Dump usage `json:"dump"` // mydumper, then myloader, of the same target rows
	Load usage `json:"load"` // two LOAD DATA of the rows as mapped
}

// deliverResult is the delivering half of the way.
type deliverResult struct {
	Rows   int            `json:"rows"`
	Rounds []deliverRound `json:"rounds"`
}

const dumpThreads = 2

// deliver collects once and then delivers the same ledger in every round, in turn with
// the two ways of copying the table.
func (w *world) deliver(ctx context.Context, rows, rounds int) (*deliverResult, error) {
	if _, err := exec.LookPath("myloader"); err != nil {
		w.say(text.T("SKIPPED：没有安装 mydumper，上报一项没有比较对象", "SKIPPED: mydumper is not installed, delivering has nothing to be compared with"))
		return nil, nil
	}
	source, err := w.source(ctx, rows)
	if err != nil {
		return nil, err
	}
	data, kept := filepath.Join(w.dir, "site", "data"), filepath.Join(w.dir, "kept")
	for _, dir := range []string{data, kept} {
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	w.say(text.T("归集一次……", "collecting once …"))
	if _, err := w.collect(ctx, source, "incremental", rows, rows, 0); err != nil {
		return nil, err
	}
	if err := os.CopyFS(kept, os.DirFS(data)); err != nil {
		return nil, err
	}
	if _, err := w.deliverOnce(ctx, source, kept, rows); err != nil {
		return nil, err
	}
	halves, columns, err := w.writeHalves(ctx, rows)
	if err != nil {
		return nil, err
	}
	res := &deliverResult{Rows: rows}
	for i := range rounds {
		var r deliverRound
		if r.Dump, err = w.dumpLoad(ctx, rows); err != nil {
			return nil, err
		}
		if r.Ours, err = w.deliverOnce(ctx, source, kept, rows); err != nil {
			return nil, err
		}
		if r.Load, err = w.loadHalves(ctx, rows, halves, columns); err != nil {
			return nil, err
		}
		res.Rounds = append(res.Rounds, r)
		w.say(text.F("第 %d 轮：办件 %.0f 行/秒，mydumper+myloader %.0f，LOAD DATA %.0f", "round %d: banjian %.0f rows/s, mydumper+myloader %.0f, LOAD DATA %.0f",
			i+1, r.Ours.rate(), r.Dump.rate(), r.Load.rate()))
	}
	return res, nil
}

// deliverOnce delivers the kept ledger into an empty table.
func (w *world) deliverOnce(ctx context.Context, source, kept string, rows int) (usage, error) {
	site := filepath.Join(w.dir, "site")
	if err := os.RemoveAll(filepath.Join(site, "data")); err != nil {
		return usage{}, err
	}
	if err := os.CopyFS(filepath.Join(site, "data"), os.DirFS(kept)); err != nil {
		return usage{}, err
	}
	if err := w.exec(ctx, exchangeDB, "TRUNCATE TABLE "+acceptTable); err != nil {
		return usage{}, err
	}
	u, _, err := w.run(ctx, source, rows, pipeline, "--deliver-only")
	if err != nil {
		return u, err
	}
	return u, w.arrived(ctx, nil, exchangeDB, rows)
}

// dumpLoad copies the target rows into an empty table by mydumper and then myloader.
func (w *world) dumpLoad(ctx context.Context, rows int) (usage, error) {
	if err := w.exec(ctx, dumpDB, "TRUNCATE TABLE "+acceptTable); err != nil {
		return usage{}, err
	}
	dir := filepath.Join(w.dir, "dump")
	defer os.RemoveAll(dir)
	const script = `mydumper -h 127.0.0.1 -P "$1" -u root -t "$2" -r "$3" -m -k -v 0 -B "$4" -T "$5" -o "$6" && myloader -h 127.0.0.1 -P "$1" -u root -t "$2" -v 0 -s "$4" -B "$7" -d "$6"`
	cmd := exec.CommandContext(ctx, "sh", "-c", script, "sh", strconv.Itoa(w.port), strconv.Itoa(dumpThreads), strconv.Itoa(max(1, rows/(4*dumpThreads))), exchangeDB, acceptTable, dir, dumpDB)
	cmd.Stderr = os.Stderr
	u, err := w.measure(rows, cmd)
	return u, w.arrived(ctx, err, dumpDB, rows)
}

// deliver prints the rounds and their ratios.
func (p *paper) deliver(r *deliverResult) {
	p.head(fmt.Sprintf("从台账上报到国家表，两个连接，%d 行", r.Rows), fmt.Sprintf("from the ledger to the national table over two connections, %d rows", r.Rows))
	p.row(p.t("轮", "round"), p.t("办件 行/秒", "banjian rows/s"), "mydumper + myloader", "LOAD DATA ×2", p.t("CPU 秒/百万行", "CPU s/M rows"), p.t("服务器 CPU 秒/百万行", "server CPU s/M rows"), p.t("峰值 MiB", "peak MiB"))
	var dump, load []float64
	for i, x := range r.Rounds {
		dump, load = append(dump, x.Ours.rate()/x.Dump.rate()), append(load, x.Ours.rate()/x.Load.rate())
		p.row(i+1, fmt.Sprintf("%.0f", x.Ours.rate()), fmt.Sprintf("%.0f", x.Dump.rate()), fmt.Sprintf("%.0f", x.Load.rate()),
			fmt.Sprintf("%.1f", x.Ours.perMillion(x.Ours.CPU)), fmt.Sprintf("%.1f / %.1f / %.1f", x.Ours.perMillion(x.Ours.Server), x.Dump.perMillion(x.Dump.Server), x.Load.perMillion(x.Load.Server)),
			fmt.Sprintf("%.0f", x.Ours.Peak))
	}
	p.target(p.t("÷ mydumper + myloader", "÷ mydumper + myloader"), median(dump), wantOfMyloader, true, "%.2f")
	p.target(p.t("÷ LOAD DATA", "÷ LOAD DATA"), median(load), wantDeliverOfLoad, true, "%.2f")
}
