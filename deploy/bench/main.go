package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger/sqlite"
)

// parts are what can be measured alone; onServer those of them that need a MariaDB.
var (
	onServer = []string{"whole", "deliver", "reconcile", "memory", "compare", "split", "read", "hostile", "gateway", "stream"}
	parts    = append(slices.Clone(onServer), "push", "ledger", "mapping")
)

// options are the flags.
type options struct {
	rows    int
	pairs   int
	records int
	sizes   string
	only    string
	json    string
	profile string
	banjian string
	lang    string
	view    string // this process only reads it
}

// results is everything measured, as kept by -json. A part not asked for is null.
type results struct {
	Machine   string           `json:"machine"`
	Server    string           `json:"server"`
	Whole     *wholeResult     `json:"whole"`
	Memory    memoryResult     `json:"memory"`
	Compare   *compareResult   `json:"compare"`
	Ledger    *ledgerResult    `json:"ledger"`
	Mapping   mappingResult    `json:"mapping"`
	Push      []*pushResult    `json:"push"`
	Stream    *streamResult    `json:"stream"`
	Hostile   *hostileResult   `json:"hostile"`
	Read      *readResult      `json:"read"`
	Deliver   *deliverResult   `json:"deliver"`
	Reconcile *reconcileResult `json:"reconcile"`
	Gateway   *gatewayResult   `json:"gateway"`
	Split     *splitResult     `json:"split"`
}

func main() {
	sqlite.PackPages() // as the program does
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", fault.Say(err, environmentLang()))
		stop()
		os.Exit(1)
	}
}

func environmentLang() text.Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			return text.FromLocale(v)
		}
	}
	return text.EN
}

func flags(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.IntVar(&o.rows, "rows", 300_000, "rows of the whole way / 全程的行数")
	f.IntVar(&o.pairs, "pairs", 3, "rounds, alternating / 交替轮数")
	f.IntVar(&o.records, "records", 3_000_000, "records of the large ledger / 大台账的条数")
	f.StringVar(&o.sizes, "memory", "100000,1000000", "row counts the peak memory is compared at / 比较内存峰值的行数")
	f.StringVar(&o.only, "only", "all", strings.Join(parts, " | ")+" | all")
	f.StringVar(&o.json, "json", "", "keep the raw figures in this file / 原始数字写入此文件")
	f.StringVar(&o.profile, "profile", "", "CPU profile of the ledger and mapping parts / 台账与映射部分的 CPU 剖析")
	f.StringVar(&o.banjian, "banjian", "", "measure this program instead of building ./cmd/banjian / 测这个程序，不现编译")
	f.StringVar(&o.view, "read-view", "", "read v_accept of this database and end; what -only read measures / 只读这个库的 v_accept，供 -only read 自用")
	f.StringVar(&o.lang, "lang", string(environmentLang()), "zh | en")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	switch o.only {
	case "all":
	default:
		if !slices.Contains(parts, o.only) {
			return o, fmt.Errorf("-only: %s, all", strings.Join(parts, ", "))
		}
	}
	if o.rows < 2 || o.pairs < 1 || o.records < 1 {
		return o, fmt.Errorf("-rows, -pairs, -records: too small")
	}
	return o, nil
}

func (o *options) wants(part string) bool { return o.only == part || o.only == "all" }

func run(ctx context.Context, args []string) error {
	o, err := flags(args)
	if err != nil {
		return err
	}
	if o.view != "" {
		return readView(ctx, o.view, o.rows)
	}
	dir, err := os.MkdirTemp("", "banjian-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	lang := text.FromLocale(o.lang)
	say := func(t text.Text) { fmt.Fprintln(os.Stderr, t.In(lang)) }
	res := &results{Machine: machine()}
	if o.only != "ledger" && o.only != "mapping" {
		if err := o.build(ctx, dir); err != nil {
			return err
		}
	}
	if err := inServer(ctx, dir, &o, res, say); err != nil {
		return err
	}
	if o.wants("push") {
		for _, of := range []pushed{acceptsAlone, wholeCases} {
			one, err := measurePush(ctx, dir, o.banjian, of, say)
			if err != nil {
				return err
			}
			res.Push = append(res.Push, one)
		}
	}
	if err := profiled(o.profile, func() error { return inProcess(ctx, dir, &o, res, say) }); err != nil {
		return err
	}
	printResults(os.Stdout, res, lang)
	if o.json == "" {
		return nil
	}
	data, err := json.MarshalIndent(res, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(o.json, append(data, '\n'), 0o644)
}

// build makes the program, unless one was given.
func (o *options) build(ctx context.Context, dir string) error {
	if o.banjian != "" {
		return nil
	}
	o.banjian = filepath.Join(dir, "banjian")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", o.banjian, "banjian/cmd/banjian").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w: %s", err, out)
	}
	return nil
}

// inServer is what needs a MariaDB; it is gone when the other parts are measured.
func inServer(ctx context.Context, dir string, o *options, res *results, say func(text.Text)) error {
	if !slices.ContainsFunc(onServer, o.wants) {
		return nil
	}
	data := filepath.Join(dir, "mariadb")
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	s, err := startServer(ctx, data)
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	defer s.stop()
	res.Server = s.version(ctx) + " " + strings.Join(serverOptions, " ")
	w, err := newWorld(ctx, dir, s, o.banjian, say)
	if err != nil {
		return err
	}
	if o.wants("whole") {
		if res.Whole, err = w.whole(ctx, o.rows, o.pairs); err != nil {
			return err
		}
	}
	if o.wants("deliver") {
		if res.Deliver, err = w.deliver(ctx, o.rows, o.pairs); err != nil {
			return err
		}
	}
	if o.wants("split") {
		if res.Split, err = w.split(ctx, o.rows, o.pairs); err != nil {
			return err
		}
	}
	if o.wants("gateway") {
		if res.Gateway, err = w.gateway(ctx, o.rows); err != nil {
			return err
		}
	}
	if o.wants("reconcile") {
		if res.Reconcile, err = w.reconcile(ctx, o.rows); err != nil {
			return err
		}
	}
	if o.wants("compare") {
		if res.Compare, err = w.compare(ctx, o.rows, o.pairs); err != nil {
			return err
		}
	}
	if o.wants("read") {
		if res.Read, err = w.read(ctx, o.rows, o.pairs); err != nil {
			return err
		}
	}
	if o.wants("hostile") {
		if res.Hostile, err = w.hostile(ctx, o.rows, o.pairs); err != nil {
			return err
		}
	}
	if o.wants("stream") {
		if res.Stream, err = w.stream(ctx, o.pairs); err != nil {
			return err
		}
	}
	if o.wants("memory") {
		sizes, err := o.memorySizes()
		if err != nil {
			return err
		}
		if res.Memory, err = w.memory(ctx, sizes); err != nil {
			return err
		}
	}
	return nil
}

func (o *options) memorySizes() ([]int, error) {
	var sizes []int
	for _, s := range strings.Split(o.sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 2 {
			return nil, fmt.Errorf("-memory: %q", s)
		}
		sizes = append(sizes, n)
	}
	return sizes, nil
}

func inProcess(ctx context.Context, dir string, o *options, res *results, say func(text.Text)) (err error) {
	if o.wants("ledger") {
		if res.Ledger, err = measureLedger(ctx, dir, o.records, say); err != nil {
			return err
		}
	}
	if o.wants("mapping") {
		say(text.T("映射阶段……", "mapping stages …"))
		res.Mapping, err = stages(ctx)
	}
	return err
}

func profiled(path string, f func() error) error {
	if path == "" {
		return f()
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return f()
}

func machine() string {
	model := "?"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.SplitSeq(string(info), "\n") {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%d × %s, %s %s/%s", runtime.NumCPU(), model, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
