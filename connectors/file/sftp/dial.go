package sftp

import (
	"context"
	"errors"
	"math"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// way is one connection to the server.
type way struct {
	conn *counted
	ssh  *ssh.Client
	sftp *sftp.Client
	base string // the folder as the server names it
}

// counted is a connection that counts what comes in, and ends when that is too much.
type counted struct {
	net.Conn
	got  atomic.Int64
	most atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.got.Add(int64(n)) > c.most.Load() {
		return n, errTooMuch
	}
	return n, err
}

var errTooMuch = errors.New("the server says more than it was asked for")

// connect makes a connection and signs in, once the server has shown the key it is known by.
// Which kind of key that is nobody said: the server is asked for one after the other.
func (f *Folder) connect(ctx context.Context) (*way, error) {
	check, err := f.o.hostKeys()
	if err != nil {
		return nil, err
	}
	auth, err := f.o.methods()
	if err != nil {
		return nil, err
	}
	seen := &strangers{}
	for i := range keyKinds {
		kind := (f.kind + i) % len(keyKinds)
		config := &ssh.ClientConfig{User: f.o.User, Auth: auth, HostKeyCallback: seen.judge(check), HostKeyAlgorithms: keyKinds[kind], ClientVersion: "SSH-2.0-banjian"}
		w, err := f.handshake(ctx, config)
		var none *ssh.AlgorithmNegotiationError
		switch {
		case err == nil:
			f.kind = kind
			return w, f.enter(w)
		case seen.last: // a stranger's key: ask for another kind
			seen.last = false
		case errors.As(err, &none) && strings.Contains(none.What, "host key"):
		case strings.Contains(err.Error(), "unable to authenticate"): // the library has no type for it
			return nil, f.refused(err)
		default:
			return nil, err
		}
	}
	return nil, seen.fault(&f.o)
}

// handshake dials and signs in. All of it together takes no longer than Timeout.
func (f *Folder) handshake(ctx context.Context, config *ssh.ClientConfig) (*way, error) {
	address := net.JoinHostPort(f.o.Host, strconv.Itoa(f.o.Port))
	dialer := net.Dialer{Timeout: f.o.Timeout}
	plain, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = plain.Close() })
	defer stop()
	w := &way{conn: &counted{Conn: plain}}
	w.conn.most.Store(maxHandshake)
	err = plain.SetDeadline(time.Now().Add(f.o.Timeout))
	if err == nil {
		var c ssh.Conn
		var channels <-chan ssh.NewChannel
		var requests <-chan *ssh.Request
		if c, channels, requests, err = ssh.NewClientConn(w.conn, address, config); err == nil {
			w.ssh = ssh.NewClient(c, channels, requests)
			w.sftp, err = sftp.NewClient(w.ssh, sftp.MaxPacketChecked(packet))
		}
	}
	if err == nil {
		err = plain.SetDeadline(time.Time{})
	}
	if err != nil {
		w.close()
		return nil, err
	}
	w.conn.most.Store(math.MaxInt64)
	return w, nil
}

// enter finds the folder.
func (f *Folder) enter(w *way) error {
	if err := w.conn.SetDeadline(time.Now().Add(f.o.Timeout)); err != nil {
		return err
	}
	base, err := w.sftp.RealPath(f.o.Dir)
	if err != nil {
		return err
	}
	info, err := w.sftp.Stat(base)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return f.config(text.F("%s 不是文件夹", "%s is no folder", f.o.Dir), text.T("检查 path", "look at path"))
	}
	w.base = base
	return w.conn.SetDeadline(time.Time{})
}

// close ends a connection, politely if the other side still listens.
func (w *way) close() {
	_ = w.conn.SetDeadline(time.Now().Add(time.Second))
	if w.sftp != nil {
		_ = w.sftp.Close()
	}
	if w.ssh != nil {
		_ = w.ssh.Close()
		_ = w.ssh.Wait()
	}
	_ = w.conn.Close()
}

// methods are the ways to sign in. Secrets are fetched now and kept nowhere else.
func (o *Options) methods() ([]ssh.AuthMethod, error) {
	var list []ssh.AuthMethod
	if o.PrivateKey != nil {
		pem, err := o.PrivateKey()
		if err != nil {
			return nil, err
		}
		signer, err := o.signer(pem)
		if err != nil {
			return nil, err
		}
		list = append(list, ssh.PublicKeys(signer))
	}
	if o.Password != nil {
		password, err := o.Password()
		if err != nil {
			return nil, err
		}
		asked := func(_, _ string, questions []string, echos []bool) ([]string, error) {
			answers := make([]string, len(questions))
			for i := range answers {
				if !echos[i] {
					answers[i] = password
				}
			}
			return answers, nil
		}
		list = append(list, ssh.Password(password), ssh.KeyboardInteractive(asked))
	}
	return list, nil
}

func (o *Options) signer(pem string) (ssh.Signer, error) {
	var signer ssh.Signer
	var err error
	if o.Passphrase == nil {
		signer, err = ssh.ParsePrivateKey([]byte(pem + "\n"))
	} else {
		var passphrase string
		if passphrase, err = o.Passphrase(); err != nil {
			return nil, err
		}
		signer, err = ssh.ParsePrivateKeyWithPassphrase([]byte(pem+"\n"), []byte(passphrase))
	}
	var locked *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &locked):
		return nil, o.config(text.T("私钥有口令", "the private key has a passphrase"), text.T("写上 passphrase: {env: 变量名}", "write passphrase: {env: NAME}"))
	case err != nil: // its text may quote the key
		return nil, o.config(text.T("私钥读不出来，或口令不对", "the private key cannot be read, or its passphrase is wrong"), text.T("用 ssh-keygen 生成的 OpenSSH 或 PEM 格式", "a key in the OpenSSH or PEM format, as ssh-keygen makes it"))
	}
	return signer, nil
}

// refused is a login that was refused; it is not tried again.
func (f *Folder) refused(err error) error {
	err = fault.Refused(err, "sign in to SFTP", f.o.where(), text.T("SFTP 服务器拒绝登录", "the SFTP server refuses the login"),
		text.T("检查 user、password 或 private_key；部门要把我们的公钥加进去", "look at user, password or private_key; the department adds our public key"))
	if f.o.Guard != nil {
		f.o.Guard.Block(f.o.where(), err)
	}
	return err
}
