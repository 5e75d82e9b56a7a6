package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"banjian/connectors/exchangedb/exchangetest"
	"banjian/connectors/middleplatform"
	"banjian/internal/sqldialect"
	"banjian/ledger"
	"banjian/ledger/sqlite"
)

// judge compares what arrived with the table.
func (c *chain) judge() {
	c.t.Helper()
	want := c.pairs("SELECT CONCAT('BJ-', slbh), slyj FROM ywsl")
	national := c.pairs("SELECT a.project_no, a.address FROM up_pro_accept a JOIN (SELECT MAX(ID) ID FROM up_pro_accept GROUP BY row_guid) n ON n.ID=a.ID WHERE a.cd_operation<>'D'")
	lost, extra := unlike(want, national)
	consumer := &exchangetest.Consumer{DB: c.db, Table: "up_pro_accept"}
	if err := consumer.Poll(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	stale := c.backwards()
	platform, repeated, older := c.platformHas()
	diverged := c.diverged()
	lostThere, extraThere := 0, 0
	for no, says := range want {
		if platform[no] != says {
			lostThere++
		}
	}
	for no := range platform {
		if _, alive := want[no]; !alive && !diverged[no] {
			extraThere++
		}
	}
	for no := range diverged {
		if _, has := platform[no]; !has {
			extraThere++
		}
	}
	rejected := c.ledgerCount("SELECT COUNT(*) FROM rejects WHERE state='open'")
	c.t.Logf("%s: %d changes %v, %d messages; %d cases are left. Exchange table: %d rows, lost %d, extra %d, duplicate effects %d, out of order %d. Platform: %d cases, lost %d, extra %d, duplicate effects %d, out of order %d; diverged %d. Rejects %d",
		time.Since(c.began).Round(time.Second), c.done, c.kinds, c.messages(), len(want), consumer.Rows, lost, extra, len(consumer.Duplicates), stale, len(platform), lostThere, extraThere, repeated, older, len(diverged), rejected)
	if lost+extra+len(consumer.Duplicates)+stale+lostThere+extraThere+repeated+older+rejected != 0 {
		said, _ := os.ReadFile(c.said.Name())
		for _, has := range []map[string]string{national, platform} {
			c.explain(want, has, diverged)
		}
		c.t.Errorf("want 0 of each\n%s", said[max(0, len(said)-3000):])
	}
}

// explain shows what the ledger knows of some cases that are too much, or not as they are.
func (c *chain) explain(want, has map[string]string, diverged map[string]bool) {
	c.t.Helper()
	shown := 0
	show := func(no, why string) {
		if shown++; shown <= 3 {
			_, out, _ := command("case", "show", strings.TrimPrefix(no, "BJ-"), "--site", c.dir, "--lang", "en")
			c.t.Logf("%s %s:\n%s", no, why, out)
		}
	}
	for no, says := range has {
		switch is, alive := want[no]; {
		case alive && is != says:
			show(no, "is not the newest")
		case !alive && !diverged[no]:
			show(no, "is gone from the table")
		}
	}
}

func (c *chain) pairs(query string) map[string]string {
	c.t.Helper()
	rows, err := c.db.QueryContext(c.t.Context(), query)
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	got := map[string]string{}
	for rows.Next() {
		var a, b string
		if err := rows.Scan(&a, &b); err != nil {
			c.t.Fatal(err)
		}
		got[a] = b
	}
	if err := rows.Err(); err != nil {
		c.t.Fatal(err)
	}
	return got
}

// unlike counts what is missing or not the newest, and what is too much.
func unlike(want, got map[string]string) (lost, extra int) {
	for k, v := range want {
		if got[k] != v {
			lost++
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			extra++
		}
	}
	return lost, extra
}

// backwards counts rows of the exchange table that say an older version than one before
// them, or the same.
func (c *chain) backwards() (n int) {
	c.t.Helper()
	rows, err := c.db.QueryContext(c.t.Context(), "SELECT row_guid, address FROM up_pro_accept WHERE cd_operation<>'D' ORDER BY ID")
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	newest := map[string]string{}
	for rows.Next() {
		var guid, says string
		if err := rows.Scan(&guid, &says); err != nil {
			c.t.Fatal(err)
		}
		if says <= newest[guid] {
			n++
		}
		newest[guid] = says
	}
	return n
}

// platformHas is the newest opinion of each case, and how many messages came twice or after
// a newer one.
func (c *chain) platformHas() (has map[string]string, repeated, older int) {
	c.t.Helper()
	f, err := os.Open(c.platform)
	if err != nil {
		c.t.Fatal(err)
	}
	defer f.Close()
	has = map[string]string{}
	seen := map[string]bool{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l struct {
			Body string `json:"body"`
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			c.t.Fatal(err)
		}
		m, err := middleplatform.DecodeXML(l.Body)
		if err != nil {
			c.t.Fatal(err)
		}
		n, err := strconv.Atoi(strings.TrimPrefix(m.Value("SBLSH_SHORT"), "4401202507"))
		if err != nil {
			c.t.Fatal(err)
		}
		no, says := "BJ-"+number(n), m.Value("SHOULI/YWSLYJ")
		switch {
		case seen[says]:
			repeated++
		case says < has[no]:
			older++
		}
		seen[says], has[no] = true, says
	}
	return has, repeated, older
}

// diverged is the cases that stand as such at the platform, by case number.
func (c *chain) diverged() map[string]bool {
	c.t.Helper()
	store, err := sqlite.Open(c.t.Context(), filepath.Join(c.dir, "data", "ledger.db"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer store.Close()
	list, err := store.Exceptions(c.t.Context(), ledger.ExceptionQuery{Receiver: "platform", State: ledger.Diverged})
	if err != nil {
		c.t.Fatal(err)
	}
	got := map[string]bool{}
	for _, e := range list {
		got["BJ-"+ledger.FirstOfKey(e.Key)] = true
	}
	return got
}

func (c *chain) ledgerCount(query string) (n int) {
	c.t.Helper()
	db, err := sqldialect.Config{Kind: "sqlite", Path: filepath.Join(c.dir, "data", "ledger.db")}.Open()
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(c.t.Context(), query).Scan(&n); err != nil {
		c.t.Fatal(err)
	}
	return n
}

// messages is how many the topic holds.
func (c *chain) messages() (n int64) {
	for line := range strings.Lines(c.offsets()) {
		var p struct {
			Offset int64 `json:"offset"`
		}
		if json.Unmarshal([]byte(line), &p) == nil {
			n += p.Offset
		}
	}
	return n
}
