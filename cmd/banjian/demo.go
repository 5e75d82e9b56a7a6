package main

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/wiring"
	"banjian/deploy/demo"
	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/schemas"
)

// Environment variables that hold the DSN of a demo on real servers; the site's file
// refers to them.
const (
	demoSourceEnv   = "BANJIAN_DEMO_SOURCE"
	demoExchangeEnv = "BANJIAN_DEMO_EXCHANGE"
)

type demoOptions struct {
	dir      string
	cases    int
	seed     uint64
	once     bool
	source   string
	exchange string
	stream   bool
	bus      string // where the department tells its changes
}

func (a *app) demoCommand() *cobra.Command {
	var o demoOptions
	c := &cobra.Command{
		Use:     "demo",
		Short:   a.t("演示：一个公积金中心的脏数据变成国家表里的合格数据", "a provident-fund centre's dirty data becomes valid national data"),
		Example: "  banjian demo --once --lang zh",
		Args:    a.exactly(0, text.T("demo 不带参数", "demo takes no argument")),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.dir, "dir", "banjian-demo", a.t("演示站点文件夹", "folder of the demo site"))
	f.IntVar(&o.cases, "cases", 2000, a.t("办件数", "number of cases"))
	f.Uint64Var(&o.seed, "seed", 1, a.t("随机种子", "seed"))
	f.BoolVar(&o.once, "once", false, a.t("跑一次就结束（否则按计划一直运行）", "run once and end (otherwise keep running by schedule)"))
	f.StringVar(&o.source, "source", "", a.t("用这个 MySQL 作部门库：user:pw@tcp(host:port)/db", "a MySQL server as the department: user:pw@tcp(host:port)/db"))
	f.StringVar(&o.exchange, "exchange", "", a.t("用这个 MySQL 作交换库", "a MySQL server as the exchange database"))
	f.BoolVar(&o.stream, "stream", false, a.t("部门由 Canal 把变更发到本进程里的 Kafka，边发边归集上报", "the department puts its changes into a Kafka in this process, as Canal does, and they are followed"))
	return c
}

// servers is the environment variables that the site's file refers to for its servers.
func (o *demoOptions) servers() string {
	var names []string
	if o.source != "" {
		names = append(names, demoSourceEnv)
	}
	if o.exchange != "" {
		names = append(names, demoExchangeEnv)
	}
	return strings.Join(names, ", ")
}

func (a *app) demo(ctx context.Context, o demoOptions) error {
	if o.cases < 1 {
		return usageError{errors.New(a.t("--cases 至少为 1", "--cases is at least 1"))}
	}
	if o.stream {
		return a.demoStream(ctx, o)
	}
	if err := errors.Join(answers(ctx, "--source", o.source), answers(ctx, "--exchange", o.exchange)); err != nil {
		return err
	}
	h, err := a.demoSite(ctx, o)
	if err != nil {
		return err
	}
	if !a.json {
		a.note(text.F("演示站点在 %s；逐行应有的结果见 %s", "the demo site is in %s; what must become of every dirty row is in %s", o.dir, filepath.Join(o.dir, demo.ExpectedFile)))
	}
	if err := a.run(ctx, h, nil, runOptions{all: true, failOn: "new"}); err != nil || a.code == exitFailed || a.code == exitUsage {
		return err
	}
	if !a.json {
		if names := o.servers(); names != "" {
			a.note(text.F("要连服务器的命令（run、doctor、reconcile 等）先得有环境变量 %s，值同 --source、--exchange：站点文件里不存口令", "commands that connect (run, doctor, reconcile and others) want %s in the environment, as given to --source and --exchange: the site's file keeps no password", names))
		}
		a.note(text.F("接着看：banjian rejects list --site %[1]s，banjian held list --site %[1]s", "next: banjian rejects list --site %[1]s, banjian held list --site %[1]s", o.dir))
	}
	if o.once {
		return nil
	}
	return a.serve(ctx, h)
}

// demoSite lays out the demo and joins its rooms.
func (a *app) demoSite(ctx context.Context, o demoOptions) (*house, error) {
	if err := a.layOutDemo(ctx, o); err != nil {
		return nil, err
	}
	s, err := site.Load(o.dir)
	if err != nil {
		return nil, err
	}
	return wiring.Open(s, wiring.Options{Log: a.log()})
}

// layOutDemo makes the site, the exchange tables and the department, unless they are
// there.
func (a *app) layOutDemo(ctx context.Context, o demoOptions) error {
	cat, err := schemas.Load()
	if err != nil {
		return err
	}
	layout := demo.Site{Dir: o.dir, Bus: o.bus}
	if o.source != "" {
		layout.SourceEnv = demoSourceEnv
		os.Setenv(demoSourceEnv, o.source)
	}
	if o.exchange != "" {
		layout.ExchangeEnv = demoExchangeEnv
		os.Setenv(demoExchangeEnv, o.exchange)
	}
	if layout.ExchangeDDL, err = exchangeDDL(cat, "sqlite"); err != nil {
		return err
	}
	if err := errors.Join(demo.Layout(layout), writeEditorSchemas(cat, o.dir)); err != nil {
		return err
	}
	if o.exchange != "" {
		if err := createExchange(ctx, cat, o.exchange); err != nil {
			return err
		}
	}
	options := demo.Options{Cases: o.cases, Seed: o.seed}
	if o.source == "" {
		created, err := demo.Department(ctx, o.dir, options, false)
		if err == nil && !created {
			err = a.noteKept(ctx, o.dir, options)
		}
		return err
	}
	return fillSource(ctx, o, options)
}

// noteKept says that a department made from other options stays as it is.
func (a *app) noteKept(ctx context.Context, dir string, options demo.Options) error {
	db, err := openDSN(filepath.Join(dir, demo.DepartmentFile))
	if err != nil {
		return err
	}
	defer db.Close()
	if !demo.Filled(ctx, db, options) {
		a.note(text.F("%s 里已有按别的 --cases、--seed 生成的部门，照旧使用；要重新生成请换一个 --dir", "%s holds a department made with other --cases or --seed, which is kept; give another --dir for a new one", dir))
	}
	return nil
}

// caseTables is the national tables a case is delivered to.
func caseTables(cat *schemas.Catalog) []*schemas.Table {
	var list []*schemas.Table
	for _, name := range cat.TableNames() {
		if !strings.HasPrefix(name, "up_pro_") {
			continue
		}
		if t, ok := cat.Table(name); ok {
			list = append(list, t)
		}
	}
	return list
}

func exchangeDDL(cat *schemas.Catalog, dialect string) ([]string, error) {
	var list []string
	for _, t := range caseTables(cat) {
		ddl, err := t.DDL(dialect)
		if err != nil {
			return nil, err
		}
		list = append(list, statements(ddl)...)
	}
	return list, nil
}

// createExchange creates the receiver's tables on a MySQL server that stands in for
// one; those that exist are kept.
func createExchange(ctx context.Context, cat *schemas.Catalog, dsn string) error {
	db, err := openDSN(dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, t := range caseTables(cat) {
		var n int
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema=DATABASE() AND table_name=?", t.Name).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		ddl, err := t.DDL("mysql")
		if err != nil {
			return err
		}
		for _, statement := range statements(ddl) {
			if _, err := db.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
	}
	return nil
}

// fillSource generates the department on a MySQL server, unless it is there.
func fillSource(ctx context.Context, o demoOptions, options demo.Options) error {
	db, err := openDSN(o.source)
	if err != nil {
		return err
	}
	defer db.Close()
	if demo.Filled(ctx, db, options) {
		return nil
	}
	expected, err := os.Create(filepath.Join(o.dir, demo.ExpectedFile))
	if err != nil {
		return err
	}
	defer expected.Close()
	_, err = demo.Generate(ctx, db, demo.MySQL, options, demo.Writers{Expected: io.Writer(expected)})
	return err
}

// answers says whether a server named by a flag is one, and lets us in; no DSN, no
// question. It is asked before anything is laid out.
func answers(ctx context.Context, flag, dsn string) error {
	if dsn == "" {
		return nil
	}
	cfg, err := sqldialect.ParseDSN(dsn)
	if err != nil || cfg.Kind != "mysql" {
		return fault.New(fault.Config, "read flag", flag, text.T("不是 MySQL 的地址", "this is no address of a MySQL server"),
			text.T("写成 user:pw@tcp(host:port)/db", "write it as user:pw@tcp(host:port)/db"))
	}
	cfg.Name = flag
	dialect, err := cfg.Dialect()
	if err != nil {
		return err
	}
	db, err := cfg.Open()
	if err != nil {
		return err
	}
	defer db.Close()
	return dialect.Fault(db.PingContext(ctx), "connect", cfg.Where())
}

func openDSN(dsn string) (*sql.DB, error) {
	cfg, err := sqldialect.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	return cfg.Open()
}

// statements splits DDL, whose statements end with a semicolon at a line's end.
func statements(ddl string) []string {
	var list []string
	for _, s := range strings.Split(ddl, ";\n") {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	return list
}
