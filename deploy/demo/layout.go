package demo

import (
	"context"
	"database/sql"
	_ "embed" // the site's pipelines
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the demo's embedded databases

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Files of a demo site, relative to its folder.
const (
	SiteFile       = "banjian.yaml"
	JobFile        = "jobs/every-minute.yaml"
	PipelinesFile  = "pipelines/provident-fund.yaml"
	DepartmentFile = "data/department.db"
	ExchangeFile   = "data/exchange.db"
	PlatformFile   = "data/platform.jsonl" // what the simulated platform has; the simulator makes it
	ExpectedFile   = "data/expected.jsonl"
	NationalFile   = "data/expected_national.jsonl"
	MessagesFile   = "data/expected_platform.jsonl"
)

// Site is where a demo site is laid out and what stands behind its connections.
type Site struct {
	Dir         string
	ExchangeDDL []string // statements that create the receiver's up_pro_* tables in SQLite
	SourceEnv   string   // environment variable with a MySQL DSN of the department; empty: embedded
	ExchangeEnv string   // the same of the exchange database
	Bus         string   // host:port of a Kafka the department tells its changes on; empty: its views are read
}

const siteText = `# yaml-language-server: $schema=.schema/site.json
# 演示站点 / demo site
site: demo
zone: "+08:00"
ledger: {path: data/ledger.db}
connections:
  gjj: {gjj}
  exchange: {exchange}
  ywzt: {kind: platform, embedded: {platform}} # 模拟中台，就在本进程里 / a simulator in this process
receivers:
  national: {system: national, environment: demo, kind: exchange, connection: exchange, profile: national-2020, data_source: "144"}
  platform: {system: ywzt, environment: test, kind: platform, connection: ywzt, profile: sd-ywzt-2024}
`

//go:embed site/pipelines/provident-fund.yaml
var pipelinesText string

//go:embed site/pipelines/provident-fund-stream.yaml
var streamText string

const jobText = `# yaml-language-server: $schema=../.schema/job.json
# 每分钟归集并上报一次 / collect and deliver every minute
job: every-minute
schedule: "* * * * *"
`

// Layout writes banjian.yaml, the pipelines and a job that runs every minute, and
// creates the embedded exchange database with the receiver's tables. What is already
// there stays as it is: a second call changes nothing. Errors are fault.Config.
func Layout(s Site) error {
	files := []struct{ name, text string }{{SiteFile, s.yaml()}, {PipelinesFile, pipelinesText}, {JobFile, jobText}}
	if s.Bus != "" { // followed, not run by a schedule
		files = files[:2]
		files[1].text = streamText
	}
	for _, f := range files {
		path := filepath.Join(s.Dir, f.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return layoutFault(err, s.Dir)
		}
		if err := once(path, func(temp string) error { return os.WriteFile(temp, []byte(f.text), 0o644) }); err != nil {
			return layoutFault(err, s.Dir)
		}
	}
	if err := os.MkdirAll(filepath.Join(s.Dir, "data"), 0o755); err != nil {
		return layoutFault(err, s.Dir)
	}
	if s.ExchangeEnv != "" {
		return nil
	}
	if err := once(filepath.Join(s.Dir, ExchangeFile), func(temp string) error { return create(temp, s.ExchangeDDL) }); err != nil {
		return layoutFault(err, s.Dir)
	}
	return nil
}

func layoutFault(err error, dir string) error {
	return fault.Wrap(err, fault.Config, "lay out demo site", dir,
		text.T("建立演示站点失败", "the demo site could not be laid out"),
		text.T("检查文件夹是否可写，或换一个 --dir", "check that the folder can be written, or give another --dir"))
}

// Department generates the embedded department of a laid-out site, with
// expected.jsonl beside it and, if all, expected_national.jsonl and
// expected_platform.jsonl. A department that is already there is kept, whatever options it was made from: created is false.
// The database appears complete or not at all, after the files beside it.
func Department(ctx context.Context, dir string, o Options, all bool) (created bool, err error) {
	err = once(filepath.Join(dir, DepartmentFile), func(temp string) error {
		created = true
		return department(ctx, dir, temp, o, all)
	})
	return created, err
}

func department(ctx context.Context, dir, temp string, o Options, all bool) error {
	db, err := sql.Open("sqlite", "file:"+temp+"?_pragma=journal_mode(off)&_pragma=synchronous(off)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer db.Close()
	var w Writers
	files := map[string]*io.Writer{ExpectedFile: &w.Expected}
	if all {
		files[NationalFile], files[MessagesFile] = &w.National, &w.Platform
	}
	for name, to := range files {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return layoutFault(err, dir)
		}
		defer f.Close()
		*to = f
	}
	_, err = Generate(ctx, db, SQLite, o, w)
	return err
}

// once makes a file under a temporary name and then gives it its own; it does nothing
// if the file is there.
func once(path string, write func(temp string) error) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	temp := path + ".new"
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := write(temp); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

func create(path string, ddl []string) error {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, statement := range ddl {
		if _, err := db.Exec(statement); err != nil {
			return err
		}
	}
	return nil
}

func (s Site) yaml() string {
	department := connection(s.SourceEnv, "{kind: sqlite, path: "+DepartmentFile+", max_connections: 2}")
	if s.Bus != "" {
		department = `{kind: kafka, brokers: ["` + s.Bus + `"]} # 演示用的 Kafka，就在本进程里 / a Kafka in this process, for the demo`
	}
	return strings.NewReplacer(
		"{gjj}", department,
		"{exchange}", connection(s.ExchangeEnv, "{kind: sqlite, path: "+ExchangeFile+"}"),
		"{platform}", PlatformFile,
	).Replace(siteText)
}

func connection(env, embedded string) string {
	if env == "" {
		return embedded
	}
	return "{kind: mysql, dsn: {env: " + env + "}}"
}
