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
	"banjian/internal/pace"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

// DefaultConnections is how many connections a database is given at a time.
const DefaultConnections = 2

// FileName is the file that makes a folder a site.
const FileName = "banjian.yaml"

// Site is a site as read. Paths are as written; Path makes them absolute.
type Site struct {
	Name        string                `yaml:"site"`
	Zone        string                `yaml:"zone"` // of wall times without one; default +08:00
	Ledger      Ledger                `yaml:"ledger"`
	Objects     string                `yaml:"objects"` // folder of files that records refer to; default data/objects
	Connections map[string]Connection `yaml:"connections"`
	Receivers   map[string]Receiver   `yaml:"receivers"`
	Gateway     *Gateway              `yaml:"gateway"` // where platforms call us; nil = nowhere
	Dir         string                `yaml:"-"`

	Verification *Verification `yaml:"verification"` // where records are verified while they are collected; nil = nowhere

	ObjectStore *ObjectStore `yaml:"object_store"` // keeps those files instead; objects is then where they are looked at before

	doc *yamlfile.Doc
}

// Ledger says where the ledger file lies and how much it keeps.
type Ledger struct {
	Path string `yaml:"path"`
	Keep int    `yaml:"keep_source_days"` // days that mapped source columns stay; default 7
}

// Connection is a database of a department or of a receiver, a middle platform, or the
// brokers of a Kafka cluster.
type Connection struct {
	Kind           string `yaml:"kind"` // sqlite, mysql, platform, kafka, folder, sftp
	Path           string `yaml:"path"` // sqlite
	Host           string `yaml:"host"`
	Port           int    `yaml:"port"`
	User           string `yaml:"user"`
	Password       Secret `yaml:"password"`
	Database       string `yaml:"database"`
	DSN            Secret `yaml:"dsn"`             // instead of host … database
	MaxConnections int    `yaml:"max_connections"` // at a time, of all pipelines of a process; a database: DefaultConnections unless given
	Hours          string `yaml:"hours"`           // when it may be read: "20:00-06:00"
	Charset        string `yaml:"charset"`         // of text that the database does not hold as Unicode: gbk, gb18030, big5

	Role      string     `yaml:"role"`      // primary, standby; default: the server is asked
	Heartbeat *Heartbeat `yaml:"heartbeat"` // of a standby: what tells how far it is behind

	Speed            pace.Speed `yaml:"speed"`             // of all that is read over it together; default: none
	StatementTimeout Duration   `yaml:"statement_timeout"` // of each statement at the server; default 10m to ask, 12h to read

	TLS        bool   `yaml:"tls"`         // mysql: encrypt and verify the server
	CAFile     string `yaml:"ca_file"`     // PEM; default: the system's authorities
	ServerName string `yaml:"server_name"` // in the server's certificate; default: host

	// A middle platform: where it is and the keys it allotted, the second one while keys
	// are being changed; or, for trying things out, a simulator in this process.
	URL      string      `yaml:"url"`
	Keys     []AccessKey `yaml:"keys"`
	Embedded string      `yaml:"embedded"` // state file of the simulator
	Rate     float64     `yaml:"rate"`     // calls a second to each interface at most; default: as its profile says

	// Kafka: its brokers, how to sign in to them, and the registry of its schemas.
	Brokers  []string `yaml:"brokers"`  // host:port
	SASL     string   `yaml:"sasl"`     // plain, scram-sha-256, scram-sha-512; default: nobody signs in
	Registry string   `yaml:"registry"` // base URL
	// RegistryUser signs in to the registry.
	RegistryUser     string `yaml:"registry_user"`
	RegistryPassword Secret `yaml:"registry_password"`
	Group            string `yaml:"group"` // what consumer groups are called, the pipeline's name follows; default banjian

	// A folder, here or on an SFTP server: where files go that were taken, and those that
	// cannot be read, below it.
	Archive  string `yaml:"archive"`
	Rejected string `yaml:"rejected"`

	// SFTP: what the server is known by, and the key that signs in.
	HostKeys   []string `yaml:"host_keys"`   // fingerprints (SHA256:…) or keys; or
	KnownHosts string   `yaml:"known_hosts"` // a file of them
	PrivateKey Secret   `yaml:"private_key"`
	Passphrase Secret   `yaml:"passphrase"` // of the private key

	Attachments *Attachments `yaml:"attachments"` // where the files are that rows refer to
}

// AccessKey is what a middle platform allots to those who call it.
type AccessKey struct {
	Key    Secret `yaml:"key"`
	Secret Secret `yaml:"secret"`
	SM4    Secret `yaml:"sm4"`
}

// Receiver (接收方) is one system in one environment.
type Receiver struct {
	System      string `yaml:"system"`
	Environment string `yaml:"environment"`
	Kind        string `yaml:"kind"` // exchange
	Connection  string `yaml:"connection"`
	Profile     string `yaml:"profile"`
	DataSource  string `yaml:"data_source"` // three characters the centre issues

	Widths  string `yaml:"widths"`  // exchange: what its text columns count, characters or bytes; default characters
	Charset string `yaml:"charset"` // exchange: what they can hold, utf8, utf8mb3, gbk or gb18030; default utf8

	Substitute map[string]string `yaml:"substitute"` // exchange: by a character that charset lacks, what is sent instead

	Layout   string            `yaml:"layout"`   // exchange: how columns are spelled, 2018, 2020 or flat; default 2020
	Suffix   string            `yaml:"suffix"`   // exchange: of its tables' names, such as _v3
	Suffixes map[string]string `yaml:"suffixes"` // exchange: by source_id instead, where departments have tables of their own
	Tables   map[string]string `yaml:"tables"`   // exchange: names of single tables that differ, by the standard's name
	Feedback *Feedback         `yaml:"feedback"` // exchange: what it tells us after it was fed; default: nobody looks

	Start          string        `yaml:"start"`            // cases accepted before it are not for this receiver: 2026-01-01; default: none
	Maintenance    []Maintenance `yaml:"maintenance"`      // when it is left alone
	CatchUp        int           `yaml:"catch_up"`         // records a second in the hour after that; 0 = no limit
	Breaker        *Breaker      `yaml:"breaker"`          // when it is left alone for a while by itself
	Backlog        *Backlog      `yaml:"backlog"`          // what new records go before
	Limits         LimitsOf      `yaml:"limits"`           // platform: how gently single interfaces are called, over its profile
	AlertHeldAfter Duration      `yaml:"alert_held_after"` // how long a record may be held before somebody should look; default 72h

	Attachments *HandOver `yaml:"attachments"` // platform: how it gets files; default inline
}

// Feedback (回传) is how it is found out what an exchange database did with what it was given.
type Feedback struct {
	Every   Duration `yaml:"every"`               // how often serve looks; default 10m
	Tables  []string `yaml:"tables"`              // those of the profile in which rows come back that are read; default all
	Uptake  *bool    `yaml:"uptake"`              // whether is_sync is looked at; default true
	Waiting Duration `yaml:"alert_waiting_after"` // how long a row may wait to be taken over before somebody should look; default 24h
	Purged  Duration `yaml:"purged_after"`        // rows it may have cleaned up that long after they went; default 7d
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

// Load reads the site in dir. With an error, which tells all mistakes of its file, it
// gives what could be read, nil if there is no such file.
func Load(dir string) (*Site, error) {
	file := filepath.Join(dir, FileName)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Config, "load site", file, text.T("没有 banjian.yaml", "there is no banjian.yaml"),
			text.T("用 --site 指明站点文件夹，或用 banjian init DIR 新建", "name the site with --site, or make one with banjian init DIR"))
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "load site", file, text.T("读不到文件", "cannot read the file"), text.T("用拥有站点的用户运行，或检查文件权限", "run as the user that owns the site, or check the file's permissions"))
	}
	s := &Site{}
	if s.Dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if s.doc, err = yamlfile.Read(file, data, s); err != nil {
		return &Site{Dir: s.Dir}, hide(err)
	}
	s.resolve()
	return s, s.check()
}

// resolve makes the files that connections refer to absolute: they are written
// relative to the site.
func (s *Site) resolve() {
	for name, c := range s.Connections {
		files := []*string{&c.Password.File, &c.DSN.File, &c.CAFile, &c.Embedded, &c.KnownHosts, &c.PrivateKey.File, &c.Passphrase.File}
		for i := range c.Keys {
			files = append(files, &c.Keys[i].Key.File, &c.Keys[i].Secret.File, &c.Keys[i].SM4.File)
		}
		if a := c.Attachments; a != nil {
			files = append(files, &a.CAFile, &a.Authorization.File)
			for i := range a.Folders {
				files = append(files, &a.Folders[i].Path)
			}
		}
		s.absolute(files)
		s.Connections[name] = c
	}
	if s.Gateway != nil {
		s.Gateway.resolve(s)
	}
	if s.Verification != nil {
		s.Verification.resolve(s)
	}
	if o := s.ObjectStore; o != nil {
		s.absolute([]*string{&o.CAFile, &o.AccessKey.File, &o.SecretKey.File})
	}
}

func (s *Site) absolute(files []*string) {
	for _, p := range files {
		if *p != "" {
			*p = s.Path(*p)
		}
	}
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
