package attachment

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/internal/objects"
)

const pdf = "%PDF-1.7 invented"

// packed is a package with these files, all empty.
func packed(t testing.TB, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range names {
		if _, err := w.Create(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func fetcher(t testing.TB, o Options) *Fetcher {
	t.Helper()
	var err error
	if o.Store, err = objects.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	f, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close(); o.Store.Close() })
	return f
}

func wantRule(t *testing.T, what string, err error, rule string) {
	t.Helper()
	var w *Wrong
	if !errors.As(err, &w) || w.Rule != rule {
		t.Errorf("%s: %v, want %s", what, err, rule)
	}
}

func TestWhatAFileIsMustBeWhatItsNameSays(t *testing.T) {
	f := fetcher(t, Options{})
	ofd, docx := packed(t, "OFD.xml", "Doc_0/Document.xml"), packed(t, "[Content_Types].xml", "word/document.xml")
	for name, c := range map[string]struct {
		content string
		ok      bool
	}{
		"a.pdf": {pdf, true}, "b.PDF": {"\r\n" + pdf, true}, "c.ofd": {ofd, true}, "d.docx": {docx, true}, "e.zip": {docx, true}, "f.jpg": {"\xff\xd8\xff\xe0x", true},
		"g.jpeg": {"\xff\xd8\xff\xe0x", true}, "h.png": {"\x89PNG\r\n\x1a\nx", true}, "i.doc": {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", true}, "j.txt": {"受理通知书", true}, "k.txt": {"\xca\xdc\xc0\xed", true},
		"l.pdf": {ofd, false}, "m.ofd": {docx, false}, "n.ofd": {ofd[:len(ofd)-5], false}, "o.jpg": {"<html>404</html>", false}, "p.pdf": {"MZ\x90\x00", false}, "q.exe": {"MZ\x90\x00", false},
		"r": {pdf, true}, "1.身份证": {pdf, true}, "身份证.pdf ": {pdf, true}, "u": {"\x00\x01\x02", false}, "s.txt": {"\x7fELF\x00", false}, "t.pdf.sh": {"#!/bin/sh", false},
	} {
		_, err := f.Fetch(t.Context(), Ref{Bytes: []byte(c.content), Name: name})
		if c.ok && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !c.ok {
			wantRule(t, name, err, RuleType)
		}
	}
	_, err := f.Fetch(t.Context(), Ref{Name: "a.pdf"})
	wantRule(t, "empty", err, RuleSize)
}

func TestAFileIsHeldAgainstTheDigestsOfItsRow(t *testing.T) {
	f := fetcher(t, Options{})
	sum := md5.Sum([]byte(pdf))
	o, err := f.Fetch(t.Context(), Ref{Bytes: []byte(pdf), Name: "a.pdf", MD5: strings.ToUpper(hex.EncodeToString(sum[:]))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Fetch(t.Context(), Ref{Bytes: []byte(pdf), Name: "a.pdf", SM3: o.SM3}); err != nil {
		t.Fatal(err)
	}
	_, err = f.Fetch(t.Context(), Ref{Bytes: []byte(pdf), Name: "a.pdf", MD5: strings.Repeat("0", 32)})
	wantRule(t, "MD5", err, RuleDigest)
	_, err = f.Fetch(t.Context(), Ref{Bytes: []byte(pdf), Name: "a.pdf", SM3: strings.Repeat("0", 64)})
	wantRule(t, "SM3", err, RuleDigest)
}

func TestALocalReferenceNeverLeavesItsFolder(t *testing.T) {
	outside := t.TempDir()
	dir := filepath.Join(outside, "files")
	for name, content := range map[string]string{"secret.pdf": pdf, "files/a.pdf": pdf, "files/子/乙.pdf": pdf} {
		path := filepath.Join(outside, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Symlink("../secret.pdf", dir+"/link.pdf"), os.Symlink(outside, dir+"/up"), os.Symlink("/dev/zero", dir+"/zero.pdf"),
		os.Symlink("a.pdf", dir+"/inside.pdf"), syscall.Mkfifo(dir+"/pipe.pdf", 0o644)); err != nil {
		t.Fatal(err)
	}
	f := fetcher(t, Options{Folders: []Folder{{Path: dir, Prefix: `D:\upload\`}, {Path: dir}}})
	for _, good := range []string{"a.pdf", "子/乙.pdf", `子\乙.pdf`, "./a.pdf", "inside.pdf", `D:\upload\子\乙.pdf`, "D:/upload/a.pdf", "子/../a.pdf"} {
		if _, err := f.Fetch(t.Context(), Ref{Source: good, Name: "a.pdf"}); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"../secret.pdf", "子/../../secret.pdf", `..\secret.pdf`, `D:\upload\..\secret.pdf`, "/etc/passwd", outside + "/secret.pdf", "link.pdf", "up/secret.pdf", "zero.pdf", "pipe.pdf",
		"a.pdf\x00.jpg", ".", "子", "//etc/passwd", `\\host\share\a.pdf`, "file:///etc/passwd", "gopher://h/", "C:/x.pdf/../../../etc/passwd"} {
		_, err := f.Fetch(t.Context(), Ref{Source: bad, Name: "a.pdf"})
		wantRule(t, fmt.Sprintf("%q", bad), err, RuleReference)
	}
	_, err := f.Fetch(t.Context(), Ref{Source: "later.pdf", Name: "a.pdf"})
	if !fault.Is(err, fault.Transient) || strings.Contains(err.Error(), "later") {
		t.Errorf("a file that is not there yet: %v", err)
	}
	if err := os.WriteFile(dir+"/later.pdf", []byte(pdf), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Fetch(t.Context(), Ref{Source: "later.pdf", Name: "a.pdf"}); err != nil {
		t.Error(err)
	}
}

func TestAnAddressLeadsToADeclaredHostAndNoOther(t *testing.T) {
	var asked atomic.Int64
	inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); io.WriteString(w, pdf) }))
	defer inner.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/a.pdf":
			io.WriteString(w, pdf)
		case "/on.pdf":
			http.Redirect(w, r, "/a.pdf", http.StatusFound)
		case "/inner.pdf":
			http.Redirect(w, r, inner.URL, http.StatusFound)
		case "/round.pdf":
			http.Redirect(w, r, "/round.pdf", http.StatusFound)
		case "/large.pdf":
			w.Header().Set("Content-Length", "999999999")
		case "/busy.pdf":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/cut.pdf":
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, pdf)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	f := fetcher(t, Options{Hosts: []string{host}})
	for _, good := range []string{"/a.pdf", "/on.pdf", "/a.pdf?x=1#y"} {
		if _, err := f.Fetch(t.Context(), Ref{Source: server.URL + good, Name: "a.pdf"}); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	port := host[strings.LastIndexByte(host, ':'):]
	for _, bad := range []string{inner.URL, server.URL + "/inner.pdf", server.URL + "/round.pdf", "http://localhost" + port + "/a.pdf", "http://127.0.0.1/a.pdf", "http://u:p@" + host + "/a.pdf",
		"http://" + host + "@other.example/", "http://[::1]" + port + "/", "http://2130706433" + port + "/a.pdf", "http:///a.pdf", "ftp://" + host + "/a.pdf", "http://169.254.169.254/latest/meta-data"} {
		_, err := f.Fetch(t.Context(), Ref{Source: bad, Name: "a.pdf"})
		wantRule(t, bad, err, RuleReference)
	}
	if asked.Load() != 0 {
		t.Error("a host that is not declared was asked")
	}
	_, err := f.Fetch(t.Context(), Ref{Source: server.URL + "/large.pdf", Name: "a.pdf"})
	wantRule(t, "large", err, RuleSize)
	for _, later := range []string{"/none.pdf", "/busy.pdf", "/cut.pdf"} {
		if _, err := f.Fetch(t.Context(), Ref{Source: server.URL + later, Name: "a.pdf"}); !fault.Is(err, fault.Transient) {
			t.Errorf("%s: %v", later, err)
		}
	}
}

// A name that is declared may be made to resolve to this machine.
func TestANameThatResolvesToThisMachineIsNotDialled(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		t.Error("this machine was asked")
		io.WriteString(w, pdf)
	}))
	defer server.Close()
	name := "localhost" + server.URL[strings.LastIndexByte(server.URL, ':'):]
	f := fetcher(t, Options{Hosts: []string{name}})
	_, err := f.Fetch(t.Context(), Ref{Source: "http://" + name + "/a.pdf", Name: "a.pdf"})
	wantRule(t, name, err, RuleReference)
	d := &door{declared: []string{"files.example", "10.9.9.9:8080", "[fe80::9]"}}
	for address, ok := range map[string]bool{"10.0.0.7:80": true, "203.0.113.9:443": true, "10.9.9.9:80": true, "[fe80::9]:80": true, "127.0.0.1:80": false, "127.9.9.9:80": false, "[::1]:80": false,
		"[::ffff:127.0.0.1]:80": false, "0.0.0.0:80": false, "[::]:80": false, "169.254.169.254:80": false, "[fe80::1]:80": false, "224.0.0.1:80": false} {
		if err := d.check(context.Background(), "tcp", address, nil); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	if !own(netip.MustParseAddr("127.0.0.1")) {
		t.Error("this machine does not know its own address")
	}
}

func TestASourceIsAskedOnceUntilItsFileIsReplaced(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); io.WriteString(w, pdf) }))
	defer server.Close()
	dir := t.TempDir()
	f := fetcher(t, Options{Hosts: []string{strings.TrimPrefix(server.URL, "http://")}, Folders: []Folder{{Path: dir}}})
	for range 3 {
		if _, err := f.Fetch(t.Context(), Ref{Source: server.URL + "/a.pdf", Name: "a.pdf"}); err != nil {
			t.Fatal(err)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
	_, err := f.Fetch(t.Context(), Ref{Source: server.URL + "/a.pdf", Name: "a.ofd"})
	wantRule(t, "under another name", err, RuleType)
	var names []string
	for _, content := range []string{pdf, pdf + " again"} {
		if err := os.WriteFile(dir+"/a.pdf", []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		o, err := f.Fetch(t.Context(), Ref{Source: "a.pdf", Name: "a.pdf"})
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, o.Name)
	}
	if names[0] == names[1] {
		t.Error("a replaced file is not noticed")
	}
}

func TestALargeFileTakesNoMemory(t *testing.T) {
	const size = 50 << 20
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, pdf)
		block := make([]byte, 32<<10)
		for n := len(pdf); n < size; n += len(block) {
			if _, err := w.Write(block[:min(len(block), size-n)]); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	f := fetcher(t, Options{Hosts: []string{host}})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	o, err := f.Fetch(t.Context(), Ref{Source: server.URL + "/a.pdf", Name: "a.pdf"})
	runtime.ReadMemStats(&after)
	if err != nil || o.Size != size {
		t.Fatalf("%+v, %v", o, err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 4<<20 {
		t.Errorf("50 MiB allocated %d KiB", took>>10)
	}
	small := fetcher(t, Options{Hosts: []string{host}, Most: size - 1})
	_, err = small.Fetch(t.Context(), Ref{Source: server.URL + "/a.pdf", Name: "a.pdf"})
	wantRule(t, "one byte too many", err, RuleSize)
}

func TestAPackageMadeToFillMemoryIsNotListed(t *testing.T) {
	names := make([]string, 60_000)
	for i := range names {
		names[i] = fmt.Sprintf("%0100d", i)
	}
	names[0] = "OFD.xml"
	f := fetcher(t, Options{})
	_, err := f.Fetch(t.Context(), Ref{Bytes: []byte(packed(t, names...)), Name: "a.ofd"})
	wantRule(t, "a list of 9 MiB", err, RuleType)
}

func TestAFolderThatIsMountedLaterIsWaitedFor(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mount")
	now := time.Now()
	f := fetcher(t, Options{Folders: []Folder{{Path: dir}}, Now: func() time.Time { return now }})
	for range downMost + 2 {
		if _, err := f.Fetch(t.Context(), Ref{Source: "a.pdf"}); WhyOf(err) != WhyDown {
			t.Fatalf("%v", err)
		}
	}
	if !f.Resting() {
		t.Error("a folder that is away is asked again and again")
	}
	if err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(dir+"/a.pdf", []byte(pdf), 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Fetch(t.Context(), Ref{Source: "a.pdf"}); WhyOf(err) != WhyDown {
		t.Errorf("while it is left alone: %v", err)
	}
	now = now.Add(restFirst)
	if _, err := f.Fetch(t.Context(), Ref{Source: "a.pdf"}); err != nil {
		t.Errorf("after that: %v", err)
	}
	if _, err := f.Fetch(t.Context(), Ref{Source: "b.pdf"}); WhyOf(err) != WhyMissing {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestAHostThatIsDownIsLeftAloneForAWhile(t *testing.T) {
	var asked atomic.Int64
	var well atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if !well.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		io.WriteString(w, pdf)
	}))
	defer server.Close()
	now := time.Now()
	f := fetcher(t, Options{Hosts: []string{strings.TrimPrefix(server.URL, "http://")}, Now: func() time.Time { return now }})
	fetch := func(n int) (err error) {
		for i := range n {
			_, err = f.Fetch(t.Context(), Ref{Source: fmt.Sprintf("%s/%d-%d.pdf", server.URL, asked.Load(), i)})
		}
		return err
	}
	if err := fetch(100); !fault.Is(err, fault.Transient) || asked.Load() != downMost {
		t.Errorf("asked %d times, %v", asked.Load(), err)
	}
	now = now.Add(restFirst)
	if _ = fetch(100); asked.Load() != downMost+1 {
		t.Errorf("after a rest it was asked %d times", asked.Load()-downMost)
	}
	now = now.Add(2*restFirst - time.Second)
	if _ = fetch(1); asked.Load() != downMost+1 {
		t.Error("the second rest is no longer than the first")
	}
	well.Store(true)
	now = now.Add(time.Second)
	if err := fetch(100); err != nil || asked.Load() != downMost+101 {
		t.Errorf("once it was well it was asked %d times, %v", asked.Load()-downMost-1, err)
	}
}

func TestARelativeReferenceStaysBelowTheBase(t *testing.T) {
	var paths []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.EscapedPath()+" "+r.Header.Get("Authorization"))
		io.WriteString(w, pdf)
	}))
	defer server.Close()
	f := fetcher(t, Options{Hosts: []string{strings.TrimPrefix(server.URL, "http://")}, Base: server.URL + "/dl/", Authorization: func() (string, error) { return "Bearer x", nil }})
	for _, good := range []string{"a.pdf", "/a.pdf", `证照\2024\50%.pdf`, "a?b#c.pdf"} {
		if _, err := f.Fetch(t.Context(), Ref{Source: good, Name: "a.pdf"}); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	want := "/dl/a.pdf Bearer x|/dl/%E8%AF%81%E7%85%A7/2024/50%25.pdf Bearer x|/dl/a%3Fb%23c.pdf Bearer x"
	if got := strings.Join(paths, "|"); got != want {
		t.Errorf("asked for %s\nwant      %s", got, want)
	}
	for _, bad := range []string{"../a.pdf", "x/../../a.pdf", `..\a.pdf`, "a\x00.pdf", "."} {
		_, err := f.Fetch(t.Context(), Ref{Source: bad, Name: "a.pdf"})
		wantRule(t, bad, err, RuleReference)
	}
}
