package gateway

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"banjian/connectors/middleplatform"
)

// forms are the ways a message may come.
func (w *world) forms(path, xml string) map[string]*http.Request {
	w.t.Helper()
	sealed, err := w.cipher.Encrypt(xml)
	if err != nil {
		w.t.Fatal(err)
	}
	requests := map[string]*http.Request{}
	for kind, value := range map[string]string{"plain": xml, "sm4": sealed} {
		form := httptest.NewRequest(http.MethodPost, path, strings.NewReader(url.Values{"xmlStr": {value}}.Encode()))
		form.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		requests["form "+kind] = form
		requests["query "+kind] = httptest.NewRequest(http.MethodPost, path+"?"+url.Values{"xmlStr": {value}}.Encode(), nil)
		requests["get "+kind] = httptest.NewRequest(http.MethodGet, path+"?"+url.Values{"xmlStr": {value}}.Encode(), nil)
		body, err := json.Marshal(map[string]string{"xmlStr": value})
		if err != nil {
			w.t.Fatal(err)
		}
		requests["json "+kind] = httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
		requests["json "+kind].Header.Set("Content-Type", "application/json; utf-8")
		var parts bytes.Buffer
		mp := multipart.NewWriter(&parts)
		if err := mp.WriteField("xmlStr", value); err != nil {
			w.t.Fatal(err)
		}
		mp.Close()
		requests["multipart "+kind] = httptest.NewRequest(http.MethodPost, path, &parts)
		requests["multipart "+kind].Header.Set("Content-Type", mp.FormDataContentType())
	}
	requests["form not escaped"] = httptest.NewRequest(http.MethodPost, path, strings.NewReader("xmlStr="+sealed))
	requests["form not escaped"].Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return requests
}

func TestACallIsUnderstoodInEveryForm(t *testing.T) {
	w := newWorld(t)
	n := 0
	for _, prolog := range []string{"", `<?xml version="1.0" encoding="GBK"?>`} {
		for name, r := range w.forms(applyPath, prolog+applyXML("2411220000001", "0", "")) {
			n++
			if got := w.do(r); got.status != "200" || got.http != 200 {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
	for name, r := range w.forms(cancelPath, cancelXML("2411220000001")) {
		if got := w.do(r); got.status != "200" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := w.submissions("2411220000001"); len(got) != 1 || !strings.HasSuffix(got[0], ":"+itoa(n)) {
		t.Errorf("%d calls are %q", n, got)
	}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

func TestAMessageInGBKIsRead(t *testing.T) {
	w := newWorld(t)
	// 张补正 in GBK
	body := strings.Replace(applyXML("G1", "0", ""), "张补正", "\xd5\xc5\xb2\xb9\xd5\xfd", 1)
	body = strings.Replace(body, "身份证", "", 1)
	if got := w.call(applyPath, `<?xml version="1.0" encoding="GBK"?>`+body); got.status != "200" {
		t.Fatalf("%+v", got)
	}
	var message string
	if err := w.journal.read.QueryRow("SELECT message FROM applications").Scan(&message); err != nil || !strings.Contains(message, "张补正") {
		t.Errorf("%v: %q", err, message)
	}
}

func TestANumberIsDurableBeforeItIsAcknowledged(t *testing.T) {
	w := newWorld(t)
	w.announce("1", "0", "")
	other, err := sql.Open("sqlite", journalDSN(w.journal.path, true)) // as another process sees it
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var n int
	if err := other.QueryRow("SELECT count(*) FROM applications WHERE flow_no='1' AND state='announced'").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
}

func TestWhichCallIsARepeat(t *testing.T) {
	w := newWorld(t)
	w.announce("A", "0", "")
	w.announce("A", "0", "")
	w.wantSubmissions("A", "0:0:announced:2")
	w.announce("A", "1", "2026-11-23 10:00:00")
	w.announce("A", "1", "2026-11-23 10:00:00")
	w.announce("A", "1", "2026-11-25 10:00:00")
	w.wantSubmissions("A", "0:0:announced:2", "1:1:announced:2", "2:1:announced:1")
	w.announce("A", "9", "")
	w.announce("A", "9", "")
	w.wantSubmissions("A", "0:0:announced:2", "1:1:announced:2", "2:1:announced:1", "3:9:announced:2")
	for _, kind := range []string{"2", "3"} {
		w.announce("B"+kind, kind, "")
		w.wantSubmissions("B"+kind, "0:"+kind+":announced:1")
	}
	w.announce("B3", "0", "") // taken in at a window first, then the application
	w.wantSubmissions("B3", "0:0:announced:2")
	w.announce("C", "1", "2026-11-23 10:00:00") // before its application
	w.announce("C", "0", "")
	w.wantSubmissions("C", "0:0:announced:1", "1:1:announced:1")
}

func TestWhatCannotBeTakenIsRefusedAndNotKept(t *testing.T) {
	w := newWorld(t)
	post := func(body, kind string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, applyPath, strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		return r
	}
	const form = "application/x-www-form-urlencoded"
	escaped := func(xml string) *http.Request { return post(url.Values{"xmlStr": {xml}}.Encode(), form) }
	good := applyXML("X", "0", "")
	for name, c := range map[string]struct {
		r    *http.Request
		http int
	}{
		"nothing":            {post("", form), 200},
		"another parameter":  {post("a=b", form), 200},
		"twice":              {post("xmlStr=a&xmlStr=b", form), 200},
		"broken json":        {post(`{"xmlStr":`, "application/json"), 200},
		"json of a number":   {post(`{"xmlStr":1}`, "application/json"), 200},
		"no xml":             {escaped("<a"), 200},
		"ciphertext of none": {escaped("AAAA"), 200},
		"a document type":    {escaped(`<!DOCTYPE a [<!ENTITY b "c">]>` + good), 200},
		"another root":       {escaped(strings.ReplaceAll(good, "APPROVEDATAINFO", "OTHER")), 200},
		"no number":          {escaped(strings.Replace(good, "X</SBLSH", "</SBLSH", 1)), 200},
		"a number too long":  {escaped(strings.Replace(good, "X</SBLSH", strings.Repeat("1", 51)+"</SBLSH", 1)), 200},
		"no item":            {escaped(strings.Replace(good, "GJJ-0302", "", 1)), 200},
		"a type nobody has":  {escaped(strings.Replace(good, "TYPE>0", "TYPE>7", 1)), 200},
		"too large":          {escaped(good + strings.Repeat(" ", mostCall)), 413},
		"another path":       {httptest.NewRequest(http.MethodPost, "/gjj/other", nil), 404},
		"another method":     {httptest.NewRequest(http.MethodPut, applyPath, nil), 405},
	} {
		if got := w.do(c.r); got.status != "0" || got.http != c.http || got.desc == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	var n int
	if err := w.journal.read.QueryRow("SELECT count(*) FROM applications").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
	// What is wrong beside the number is a matter for rejects: the number counts.
	if got := w.call(applyPath, strings.Replace(strings.Replace(good, "<XZQHDM>370102</XZQHDM>", "", 1), "</APPROVE", "<NEW>1</NEW></APPROVE", 1)); got.status != "200" {
		t.Errorf("%+v", got)
	}
}

func (w *world) signed(r *http.Request, who middleplatform.Credentials, nonce string, at time.Time) *http.Request {
	w.t.Helper()
	headers, err := w.profile.Sign(who, nonce, w.profile.Stamp(at))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range headers {
		r.Header.Set(h.Name, h.Value)
	}
	return r
}

func TestSignedCallsAreVerified(t *testing.T) {
	w := newWorld(t)
	next := middleplatform.Keys{Credentials: middleplatform.Credentials{Key: "next-key", Secret: "next-secret"}, SM4Key: "nextSm4Key"}
	s := w.system
	s.Signed, s.OnlySealed, s.Keys = true, true, []middleplatform.Keys{keys, next}
	w.gateway = w.open(s)
	sealed, err := w.cipher.Encrypt(applyXML("S", "0", ""))
	if err != nil {
		t.Fatal(err)
	}
	plain := func() *http.Request {
		return httptest.NewRequest(http.MethodPost, applyPath+"?"+url.Values{"xmlStr": {sealed}}.Encode(), nil)
	}
	now := w.clock.Now()
	for _, c := range []struct {
		name string
		r    *http.Request
		http int
		ok   string
	}{
		{"right", w.signed(plain(), keys.Credentials, "n1", now), 200, "200"},
		{"the same once more", w.signed(plain(), keys.Credentials, "n1", now), 401, "0"},
		{"the next key", w.signed(plain(), next.Credentials, "n2", now), 200, "200"},
		{"nobody's key", w.signed(plain(), middleplatform.Credentials{Key: "x", Secret: "y"}, "n3", now), 401, "0"},
		{"a wrong secret", w.signed(plain(), middleplatform.Credentials{Key: keys.Credentials.Key, Secret: "y"}, "n4", now), 401, "0"},
		{"too old", w.signed(plain(), keys.Credentials, "n5", now.Add(-6*time.Minute)), 401, "0"},
		{"of tomorrow", w.signed(plain(), keys.Credentials, "n6", now.Add(24*time.Hour)), 401, "0"},
		{"not signed", plain(), 401, "0"},
		{"plain", w.signed(httptest.NewRequest(http.MethodPost, applyPath+"?"+url.Values{"xmlStr": {applyXML("S", "0", "")}}.Encode(), nil), keys.Credentials, "n7", now), 200, "0"},
	} {
		if got := w.do(c.r); got.http != c.http || got.status != c.ok {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// The memory of a process ends with it; a recorded call must not count again.
func TestAReplayAfterARestartIsRefused(t *testing.T) {
	w := newWorld(t)
	w.system.Signed = true
	w.reopen()
	now := w.clock.Now()
	ahead := now.Add(4 * time.Minute) // a platform whose clock is before ours
	call := func(path, xml, nonce string, at time.Time) said {
		return w.do(w.signed(httptest.NewRequest(http.MethodPost, path+"?"+url.Values{"xmlStr": {xml}}.Encode(), nil), keys.Credentials, nonce, at))
	}
	cancel := "<APPROVEDATAINFO><SBLSH_SHORT>S</SBLSH_SHORT><SXBM>X</SXBM><CXRXM>张样例</CXRXM></APPROVEDATAINFO>"
	const cancelPath = "/gjj/cancelProjectBeforeAccept"
	for _, got := range []said{call(applyPath, applyXML("S", "0", ""), "n1", ahead), call(cancelPath, cancel, "n2", ahead)} {
		if got.http != 200 || got.status != "200" {
			t.Fatalf("%+v", got)
		}
	}
	for _, later := range []time.Duration{0, 8 * time.Minute} { // still inside the window of its stamp
		w.clock.turn(later)
		w.reopen()
		for _, got := range []said{call(applyPath, applyXML("S", "0", ""), "n1", ahead), call(applyPath, applyXML("T", "0", ""), "n1", ahead), call(cancelPath, cancel, "n2", ahead)} {
			if got.http != 401 || got.status != "0" || got.desc != middleplatform.Replayed.Text().ZH {
				t.Errorf("after %s: %+v", later, got)
			}
		}
	}
	if got := call(applyPath, applyXML("T", "0", ""), "n3", w.clock.Now()); got.status != "200" {
		t.Errorf("a call of its own: %+v", got)
	}
	w.clock.turn(time.Hour)
	call(applyPath, applyXML("U", "0", ""), "n4", w.clock.Now())
	var n int
	if err := w.journal.read.QueryRow("SELECT count(*) FROM nonces").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d nonces are kept, %v", n, err)
	}
}

// A nonce is spent with what its call did, not before.
func TestACallThatWasNotWrittenDownMayComeAgain(t *testing.T) {
	w := newWorld(t)
	k := ticket{caller: "k", nonce: "n", good: time.Minute}
	for _, failed := range []error{errFull, nil} {
		err := w.journal.do(t.Context(), func(tx *sql.Tx) error { return errors.Join(k.spend(tx, w.clock.Now()), failed) })
		if (err == nil) != (failed == nil) {
			t.Errorf("%v", err)
		}
	}
	if err := w.journal.do(t.Context(), func(tx *sql.Tx) error { return k.spend(tx, w.clock.Now()) }); !errors.Is(err, errSpent) {
		t.Errorf("%v", err)
	}
}

func TestAJournalOfTheFirstLayoutIsTakenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "inbox.db")
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(layouts[0] + "INSERT INTO outages VALUES('gjj', 1, 'x'); PRAGMA user_version = 1"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	j, err := OpenJournal(t.Context(), path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	var n int
	if err := j.read.QueryRow("SELECT (SELECT count(*) FROM outages) + (SELECT count(*) FROM nonces)").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
}

func TestEachSystemHasItsPathAndItsKey(t *testing.T) {
	w := newWorld(t)
	other := w.system
	other.Name, other.Path, other.Keys = "sb", "/sb", []middleplatform.Keys{{Credentials: keys.Credentials, SM4Key: "anotherKey"}}
	w.gateway = w.open(w.system, other)
	c, err := middleplatform.NewCipher(w.profile, "anotherKey", nil)
	if err != nil {
		t.Fatal(err)
	}
	for path, number := range map[string]string{applyPath: "1", "/sb/sendApplyNO": "2"} {
		mine, theirs := w.cipher, c
		if path != applyPath {
			mine, theirs = c, w.cipher
		}
		for cipher, want := range map[*middleplatform.Cipher]string{mine: "200", theirs: "0"} {
			sealed, err := cipher.Encrypt(applyXML(number, "0", ""))
			if err != nil {
				t.Fatal(err)
			}
			if got := w.call(path, sealed); got.status != want {
				t.Errorf("%s: %+v, want %s", path, got, want)
			}
		}
	}
	if _, err := New(Options{Journal: w.journal, Systems: []System{w.system, w.system}, Now: w.clock.Now}); err == nil || !strings.Contains(err.Error(), "same path") {
		t.Error(err)
	}
}

func TestTooMuchIsToldToComeBack(t *testing.T) {
	w := newWorld(t)
	for range mostCalls {
		w.gateway.room <- struct{}{}
	}
	if got := w.call(applyPath, applyXML("1", "0", "")); got.http != 503 || got.header.Get("Retry-After") == "" {
		t.Errorf("%+v", got)
	}
	for range mostCalls {
		<-w.gateway.room
	}
	w.announce("1", "0", "")

	stop, begun := make(chan struct{}), make(chan struct{})
	go func() {
		_ = w.journal.do(t.Context(), func(*sql.Tx) error { close(begun); <-stop; return nil })
	}()
	<-begun
	for range waitingMost {
		w.journal.writes <- &write{run: func(*sql.Tx) error { return nil }, done: make(chan struct{})}
	}
	if got := w.call(applyPath, applyXML("2", "0", "")); got.http != 503 || got.status != "0" {
		t.Errorf("%+v", got)
	}
	close(stop)
	w.wantSubmissions("2")
}
