package exchangedb

import (
	"context"
	"sync"
	"testing"

	"banjian/pipelines"
)

// BenchmarkDeliver measures rows per second of each way to write: deliveries of 4,096
// rows and 34 columns on two connections into a table with its four indexes, the
// server flushing its log at every commit.
func BenchmarkDeliver(b *testing.B) {
	for _, c := range []struct {
		name   string
		open   func(testing.TB) *receiver
		method Method
	}{{"mysql/bulk", mysqlReceiver, Bulk}, {"mysql/load", mysqlReceiver, Load}, {"mysql/insert", mysqlReceiver, Insert}, {"sqlite/insert", sqliteReceiver, Insert}} {
		b.Run(c.name, func(b *testing.B) {
			r := c.open(b)
			target := r.target(b, func(o *Options) { o.Method, o.LockWait = c.method, 0 })
			base := sample(b, r.table, 4096, nil)
			b.ResetTimer()
			deliverAll(b, target, base, b.N)
			b.ReportMetric(float64(b.N*4096)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkDeliverOne is a delivery of a single row, as a stream makes them.
func BenchmarkDeliverOne(b *testing.B) {
	r := mysqlReceiver(b)
	target := r.target(b, nil)
	base := sample(b, r.table, 1, nil)
	b.ResetTimer()
	deliverAll(b, target, base, b.N)
}

// deliverAll delivers base n times under new ids from two goroutines.
func deliverAll(b *testing.B, target *Target, base *pipelines.Delivery, n int) {
	var wg sync.WaitGroup
	work := make(chan struct{}, n)
	for range n {
		work <- struct{}{}
	}
	close(work)
	for range 2 {
		wg.Go(func() {
			for range work {
				d := *base
				d.ID = newID()
				if receipt, err := target.Deliver(context.Background(), &d); err != nil || len(receipt.Refused) > 0 {
					b.Errorf("%v, %d refused", err, len(receipt.Refused))
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkDigests is what a row of 34 columns is known by when it is read back.
func BenchmarkDigests(b *testing.B) {
	r := sqliteReceiver(b)
	target := r.target(b, nil)
	base := sample(b, r.table, 4096, nil)
	for b.Loop() {
		if _, err := target.Digests(base); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*4096), "ns/row")
}
