package site

import (
	"maps"
	"slices"
	"strings"

	"banjian/internal/charset"
	"banjian/internal/day"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// Fault is a Config fault at the value of banjian.yaml that path leads to, keys and
// indices from the top: "connections", "gjj", "kind".
func (s *Site) Fault(what, hint text.Text, path ...any) error {
	if s.doc == nil {
		return fault.New(fault.Config, "load site", FileName, what, hint)
	}
	return hide(s.doc.Fault(what, hint, path...))
}

// check fills defaults and finds all that can be wrong in the file alone.
func (s *Site) check() error {
	if s.Ledger.Path == "" {
		s.Ledger.Path = "data/ledger.db"
	}
	if s.Objects == "" {
		s.Objects = "data/objects"
	}
	if s.Ledger.Keep <= 0 {
		s.Ledger.Keep = 7
	}
	if s.Zone == "" {
		s.Zone = "+08:00"
	}
	var found fault.List
	if _, err := sqldialect.ZoneOf(s.Zone); err != nil {
		found.Add(s.Fault(text.F("时区 %q 不认识", "zone %q is not known", s.Zone), text.T("写成 +08:00 这样的固定偏移", "write a fixed offset such as +08:00"), "zone"))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Connections)) {
		found.Add(s.checkConnection(name))
		if c := s.Connections[name]; c.MaxConnections == 0 && slices.Contains(sqldialect.Kinds(), c.Kind) {
			c.MaxConnections = DefaultConnections
			s.Connections[name] = c
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Receivers)) {
		found.Add(s.checkReceiver(name))
	}
	found.Add(s.checkObjectStore())
	found.Add(s.checkGateway())
	found.Add(s.checkVerification())
	found.Sort()
	return found.Err()
}

var (
	connectionKinds = append(sqldialect.Kinds(), "platform", "kafka", "folder", "sftp")
	databaseKinds   = sqldialect.Kinds()
	receiverKinds   = []string{"exchange", "platform", "topic", "table", "file"}
	connectionOf    = map[string]string{"platform": "platform", "topic": "kafka", "file": "folder"} // the connection a receiver of a kind takes; others take a database
)

// nearOr is the nearest known word, else hint.
func nearOr(word string, known []string, hint text.Text) text.Text {
	if near := nearest.Hint(word, known); !near.IsZero() {
		return near
	}
	return hint
}

func kindsHint() text.Text {
	list := strings.Join(connectionKinds, ", ")
	return text.F("可用：%s", "known: %s", list)
}

func (s *Site) checkConnection(name string) error {
	c := s.Connections[name]
	at := func(what, hint text.Text, key ...any) error {
		return s.Fault(what, hint, append([]any{"connections", name}, key...)...)
	}
	var lacks []string
	for _, p := range []struct {
		key   string
		there bool
	}{{"host", c.Host != ""}, {"user", c.User != ""}, {"database", c.Database != ""}} {
		if !p.there {
			lacks = append(lacks, p.key)
		}
	}
	what, key := c.wrongPlatform(name)
	wrong, wrongKey := c.wrongKafka(name)
	folder, folderKey := c.wrongFolder(name)
	sftp, sftpKey := c.wrongSFTP(name)
	standby, standbyHint, standbyKey := c.wrongStandby(name)
	switch {
	case c.Kind == "":
		return at(text.F("连接 %s 缺少 kind", "connection %s lacks kind", name), kindsHint())
	case !slices.Contains(connectionKinds, c.Kind):
		return at(text.F("连接 %s 的 kind %q 不认识", "connection %s: kind %q is not known", name, c.Kind), nearOr(c.Kind, connectionKinds, kindsHint()), "kind")
	case !what.IsZero():
		return at(what, text.T("写 url 和 keys（一组，换密钥期间两组），或写 embedded: 状态文件", "write url and keys, one set or, while they change, two; or embedded: a state file"), key)
	case !wrong.IsZero():
		return at(wrong, text.T("写 brokers: [主机:端口]，登录时加 sasl、user、password", "write brokers: [host:port], and sasl, user and password where one signs in"), wrongKey)
	case !folder.IsZero():
		return at(folder, text.T("path 是部门放文件的文件夹；archive、rejected 写相对它的路径，如 已处理", "path is the folder the department drops its files in; archive and rejected are relative to it, such as done"), folderKey)
	case !sftp.IsZero():
		return at(sftp, text.T("写 host、user、password 或 private_key，以及部门给的主机公钥指纹：host_keys: [\"SHA256:…\"]；不核对主机公钥就不连接", "write host, user, password or private_key, and the fingerprint of its host key as the department tells it: host_keys: [\"SHA256:…\"]; no server is talked to that is not known"), sftpKey)
	case c.Kind == "sqlite" && c.Path == "":
		return at(text.F("连接 %s 缺少 path", "connection %s lacks path", name), text.T("path: 数据库文件", "path: the database's file"))
	case c.Kind != "sqlite" && slices.Contains(databaseKinds, c.Kind) && c.DSN.IsZero() && len(lacks) > 0:
		return at(text.F("连接 %s 缺少 %s", "connection %s lacks %s", name, strings.Join(lacks, ", ")), text.T("补上，或写 dsn: {env: 变量名}", "add them, or write dsn: {env: NAME}"))
	case !standby.IsZero():
		return at(standby, standbyHint, standbyKey)
	case c.Charset != "" && (c.Kind == "platform" || c.Kind == "kafka" || !charset.Known(c.Charset)):
		known := append([]string{"utf8"}, charset.Names()...)
		return at(text.F("连接 %s 的 charset 不能是 %q", "connection %s: charset cannot be %q", name, c.Charset),
			nearOr(c.Charset, known, text.F("数据库连接可用 %[1]s", "a database connection takes %[1]s", strings.Join(known, ", "))), "charset")
	case c.MaxConnections < 0:
		return at(text.F("连接 %s 的 max_connections 不能为负", "connection %s: max_connections cannot be negative", name), text.F("不写为 %d", "%d where it is left out", DefaultConnections), "max_connections")
	case c.Port < 0 || c.Port > 65535:
		return at(text.F("连接 %s 的 port %d 不对", "connection %s: %d is no port", name, c.Port), text.T("1 到 65535", "1 to 65535"), "port")
	}
	if _, err := day.ParseHours(c.Hours); err != nil {
		return at(text.F("连接 %s 的 hours %q 写法不对", "connection %s: hours %q are not well formed", name, c.Hours), text.T("写成 22:00-06:00，多个时段以逗号分隔", "write 22:00-06:00, several separated by commas"), "hours")
	}
	if c.Attachments != nil {
		if what, hint, key := c.Attachments.wrong(name); !what.IsZero() {
			return at(what, hint, key...)
		}
	}
	return nil
}

// What a receiver's columns may count and hold.
var (
	widthUnits = []string{"characters", "bytes"}
	charsets   = []string{"utf8", "utf8mb3", "gbk", "gb18030"}
)

func (s *Site) checkReceiver(name string) error {
	r := s.Receivers[name]
	var found fault.List
	bad := func(what, hint text.Text, key ...any) {
		found.Add(s.Fault(what, hint, append([]any{"receivers", name}, key...)...))
	}
	known := slices.Contains(receiverKinds, r.Kind)
	if !known {
		bad(text.F("接收方 %s 的 kind %q 不认识", "receiver %s: kind %q is not known", name, r.Kind), nearOr(r.Kind, receiverKinds, text.T("用 exchange、platform、topic、table 或 file", "use exchange, platform, topic, table or file")), "kind")
	}
	if lacks := r.unnamed(); lacks != "" {
		bad(text.F("接收方 %s 缺少 %s：台账按系统和环境分清测试和生产", "receiver %s lacks %s: by system and environment the ledger tells test from production", name, lacks),
			text.T("例如 system: national, environment: test（联调、生产另起名字，各写各的）", "for instance system: national, environment: test; joint debugging and production are receivers of their own"))
	}
	if r.Profile == "" {
		bad(text.F("接收方 %s 缺少 profile", "receiver %s lacks profile", name), text.T("例如 national-2020", "for instance national-2020"))
	}
	if r.Kind == "exchange" && len(r.DataSource) != 3 {
		bad(text.F("接收方 %s 的 data_source 须为 3 个字符", "receiver %s: data_source has three characters", name), text.T("由国家平台分配，如 144", "the national centre issues it, such as 144"), "data_source")
	}
	for _, word := range []struct {
		key, value string
		known      []string
	}{{"widths", r.Widths, widthUnits}, {"charset", r.Charset, charsets}} {
		if word.value != "" && (r.Kind != "exchange" || !slices.Contains(word.known, word.value)) {
			bad(text.F("接收方 %s 的 %s 不能是 %q", "receiver %s: %s cannot be %q", name, word.key, word.value),
				nearOr(word.value, word.known, text.F("交换库的接收方可用 %[1]s", "a receiver with exchange tables takes %[1]s", strings.Join(word.known, ", "))), word.key)
		}
	}
	if b := r.Breaker; b != nil && (b.Failures < 0 || b.Most > 0 && b.Most < b.Wait) {
		bad(text.F("接收方 %s 的 breaker 不对：failures 不为负，at_most 不小于 wait", "receiver %s: breaker is wrong: failures is not negative, at_most not below wait", name), text.T("例如 {failures: 10, wait: 5s, at_most: 10m}", "for instance {failures: 10, wait: 5s, at_most: 10m}"), "breaker")
	}
	if b := r.Backlog; b != nil && (b.Over < 0 || b.Share < 0 || b.Share > 99) {
		bad(text.F("接收方 %s 的 backlog 不对：over 不为负，share 是 1 到 99 的百分数", "receiver %s: backlog is wrong: over is not negative, share is a percentage of 1 to 99", name), text.T("例如 {over: 5000, share: 20}", "for instance {over: 5000, share: 20}"), "backlog")
	}
	for in, l := range r.Limits {
		if r.Kind != "platform" || l.Connections < 0 || l.Rate < 0 {
			bad(text.F("接收方 %[1]s 的 limits.%[2]s 不对：只用于 platform，connections、rate 不为负", "receiver %[1]s: limits.%[2]s is wrong: it is for a platform, connections and rate are not negative", name, in), text.T("例如 {connections: 2, rate: 5, timeout: 60s}", "for instance {connections: 2, rate: 5, timeout: 60s}"), "limits", in)
		}
	}
	found.Add(s.checkHandOver(name, &r))
	s.checkExchange(name, r, bad)
	c, ok := s.Connections[r.Connection]
	switch {
	case !ok:
		bad(text.F("接收方 %s 的连接 %q 没有定义", "receiver %s: connection %q is not defined", name, r.Connection),
			nearOr(r.Connection, slices.Sorted(maps.Keys(s.Connections)), text.T("在 connections 里加上", "add it under connections")), "connection")
	case known && slices.Contains(connectionKinds, c.Kind) && !fits(c.Kind, r.Kind):
		bad(text.F("接收方 %s 与连接 %s 的 kind 对不上", "receiver %s and connection %s are of different kinds", name, r.Connection), text.T("platform 接收方要用 platform 连接，topic 接收方要用 kafka 连接，file 接收方要用 folder 连接", "a platform receiver takes a platform connection, a topic receiver a kafka connection, a file receiver a folder"), "connection")
	}
	return found.Err()
}

// unnamed is what is missing of the system and environment that the receiver is.
func (r *Receiver) unnamed() string {
	switch {
	case r.System == "" && r.Environment == "":
		return "system, environment"
	case r.System == "":
		return "system"
	case r.Environment == "":
		return "environment"
	}
	return ""
}

// layouts are the spellings of exchange tables.
var layouts = []string{"2020", "2018", "flat"}

// checkExchange finds what is wrong with what only exchange tables have.
func (s *Site) checkExchange(name string, r Receiver, bad func(what, hint text.Text, key ...any)) {
	if r.Layout != "" && !slices.Contains(layouts, r.Layout) {
		bad(text.F("接收方 %s 的 layout 不能是 %q", "receiver %s: layout cannot be %q", name, r.Layout), text.T("2020（小写下划线）、2018（驼峰）或 flat（小写无下划线）", "2020, snake_case; 2018, CamelCase; or flat, lower case without underscores"), "layout")
	}
	if r.Kind == "exchange" {
		return
	}
	for _, k := range []struct {
		key   string
		there bool
	}{{"layout", r.Layout != ""}, {"suffix", r.Suffix != ""}, {"suffixes", len(r.Suffixes) > 0}, {"tables", len(r.Tables) > 0}, {"feedback", r.Feedback != nil}} {
		if k.there {
			bad(text.F("接收方 %s 不是 exchange，不写 %s", "receiver %s is no exchange: %s does not belong there", name, k.key), text.T("去掉它", "drop it"), k.key)
		}
	}
}

// fits says whether a connection is of the kind that a receiver takes.
func fits(connection, receiver string) bool {
	if want := connectionOf[receiver]; want != "" {
		return connection == want
	}
	return slices.Contains(databaseKinds, connection)
}

// wrongPlatform is what is wrong with what only a middle platform has, and at which key.
func (c *Connection) wrongPlatform(name string) (what text.Text, key string) {
	real := c.URL != "" || len(c.Keys) > 0
	switch {
	case c.Kind != "platform" && (real || c.Embedded != ""):
		for _, k := range []struct {
			key   string
			there bool
		}{{"url", c.URL != ""}, {"keys", len(c.Keys) > 0}, {"embedded", c.Embedded != ""}} {
			if k.there {
				key = k.key
				break
			}
		}
		return text.F("连接 %s 不是 platform，不写 url、keys、embedded", "connection %s is no platform: url, keys and embedded do not belong there", name), key
	case c.Kind == "platform" && real == (c.Embedded != ""):
		return text.F("连接 %s 要写 url 和 keys，或 embedded，二选一", "connection %s has url and keys, or embedded", name), "embedded"
	case real && (c.URL == "" || len(c.Keys) < 1 || len(c.Keys) > 2):
		return text.F("连接 %s 要有 url 和一到两组 keys", "connection %s needs url and one or two sets of keys", name), "keys"
	}
	for i := range c.Keys {
		if c.Keys[i].Key.IsZero() || c.Keys[i].Secret.IsZero() {
			return text.F("连接 %s 的 keys 要有 key 和 secret", "connection %s: keys need key and secret", name), "keys"
		}
	}
	return text.Text{}, ""
}
