package sftp

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/connectortest"
	"banjian/internal/fault"
	"banjian/internal/testsftp"
	"banjian/internal/text"
	"banjian/pipelines"
)

// onServers runs a test on the server of this process and on OpenSSH's.
func onServers(t *testing.T, test func(t *testing.T, s *testsftp.Server)) {
	t.Run("in process", func(t *testing.T) { test(t, testsftp.Start(t)) })
	t.Run("openssh", func(t *testing.T) { test(t, testsftp.OpenSSH(t)) })
}

func signIn(d *drop) {
	if d.server.ClientKey != "" {
		d.way.PrivateKey = func() (string, error) { return d.server.ClientKey, nil }
	}
}

func TestConformance(t *testing.T) {
	onServers(t, func(t *testing.T, server *testsftp.Server) {
		connectortest.Source(t, connectortest.SourceHarness{
			World: func(t *testing.T, n int) connectortest.OpenSource {
				d := newDrop(t, server)
				signIn(d)
				d.way.Dir = filepath.Join(server.Dir, filepath.Base(t.Name())+strconv.Itoa(n)+"-"+filepath.Base(t.TempDir()))
				if err := os.MkdirAll(d.way.Dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if n > 0 {
					var b strings.Builder
					b.WriteString("id,v\n")
					for i := range n {
						fmt.Fprintf(&b, "%d,办件\n", i)
					}
					for name, content := range map[string]string{"a.csv": b.String(), "a.csv.ok": ""} {
						if err := os.WriteFile(filepath.Join(d.way.Dir, name), []byte(content), 0o644); err != nil {
							t.Fatal(err)
						}
					}
				}
				return func(ctx context.Context, at pipelines.Position, rows int, alloc memory.Allocator) (pipelines.Source, error) {
					d.at, d.o.BatchRows = at, rows
					return d.source(ctx, alloc)
				}
			},
			Elements: func(rec arrow.Record) []int {
				var list []int
				for i := range int(rec.NumRows()) {
					n, err := strconv.Atoi(rec.Column(0).(*array.String).Value(i))
					if err != nil {
						t.Fatal(err)
					}
					list = append(list, n)
				}
				return list
			},
		})
	})
}

func TestFilesAreTakenOnceAndPutAwayOnTheServer(t *testing.T) {
	onServers(t, func(t *testing.T, server *testsftp.Server) {
		d := newDrop(t, server)
		signIn(d)
		d.put("half.csv", "id,v\n9,half") // somebody writes: there is no marker
		d.whole("a.csv", "id,v\n1,a\n")
		d.whole("b.csv", "")
		d.wantRun("1,a")
		d.wantRun("!file_empty")
		d.lies("done/a.csv", "done/a.csv.ok", "broken/b.csv", "broken/b.csv.ok", "half.csv")
		d.whole("a.csv", "id,v\n1,a\n") // sent again as it was
		d.wantRun()
		d.whole("half.csv", "id,v\n9,whole\n")
		d.wantRun("9,whole")
		d.whole("a.csv", "id,v\n1,new\n") // another file of that name
		d.wantRun("1,new")
		if n, _ := filepath.Glob(filepath.Join(server.Dir, "done", "a*.csv")); len(n) != 3 {
			t.Errorf("the archive has %q", n)
		}
	})
}

func TestAWrongChecksumRefusesTheFileAndTheRightOneTakesIt(t *testing.T) {
	onServers(t, func(t *testing.T, server *testsftp.Server) {
		d := newDrop(t, server)
		signIn(d)
		d.o.Done, d.o.Checksum = "", ".md5"
		sum := md5.Sum([]byte("id,v\n1,a\n"))
		d.put("a.csv", "id,v\n1,a\n")
		d.wantRun()
		d.put("a.csv.md5", strings.Repeat("0", 32))
		d.wantRun("!file_checksum")
		d.lies("broken/a.csv", "broken/a.csv.md5")
		d.put("a.csv", "id,v\n1,a\n")
		later := time.Now().Add(time.Minute)
		if err := os.Chtimes(filepath.Join(server.Dir, "a.csv"), later, later); err != nil { // the server tells seconds
			t.Fatal(err)
		}
		d.put("a.csv.md5", hex.EncodeToString(sum[:])+"  a.csv\n")
		d.wantRun("1,a")
	})
}

func TestOnlyTheAgreedServerIsTalkedTo(t *testing.T) {
	onServers(t, func(t *testing.T, server *testsftp.Server) {
		other := testsftp.Start(t)
		for name, c := range map[string]struct {
			set  func(o *Options)
			want string
		}{
			"the fingerprint":         {func(*Options) {}, ""},
			"one of two fingerprints": {func(o *Options) { o.HostKeys = []string{other.Fingerprint, server.Fingerprint} }, ""},
			"the key itself":          {func(o *Options) { o.HostKeys = []string{server.HostKey} }, ""},
			"known_hosts":             {func(o *Options) { o.HostKeys, o.KnownHosts = nil, server.KnownHosts(t) }, ""},
			"another fingerprint":     {func(o *Options) { o.HostKeys = []string{other.Fingerprint} }, server.Fingerprint},
			"another known_hosts":     {func(o *Options) { o.HostKeys, o.KnownHosts = nil, other.KnownHosts(t) }, server.Fingerprint},
			"nothing":                 {func(o *Options) { o.HostKeys = nil }, "neither host_keys nor known_hosts"},
			"no fingerprint":          {func(o *Options) { o.HostKeys = []string{"any"} }, "no fingerprint"},
			"no such file":            {func(o *Options) { o.HostKeys, o.KnownHosts = nil, filepath.Join(t.TempDir(), "x") }, "known_hosts"},
		} {
			d := newDrop(t, server)
			signIn(d)
			before := server.Logins.Load()
			c.set(&d.way)
			f, err := Open(t.Context(), d.way)
			if c.want == "" {
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				f.Close()
				continue
			}
			if !fault.Is(err, fault.Config) || !strings.Contains(fault.Say(err, text.EN), c.want) {
				t.Errorf("%s: %v", name, err)
			}
			if server.Logins.Load() != before {
				t.Errorf("%s: it was signed in to a server that was not proven", name)
			}
		}
	})
}

// guard is a Guard that counts.
type guard struct {
	blocked error
	open    int
}

func (g *guard) Blocked(string) error { return g.blocked }

func (g *guard) Block(_ string, why error) { g.blocked = why }

func (g *guard) Acquire(context.Context, string, int) (func(), error) {
	g.open++
	return func() { g.open-- }, nil
}

func TestARefusedLoginIsNotTriedAgain(t *testing.T) {
	server := testsftp.Start(t)
	d, g := newDrop(t, server), &guard{}
	d.way.Guard = g
	d.way.Password = func() (string, error) { return "falsch-9931", nil }
	_, err := Open(t.Context(), d.way)
	if !fault.Is(err, fault.Blocked) || strings.Contains(err.Error()+fault.Say(err, text.ZH), "falsch") {
		t.Errorf("%v", err)
	}
	tried := server.Logins.Load()
	if _, err := Open(t.Context(), d.way); !fault.Is(err, fault.Blocked) || server.Logins.Load() != tried || tried > 1 {
		t.Errorf("%v after %d logins, %d before", err, server.Logins.Load(), tried)
	}
	if g.open != 0 {
		t.Errorf("%d connections are still counted", g.open)
	}
}

func TestPrivateKeysAreReadWithTheirPassphrase(t *testing.T) {
	server := testsftp.Start(t)
	d := newDrop(t, server)
	d.way.Password = nil
	for pem, want := range map[string]string{server.ClientKey: "", strings.TrimSpace(server.ClientKey): "", "-----BEGIN NONSENSE-----": "cannot be read", testsftp.Locked(t): "has a passphrase"} {
		d.way.PrivateKey = func() (string, error) { return pem, nil }
		f, err := Open(t.Context(), d.way)
		if err == nil {
			f.Close()
		}
		if (err == nil) != (want == "") || err != nil && (!fault.Is(err, fault.Config) || !strings.Contains(fault.Say(err, text.EN), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	d.way.PrivateKey = func() (string, error) { return testsftp.Locked(t), nil }
	d.way.Passphrase = func() (string, error) { return testsftp.Passphrase, nil }
	if _, err := Open(t.Context(), d.way); !fault.Is(err, fault.Blocked) { // the server does not know that key
		t.Errorf("%v", err)
	}
}

func TestNothingOutsideTheFolderIsReached(t *testing.T) {
	onServers(t, func(t *testing.T, server *testsftp.Server) {
		d := newDrop(t, server)
		signIn(d)
		outside := t.TempDir()
		if err := os.WriteFile(filepath.Join(outside, "a.csv"), []byte("id,v\n1,a\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(outside, "a.csv"), filepath.Join(server.Dir, "l.csv")); err != nil {
			t.Fatal(err)
		}
		d.put("l.csv.ok", "")
		d.wantRun()
		if err := os.Symlink(outside, filepath.Join(server.Dir, "sub")); err != nil {
			t.Fatal(err)
		}
		d.o.Files = "sub/*.csv"
		if _, err := d.run(); !fault.Is(err, fault.Config) {
			t.Errorf("%v", err)
		}
		f, err := Open(t.Context(), d.way)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for _, name := range []string{"../x", "sub/a.csv", "l.csv", "nowhere/x"} {
			if _, err := f.Open(t.Context(), name); err == nil {
				t.Errorf("%s was opened", name)
			}
		}
		d.put("a.csv", "")
		if err := f.Move(t.Context(), "a.csv", "sub/b.csv"); err == nil {
			t.Error("a file was moved out of the folder")
		}
		d.put("b.csv", "")
		if err := f.Move(t.Context(), "a.csv", "b.csv"); !errors.Is(err, fs.ErrExist) {
			t.Errorf("a file was replaced: %v", err)
		}
	})
}

func TestAMissingFolderAndMissingRightsAreTold(t *testing.T) {
	server := testsftp.Start(t)
	d := newDrop(t, server)
	d.way.Dir = filepath.Join(server.Dir, "none")
	if _, err := Open(t.Context(), d.way); !fault.Is(err, fault.Config) || !strings.Contains(fault.Say(err, text.EN), "no such folder") {
		t.Errorf("%v", err)
	}
	d.put("x", "")
	d.way.Dir = filepath.Join(server.Dir, "x")
	if _, err := Open(t.Context(), d.way); !fault.Is(err, fault.Config) {
		t.Errorf("%v", err)
	}
}

// A file of 64 MiB is read with the memory of a small one.
func TestALargeFileTakesNoMemory(t *testing.T) {
	server := testsftp.Start(t)
	d := newDrop(t, server)
	line := strings.Repeat("x", 1000)
	var b strings.Builder
	b.WriteString("id,v\n")
	const rows = 64 << 10
	for i := range rows {
		fmt.Fprintf(&b, "%d,%s\n", i, line)
	}
	d.whole("a.csv", b.String())
	b.Reset()
	s, err := d.source(t.Context(), memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most, read := uint64(0), int64(0)
	for {
		batch, err := s.Read(t.Context())
		if err != nil {
			break
		}
		read += batch.Record.NumRows()
		batch.Record.Release()
		runtime.ReadMemStats(&after)
		most = max(most, after.HeapAlloc)
	}
	if read != rows {
		t.Errorf("%d rows", read)
	}
	if most > before.HeapAlloc+40<<20 {
		t.Errorf("%d MiB more than before", (most-before.HeapAlloc)>>20)
	}
	if sent := server.Sent.Load(); sent > 70<<20 {
		t.Errorf("the server sent %d MiB for 64", sent>>20)
	}
}
