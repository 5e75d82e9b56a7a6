package sftp

import (
	"bytes"
	"errors"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// keyKinds are the kinds of host keys, by what a server is asked for.
var keyKinds = [][]string{
	{ssh.KeyAlgoED25519},
	{ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521},
	{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256},
}

// hostKeys is what tells the server from any other: the pinned keys, or known_hosts.
func (o *Options) hostKeys() (ssh.HostKeyCallback, error) {
	if o.KnownHosts != "" {
		known, err := knownhosts.New(o.KnownHosts)
		if err != nil {
			return nil, fault.Wrap(err, fault.Config, "read known_hosts", o.KnownHosts, text.T("读不了 known_hosts", "known_hosts cannot be read"),
				text.T("用 ssh-keyscan 取得，与部门核对指纹后写入", "ssh-keyscan fetches a line; compare its fingerprint with the department before you keep it"))
		}
		return known, nil
	}
	pins := make([]pin, len(o.HostKeys))
	for i, written := range o.HostKeys {
		p, ok := parsePin(written)
		if !ok {
			return nil, o.config(text.F("host_keys %q 不是主机公钥或其指纹", "host_keys %q is no host key and no fingerprint of one", written), pinHint)
		}
		pins[i] = p
	}
	if len(pins) == 0 {
		return nil, o.config(text.T("没有 host_keys，也没有 known_hosts", "there is neither host_keys nor known_hosts"), pinHint)
	}
	return func(_ string, _ net.Addr, key ssh.PublicKey) error {
		if slices.ContainsFunc(pins, func(p pin) bool { return p.is(key) }) {
			return nil
		}
		return errStranger
	}, nil
}

var pinHint = text.T("向部门要主机公钥的指纹（SHA256:…，ssh-keygen -lf 主机公钥文件），写成 host_keys: [\"SHA256:…\"]",
	"ask the department for the fingerprint of its host key (SHA256:…, ssh-keygen -lf FILE), write host_keys: [\"SHA256:…\"]")

var errStranger = errors.New("not the server it should be")

// pin is a host key, or its fingerprint.
type pin struct {
	fingerprint string
	key         []byte
}

func parsePin(s string) (pin, bool) {
	if strings.HasPrefix(s, "SHA256:") {
		return pin{fingerprint: strings.TrimRight(s, "=")}, len(strings.TrimRight(s, "=")) == len("SHA256:")+43
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(s))
	if err != nil {
		return pin{}, false
	}
	return pin{key: key.Marshal()}, true
}

func (p pin) is(key ssh.PublicKey) bool {
	if p.key != nil {
		return bytes.Equal(p.key, key.Marshal())
	}
	return p.fingerprint == ssh.FingerprintSHA256(key)
}

// strangers are keys the server showed that it is not known by.
type strangers struct {
	shown []string
	last  bool // the newest handshake ended over one
}

func (s *strangers) judge(check ssh.HostKeyCallback) ssh.HostKeyCallback {
	return func(host string, remote net.Addr, key ssh.PublicKey) error {
		err := check(host, remote, key)
		if err != nil {
			s.shown, s.last = append(s.shown, key.Type()+" "+ssh.FingerprintSHA256(key)), true
		}
		return err
	}
}

func (s *strangers) fault(o *Options) error {
	shown := strings.Join(s.shown, ", ")
	if shown == "" {
		shown = "-"
	}
	return fault.New(fault.Config, "connect to SFTP", o.where(), text.F("服务器出示的主机公钥不是约定的：%s", "the server's host key is not the agreed one: it shows %s", shown),
		text.T("没有登录，也没有读取。向部门核实是否换过主机公钥，核实后才改 host_keys 或 known_hosts；核实不了就可能是有人冒充", "nobody signed in and nothing was read. Ask the department whether its key changed, and change host_keys or known_hosts only then; otherwise somebody may stand in for it"))
}
