package exchangedb

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"

	"banjian/connectors/exchangedb/exchangetest"
	"banjian/internal/fault"
	"banjian/pipelines"
)

// Deliveries whose connection is cut at random are settled as the ledger does: an
// unknown outcome by counting, a transient one by the same delivery again. The
// receiver's program must not see one effect twice.
func TestDeliveriesSettledByCountingHaveNoDuplicateEffect(t *testing.T) {
	const deliveries, rows = 40, 300
	r := mysqlReceiver(t)
	p := proxied(t, r)
	target := r.target(t, nil)
	ctx := context.Background()
	rnd := rand.New(rand.NewPCG(7, 11))
	outcomes := map[fault.Kind]int{}
	for range deliveries {
		d := sample(t, r.table, rows, nil)
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
			n, err := target.Arrived(ctx, d.ID, accept)
			if err != nil || n != 0 && n != rows {
				t.Fatalf("arrived %d, %v", n, err)
			}
			done = n == rows
		}
	}
	c := &exchangetest.Consumer{DB: r.look, Table: accept}
	if err := c.Poll(ctx); err != nil {
		t.Fatal(err)
	}
	if c.Rows != deliveries*rows || len(c.Records) != c.Rows || len(c.Duplicates) != 0 {
		t.Fatalf("%d rows, %d records, %d duplicate effects, want %d and none", c.Rows, len(c.Records), len(c.Duplicates), deliveries*rows)
	}
	if outcomes[fault.Unknown] == 0 || outcomes[fault.Transient] == 0 {
		t.Errorf("the cuts missed: %v", outcomes)
	}
	t.Logf("%d unknown and %d transient outcomes settled", outcomes[fault.Unknown], outcomes[fault.Transient])
}

// attempt delivers d with one thing going wrong, or nothing.
func attempt(t *testing.T, p *toxiproxy.Proxy, target *Target, d *pipelines.Delivery, rnd *rand.Rand) error {
	t.Helper()
	ctx := context.Background()
	cut := func(stream string, bytes int) {
		toxic(t, p, fmt.Sprintf(`{"name":"cut","type":"limit_data","stream":%q,"attributes":{"bytes":%d}}`, stream, bytes))
	}
	defer p.Toxics.ResetToxics(ctx)
	switch rnd.IntN(4) {
	case 0: // on the way there
		cut("upstream", rnd.IntN(300_000))
	case 1: // on the way back
		cut("downstream", rnd.IntN(1000))
	case 2: // the reply to COMMIT
		_, err := deliverTrapped(t, target, d, insertWriter{statement: &literalInsert{}}, func() { cut("downstream", rnd.IntN(11)) })
		return err
	case 3: // COMMIT itself
		_, err := deliverTrapped(t, target, d, loadWriter{}, func() { cut("upstream", rnd.IntN(11)) })
		return err
	}
	_, err := target.Deliver(ctx, d)
	return err
}
