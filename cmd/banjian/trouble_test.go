package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"banjian/deploy/demo"
	"banjian/mappings"
	"banjian/pipelines"
)

// fewCases is enough for every kind of dirt to fall at least once.
const fewCases = 250

// troubled is a demo site, laid out and not yet run, that things go wrong with. It feeds
// national alone.
type troubled struct {
	*world
	e expectation
}

func newTroubled(t *testing.T, w *world) *troubled {
	t.Helper()
	o := demoOptions{dir: w.dir, cases: fewCases, seed: 1}
	for i, f := range w.flags {
		switch f {
		case "--source":
			o.source = w.flags[i+1]
		case "--exchange":
			o.exchange = w.flags[i+1]
		}
	}
	var err error
	if o.source == "" && o.exchange == "" {
		err = copyOf(laidOut, w.dir)
	} else {
		err = layOutTroubled(t.Context(), o)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.attach()
	return &troubled{world: w, e: expectOf(t, demo.Options{Cases: fewCases}).at(demo.National)}
}

// newRan is an embedded troubled site after its first run, which went as it should.
func newRan(t *testing.T) *troubled {
	t.Helper()
	w := embedded(t)
	if err := copyOf(ran, w.dir); err != nil {
		t.Fatal(err)
	}
	w.attach()
	return &troubled{world: w, e: expectOf(t, demo.Options{Cases: fewCases}).at(demo.National)}
}

func layOutTroubled(ctx context.Context, o demoOptions) error {
	a := &app{out: os.Stderr, err: os.Stderr}
	return errors.Join(a.layOutDemo(ctx, o), os.Remove(filepath.Join(o.dir, demo.PipelinesFile)))
}

// Sites that many tests begin with are made once, among what the tests throw away;
// each test has its own copy.
var (
	laidOut = sync.OnceValues(func() (string, error) {
		dir, err := os.MkdirTemp("", "laid-out-")
		if err != nil {
			return "", err
		}
		return dir, layOutTroubled(context.Background(), demoOptions{dir: dir, cases: fewCases, seed: 1})
	})
	ran = sync.OnceValues(func() (string, error) {
		dir, err := os.MkdirTemp("", "ran-")
		if err == nil {
			err = copyOf(laidOut, dir)
		}
		var said bytes.Buffer
		if code := execute(context.Background(), []string{"run", "--all", "--json", "--site", dir}, &said, &said); err == nil && code != exitDone && code != exitNews {
			err = fmt.Errorf("the first run exited %d: %s", code, &said)
		}
		return dir, err
	})
)

func copyOf(site func() (string, error), dir string) error {
	from, err := site()
	if err != nil {
		return err
	}
	return os.CopyFS(dir, os.DirFS(from))
}

// says runs a command line and returns what it printed.
func (w *troubled) says(args ...string) (code int, out, errOut string) {
	w.t.Helper()
	var o, e bytes.Buffer
	code = execute(context.Background(), args, &o, &e)
	return code, o.String(), e.String()
}

// run is run --all; its sums must add up however it ends.
func (w *troubled) run(flags ...string) (int, map[string]summary, string) {
	w.t.Helper()
	code, out, errOut := w.says(append([]string{"run", "--all", "--json", "--lang", "en", "--site", w.dir}, flags...)...)
	sums := map[string]summary{}
	for line := range strings.Lines(out) {
		var s summary
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			w.t.Fatalf("%v: %s", err, line)
		}
		sums[s.Pipeline] = s
		w.sums(s)
	}
	return code, sums, errOut
}

// mustRun is a run without trouble.
func (w *troubled) mustRun(flags ...string) map[string]summary {
	w.t.Helper()
	code, sums, errOut := w.run(flags...)
	if code != exitDone && code != exitNews {
		w.t.Fatalf("run %v exited %d\n%s", flags, code, errOut)
	}
	return sums
}

// wantForetold says that ledger and receiver are as the generator foretells.
func (w *troubled) wantForetold() {
	w.t.Helper()
	w.wantRejects(w.e)
	w.wantHeld(w.e)
	w.wantNational(w.e)
}

// path is a file of the site; write and edit change it.
func (w *troubled) path(name string) string { return filepath.Join(w.dir, name) }

func (w *troubled) write(name, content string) {
	w.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(w.path(name)), 0o755), os.WriteFile(w.path(name), []byte(content), 0o644)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *troubled) edit(name, old, new string) {
	w.t.Helper()
	data, err := os.ReadFile(w.path(name))
	if err != nil {
		w.t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		w.t.Fatalf("no %q in %s", old, name)
	}
	w.write(name, strings.ReplaceAll(string(data), old, new))
}

func (w *troubled) remove(name string) {
	w.t.Helper()
	if err := os.RemoveAll(w.path(name)); err != nil {
		w.t.Fatal(err)
	}
}

// overlay copies a shipped mapping into the site with one thing changed.
func (w *troubled) overlay(mapping, old, new string) {
	w.t.Helper()
	data, _, err := mappings.Load(mapping)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("mappings/"+mapping+".yaml", string(data))
	w.edit("mappings/"+mapping+".yaml", old, new)
}

// overlayPipelines copies the shipped pipelines into the site with one thing changed.
func (w *troubled) overlayPipelines(old, new string) {
	w.t.Helper()
	data, err := fs.ReadFile(pipelines.Catalog(), "provident-fund.yaml")
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("pipelines/provident-fund.yaml", string(data))
	w.edit("pipelines/provident-fund.yaml", old, new)
}

func (w *troubled) sourceExec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.source.ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
}

func (w *troubled) exchangeExec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.exchange.ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
}

// text is one value, as text.
func (w *troubled) text(query string, args ...any) string {
	w.t.Helper()
	var s any
	if err := w.exchange.QueryRowContext(w.t.Context(), query, args...).Scan(&s); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	if b, ok := s.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(s)
}

func (w *troubled) sourceText(query string, args ...any) string {
	w.t.Helper()
	return (&troubled{world: &world{t: w.t, exchange: w.source}}).text(query, args...)
}

// trouble is one thing a person must mend.
type trouble struct {
	name       string
	cause      func(w *troubled)
	verbs      []string // besides run --all, that find it
	code       int
	zh, en     []string // patterns of the message; the hint is among them
	mend       func(w *troubled)
	nothingYet bool // no row may have been read
}

var troubles = []trouble{
	{name: "broken mapping YAML", code: exitUsage, verbs: []string{"validate"}, nothingYet: true,
		cause: func(w *troubled) { w.overlay("provident-fund/accept", "to: case/accept", "to: [case/accept") },
		mend:  func(w *troubled) { w.remove("mappings") },
		zh:    []string{`错误: .*provident-fund/accept\.yaml:\d+:\d+: .*方括号`}, en: []string{`error: .*provident-fund/accept\.yaml:\d+:\d+: .*bracket`}},
	{name: "unknown key in a mapping", code: exitUsage, verbs: []string{"validate"}, nothingYet: true,
		cause: func(w *troubled) { w.overlay("provident-fund/accept", "{from: sblsh, trim:", "{from: sblsh, trin:") },
		mend:  func(w *troubled) { w.remove("mappings") },
		zh:    []string{`accept\.yaml:\d+:\d+: 不认识的键 "trin"`, `怎么办: 是不是 trim`}, en: []string{`accept\.yaml:\d+:\d+: unknown key "trin"`, `what to do: did you mean trim`}},
	{name: "mapping names a column the view lacks", code: exitUsage,
		cause: func(w *troubled) { w.overlay("provident-fund/accept", "{from: sqr, clean", "{from: sqrr, clean") },
		mend:  func(w *troubled) { w.remove("mappings") },
		zh:    []string{`v_gjj_accept: 缺少列 sqrr`, `怎么办: .*sqr`}, en: []string{`v_gjj_accept: there is no column sqrr`, `what to do: .*sqr`}},
	{name: "view vanished", code: exitUsage,
		cause: func(w *troubled) {
			w.sourceExec("ALTER TABLE gjj_bljl RENAME TO gjj_bljl_x")
			w.sourceExec("DROP VIEW v_gjj_step")
		},
		mend: func(w *troubled) {
			w.sourceExec("ALTER TABLE gjj_bljl_x RENAME TO gjj_bljl")
			w.sourceExec(`CREATE VIEW v_gjj_step AS SELECT b.hjid, b.slbh, b.hjxh, b.hjdm, b.hjmc, b.hjzt, b.dz, b.blyj, b.blr, b.blrgh, j.slbm, j.tyxydm, j.xzqh, b.kssj, b.jssj, b.bz, b.gxsj
				FROM gjj_bljl b LEFT JOIN gjj_jg j ON j.jgbh = b.jgbh`)
		},
		zh: []string{`表或视图 \S*v_gjj_step 不存在`, `怎么办: .*部门`}, en: []string{`there is no table or view \S*v_gjj_step`, `what to do: .*department`}},
	{name: "unknown key in the site's file", code: exitUsage, verbs: []string{"validate", "status"}, nothingYet: true,
		cause: func(w *troubled) { w.edit("banjian.yaml", "receivers:", "recievers:") },
		mend:  func(w *troubled) { w.edit("banjian.yaml", "recievers:", "receivers:") },
		zh:    []string{`banjian\.yaml:\d+:\d+: .*recievers`, `怎么办: .*receivers`}, en: []string{`banjian\.yaml:\d+:\d+: .*recievers`, `what to do: .*receivers`}},
	{name: "literal secret", code: exitUsage, verbs: []string{"validate"}, nothingYet: true,
		cause: func(w *troubled) {
			w.edit("banjian.yaml", "receivers:", "  other: {kind: mysql, host: h, user: u, database: d, password: geheim123}\nreceivers:")
		},
		mend: func(w *troubled) {
			w.edit("banjian.yaml", "  other: {kind: mysql, host: h, user: u, database: d, password: geheim123}\n", "")
		},
		zh: []string{`banjian\.yaml:\d+:\d+: .*不能写在文件里`, `怎么办: .*env: `}, en: []string{`banjian\.yaml:\d+:\d+: .*never stands in a file`, `what to do: .*env: `}},
	{name: "environment variable unset", code: exitUsage, nothingYet: true,
		cause: func(w *troubled) {
			w.edit("banjian.yaml", "{kind: sqlite, path: data/department.db, max_connections: 2}", "{kind: mysql, host: 127.0.0.1, user: u, database: d, password: {env: BANJIAN_TEST_UNSET}}")
		},
		mend: func(w *troubled) {
			w.edit("banjian.yaml", "{kind: mysql, host: 127.0.0.1, user: u, database: d, password: {env: BANJIAN_TEST_UNSET}}", "{kind: sqlite, path: data/department.db, max_connections: 2}")
		},
		zh: []string{`环境变量 BANJIAN_TEST_UNSET 没有设置`, `怎么办: `}, en: []string{`environment variable BANJIAN_TEST_UNSET is not set`, `what to do: `}},
	{name: "pipeline of the site names a connection that is not there", code: exitUsage, verbs: []string{"validate"}, nothingYet: true,
		cause: func(w *troubled) {
			w.write("pipelines/own.yaml", "pipeline: own\nfrom: {connection: gjjj, source_id: own, view: v, key: [local_no, round]}\nmapping: provident-fund/accept\n")
		},
		mend: func(w *troubled) { w.remove("pipelines") },
		zh:   []string{`pipelines/own\.yaml:2:20: 管道 own 的连接 "gjjj" 没有定义`, `怎么办: `}, en: []string{`pipelines/own\.yaml:2:20: pipeline own: connection "gjjj" is not defined`, `what to do: `}},
	{name: "exchange table missing", code: exitUsage,
		cause: func(w *troubled) { w.exchangeExec("ALTER TABLE up_pro_result RENAME TO away") },
		mend:  func(w *troubled) { w.exchangeExec("ALTER TABLE away RENAME TO up_pro_result") },
		zh:    []string{`接收方没有表 up_pro_result`, `怎么办: .*banjian schema ddl up_pro_result`}, en: []string{`the receiver has no table up_pro_result`, `what to do: .*banjian schema ddl up_pro_result`}},
	{name: "exchange table lacks a column", code: exitUsage,
		cause: func(w *troubled) { w.exchangeExec("ALTER TABLE up_pro_result RENAME COLUMN remark TO remark_x") },
		mend:  func(w *troubled) { w.exchangeExec("ALTER TABLE up_pro_result RENAME COLUMN remark_x TO remark") },
		zh:    []string{`表 up_pro_result 缺列：remark`, `怎么办: .*banjian schema ddl up_pro_result`}, en: []string{`table up_pro_result lacks columns: remark`, `what to do: .*banjian schema ddl up_pro_result`}},
}

func TestEveryTroubleSaysWhatToDoAndLosesNothing(t *testing.T) {
	for _, tr := range troubles {
		for name, make := range map[string]func(*testing.T) *world{"embedded": embedded, "MariaDB": onMariaDB} {
			if name == "MariaDB" && !strings.Contains(tr.name, "view") && !strings.Contains(tr.name, "table") {
				continue // nothing in it is the database's
			}
			t.Run(tr.name+"/"+name, func(t *testing.T) {
				w := newTroubled(t, make(t))
				tr.cause(w)
				for lang, want := range map[string][]string{"zh": tr.zh, "en": tr.en} {
					for _, verb := range append([]string{"run --all"}, tr.verbs...) {
						code, out, errOut := w.says(append(strings.Fields(verb), "--lang", lang, "--site", w.dir)...)
						if code != tr.code {
							t.Errorf("%s exited %d, want %d", verb, code, tr.code)
						}
						wantOnce(t, errOut, want)
						if tr.nothingYet && strings.Contains(out, "provident-fund") && verb == "run --all" && tr.name != "environment variable unset" {
							t.Errorf("%s began all the same:\n%s", verb, out)
						}
					}
				}
				tr.mend(w)
				w.mustRun()
				w.wantForetold()
			})
		}
	}
}

// wantOnce looks for patterns, each in one line only: one clear message.
func wantOnce(t *testing.T, said string, patterns []string) {
	t.Helper()
	for _, p := range patterns {
		if n := len(regexp.MustCompile(p).FindAllString(said, -1)); n != 1 {
			t.Errorf("%q stands %d times in:\n%s", p, n, said)
		}
	}
	for _, secret := range []string{"geheim123", "goroutine", "panic"} {
		if strings.Contains(said, secret) {
			t.Errorf("%q is shown:\n%s", secret, said)
		}
	}
}

func TestUnknownPipelineIsNamedBeforeAnythingHappens(t *testing.T) {
	w := newTroubled(t, embedded(t))
	for lang, want := range map[string][]string{"zh": {`nosuch: 没有这个管道`, `怎么办: banjian validate`}, "en": {`nosuch: there is no such pipeline`, `what to do: banjian validate`}} {
		code, out, errOut := w.says("run", "provident-fund-accept", "nosuch", "--lang", lang, "--site", w.dir)
		if code != exitUsage || out != "" {
			t.Errorf("exited %d, printed %q", code, out)
		}
		wantOnce(t, errOut, want)
	}
	if _, err := os.Stat(w.path("data/ledger.db")); err == nil {
		t.Error("a ledger was made")
	}
}
