package gateway

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"banjian/internal/text"
)

// However a platform says that there is no such number, the others are fetched.
func TestAnAnswerOfNotFoundIsOfOneNumber(t *testing.T) {
	for name, says := range map[string][2]string{"sealed": {"200", "404"}, "in the envelope": {"404", "-"}, "gone": {"200", "410"}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.platform.unknown = says
			w.announce("missing", "0", "")
			for _, no := range []string{"A", "B"} {
				w.platform.put(no)
				w.announce(no, "0", "")
			}
			w.fetch(10 * time.Minute)
			w.wantSubmissions("A", "0:0:fetched:1")
			w.wantSubmissions("B", "0:0:fetched:1")
			w.platform.put("missing")
			w.fetch(2 * time.Hour)
			w.wantSubmissions("missing", "0:0:fetched:1")
		})
	}
}

// A file that is not there is that file's matter, whatever says so: it is told once, with its
// material and since when, asked for ever more rarely, and is there when it comes. Other files
// are fetched meanwhile, and there is no outage.
func TestAFileThePlatformDoesNotHaveIsNoOutage(t *testing.T) {
	page := func(status int) func(*platform) *http.Response {
		return func(*platform) *http.Response {
			return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"text/html"}}, Body: io.NopCloser(bytes.NewReader([]byte("<html>Not Found</html>")))}
		}
	}
	says := func(code, status string) func(*platform) *http.Response {
		return func(p *platform) *http.Response {
			r, _ := p.answer(code, status, "没有这个文件")
			return r
		}
	}
	for name, c := range map[string]struct {
		answer func(*platform) *http.Response
		why    string
	}{
		"404":             {page(404), "中台没有这个附件（404）"},
		"gone":            {page(410), "中台没有这个附件（410）"},
		"in the envelope": {says("404", "-"), "中台没有给出内容"},
		"sealed":          {says("200", "404"), "中台没有给出内容"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.platform.absent = map[string]func(*platform) *http.Response{"/oss/missing/1": c.answer}
			for _, no := range []string{"missing", "A", "B", "C"} {
				w.platform.put(no)
				w.announce(no, "0", "")
			}
			began := w.clock.Now()
			pass := func(span time.Duration) { // in steps: numbers are fetched for all of one before files are
				for end := w.clock.Now().Add(span); w.clock.Now().Before(end); {
					w.fetch(time.Minute)
				}
			}
			pass(20 * time.Minute)
			for _, no := range []string{"missing", "A", "B", "C"} {
				w.wantSubmissions(no, "0:0:fetched:1")
			}
			got, at := w.rows(Material, "", "SBLSH_SHORT", "material_seq", "file_state")
			slices.Sort(got)
			w.want(got, "A|CL2#1|∅", "A|a1|stored", "B|CL2#1|∅", "B|a1|stored", "C|CL2#1|∅", "C|a1|stored", "missing|CL2#1|∅", "missing|a1|failed")
			stands, err := w.journal.Stands(t.Context(), []string{"gjj"})
			if err != nil || !stands[0].Outage.IsZero() || stands[0].Files != 1 || stands[0].Failed != 1 {
				t.Errorf("%+v, %v", stands, err)
			}
			list, err := w.journal.LackingOf(t.Context(), "ywzt", "missing")
			if err != nil || len(list) != 1 {
				t.Fatalf("%+v, %v", list, err)
			}
			l := list[0]
			if fmt.Sprint(l.System, l.FlowNo, l.Submission, l.Seq, l.Material, l.Failed) != "gjjmissing0a1身份证true" || !strings.Contains(l.Why.In(text.ZH), c.why) || l != stands[0].Lacking {
				t.Errorf("%+v", l)
			}
			if l.Since.Before(began) || l.Since.After(began.Add(2*time.Minute)) || l.Tries < 4 || l.Tries > 7 || !l.Next.After(w.clock.Now().Add(-time.Minute)) {
				t.Errorf("since %s, tried %d times, next %s", l.Since, l.Tries, l.Next)
			}
			pass(48 * time.Hour)
			if list, err = w.journal.LackingOf(t.Context(), "ywzt", "missing"); err != nil || len(list) != 1 || !list[0].Since.Equal(l.Since) || list[0].Tries < 15 || list[0].Tries > 22 {
				t.Errorf("two days later: %+v, %v", list, err)
			}
			if got, at = w.rows(Material, at, "file_state"); len(got) != 0 {
				t.Errorf("%q: the same again is no news", got)
			}
			w.platform.absent = nil
			w.fetch(7 * time.Hour)
			got, _ = w.rows(Material, at, "SBLSH_SHORT", "material_seq", "file_state")
			w.want(got, "missing|a1|stored", "missing|CL2#1|∅")
			if list, err = w.journal.LackingOf(t.Context(), "ywzt", "missing"); err != nil || len(list) > 0 {
				t.Errorf("%+v, %v", list, err)
			}
		})
	}
}
