package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"banjian/connectors/sqlview"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// readPair is one round of reading the whole view.
type readPair struct {
	Client usage `json:"client"` // the mariadb client's SELECT, its output thrown away
	Ours   usage `json:"ours"`   // view → Arrow batches, in a process of its own
}

// readResult is the read side.
type readResult struct {
	Rows  int        `json:"rows"`
	First usage      `json:"first"` // a first load: view → map → check → ledger
	Idle  usage      `json:"idle"`  // an incremental run that finds nothing
	Pairs []readPair `json:"pairs"`
}

// read reads a joined view whole, in turn with the mariadb client.
func (w *world) read(ctx context.Context, rows, pairs int) (*readResult, error) {
	source, err := w.source(ctx, rows)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	res := &readResult{Rows: rows}
	for i := range pairs {
		var p readPair
		client := w.client(ctx, "mariadb", "--quick", "--silent", source, "-e", "SELECT "+strings.Join(viewColumns, ", ")+" FROM v_accept")
		if p.Client, err = w.measure(rows, client); err != nil {
			return nil, err
		}
		ours := exec.CommandContext(ctx, self, "-read-view", w.dsn(source), "-rows", fmt.Sprint(rows))
		ours.Stderr = os.Stderr
		if p.Ours, err = w.measure(rows, ours); err != nil {
			return nil, err
		}
		res.Pairs = append(res.Pairs, p)
		w.say(text.F("第 %d 轮：mariadb 客户端 %.0f 行/秒，读取端 %.0f 行/秒", "round %d: mariadb client %.0f rows/s, read side %.0f rows/s", i+1, p.Client.rate(), p.Ours.rate()))
	}
	if err := os.RemoveAll(filepath.Join(w.dir, "site", "data")); err != nil {
		return nil, err
	}
	if res.First, err = w.collect(ctx, source, "incremental", rows, rows, 0); err != nil {
		return nil, err
	}
	res.Idle, err = w.collect(ctx, source, "incremental", -1, 0, 0)
	return res, err
}

// readView reads the view as a pipeline does and throws the batches away; it refuses another
// number of rows.
func readView(ctx context.Context, dsn string, rows int) error {
	cfg, err := sqldialect.ParseDSN(dsn)
	if err != nil {
		return err
	}
	s, err := sqlview.Open(ctx, sqlview.Options{DB: cfg, View: "v_accept", Columns: viewColumns}, "")
	if err != nil {
		return err
	}
	defer s.Close()
	got := 0
	for {
		b, err := s.Read(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		got += int(b.Record.NumRows())
		b.Record.Release()
	}
	if got != rows {
		return fmt.Errorf("%d rows read of %d", got, rows)
	}
	return nil
}

// read prints the rounds and their ratio.
func (p *paper) read(r *readResult) {
	p.head(fmt.Sprintf("读取连接视图，%d 行 × %d 列", r.Rows, len(viewColumns)), fmt.Sprintf("reading a joined view, %d rows × %d columns", r.Rows, len(viewColumns)))
	p.row(p.t("轮", "round"), p.t("mariadb 客户端 行/秒", "mariadb client rows/s"), p.t("读取端 行/秒", "read side rows/s"), p.t("比", "ratio"), p.t("CPU 秒/百万行", "CPU s/M rows"), p.t("峰值 MiB", "peak MiB"))
	var ratios []float64
	for i, c := range r.Pairs {
		ratio := c.Ours.rate() / c.Client.rate()
		ratios = append(ratios, ratio)
		p.row(i+1, fmt.Sprintf("%.0f", c.Client.rate()), fmt.Sprintf("%.0f", c.Ours.rate()), fmt.Sprintf("%.2f", ratio), fmt.Sprintf("%.1f", c.Ours.perMillion(c.Ours.CPU)), fmt.Sprintf("%.0f", c.Ours.Peak))
	}
	p.target(p.t("读取端 ÷ mariadb 客户端", "read side ÷ mariadb client"), median(ratios), wantRead, true, "%.2f")
	peaks := append(each(r.Pairs, func(c readPair) float64 { return c.Ours.Peak }), r.First.Peak)
	p.target(p.t("首次归集内存峰值 MiB", "peak memory of a first load, MiB"), slices.Max(peaks), wantReadMiB, false, "%.0f")
	p.target(p.t("没有变化的增量，毫秒", "incremental without changes, ms"), r.Idle.Wall*1000, wantIdleMS, false, "%.0f")
}
