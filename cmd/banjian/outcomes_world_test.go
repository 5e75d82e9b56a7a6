package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/deploy/demo"
)

// doubtfulProfile is the shipped one of a platform that counts an acceptance twice, can be
// asked for steps, and both of a result.
func doubtfulProfile(t *testing.T) string {
	t.Helper()
	shipped, err := os.ReadFile("../../connectors/middleplatform/profiles/sd-ywzt-2024.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const ask = `    ask: {path: %s/query, conf: assumed, has: {field: ARRIVED, is: ["1"]}, digest: DIGEST}` + "\n"
	return strings.NewReplacer("    path: "+acceptPath+"\n", "    path: "+acceptPath+"\n    repeat: never\n",
		"    path: "+coursePath+"\n", "    path: "+coursePath+"\n"+fmt.Sprintf(ask, coursePath),
		"    path: "+finishPath+"\n", "    path: "+finishPath+"\n    repeat: never\n"+fmt.Sprintf(ask, finishPath)).Replace(string(shipped))
}

// Paths of the profile.
const (
	acceptPath = "/receiveAcceptInfo"
	coursePath = "/receiveCourseInfo"
	finishPath = "/receiveFinishInfo"
)

// fate is what becomes of a call: whether it takes effect, and whether that is told, how late.
type fate struct {
	taken, told bool
	late        time.Duration
}

var (
	goesWell   = fate{taken: true, told: true}
	answerLost = fate{taken: true}
	callLost   = fate{}
)

// doubtful is a demo site, laid out and not yet run, whose platform is in the test.
type doubtful struct {
	*troubled
	platform *simulator.Simulator

	mu   sync.Mutex
	next map[string][]fate // by path; what is not said goes well
	all  *fate             // of every call
	lost map[string]int    // calls that took no effect, by path
}

func newDoubtful(t *testing.T, receiver string) *doubtful {
	t.Helper()
	w := &doubtful{troubled: &troubled{world: embedded(t)}, next: map[string][]fate{}, lost: map[string]int{}}
	if err := (&app{out: os.Stderr, err: os.Stderr}).layOutDemo(t.Context(), demoOptions{dir: w.dir, cases: 24, seed: 7}); err != nil {
		t.Fatal(err)
	}
	w.attach()
	w.remove("jobs")
	w.write("schemas/profiles/sd-ywzt-2024.yaml", doubtfulProfile(t))
	p, err := middleplatform.LoadProfile("sd-ywzt-2024", os.DirFS(filepath.Join(w.dir, "schemas")))
	if err != nil {
		t.Fatal(err)
	}
	keys := middleplatform.Credentials{Key: "site", Secret: "site"}
	if w.platform, err = simulator.New(simulator.Options{Profile: p, Credentials: keys, SM4Key: "demoSm4Key"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.platform.Close() })
	server := httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{"PLATFORM_KEY": keys.Key, "PLATFORM_SECRET": keys.Secret, "PLATFORM_SM4": "demoSm4Key"} {
		t.Setenv(name, value)
	}
	w.edit(demo.SiteFile, "{kind: platform, embedded: data/platform.jsonl}",
		fmt.Sprintf("{kind: platform, url: %q, max_connections: 1, keys: [{key: {env: PLATFORM_KEY}, secret: {env: PLATFORM_SECRET}, sm4: {env: PLATFORM_SM4}}]}", server.URL))
	w.edit(demo.SiteFile, "profile: sd-ywzt-2024}", "profile: sd-ywzt-2024"+receiver+"}")
	w.edit(demo.PipelinesFile, "deliver: [national, platform]", "deliver: [platform]")
	w.edit(demo.PipelinesFile, "mode: incremental", "mode: incremental, batch_rows: 3")
	return w
}

func (w *doubtful) serve(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	f := goesWell
	if list := w.next[r.URL.Path]; len(list) > 0 {
		f, w.next[r.URL.Path] = list[0], list[1:]
	}
	if w.all != nil {
		f = *w.all
	}
	if !f.taken {
		w.lost[r.URL.Path]++
	}
	w.mu.Unlock()
	time.Sleep(f.late)
	if !f.told {
		to := httptest.NewRecorder()
		if f.taken {
			w.platform.ServeHTTP(to, r)
		}
		panic(http.ErrAbortHandler)
	}
	w.platform.ServeHTTP(rw, r)
}

// happens says what becomes of the next calls of a path.
func (w *doubtful) happens(path string, list ...fate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next[path] = list
}

// always says what becomes of every call; nil: what happens says.
func (w *doubtful) always(f *fate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = f
}

func (w *doubtful) lostCalls(path string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lost[path]
}

// ran is a run of every pipeline.
func (w *doubtful) ran(flags ...string) (code int, said string) {
	w.t.Helper()
	code, out, errOut := w.says(append([]string{"run", "--all", "--fail-on", "none", "--lang", "en", "--site", w.dir}, flags...)...)
	return code, out + errOut
}

func (w *doubtful) mustRun(flags ...string) {
	w.t.Helper()
	if code, said := w.ran(flags...); code != exitDone && code != exitNews {
		w.t.Fatalf("run %v exited %d\n%s", flags, code, said)
	}
}

// outcomes is what the verb lists.
func (w *doubtful) outcomes(flags ...string) (list []outcomeLine) {
	w.t.Helper()
	code, out, errOut := w.says(append([]string{"outcomes", "list", "--json", "--lang", "zh", "--site", w.dir}, flags...)...)
	if code != exitDone {
		w.t.Fatalf("outcomes list exited %d\n%s", code, errOut)
	}
	for line := range strings.Lines(out) {
		var o outcomeLine
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			w.t.Fatalf("%v: %s", err, line)
		}
		list = append(list, o)
	}
	return list
}

// settle says how it is with outcomes.
func (w *doubtful) settle(as string, ids ...int64) {
	w.t.Helper()
	if code, _, errOut := w.says(w.settling(as, ids...)...); code != exitDone {
		w.t.Fatalf("settle %s exited %d\n%s", as, code, errOut)
	}
}

func (w *doubtful) settling(as string, ids ...int64) []string {
	args := []string{"outcomes", "settle", as, "--why", "电话核对", "--lang", "zh", "--site", w.dir}
	for _, id := range ids {
		args = append(args, fmt.Sprint(id))
	}
	return args
}

// flow is the number by which the platform knows a case.
func (w *doubtful) flow(local string) string {
	return w.sourceText("SELECT MAX(sblsh) FROM gjj_ywsl WHERE slbh=?", local)
}

// change gives a case's acceptance another opinion.
func (w *doubtful) change(local, opinion string) {
	w.sourceExec("UPDATE gjj_ywsl SET slyj=?, gxsj="+w.settled+" WHERE slbh=?", opinion, local)
}

// has is what the platform has of a case's acceptance: its revision and whether it holds the
// opinion; 0 = nothing.
func (w *doubtful) has(local, opinion string) (revision int, holds bool) {
	flow := w.flow(local)
	for _, e := range w.platform.Effects() {
		if e.Interface == "accept" && e.Key[0] == flow {
			return e.Revision, strings.Contains(e.Body, opinion)
		}
	}
	return 0, false
}

// messages is everything the platform has, in order.
func (w *doubtful) messages() []string {
	var list []string
	for _, e := range w.platform.Effects() {
		list = append(list, fmt.Sprint(e.Interface, " ", e.Revision, " ", e.Body))
	}
	slices.Sort(list)
	return list
}

// wantNothingTwice says that the platform got no message it had.
func (w *doubtful) wantNothingTwice() {
	w.t.Helper()
	for _, name := range []string{"accept", "course", "finish"} {
		if c := w.platform.Count(name); c.Repeats != 0 || c.Refused != 0 || c.Effects == 0 {
			w.t.Errorf("%s: %+v", name, c)
		}
	}
}
