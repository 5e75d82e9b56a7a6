// Package site reads a site (站点): the folder with banjian.yaml that says which
// departments are connected, which receivers are fed and where the ledger lies.
// Secrets are references (env, file, command); a literal one is refused.
package site

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

// FileName is the file that makes a folder a site.
const FileName = "banjian.yaml"

// Site is a site as read. Paths are as written; Path makes them absolute.
type Site struct {
	Name        string                `yaml:"site"`
	Zone        string                `yaml:"zone"` // of wall times without one; default +08:00
	Ledger      Ledger                `yaml:"ledger"`
	Connections map[string]Connection `yaml:"connections"`
	Receivers   map[string]Receiver   `yaml:"receivers"`
	Dir         string                `yaml:"-"`
}

// Ledger says where the ledger file lies and how much it keeps.
type Ledger struct {
	Path string `yaml:"path"`
	Keep int    `yaml:"keep_source_days"` // days that mapped source columns stay; default 7
}

// Connection is a database of a department or of a receiver.
type Connection struct {
	Kind           string `yaml:"kind"` // sqlite, mysql
	Path           string `yaml:"path"` // sqlite
	Host           string `yaml:"host"`
	Port           int    `yaml:"port"`
	User           string `yaml:"user"`
	Password       Secret `yaml:"password"`
	Database       string `yaml:"database"`
	DSN            Secret `yaml:"dsn"`             // instead of host … database
	MaxConnections int    `yaml:"max_connections"` // default 2
	Hours          string `yaml:"hours"`           // when it may be read: "20:00-06:00"
	TLS            bool   `yaml:"tls"`             // mysql: encrypt and verify the server
	CAFile         string `yaml:"ca_file"`         // PEM; default: the system's authorities
	ServerName     string `yaml:"server_name"`     // in the server's certificate; default: host
}

// Receiver (接收方) is one system in one environment.
type Receiver struct {
	System      string `yaml:"system"`
	Environment string `yaml:"environment"`
	Kind        string `yaml:"kind"` // exchange
	Connection  string `yaml:"connection"`
	Profile     string `yaml:"profile"`
	DataSource  string `yaml:"data_source"` // three characters the centre issues
}

// Find is the nearest folder upwards from dir that holds a banjian.yaml.
func Find(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for d := abs; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, FileName)); err == nil {
			return d, nil
		}
		if d == filepath.Dir(d) {
			return "", fault.New(fault.Config, "find site", dir, text.T("这里和上级文件夹都没有 banjian.yaml", "there is no banjian.yaml here or in a parent folder"),
				text.T("用 --site 指明站点文件夹，或用 banjian init DIR 新建", "name the site with --site, or make one with banjian init DIR"))
		}
	}
}

// Load reads the site in dir.
func Load(dir string) (*Site, error) {
	file := filepath.Join(dir, FileName)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Config, "load site", file, text.T("没有 banjian.yaml", "there is no banjian.yaml"),
			text.T("用 --site 指明站点文件夹，或用 banjian init DIR 新建", "name the site with --site, or make one with banjian init DIR"))
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "load site", file, text.T("读不到文件", "cannot read the file"), text.Text{})
	}
	s := &Site{}
	if err := yamlfile.Decode(file, data, s); err != nil {
		return nil, err
	}
	if s.Dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	s.resolve()
	return s, s.check(file)
}

// resolve makes the files that connections refer to absolute: they are written
// relative to the site.
func (s *Site) resolve() {
	for name, c := range s.Connections {
		for _, p := range []*string{&c.Password.File, &c.DSN.File, &c.CAFile} {
			if *p != "" {
				*p = s.Path(*p)
			}
		}
		s.Connections[name] = c
	}
}

func (s *Site) check(file string) error {
	bad := func(what, hint text.Text) error { return fault.New(fault.Config, "load site", file, what, hint) }
	if s.Ledger.Path == "" {
		s.Ledger.Path = "data/ledger.db"
	}
	if s.Ledger.Keep <= 0 {
		s.Ledger.Keep = 7
	}
	if s.Zone == "" {
		s.Zone = "+08:00"
	}
	for name, c := range s.Connections {
		switch {
		case c.Kind != "sqlite" && c.Kind != "mysql":
			return bad(text.F("连接 %s 的 kind %q 不认识", "connection %s: kind %q is not known", name, c.Kind), text.T("用 sqlite 或 mysql", "use sqlite or mysql"))
		case c.Kind == "sqlite" && c.Path == "":
			return bad(text.F("连接 %s 缺少 path", "connection %s lacks path", name), text.Text{})
		case c.Kind == "mysql" && c.DSN.IsZero() && (c.Host == "" || c.User == "" || c.Database == ""):
			return bad(text.F("连接 %s 缺少 host、user 或 database", "connection %s lacks host, user or database", name), text.T("补上，或写 dsn: {env: 变量名}", "add them, or write dsn: {env: NAME}"))
		}
	}
	for name, r := range s.Receivers {
		switch {
		case r.Kind != "exchange":
			return bad(text.F("接收方 %s 的 kind %q 不认识", "receiver %s: kind %q is not known", name, r.Kind), text.T("用 exchange", "use exchange"))
		case r.Profile == "":
			return bad(text.F("接收方 %s 缺少 profile", "receiver %s lacks profile", name), text.T("例如 national-2020", "for instance national-2020"))
		case len(r.DataSource) != 3:
			return bad(text.F("接收方 %s 的 data_source 须为 3 个字符", "receiver %s: data_source has three characters", name), text.T("由国家平台分配，如 144", "the national centre issues it, such as 144"))
		}
		if _, ok := s.Connections[r.Connection]; !ok {
			return bad(text.F("接收方 %s 的连接 %q 没有定义", "receiver %s: connection %q is not defined", name, r.Connection), text.T("在 connections 里加上", "add it under connections"))
		}
	}
	return nil
}

// Path makes a path of the site absolute.
func (s *Site) Path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(s.Dir, p)
}

// Folder is one of the site's folders (mappings, pipelines, jobs, schemas), nil if it
// has none.
func (s *Site) Folder(name string) fs.FS {
	dir := filepath.Join(s.Dir, name)
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return nil
	}
	return os.DirFS(dir)
}
