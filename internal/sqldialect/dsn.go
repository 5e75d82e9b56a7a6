package sqldialect

import (
	"context"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// fixedParams are the DSN parameters a person may repeat but not change: the only
// value each may have.
var fixedParams = map[string]string{
	"allowAllFiles":            "false",
	"allowCleartextPasswords":  "false",
	"allowFallbackToPlaintext": "false",
	"allowOldPasswords":        "false",
	"multiStatements":          "false",
	"interpolateParams":        "false",
	"parseTime":                "false",
	"charset":                  "utf8mb4",
}

// ParseDSN reads the one-line form of a connection that the command line takes:
// "user:password@tcp(host:port)/database[?params]" for MySQL and MariaDB,
// "kind://user:password@host:port/database[?params]" for the other servers, kind being
// one of Kinds, "sqlite:path" or just a path for SQLite. Parameters that loosen what Config keeps
// tight are a Config fault, unknown ones too.
func ParseDSN(raw string) (Config, error) {
	if path, ok := strings.CutPrefix(raw, "sqlite:"); ok {
		return sqlitePath(path)
	}
	if kind, _, ok := strings.Cut(raw, "://"); ok && kind != "mysql" {
		return parseURL(kind, raw)
	}
	at := strings.LastIndexByte(raw, '@')
	if at < 0 && !strings.Contains(raw, "tcp(") {
		return sqlitePath(raw)
	}
	return parseMySQL(raw)
}

func sqlitePath(path string) (Config, error) {
	if path == "" || strings.ContainsRune(path, '?') {
		return Config{}, badDSN(text.T("SQLite 的写法是 sqlite:文件路径，不带参数", "SQLite is written sqlite:path, without parameters"))
	}
	return Config{Kind: "sqlite", Path: path}, nil
}

func parseMySQL(raw string) (Config, error) {
	raw = strings.TrimPrefix(raw, "mysql://")
	head, params, _ := strings.Cut(raw, "?")
	if at := strings.LastIndexByte(raw, '@'); at >= len(head) { // a ? in the password
		rest, p, _ := strings.Cut(raw[at:], "?")
		head, params = raw[:at]+rest, p
	}
	parsed, err := mysql.ParseDSN(head)
	if err != nil || parsed.Net != "tcp" {
		return Config{}, badDSN(text.T("MySQL 的写法是 用户:口令@tcp(主机:端口)/库名", "MySQL is written user:password@tcp(host:port)/database"))
	}
	host, port, err := net.SplitHostPort(parsed.Addr)
	if err != nil {
		return Config{}, badDSN(text.T("主机与端口写成 tcp(主机:端口)", "host and port are written tcp(host:port)"))
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return Config{}, badDSN(text.T("端口应为数字", "the port is a number"))
	}
	c := Config{Kind: "mysql", Host: host, Port: number, User: parsed.User, Database: parsed.DBName}
	if password := parsed.Passwd; password != "" {
		c.Password = func(context.Context) (string, error) { return password, nil }
	}
	return c, c.applyParams(params)
}

// parseURL reads the form of all servers but MySQL. What net/url has to say of a mistake
// may quote the password and is not passed on.
func parseURL(kind, raw string) (Config, error) {
	u, err := url.Parse(raw)
	d, known := ByName(kind)
	if known != nil || d.Name == "mysql" || d.Name == "sqlite" || err != nil || u.Hostname() == "" {
		return Config{}, badDSN(text.T("写法是 类型://用户:口令@主机:端口/库名，类型如 postgres、oracle、sqlserver；口令中的特殊字符写成 %XX",
			"it is written kind://user:password@host:port/database, kind being postgres, oracle, sqlserver …; special characters of the password as %XX"))
	}
	c := Config{Kind: strings.ToLower(kind), Host: u.Hostname(), User: u.User.Username(), Database: strings.TrimPrefix(u.Path, "/")}
	if c.Kind == "postgresql" {
		c.Kind = "postgres"
	}
	if port := u.Port(); port != "" {
		if c.Port, err = strconv.Atoi(port); err != nil {
			return Config{}, badDSN(text.T("端口应为数字", "the port is a number"))
		}
	}
	if password, ok := u.User.Password(); ok && password != "" {
		c.Password = func(context.Context) (string, error) { return password, nil }
	}
	return c, c.applyParams(u.RawQuery)
}

func (c *Config) applyParams(params string) error {
	for _, p := range strings.Split(params, "&") {
		key, value, _ := strings.Cut(p, "=")
		if key == "" {
			continue
		}
		if only, fixed := fixedParams[key]; fixed {
			if !strings.EqualFold(value, only) {
				return looseParam(key, only)
			}
			continue
		}
		var err error
		switch key {
		case "sslmode":
			if c.TLS = value == "verify-full"; !c.TLS && value != "disable" {
				return looseParam(key, "verify-full")
			}
		case "tls":
			if c.TLS = value == "true"; !c.TLS && value != "false" {
				return looseParam(key, "true")
			}
		case "timeout":
			c.ConnectTimeout, err = time.ParseDuration(value)
		case "readTimeout":
			c.ReadTimeout, err = time.ParseDuration(value)
		case "writeTimeout":
			c.WriteTimeout, err = time.ParseDuration(value)
		default:
			return badDSN(text.F("不支持参数 %q", "parameter %q is not supported", key))
		}
		if err != nil {
			return badDSN(text.F("参数 %q 应为 10s 这样的时长", "parameter %q is a duration such as 10s", key))
		}
	}
	return nil
}

func badDSN(what text.Text) error {
	return fault.New(fault.Config, "read connection string", "",
		text.T("连接串写法不对："+what.ZH, "malformed connection string: "+what.EN), text.Text{})
}

func looseParam(key, only string) error {
	return fault.New(fault.Config, "read connection string", "",
		text.F("连接参数 %s 只允许 %s", "connection parameter %s may only be %s", key, only),
		text.T("放宽它会让对方服务器读取本机文件、得到明文口令或执行多条语句，请删除该参数",
			"loosening it lets the server read local files, see the password in clear or run several statements: remove it"))
}
