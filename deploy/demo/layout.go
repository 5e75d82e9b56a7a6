package demo

import (
	"context"
	"database/sql"
	"errors"
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
	DepartmentFile = "data/department.db"
	ExchangeFile   = "data/exchange.db"
	ExpectedFile   = "data/expected.jsonl"
	NationalFile   = "data/expected_national.jsonl"
)

// Site is where a demo site is laid out and what stands behind its connections.
type Site struct {
	Dir         string
	ExchangeDDL []string // statements that create the receiver's up_pro_* tables in SQLite
	SourceEnv   string   // environment variable with a MySQL DSN of the department; empty: embedded
	ExchangeEnv string   // the same of the exchange database
}

const siteText = `# 演示站点 / demo site
site: demo
zone: "+08:00"
ledger: {path: data/ledger.db}
connections:
  gjj: {gjj}
  exchange: {exchange}
receivers:
  national: {system: national, environment: demo, kind: exchange, connection: exchange, profile: national-2020, data_source: "144"}
`

const jobText = `# 每分钟归集并上报一次 / collect and deliver every minute
job: every-minute
schedule: "* * * * *"
`

// Layout writes banjian.yaml and a job that runs every minute, and creates the embedded exchange database with the
// receiver's tables. What is already there stays as it is: a second call changes
// nothing. Errors are fault.Config.
func Layout(s Site) error {
	for _, folder := range []string{"data", "jobs"} {
		if err := os.MkdirAll(filepath.Join(s.Dir, folder), 0o755); err != nil {
			return layoutFault(err, s.Dir)
		}
	}
	err := once(filepath.Join(s.Dir, SiteFile), func(temp string) error {
		return os.WriteFile(temp, []byte(s.yaml()), 0o644)
	})
	if err == nil {
		err = once(filepath.Join(s.Dir, JobFile), func(temp string) error { return os.WriteFile(temp, []byte(jobText), 0o644) })
	}
	if err == nil && s.ExchangeEnv == "" {
		err = once(filepath.Join(s.Dir, ExchangeFile), func(temp string) error { return create(temp, s.ExchangeDDL) })
	}
	if err != nil {
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
// expected.jsonl beside it and, if national, expected_national.jsonl. A department
// that is already there is kept, whatever options it was made from: created is false.
// The database appears complete or not at all, after the files beside it.
func Department(ctx context.Context, dir string, o Options, national bool) (created bool, err error) {
	err = once(filepath.Join(dir, DepartmentFile), func(temp string) error {
		created = true
		return department(ctx, dir, temp, o, national)
	})
	return created, err
}

func department(ctx context.Context, dir, temp string, o Options, national bool) error {
	db, err := sql.Open("sqlite", "file:"+temp+"?_pragma=journal_mode(off)&_pragma=synchronous(off)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer db.Close()
	var w Writers
	expected, err := os.Create(filepath.Join(dir, ExpectedFile))
	if err != nil {
		return layoutFault(err, dir)
	}
	defer expected.Close()
	w.Expected = expected
	if national {
		rows, err := os.Create(filepath.Join(dir, NationalFile))
		if err != nil {
			return layoutFault(err, dir)
		}
		defer rows.Close()
		w.National = rows
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
	return strings.NewReplacer(
		"{gjj}", connection(s.SourceEnv, "{kind: sqlite, path: "+DepartmentFile+", max_connections: 2}"),
		"{exchange}", connection(s.ExchangeEnv, "{kind: sqlite, path: "+ExchangeFile+"}"),
	).Replace(siteText)
}

func connection(env, embedded string) string {
	if env == "" {
		return embedded
	}
	return "{kind: mysql, dsn: {env: " + env + "}}"
}
