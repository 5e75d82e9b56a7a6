package file

import (
	"context"
	"errors"
	"io"
	"runtime"
	"testing"
)

// BenchmarkCSV reads a file of ten columns, six of them mapped.
func BenchmarkCSV(b *testing.B) {
	dir := b.TempDir()
	const n = 200000
	b.SetBytes(benchFile(b, dir, n))
	for b.Loop() {
		folder, err := OpenLocal(dir)
		if err != nil {
			b.Fatal(err)
		}
		s, err := Open(context.Background(), Options{Folder: folder, Files: "*.csv", Format: "csv", Columns: []string{"id", "v", "a", "b", "c", "d"}}, "")
		if err != nil {
			b.Fatal(err)
		}
		for {
			batch, err := s.Read(context.Background())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			batch.Record.Release()
		}
		s.Close()
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB-sys")
}
