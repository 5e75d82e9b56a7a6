package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"banjian/internal/text"
)

// What is to be reached.
const (
	wantOfDump        = 1.5 // times the rows/s of the dump pipe
	wantOfLoad        = 0.5 // times the rows/s of the bare LOAD DATA
	wantOfMyloader    = 1   // times the rows/s of mydumper and then myloader
	wantDeliverOfLoad = 0.9 // times the rows/s of the bare LOAD DATA, delivering alone
	wantReconcileS    = 60  // for a million rows on either side
	wantReconcileMiB  = 300
	wantPeakMiB       = 200  // of the whole way
	wantGrowth        = 1.15 // peak at the largest size over that at the smallest
	wantStageNS       = 8000 // a row
	wantStageAllocs   = 1    // a row
	wantAppend        = 0.8  // of the rate at the small ledger
	wantUpdate        = 0.4
	wantUnchanged     = 0.8
	wantCompare       = 2    // times the bare scan of the view
	wantHostile       = 0.8  // of the rows/s of the same rows without hostile ones
	wantRead          = 0.7  // of the rows/s of the mariadb client's SELECT to nowhere
	wantReadMiB       = 300  // of a first load
	wantIdleMS        = 200  // an incremental run that finds nothing
	wantPush          = 0.85 // of connections ÷ answer time
	wantPushCPU       = 150  // µs a call
	wantAckMS         = 200  // 99 of 100 acknowledgements of interface 1, under load
	wantDecode        = 120_000
	wantStream        = 40_000
	wantLatency       = 200 // ms, half of the events
	wantLatency99     = 1000
)

// paper is where the results are printed, in one language.
type paper struct {
	*tabwriter.Writer
	lang text.Lang
}

func (p *paper) t(zh, en string) string { return text.T(zh, en).In(p.lang) }

// printResults writes the tables and says of every target whether it is met.
func printResults(out io.Writer, res *results, lang text.Lang) {
	p := &paper{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0), lang}
	fmt.Fprintln(p, res.Machine)
	if res.Server != "" {
		fmt.Fprintln(p, "MariaDB", res.Server)
	}
	if res.Whole != nil {
		p.whole(res.Whole)
	}
	if res.Deliver != nil {
		p.deliver(res.Deliver)
	}
	if res.Reconcile != nil {
		p.reconcile(res.Reconcile)
	}
	if res.Gateway != nil {
		p.gateway(res.Gateway)
	}
	if res.Memory != nil {
		p.memory(res.Memory)
	}
	if res.Split != nil {
		p.split(res.Split)
	}
	if res.Compare != nil {
		p.compare(res.Compare)
	}
	if res.Read != nil {
		p.read(res.Read)
	}
	if res.Hostile != nil {
		p.hostile(res.Hostile)
	}
	for i := range res.Push {
		p.push(res.Push[i], i == 0)
	}
	if res.Stream != nil {
		p.stream(res.Stream)
	}
	if res.Ledger != nil {
		p.ledger(res.Ledger)
	}
	if res.Mapping != nil {
		p.mapping(res.Mapping)
	}
	p.Flush()
}

func (p *paper) head(zh, en string) {
	p.Flush()
	fmt.Fprintf(p, "\n%s\n", p.t(zh, en))
	p.Flush()
}

func (p *paper) row(cells ...any) {
	for _, c := range cells {
		fmt.Fprint(p, c, "\t")
	}
	fmt.Fprintln(p)
}

// target says whether a figure reached is on the right side of the one wanted.
func (p *paper) target(name string, got, want float64, atLeast bool, format string) {
	sign, met := "≤", got <= want
	if atLeast {
		sign, met = "≥", got >= want
	}
	verdict := p.t("未达到", "not met")
	if met {
		verdict = p.t("达到", "met")
	}
	p.row(name, fmt.Sprintf(format, got), sign+" "+fmt.Sprintf(format, want), verdict)
}

func (p *paper) whole(r *wholeResult) {
	p.head(fmt.Sprintf("全程：%d 行 × %d 列，每行 %.0f 字节，%d 对", r.Rows, len(viewColumns), r.RowBytes, len(r.Pairs)),
		fmt.Sprintf("the whole way: %d rows × %d columns, %.0f bytes a row, %d pairs", r.Rows, len(viewColumns), r.RowBytes, len(r.Pairs)))
	p.row("", p.t("行/秒（最小–最大）", "rows/s (min–max)"), p.t("程序 CPU 秒/百万行", "program CPU s/M rows"), p.t("服务器 CPU 秒/百万行", "server CPU s/M rows"), p.t("峰值 MiB", "peak MiB"))
	sides := []struct {
		name string
		of   func(pair) usage
	}{
		{p.t("办件：视图→映射→检查→台账→交换表", "banjian: view → map → check → ledger → exchange table"), func(x pair) usage { return x.Ours }},
		{"mariadb-dump | mariadb", func(x pair) usage { return x.Dump }},
		{p.t("LOAD DATA ×2 连接", "LOAD DATA, two connections"), func(x pair) usage { return x.Load }},
	}
	for _, s := range sides {
		rates := each(r.Pairs, func(x pair) float64 { return s.of(x).rate() })
		p.row(s.name, fmt.Sprintf("%.0f (%.0f–%.0f)", median(rates), slices.Min(rates), slices.Max(rates)),
			fmt.Sprintf("%.1f", median(each(r.Pairs, func(x pair) float64 { u := s.of(x); return u.perMillion(u.CPU) }))),
			fmt.Sprintf("%.1f", median(each(r.Pairs, func(x pair) float64 { u := s.of(x); return u.perMillion(u.Server) }))),
			fmt.Sprintf("%.0f", slices.Max(each(r.Pairs, func(x pair) float64 { return s.of(x).Peak }))))
	}
	dump := each(r.Pairs, func(x pair) float64 { return x.Ours.rate() / x.Dump.rate() })
	load := each(r.Pairs, func(x pair) float64 { return x.Ours.rate() / x.Load.rate() })
	p.Flush()
	fmt.Fprintln(p, p.t("逐对比值", "ratios pair by pair"))
	p.row("÷ mariadb-dump | mariadb", ratios(dump))
	p.row("÷ LOAD DATA", ratios(load))
	p.Flush()
	p.target("÷ mariadb-dump | mariadb", median(dump), wantOfDump, true, "%.2f")
	p.target("÷ LOAD DATA", median(load), wantOfLoad, true, "%.2f")
	p.target(p.t("内存峰值 MiB", "peak memory MiB"), slices.Max(each(r.Pairs, func(x pair) float64 { return x.Ours.Peak })), wantPeakMiB, false, "%.0f")
}

func (p *paper) memory(r memoryResult) {
	p.head("内存是否随行数增长", "whether memory grows with rows")
	for _, u := range r {
		p.row(fmt.Sprintf(p.t("%d 行", "%d rows"), u.Rows), fmt.Sprintf("%.0f MiB", u.Peak), fmt.Sprintf(p.t("%.0f 行/秒", "%.0f rows/s"), u.rate()))
	}
	p.Flush()
	first, last := r[0], r[len(r)-1]
	p.target(p.t("内存峰值 MiB", "peak memory MiB"), slices.Max(each(r, func(u usage) float64 { return u.Peak })), wantPeakMiB, false, "%.0f")
	p.target(p.t("最大 ÷ 最小行数的峰值", "peak at most ÷ at fewest rows"), last.Peak/first.Peak, wantGrowth, false, "%.2f")
}

func (p *paper) gateway(r *gatewayResult) {
	p.head(fmt.Sprintf("收件：接口 1 的确认，每秒 %.0f 个流水号", gatewayCallers/gatewayEvery.Seconds()), fmt.Sprintf("the gateway: acknowledgements of interface 1, %.0f flow numbers a second", gatewayCallers/gatewayEvery.Seconds()))
	p.row("", p.t("次", "calls"), "p50 ms", "p99 ms", p.t("最长 ms", "longest ms"))
	for _, one := range []struct {
		name string
		w    waits
	}{{p.t("没有负载", "no load"), r.Quiet}, {fmt.Sprintf(p.t("同时首次归集 %d 行（%.0f 秒）", "beside a first load of %d rows (%.0f s)"), r.Rows, r.Wall), r.Load}} {
		p.row(one.name, one.w.Calls, fmt.Sprintf("%.1f", one.w.P50), fmt.Sprintf("%.1f", one.w.P99), fmt.Sprintf("%.1f", one.w.Max))
	}
	p.Flush()
	p.target(p.t("负载下 p99 毫秒", "p99 in ms under load"), r.Load.P99, wantAckMS, false, "%.0f")
}

// push tells one; the targets are for acceptances alone.
func (p *paper) push(r *pushResult, judged bool) {
	p.head(fmt.Sprintf("逐条推送：%s，%d 条报文，%d 个连接，对方 %s 应答", r.What.ZH, r.Messages, pushConnections, pushAnswer),
		fmt.Sprintf("pushes: %s, %d messages, %d connections, answered after %s", r.What.EN, r.Messages, pushConnections, pushAnswer))
	ceiling := pushConnections / pushAnswer.Seconds()
	rate := float64(r.Messages) / r.Wall
	p.row(fmt.Sprintf(p.t("%.0f 条/秒，上限 %.0f", "%.0f a second of %.0f at most"), rate, ceiling))
	p.Flush()
	p.row(fmt.Sprintf(p.t("其中裸 HTTP 客户端 %.0f 微秒/次", "of the CPU a call, a bare HTTP client takes %.0f µs"), r.Bare*1e6))
	p.Flush()
	if !judged {
		p.row(fmt.Sprintf(p.t("÷（连接数 ÷ 应答时间）%.2f，CPU %.0f 微秒/次", "÷ (connections ÷ answer time) %.2f, CPU %.0f µs a call"), rate/ceiling, r.CPU/float64(r.Messages)*1e6))
		p.Flush()
		return
	}
	p.target(p.t("÷（连接数 ÷ 应答时间）", "÷ (connections ÷ answer time)"), rate/ceiling, wantPush, true, "%.2f")
	p.target(p.t("CPU 微秒/次（签名、加密、台账在内）", "CPU µs a call, signature, cipher and ledger included"), r.CPU/float64(r.Messages)*1e6, wantPushCPU, false, "%.0f")
}

func (p *paper) ledger(r *ledgerResult) {
	p.head("台账（含正文与贴源）", "the ledger, payload and source columns written")
	p.row(p.t("已有记录", "records"), p.t("追加 行/秒", "appends/s"), p.t("散点更新 行/秒", "scattered updates/s"), p.t("未变 行/秒", "unchanged rows/s"))
	for _, s := range []speeds{r.Small, r.Large} {
		p.row(s.Records, fmt.Sprintf("%.0f", s.Append), fmt.Sprintf("%.0f", s.Update), fmt.Sprintf("%.0f", s.Unchanged))
	}
	p.row(fmt.Sprintf(p.t("文件 %.0f MiB，本进程内存峰值 %.0f MiB，追加 CPU %.1f 秒/百万条", "file %.0f MiB, peak memory of this process %.0f MiB, appending CPU %.1f s/M records"), r.FileMiB, r.Peak, r.AppendCPU))
	p.Flush()
	p.target(p.t("追加：大 ÷ 小", "appends: large ÷ small"), r.Large.Append/r.Small.Append, wantAppend, true, "%.2f")
	p.target(p.t("散点更新：大 ÷ 小", "scattered updates: large ÷ small"), r.Large.Update/r.Small.Update, wantUpdate, true, "%.2f")
	p.target(p.t("未变：大 ÷ 小", "unchanged: large ÷ small"), r.Large.Unchanged/r.Small.Unchanged, wantUnchanged, true, "%.2f")
}

func (p *paper) mapping(r mappingResult) {
	p.head("映射阶段（含检查）", "mapping stages, checks included")
	p.row("", p.t("纳秒/行", "ns/row"), p.t("分配/行", "allocs/row"))
	for _, s := range r {
		name := s.Name
		if s.Interpreted {
			name += p.t("（含解释执行的 CEL）", " (with interpreted CEL)")
		}
		p.row(name, fmt.Sprintf("%.0f", s.NS), fmt.Sprintf("%.2f", s.Allocs))
	}
	p.Flush()
	for _, s := range r {
		if !s.Interpreted {
			p.target(s.Name+p.t(" 纳秒/行", " ns/row"), s.NS, wantStageNS, false, "%.0f")
			p.target(s.Name+p.t(" 分配/行", " allocs/row"), s.Allocs, wantStageAllocs, false, "%.2f")
		}
	}
}

func each[T any](list []T, f func(T) float64) []float64 {
	out := make([]float64, len(list))
	for i, x := range list {
		out[i] = f(x)
	}
	return out
}

// median is the middle of list, of two the mean.
func median(list []float64) float64 {
	s := slices.Sorted(slices.Values(list))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// ratios prints the median, then every pair's.
func ratios(list []float64) string {
	s := fmt.Sprintf("%.2f (", median(list))
	for i, v := range list {
		if i > 0 {
			s += " "
		}
		s += fmt.Sprintf("%.2f", v)
	}
	return s + ")"
}
