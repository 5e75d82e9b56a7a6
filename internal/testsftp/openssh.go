package testsftp

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"banjian/internal/testdb"
)

// Variable names an sshd; without it the one of the system is used, or the one that
// scripts/sshd.sh fetched.
const Variable = "BANJIAN_TEST_SSHD"

// OpenSSH runs OpenSSH's server for the user of this process until the test ends; where
// there is none the test is skipped. It lets in by key alone.
func OpenSSH(t testing.TB) *Server {
	t.Helper()
	sshd, err := program()
	if err != nil {
		t.Skip("SKIPPED: ", err)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	attr := &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 { // it would want a user of its own
		if me, err = user.Lookup("nobody"); err != nil {
			t.Skip("SKIPPED: ", err)
		}
		uid, _ := strconv.ParseUint(me.Uid, 10, 32)
		gid, _ := strconv.ParseUint(me.Gid, 10, 32)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), NoSetGroups: true}
	}
	port, err := testdb.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	dir, files := folderOf(t, attr.Credential), folderOf(t, attr.Credential)
	s := &Server{Host: "127.0.0.1", Port: port, User: me.Username, Dir: files}
	_, host := newKey(t)
	client, key := newKey(t)
	s.ClientKey = key
	signer, err := ssh.ParsePrivateKey([]byte(host))
	if err != nil {
		t.Fatal(err)
	}
	known, err := ssh.NewPublicKey(client)
	if err != nil {
		t.Fatal(err)
	}
	s.HostKey, s.Fingerprint = string(ssh.MarshalAuthorizedKey(signer.PublicKey())), ssh.FingerprintSHA256(signer.PublicKey())
	// With PAM an account without a password counts as one, not as locked.
	config := strings.Join([]string{
		"Port " + fmt.Sprint(s.Port), "ListenAddress 127.0.0.1", "HostKey " + dir + "/host", "AuthorizedKeysFile " + dir + "/keys", "PidFile none", "StrictModes no",
		"PermitRootLogin yes", "PasswordAuthentication no", "KbdInteractiveAuthentication no", "Subsystem sftp internal-sftp", "MaxStartups 100",
		"UsePAM " + map[bool]string{true: "yes", false: "no"}[attr.Credential != nil], ""}, "\n")
	for name, content := range map[string]string{"host": host, "keys": string(ssh.MarshalAuthorizedKey(known)), "config": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		give(t, filepath.Join(dir, name), attr.Credential)
	}
	if attr.Credential != nil { // who may not reach where it lies
		data, err := os.ReadFile(sshd)
		if err != nil {
			t.Fatal(err)
		}
		sshd = filepath.Join(dir, "sshd")
		if err := os.WriteFile(sshd, data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	said, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	c := exec.Command(sshd, "-D", "-e", "-f", filepath.Join(dir, "config"))
	c.Stderr = said
	c.SysProcAttr = attr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan error, 1)
	go func() { gone <- c.Wait() }()
	t.Cleanup(func() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		<-gone
	})
	for deadline := time.Now().Add(time.Minute); ; {
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.Port)); err == nil {
			_ = conn.Close()
			return s
		}
		select {
		case <-gone:
			gone <- nil
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Skipf("SKIPPED: %s does not start here: %s", sshd, log)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer", sshd)
		}
	}
}

// folderOf is a folder that the user of the server reaches.
func folderOf(t testing.TB, to *syscall.Credential) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "banjian-sshd-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	give(t, dir, to)
	return dir
}

func give(t testing.TB, name string, to *syscall.Credential) {
	t.Helper()
	if to == nil {
		return
	}
	if err := os.Chown(name, int(to.Uid), int(to.Gid)); err != nil {
		t.Fatal(err)
	}
}

// program is an sshd; it wants to be called by its full name.
func program() (string, error) {
	if name := os.Getenv(Variable); name != "" {
		return filepath.Abs(name)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	for _, name := range []string{"sshd", "/usr/sbin/sshd", filepath.Join(cache, "banjian", "sshd", "usr", "sbin", "sshd")} {
		if found, err := exec.LookPath(name); err == nil {
			return filepath.Abs(found)
		}
	}
	return "", fmt.Errorf("there is no sshd: run scripts/sshd.sh, or name one by %s", Variable)
}
