package site

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"banjian/internal/filekind"
	"banjian/internal/pace"
	"banjian/internal/text"
)

// Attachments (附件) says where the files are that rows of a connection refer to. What is
// not declared here is never asked.
type Attachments struct {
	Folders       []Folder  `yaml:"folders"`       // local ones
	Hosts         []string  `yaml:"hosts"`         // host or host:port of addresses, exactly
	Base          string    `yaml:"base"`          // of addresses that references are written relative to
	CAFile        string    `yaml:"ca_file"`       // PEM, of https; default: the system's authorities
	Authorization Secret    `yaml:"authorization"` // value of that header, such as Bearer …
	MaxSize       pace.Size `yaml:"max_size"`      // of a file; default 64MiB
	Types         []string  `yaml:"types"`         // kinds of files that are taken; default: all that are known
	Timeout       Duration  `yaml:"timeout"`       // of one file; default 2m
	Connections   int       `yaml:"connections"`   // files fetched at a time; default 4
}

// Folder is a folder that a department's files are put into.
type Folder struct {
	Path   string `yaml:"path"`
	Prefix string `yaml:"prefix"` // how references to it begin, such as D:\upload\; default: references are relative to it
}

// ObjectStore (对象存储) is where files are kept instead of in the folder: a bucket of a
// service that speaks S3.
type ObjectStore struct {
	Endpoint  string `yaml:"endpoint"` // https://host:port
	Bucket    string `yaml:"bucket"`
	Prefix    string `yaml:"prefix"` // names of objects begin with it
	Region    string `yaml:"region"`
	AccessKey Secret `yaml:"access_key"`
	SecretKey Secret `yaml:"secret_key"`
	CAFile    string `yaml:"ca_file"` // PEM; default: the system's authorities
}

// HandOver (附件交付) is how a receiver gets files.
type HandOver struct {
	As   string `yaml:"as"`   // inline (default) or reference
	Base string `yaml:"base"` // of references: what stands before the name of a kept file
}

// Ways of HandOver.
const (
	AsInline    = "inline"
	AsReference = "reference"
)

// MostFetches bounds Attachments.Connections.
const MostFetches = 64

// wrong is what is wrong with what is said of files, and at which keys.
func (a *Attachments) wrong(name string) (what, hint text.Text, at []any) {
	where := func(path ...any) []any { return append([]any{"attachments"}, path...) }
	if len(a.Folders) == 0 && len(a.Hosts) == 0 {
		return text.F("连接 %s 的 attachments 没有写文件在哪里", "connection %s: attachments does not say where files are", name),
			text.T("写 folders: [{path: 文件夹}] 或 hosts: [主机:端口]", "write folders: [{path: FOLDER}] or hosts: [host:port]"), where()
	}
	for i, f := range a.Folders {
		if f.Path == "" {
			return text.F("连接 %s 的附件文件夹缺少 path", "connection %s: a folder of attachments lacks path", name), text.Text{}, where("folders", i)
		}
		if f.Prefix == "" && i < len(a.Folders)-1 {
			return text.F("连接 %s：没有 prefix 的文件夹收下所有引用，只能排在最后", "connection %s: a folder without prefix takes every reference and comes last", name),
				text.T("写上 prefix，如 D:\\upload\\，或移到最后", `write prefix, such as D:\upload\, or move it to the end`), where("folders", i)
		}
	}
	for i, h := range a.Hosts {
		if !isHost(h) {
			return text.F("连接 %s 的 attachments.hosts 里 %q 不是主机或主机:端口", "connection %s: %q under attachments.hosts is not host or host:port", name, h),
				text.T("只写主机，不写 http:// 和路径，不用通配符", "the host alone, without http:// or a path, no wildcards"), where("hosts", i)
		}
	}
	for i, k := range a.Types {
		if !slices.Contains(filekind.Kinds(), k) {
			return text.F("连接 %s 的 attachments.types 里 %q 不认识", "connection %s: attachments.types: %q is not known", name, k), filekind.Hint(), where("types", i)
		}
	}
	if u, err := url.Parse(a.Base); a.Base != "" && (!webAddress(a.Base) || err != nil || u.RawQuery != "" || u.Fragment != "" || !a.names(u)) {
		return text.F("连接 %s 的 attachments.base 要是 hosts 之一的网址", "connection %s: attachments.base is the address of one of hosts", name),
			text.T("例如 base: https://files.example/download/", "for instance base: https://files.example/download/"), where("base")
	}
	if a.Base != "" && slices.ContainsFunc(a.Folders, func(f Folder) bool { return f.Prefix == "" }) {
		return text.F("连接 %s：写了 base，相对的引用就不能又去没有 prefix 的文件夹里找", "connection %s: with base, a relative reference cannot also mean a folder without prefix", name),
			text.T("给文件夹写 prefix，或去掉 base", "give the folder a prefix, or drop base"), where("base")
	}
	if !a.Authorization.IsZero() && len(a.Hosts) == 0 {
		return text.F("连接 %s：没有 hosts，不写 authorization", "connection %s: without hosts there is no authorization", name), text.Text{}, where("authorization")
	}
	if a.Connections < 0 || a.Connections > MostFetches {
		return text.F("连接 %s 的 attachments.connections 应在 1 到 %d 之间", "connection %s: attachments.connections is between 1 and %d", name, MostFetches), text.Text{}, where("connections")
	}
	return text.Text{}, text.Text{}, nil
}

// names says that u leads to one of the hosts.
func (a *Attachments) names(u *url.URL) bool {
	return slices.ContainsFunc(a.Hosts, func(h string) bool {
		return strings.EqualFold(h, u.Host) || strings.EqualFold(h, u.Hostname()) && (u.Port() == "" || u.Port() == map[string]string{"http": "80", "https": "443"}[u.Scheme])
	})
}

// isHost says that s is host, host:port, [address] or [address]:port and nothing else.
func isHost(s string) bool {
	u, err := url.Parse("http://" + s)
	if err != nil || u.Host != s || u.Hostname() == "" || strings.ContainsAny(s, "*@ ") {
		return false
	}
	if port := u.Port(); port != "" {
		n, err := strconv.Atoi(port)
		return err == nil && n > 0 && n < 65536
	}
	return !strings.HasSuffix(s, ":")
}

// checkObjectStore finds what is wrong with where files are kept.
func (s *Site) checkObjectStore() error {
	o := s.ObjectStore
	if o == nil {
		return nil
	}
	var key string
	switch u, err := url.Parse(o.Endpoint); {
	case o.Endpoint == "" || err != nil || !webAddress(o.Endpoint) || strings.Trim(u.Path, "/") != "" || u.RawQuery != "":
		key = "endpoint"
	case o.Bucket == "":
		key = "bucket"
	case o.AccessKey.IsZero():
		key = "access_key"
	case o.SecretKey.IsZero():
		key = "secret_key"
	case o.CAFile != "" && u.Scheme != "https":
		key = "ca_file"
	default:
		return nil
	}
	return s.Fault(text.F("object_store 缺少 %[1]s，或写得不对", "object_store lacks %[1]s, or it is not right", key),
		text.T("写 endpoint: https://主机:端口（不带路径）、bucket、access_key: {env: 变量名}、secret_key: {env: 变量名}", "write endpoint: https://host:port (no path), bucket, access_key: {env: NAME}, secret_key: {env: NAME}"), "object_store", key)
}

// checkHandOver finds what is wrong with how a receiver gets files.
func (s *Site) checkHandOver(name string, r *Receiver) error {
	h := r.Attachments
	if h == nil {
		return nil
	}
	at := func(what, hint text.Text, key string) error {
		return s.Fault(what, hint, "receivers", name, "attachments", key)
	}
	switch {
	case r.Kind != "platform":
		return s.Fault(text.F("接收方 %s 不是 platform，不写 attachments", "receiver %s is no platform: attachments does not belong there", name),
			text.T("表和主题得到的是已存文件的引用", "tables and topics get the reference of the kept file"), "receivers", name, "attachments")
	case h.As != "" && h.As != AsInline && h.As != AsReference:
		return at(text.F("接收方 %s 的 attachments.as %q 不认识", "receiver %s: attachments.as %q is not known", name, h.As), nearOr(h.As, []string{AsInline, AsReference}, text.T("用 inline 或 reference", "use inline or reference")), "as")
	case (h.As == AsReference) != (h.Base != ""):
		return at(text.F("接收方 %s：as: reference 要有 base，别的没有", "receiver %s: as: reference goes with base, and nothing else does", name),
			text.T("base 是对方取文件的地址的开头，如 https://files.example/banjian/", "base is what the addresses begin with that it fetches files from, such as https://files.example/banjian/"), "base")
	}
	return nil
}
