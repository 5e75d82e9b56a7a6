package site

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Secret is a reference to a value that is nowhere in the files of a site. It prints
// as the reference, never as the value.
type Secret struct {
	Env     string   `yaml:"env"`
	File    string   `yaml:"file"`
	Command []string `yaml:"command"`
}

// UnmarshalYAML refuses a literal.
func (s *Secret) UnmarshalYAML(n ast.Node) error {
	if n.Type() != ast.MappingType {
		where := ""
		if tk := n.GetToken(); tk != nil && tk.Position != nil {
			where = fmt.Sprintf("%d:%d", tk.Position.Line, tk.Position.Column)
		}
		return fault.New(fault.Config, "read secret", where, text.T("口令、密钥不能写在文件里", "a secret never stands in a file"),
			text.T("只写引用：{env: 变量名}、{file: 路径} 或 {command: [程序, …]}", "write a reference: {env: NAME}, {file: PATH} or {command: [PROGRAM, …]}"))
	}
	type plain Secret
	return yaml.NodeToValue(n, (*plain)(s), yaml.Strict())
}

// IsZero says that no reference was given.
func (s Secret) IsZero() bool { return s.Env == "" && s.File == "" && len(s.Command) == 0 }

// String is the reference.
func (s Secret) String() string {
	switch {
	case s.Env != "":
		return "env:" + s.Env
	case s.File != "":
		return "file:" + s.File
	case len(s.Command) > 0:
		return "command:" + s.Command[0]
	}
	return ""
}

// Value fetches it; trailing line ends are dropped. A zero Secret is empty.
func (s Secret) Value() (string, error) {
	switch {
	case s.Env != "":
		v, ok := os.LookupEnv(s.Env)
		if !ok {
			f := s.fault(nil, text.F("环境变量 %s 没有设置", "environment variable %s is not set", s.Env))
			f.Hint = text.T("在启动 banjian 的地方设置（cron、systemd 不带登录时的环境变量），或改用 {file: 路径}", "set it where banjian is started (cron and systemd do not take over those of a login), or write {file: PATH}")
			return "", f
		}
		return v, nil
	case s.File != "":
		b, err := os.ReadFile(s.File)
		if err != nil {
			return "", s.fault(err, text.T("读不到密码文件", "cannot read the secret's file"))
		}
		return strings.TrimRight(string(b), "\r\n"), nil
	case len(s.Command) > 0:
		out, err := exec.Command(s.Command[0], s.Command[1:]...).Output()
		if err != nil {
			return "", s.fault(err, text.T("取密码的命令失败", "the command that fetches the secret failed"))
		}
		return strings.TrimRight(string(out), "\r\n"), nil
	}
	return "", nil
}

// Fetch is the value of a secret whose reference stands in banjian.yaml where path leads to,
// see Fault. Its faults, which are Config, name that place.
func (s *Site) Fetch(secret Secret, path ...any) (string, error) {
	value, err := secret.Value()
	var f *fault.Error
	if err == nil || s.doc == nil || !errors.As(err, &f) {
		return value, err
	}
	at := s.doc.Fault(f.What, f.Hint, path...)
	at.Op, at.Err, at.Line = f.Op, f.Err, ""
	return "", at
}

func (s Secret) fault(err error, what text.Text) *fault.Error {
	return fault.Wrap(err, fault.Config, "fetch secret", s.String(), what, text.T("检查 banjian.yaml 里的引用", "check the reference in banjian.yaml"))
}
