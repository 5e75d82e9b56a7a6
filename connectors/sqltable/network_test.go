package sqltable

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"banjian/internal/fault"
	"banjian/internal/testdb"
	"banjian/pipelines"
)

// proxied is a Target behind a proxy.
func proxied(t *testing.T, w *world) (*Target, *toxiproxy.Proxy) {
	t.Helper()
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := toxiproxy.NewProxy(api, "receiver", testdb.FreeAddress(t), fmt.Sprintf("%s:%d", w.config.Host, w.config.Port))
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	host, port, err := net.SplitHostPort(p.Listen)
	if err != nil {
		t.Fatal(err)
	}
	behind := *w
	behind.config.Host = host
	behind.config.Port, _ = strconv.Atoi(port)
	return behind.target(t, usual), p
}

func toxic(t *testing.T, p *toxiproxy.Proxy, json string) {
	t.Helper()
	if _, err := p.Toxics.AddToxicJson(strings.NewReader(json)); err != nil {
		t.Fatal(err)
	}
}

// beforeCommit runs a hook right before the next COMMIT.
func beforeCommit(target *Target, hook func()) {
	target.commit = func(ctx context.Context, c *sql.Conn) error {
		target.commit = commit
		hook()
		return commit(ctx, c)
	}
}

// touched counts, at the receiver, how often a row was put in or changed.
func touched(t *testing.T, w *world) func() int {
	t.Helper()
	w.exec(t, "CREATE TABLE touched (slbh VARCHAR(40), bb BIGINT)")
	if w.config.Kind == "postgres" {
		w.exec(t, "CREATE FUNCTION note() RETURNS trigger AS $$ BEGIN INSERT INTO touched VALUES (NEW.slbh, NEW.bb); RETURN NEW; END $$ LANGUAGE plpgsql")
		w.exec(t, "CREATE TRIGGER n AFTER INSERT OR UPDATE ON inbox FOR EACH ROW EXECUTE FUNCTION note()")
	} else {
		w.exec(t, "CREATE TRIGGER ni AFTER INSERT ON inbox FOR EACH ROW INSERT INTO touched VALUES (NEW.slbh, NEW.bb)")
		w.exec(t, "CREATE TRIGGER nu AFTER UPDATE ON inbox FOR EACH ROW INSERT INTO touched SELECT NEW.slbh, NEW.bb FROM DUAL WHERE NOT OLD.bb <=> NEW.bb")
	}
	return func() (n int) {
		if err := w.look.QueryRow("SELECT COUNT(*) FROM touched").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
}

func TestCommitWhoseReplyIsLostIsKnownByKeyAndVersionAndHasOneEffect(t *testing.T) {
	onServers(t, func(t *testing.T, w *world) {
		effects := touched(t, w)
		target, p := proxied(t, w)
		d := delivery(t, many(800, 1)...)
		beforeCommit(target, func() {
			toxic(t, p, `{"name":"lost","type":"reset_peer","stream":"downstream","attributes":{"timeout":0}}`)
		})
		_, err := target.Deliver(t.Context(), d)
		wantKind(t, err, fault.Unknown)
		if err := p.Toxics.RemoveToxic(context.Background(), "lost"); err != nil {
			t.Fatal(err)
		}
		if n, err := target.Has(t.Context(), d); n != 800 || err != nil {
			t.Fatalf("has %d, %v", n, err)
		}
		deliver(t, target, d)
		if n := effects(); n != 800 {
			t.Errorf("%d effects", n)
		}
	})
}

func TestCommitThatNeverReachesTheServerLeavesNothing(t *testing.T) {
	onServers(t, func(t *testing.T, w *world) {
		effects := touched(t, w)
		target, p := proxied(t, w)
		d := delivery(t, many(800, 1)...)
		beforeCommit(target, p.Stop)
		_, err := target.Deliver(t.Context(), d)
		wantKind(t, err, fault.Unknown)
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		if n, err := target.Has(t.Context(), d); n != 0 || err != nil {
			t.Fatalf("has %d, %v", n, err)
		}
		deliver(t, target, d)
		if n := effects(); n != 800 {
			t.Errorf("%d effects", n)
		}
	})
}

// Deliveries whose connection is cut at random are settled as the ledger does.
func TestDeliveriesCutAtRandomHaveOneEffect(t *testing.T) {
	onServers(t, func(t *testing.T, w *world) {
		const deliveries, rows = 25, 200
		effects := touched(t, w)
		target, p := proxied(t, w)
		rnd := rand.New(rand.NewPCG(7, 11))
		outcomes := map[fault.Kind]int{}
		for range deliveries {
			d := delivery(t, many(rows, 1)...)
			for done := false; !done; {
				err := attempt(t, p, target, d, rnd)
				if done = err == nil; done {
					continue
				}
				outcomes[fault.KindOf(err)]++
				if fault.Is(err, fault.Transient) {
					continue
				}
				wantKind(t, err, fault.Unknown)
				n, err := target.Has(t.Context(), d)
				if err != nil || n != 0 && n != rows {
					t.Fatalf("has %d, %v", n, err)
				}
				done = n == rows
			}
		}
		if n := effects(); n != deliveries*rows || len(w.rows(t, "slbh")) != n {
			t.Errorf("%d effects, want %d", n, deliveries*rows)
		}
		if outcomes[fault.Unknown] == 0 || outcomes[fault.Transient] == 0 {
			t.Errorf("the cuts missed: %v", outcomes)
		}
	})
}

// attempt delivers d with one thing going wrong, or nothing.
func attempt(t *testing.T, p *toxiproxy.Proxy, target *Target, d *pipelines.Delivery, rnd *rand.Rand) error {
	t.Helper()
	cut := func(stream string, bytes int) {
		toxic(t, p, fmt.Sprintf(`{"name":"cut","type":"limit_data","stream":%q,"attributes":{"bytes":%d}}`, stream, bytes))
	}
	defer p.Toxics.ResetToxics(context.Background())
	switch rnd.IntN(4) {
	case 0: // on the way there
		cut("upstream", rnd.IntN(30_000))
	case 1: // on the way back
		cut("downstream", rnd.IntN(1000))
	case 2: // the reply to COMMIT
		beforeCommit(target, func() { cut("downstream", rnd.IntN(6)) })
	}
	_, err := target.Deliver(context.Background(), d)
	return err
}

func TestServerKilledBeforeCommitLeavesNothing(t *testing.T) {
	for name, start := range map[string]func(string) (*testdb.Server, error){"mariadb": testdb.Start, "postgres": testdb.StartPostgres} {
		t.Run(name, func(t *testing.T) {
			server, err := start(t.TempDir())
			if err != nil {
				t.Skipf("SKIPPED: no %s: %v", name, err)
			}
			t.Cleanup(server.Stop)
			w := newWorld(t, server.Config(server.CreateDatabase(t)))
			target := w.target(t, usual)
			d := delivery(t, many(500, 1)...)
			beforeCommit(target, func() { server.Kill9(t) })
			_, err = target.Deliver(t.Context(), d)
			wantKind(t, err, fault.Unknown)
			server.Restart(t)
			if n, err := target.Has(t.Context(), d); n != 0 || err != nil {
				t.Fatalf("has %d, %v", n, err)
			}
			deliver(t, target, d)
			if n := len(w.rows(t, "slbh")); n != 500 {
				t.Errorf("%d rows", n)
			}
		})
	}
}
