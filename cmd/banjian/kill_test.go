package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"banjian/connectors/exchangedb/exchangetest"
	"banjian/deploy/demo"
	"banjian/internal/failpoint"
)

// How many random kills a test does; BANJIAN_KILLS asks for more or fewer.
const (
	randomKills  = 100
	killCases    = 1500
	killBatch    = "97" // rows, so that a run has many batches to be killed in
	changesATime = 250  // at most
)

// victim is a demo site whose runs are killed while its department keeps changing.
type victim struct {
	*world
	log     *os.File       // what the department did, written and synced before it did it
	latest  map[string]int // case number → last version of its address
	cases   []string       // case numbers that national has, once it has everything
	rng     *rand.Rand
	version int
	changed int
}

func newVictim(t *testing.T, w *world, o demoOptions) *victim {
	t.Helper()
	o.dir, o.cases, o.seed = w.dir, killCases, 7
	a := &app{out: os.Stderr, err: os.Stderr}
	if err := a.layOutDemo(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	w.keepSecrets(o)
	w.attach()
	v := &victim{world: w, latest: map[string]int{}, rng: rand.New(rand.NewPCG(7, 7))}
	var err error
	if v.log, err = os.Create(filepath.Join(t.TempDir(), "department.log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.log.Close() })
	v.smallBatches()
	v.cases = v.column(`SELECT bjbh FROM gjj_ywsl WHERE bjbh IS NOT NULL GROUP BY bjbh HAVING COUNT(*)=1 ORDER BY bjbh`)
	return v
}

// smallBatches makes the site's pipelines read few rows at a time.
func (v *victim) smallBatches() {
	path := filepath.Join(v.dir, demo.PipelinesFile)
	data, err := os.ReadFile(path)
	if err != nil {
		v.t.Fatal(err)
	}
	small := strings.ReplaceAll(string(data), "mode: incremental", "mode: incremental, batch_rows: "+killBatch)
	if err := os.WriteFile(path, []byte(small), 0o644); err != nil {
		v.t.Fatal(err)
	}
}

func (v *victim) column(query string) []string {
	v.t.Helper()
	rows, err := v.source.QueryContext(v.t.Context(), query)
	if err != nil {
		v.t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			v.t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// change gives some cases a new address, logging each before it happens.
func (v *victim) change() {
	v.t.Helper()
	tx, err := v.source.BeginTx(v.t.Context(), nil)
	if err != nil {
		v.t.Fatal(err)
	}
	v.version++
	w := bufio.NewWriter(v.log)
	for range 1 + v.rng.IntN(changesATime) {
		v.changed++
		no := v.cases[v.rng.IntN(len(v.cases))]
		fmt.Fprintf(w, "%s %d\n", no, v.version)
		v.latest[no] = v.version
		if _, err := tx.ExecContext(v.t.Context(), "UPDATE gjj_ywsl SET txdz=?, gxsj="+v.now+" WHERE bjbh=?", address(v.version), no); err != nil {
			v.t.Fatal(err)
		}
	}
	if err := errors.Join(w.Flush(), v.log.Sync(), tx.Commit()); err != nil {
		v.t.Fatal(err)
	}
}

func address(version int) string { return "第" + strconv.Itoa(version) + "号" }

// run starts the product; it is killed after d (0: left to end), or where a step is
// armed. It says whether it was killed.
func (v *victim) run(d time.Duration, step string) bool {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, os.Args[0], "run", "--all", "--json", "--site", v.dir)
	c.Env = append(os.Environ(), asProduct+"=1", failpoint.Variable+"="+step)
	var errOut bytes.Buffer
	c.Stderr = &errOut
	if err := c.Start(); err != nil {
		v.t.Fatal(err)
	}
	if d > 0 {
		timer := time.AfterFunc(d, func() { _ = c.Process.Kill() })
		defer timer.Stop()
	}
	err := c.Wait()
	if code := c.ProcessState.ExitCode(); code >= 0 {
		if code != exitDone && code != exitNews {
			v.t.Fatalf("run (%s) exited %d: %s", step, code, &errOut)
		}
		return false
	}
	if ctx.Err() != nil {
		v.t.Fatalf("run (%s) did not end: %v\n%s", step, err, &errOut)
	}
	return true
}

// judge lets everything arrive and counts: every case the first clean run would have
// delivered stands once with its last address, and no effect came twice. The platform,
// whose messages have no address, has each of them in its first revision.
func (v *victim) judge() {
	v.t.Helper()
	time.Sleep(1500 * time.Millisecond) // let the last changes settle
	v.run(0, "")
	v.run(0, "")
	e := expectOf(v.t, demo.Options{Cases: killCases, Seed: 7})
	v.wantPlatform(e)
	foretold := e.national
	var duplicates, lost, extra int
	for table, rows := range foretold {
		c := &exchangetest.Consumer{DB: v.exchange, Table: table}
		if err := c.Poll(v.t.Context()); err != nil {
			v.t.Fatal(err)
		}
		duplicates += len(c.Duplicates)
		for guid := range rows {
			if c.Records[guid].Copies != 1 {
				lost++
			}
		}
		for guid := range c.Records {
			if _, ok := rows[guid]; !ok {
				extra++
			}
		}
	}
	stale := 0
	addresses := v.lastAddresses()
	for no, version := range v.latest {
		if got, ok := addresses[no]; ok && got != address(version) {
			stale++
		}
	}
	v.t.Logf("lost %d, duplicate effects %d, never generated %d, stale %d; %d changes of %d cases", lost, duplicates, extra, stale, v.changed, len(v.latest))
	if lost+duplicates+extra+stale != 0 {
		v.t.Errorf("lost %d, duplicate effects %d, never generated %d, stale %d, want 0 of each", lost, duplicates, extra, stale)
	}
}

func (v *victim) lastAddresses() map[string]string {
	v.t.Helper()
	rows, err := v.exchange.QueryContext(v.t.Context(), "SELECT project_no, address FROM up_pro_accept ORDER BY ID")
	if err != nil {
		v.t.Fatal(err)
	}
	defer rows.Close()
	last := map[string]string{}
	for rows.Next() {
		var no string
		var addr sql.NullString
		if err := rows.Scan(&no, &addr); err != nil {
			v.t.Fatal(err)
		}
		last[no] = addr.String
	}
	return last
}

func killWorlds(t *testing.T, test func(t *testing.T, v *victim)) {
	t.Run("embedded", func(t *testing.T) { test(t, newVictim(t, embedded(t), demoOptions{})) })
	t.Run("MariaDB", func(t *testing.T) {
		w := onMariaDB(t)
		test(t, newVictim(t, w, demoOptions{source: w.flags[len(w.flags)-3], exchange: w.flags[len(w.flags)-1]}))
	})
}

func TestKilledAtRandomNothingIsLostAndNothingComesTwice(t *testing.T) {
	t.Parallel()
	kills := randomKills
	if n, err := strconv.Atoi(os.Getenv("BANJIAN_KILLS")); err == nil {
		kills = n
	}
	if testing.Short() {
		kills = 10
	}
	killWorlds(t, func(t *testing.T, v *victim) {
		killed, span := 0, 500*time.Millisecond
		for tries := 0; killed < kills && tries < 5*kills; tries++ {
			v.change()
			start := time.Now()
			if v.run(20*time.Millisecond+time.Duration(v.rng.Int64N(int64(span))), "") {
				killed++
			} else {
				span = max(time.Since(start), 20*time.Millisecond) // as long as a run takes now
			}
		}
		if killed < kills {
			t.Errorf("killed %d times, want %d", killed, kills)
		}
		v.judge()
	})
}

func TestKilledAtEveryStepNothingIsLostAndNothingComesTwice(t *testing.T) {
	t.Parallel()
	killWorlds(t, func(t *testing.T, v *victim) {
		for _, step := range failpoint.Names {
			killed := false
			for _, nth := range []int{1, 2, 5} {
				v.change()
				if step == failpoint.InRecover {
					v.run(0, string(failpoint.AfterFreeze))
				}
				killed = v.run(0, fmt.Sprintf("%s:%d", step, nth)) || killed
			}
			if !killed {
				t.Errorf("no run was killed at %s", step)
			}
		}
		v.judge()
	})
}

// keepSecrets has the site read where its servers are from files: the environment is that
// of all tests.
func (w *world) keepSecrets(o demoOptions) {
	w.t.Helper()
	for name, dsn := range map[string]string{demoSourceEnv: o.source, demoExchangeEnv: o.exchange} {
		if dsn == "" {
			continue
		}
		file := filepath.Join(w.t.TempDir(), "dsn")
		if err := os.WriteFile(file, []byte(dsn), 0o600); err != nil {
			w.t.Fatal(err)
		}
		w.edited(demo.SiteFile, "{env: "+name+"}", "{file: "+file+"}")
	}
}
