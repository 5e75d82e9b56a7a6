package exchangedb

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"banjian/internal/fault"
	"banjian/internal/testdb"
	"banjian/pipelines"
)

// proxied puts a proxy between r's Targets and its server.
func proxied(t *testing.T, r *receiver) *toxiproxy.Proxy {
	t.Helper()
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := toxiproxy.NewProxy(api, "receiver", testdb.FreeAddress(t), fmt.Sprintf("%s:%d", r.config.Host, r.config.Port))
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	host, port, err := net.SplitHostPort(p.Listen)
	if err != nil {
		t.Fatal(err)
	}
	r.config.Host = host
	r.config.Port, _ = strconv.Atoi(port)
	return p
}

func toxic(t *testing.T, p *toxiproxy.Proxy, json string) {
	t.Helper()
	if _, err := p.Toxics.AddToxicJson(strings.NewReader(json)); err != nil {
		t.Fatal(err)
	}
}

// trapWriter runs a hook when its writer has written every row.
type trapWriter struct {
	writer
	after func()
}

func (w trapWriter) write(ctx context.Context, s *session, l *layout) ([]pipelines.Issue, error) {
	refused, err := w.writer.write(ctx, s, l)
	w.after()
	return refused, err
}

// deliverTrapped is Deliver with a hook right before COMMIT.
func deliverTrapped(t *testing.T, target *Target, d *pipelines.Delivery, w writer, hook func()) (pipelines.Receipt, error) {
	t.Helper()
	ctx := context.Background()
	l, err := target.layout(d)
	if err != nil {
		t.Fatal(err)
	}
	s, err := target.open(ctx, d.Table)
	if err != nil {
		t.Fatal(err)
	}
	defer s.release()
	return target.transaction(ctx, s, l, trapWriter{w, hook})
}

func TestCommitWhoseReplyIsLostIsUnknownAndArrivedFindsEveryRow(t *testing.T) {
	for name, w := range map[string]writer{"insert": insertWriter{statement: &literalInsert{}}, "load": loadWriter{}, "bulk": bulkWriter{}} {
		t.Run(name, func(t *testing.T) {
			r := mysqlReceiver(t)
			p := proxied(t, r)
			target := r.target(t, nil)
			d := sample(t, r.table, 800, nil)
			_, err := deliverTrapped(t, target, d, w, func() {
				toxic(t, p, `{"name":"lost","type":"reset_peer","stream":"downstream","attributes":{"timeout":0}}`)
			})
			wantKind(t, err, fault.Unknown)
			if err := p.Toxics.RemoveToxic(context.Background(), "lost"); err != nil {
				t.Fatal(err)
			}
			if n, err := target.Arrived(context.Background(), d.ID, accept); n != 800 || err != nil {
				t.Fatalf("arrived %d, %v", n, err)
			}
		})
	}
}

func TestCommitThatNeverReachesTheServerIsUnknownAndArrivedFindsNothing(t *testing.T) {
	r := mysqlReceiver(t)
	p := proxied(t, r)
	target := r.target(t, nil)
	d := sample(t, r.table, 800, nil)
	_, err := deliverTrapped(t, target, d, insertWriter{statement: &literalInsert{}}, p.Stop)
	wantKind(t, err, fault.Unknown)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if n, err := target.Arrived(context.Background(), d.ID, accept); n != 0 || err != nil {
		t.Fatalf("arrived %d, %v", n, err)
	}
	deliver(t, target, d)
	if n := r.count(t, "cd_batch = ?", d.ID); n != 800 {
		t.Fatalf("%d rows after the repeat", n)
	}
}

func TestRefusedRowsComeBackWithAnUnknownOutcome(t *testing.T) {
	r := mysqlReceiver(t)
	p := proxied(t, r)
	d := sample(t, r.table, 8, cells{"task_name": {3: nil}})
	receipt, err := deliverTrapped(t, r.target(t, nil), d, insertWriter{statement: &literalInsert{}}, p.Stop)
	wantKind(t, err, fault.Unknown)
	if len(receipt.Refused) != 1 || receipt.Refused[0].Row != 3 {
		t.Fatalf("receipt %+v", receipt)
	}
}

func TestConnectionCutInMidBatchIsTransientAndLeavesNothing(t *testing.T) {
	for _, method := range []Method{Insert, Load, Bulk} {
		t.Run(string(method), func(t *testing.T) {
			r := mysqlReceiver(t)
			p := proxied(t, r)
			target := r.target(t, func(o *Options) { o.Method = method })
			d := sample(t, r.table, 3000, nil)
			toxic(t, p, `{"name":"cut","type":"limit_data","stream":"upstream","attributes":{"bytes":400000}}`)
			_, err := target.Deliver(context.Background(), d)
			wantKind(t, err, fault.Transient)
			if err := p.Toxics.RemoveToxic(context.Background(), "cut"); err != nil {
				t.Fatal(err)
			}
			if n, err := target.Arrived(context.Background(), d.ID, accept); n != 0 || err != nil {
				t.Fatalf("arrived %d, %v", n, err)
			}
			deliver(t, target, d)
			if n := r.count(t, "cd_batch = ?", d.ID); n != 3000 {
				t.Fatalf("%d rows after the repeat", n)
			}
		})
	}
}

func TestServerKilledAnywhereLeavesAllOfADeliveryOrNone(t *testing.T) {
	server, err := testdb.Start(t.TempDir())
	if err != nil {
		t.Skipf("SKIPPED: no MariaDB: %v", err)
	}
	t.Cleanup(server.Stop)
	r := newReceiver(t, server.Config(server.CreateDatabase(t)))
	target := r.target(t, func(o *Options) { o.Method = Auto })
	var kinds [2]int
	for round := range 6 {
		d := sample(t, r.table, 4096, nil)
		killed := make(chan struct{})
		go func() {
			defer close(killed)
			time.Sleep(time.Duration(5+round*15) * time.Millisecond)
			server.Kill9(t)
		}()
		_, err := target.Deliver(context.Background(), d)
		<-killed
		server.Restart(t)
		n, askErr := target.Arrived(context.Background(), d.ID, accept)
		if askErr != nil {
			t.Fatal(askErr)
		}
		switch {
		case n != 0 && n != 4096:
			t.Fatalf("%d of 4096 rows arrived", n)
		case err == nil && n != 4096:
			t.Fatalf("delivered, but %d rows arrived", n)
		case fault.Is(err, fault.Transient) && n != 0:
			t.Fatalf("transient, but %d rows arrived: %v", n, err)
		case err != nil && !fault.Is(err, fault.Transient) && !fault.Is(err, fault.Unknown):
			t.Fatalf("%v: %v", fault.KindOf(err), err)
		}
		kinds[min(n, 1)]++
	}
	t.Logf("nothing there %d times, everything %d times", kinds[0], kinds[1])
}
