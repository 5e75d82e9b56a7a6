package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"banjian/internal/failpoint"
	"banjian/internal/testsftp"
)

// sftpSite is fileSite with its files on a server.
func sftpSite(t *testing.T, server *testsftp.Server, from string) *world {
	t.Helper()
	w := fileSite(t, from)
	t.Setenv("BANJIAN_TEST_SFTP", server.Password)
	w.file("banjian.yaml", fmt.Sprintf("site: lingnan\nconnections:\n  drop: {kind: sftp, host: %s, port: %d, user: %s, password: {env: BANJIAN_TEST_SFTP}, host_keys: [%q], path: %s, archive: done, rejected: broken}\n",
		server.Host, server.Port, server.User, server.Fingerprint, server.Dir))
	if server.Password == "" {
		w.file("key", server.ClientKey)
		w.file("known_hosts", fmt.Sprintf("[%s]:%d %s", server.Host, server.Port, server.HostKey))
		w.edited("banjian.yaml", "password: {env: BANJIAN_TEST_SFTP}, host_keys: ["+fmt.Sprintf("%q", server.Fingerprint)+"]", "private_key: {file: key}, known_hosts: known_hosts")
	}
	return w
}

// edited puts new in the place of old in a file of the site.
func (w *world) edited(name, old, new string) {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil || !strings.Contains(string(data), old) {
		w.t.Fatalf("%s has no %s: %v", name, old, err)
	}
	w.file(name, strings.Replace(string(data), old, new, 1))
}

// dropped puts a file on the server, whole with its marker.
func dropped(t *testing.T, s *testsftp.Server, name, content string) {
	t.Helper()
	for file, what := range map[string]string{name: content, name + ".ok": ""} {
		if err := os.WriteFile(filepath.Join(s.Dir, file), []byte(what), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFilesOfAServerAreCollectedAndPutAwayThere(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *testsftp.Server{"in process": testsftp.Start, "openssh": testsftp.OpenSSH} {
		t.Run(name, func(t *testing.T) {
			server := start(t)
			w := sftpSite(t, server, `files: "*.csv", done: .ok`)
			dropped(t, server, "1.csv", csvOf(0, 100, "一"))
			dropped(t, server, "2.csv", csvOf(50, 150, "二")+"\"x\n")
			if code, out, errOut := command("doctor", "--lang", "en", "--site", w.dir); code != exitDone || !strings.Contains(out, "4 files lie there, 2 of them named *.csv") {
				t.Errorf("doctor exited %d: %s%s", code, out, errOut)
			}
			if code, out, errOut := command("discover", "drop", "--lang", "en", "--site", w.dir); code != exitUsage || !strings.Contains(out+errOut, "no database") {
				t.Errorf("discover exited %d: %s%s", code, out, errOut)
			}
			if code, out, errOut := command("preview", "m", "--rows", "1", "--lang", "en", "--site", w.dir); code != exitDone || !strings.Contains(out, "GJJ-00000") {
				t.Errorf("preview exited %d: %s%s", code, out, errOut)
			}
			if s := w.runFiles(); s.Read != 201 || s.Collected != 200 || s.Rejected != 1 {
				t.Errorf("%+v", s)
			}
			for _, name := range []string{"1.csv", "1.csv.ok", "2.csv", "2.csv.ok"} {
				if _, err := os.Stat(filepath.Join(server.Dir, "done", name)); err != nil {
					t.Error(err)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(w.dir, "data", "spool", "*")); len(left) != 0 {
				t.Errorf("copies are left: %q", left)
			}
		})
	}
}

// Wherever the process dies and however the connection breaks, each row of each file is
// collected once, and every file ends in the archive.
func TestKilledAtEveryStepOfFilesOfAServerNothingIsLostAndNothingComesTwice(t *testing.T) {
	server := testsftp.Start(t)
	for i, step := range []failpoint.Name{failpoint.AfterRead, failpoint.AfterMap, failpoint.BeforeLedgerCommit, failpoint.InLedgerCommit, failpoint.AfterLedgerCommit} {
		nth := i%4 + 1
		w := sftpSite(t, server, `files: "*.csv", done: .ok, batch_rows: 40`)
		dropped(t, server, "1.csv", csvOf(0, 100, "一"))
		dropped(t, server, "2.csv", csvOf(50, 150, "二"))
		server.Next(testsftp.Fault{After: 5000}, testsftp.Fault{After: 4000})
		c := exec.Command(os.Args[0], "run", "m", "--site", w.dir)
		c.Env = append(os.Environ(), asProduct+"=1", fmt.Sprintf("%s=%s:%d", failpoint.Variable, step, nth))
		if err := c.Run(); err == nil {
			t.Errorf("%s:%d: it was not killed", step, nth)
		}
		w.runFiles()
		dropped(t, server, "3.csv", csvOf(0, 50, "一")+strings.TrimPrefix(csvOf(50, 150, "二"), "a,b,c\n"))
		if s := w.runFiles(); s.Unchanged != 150 || s.Read != 150 {
			t.Errorf("%s:%d: the ledger is not what the files say: %+v", step, nth, s)
		}
		for _, name := range []string{"1.csv", "2.csv", "3.csv"} {
			for _, end := range []string{"", ".ok"} {
				if err := os.Remove(filepath.Join(server.Dir, "done", name+end)); err != nil {
					t.Errorf("%s:%d: %v", step, nth, err)
				}
			}
		}
	}
}

func TestAServersMistakesAreToldBeforeItIsTalkedTo(t *testing.T) {
	server := testsftp.Start(t)
	for _, c := range []struct{ old, new, want string }{
		{`host_keys: [` + fmt.Sprintf("%q", server.Fingerprint) + `], `, "", "host_keys or known_hosts"},
		{server.Fingerprint, "any", "no host key"},
		{"password: {env: BANJIAN_TEST_SFTP}, ", "", "password or private_key"},
		{"password: {env: BANJIAN_TEST_SFTP}, ", "password: geheim-1, ", "secret"},
		{"path: ", "known_hosts: x, path: ", "host_keys or known_hosts"},
		{"user: drop, ", "", "host and user"},
		{"kind: sftp", "kind: folder", "no sftp"},
		{"kind: sftp", "kind: sfpt", "sftp"},
		{"archive: done", "archive: ../done", "below path"},
		{"archive: done", "archive: done, hours: '20:00-06:00'", "for databases"},
	} {
		w := sftpSite(t, server, `files: "*.csv"`)
		w.edited("banjian.yaml", c.old, c.new)
		code, out, errOut := command("validate", "--lang", "en", "--site", w.dir)
		if code != exitUsage || !strings.Contains(out+errOut, c.want) || !strings.Contains(out+errOut, "banjian.yaml:") || strings.Contains(out+errOut, "geheim") {
			t.Errorf("%s: exited %d: %s%s", c.new, code, out, errOut)
		}
	}
	if n := server.Logins.Load(); n != 0 {
		t.Errorf("%d logins", n)
	}
}
