package file

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"banjian/connectors/connectortest"
	"banjian/pipelines"
)

// BenchmarkCSV reads a file of ten columns, six of them mapped.
func BenchmarkCSV(b *testing.B) {
	dir := b.TempDir()
	const n = 200000
	b.SetBytes(benchFile(b, dir, n))
	for b.Loop() {
		readThrough(b, dir, Options{Files: "*.csv", Format: "csv", Columns: []string{"id", "v", "a", "b", "c", "d"}}, n)
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB-sys")
}

// BenchmarkHostile reads good rows alone, and with one bad row in a hundred among them.
func BenchmarkHostile(b *testing.B) {
	const good = 20000
	for _, format := range pipelines.FileFormats() {
		for name, bad := range map[string]int{"clean": 0, "hostile": good / 100} {
			b.Run(format+"/"+name, func(b *testing.B) {
				dir := b.TempDir()
				rows := slices.DeleteFunc(connectortest.Hostile(good, bad, 7), func(r connectortest.HostileRow) bool {
					return slices.ContainsFunc(r.Cells, func(c *string) bool { return c != nil && !connectortest.HostileHeld(format, *c) })
				})
				data := connectortest.HostileFile(format, rows)
				if err := os.WriteFile(filepath.Join(dir, "a."+format), data, 0o644); err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(data)))
				for b.Loop() {
					readThrough(b, dir, Options{Files: "*." + format, Format: format, Columns: connectortest.HostileColumns}, len(rows))
				}
				b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}

func readThrough(b *testing.B, dir string, o Options, want int) {
	folder, err := OpenLocal(dir)
	if err != nil {
		b.Fatal(err)
	}
	o.Folder = folder
	s, err := Open(context.Background(), o, "")
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for n := 0; ; {
		batch, err := s.Read(context.Background())
		if errors.Is(err, io.EOF) {
			if n != want {
				b.Fatalf("%d rows of %d", n, want)
			}
			return
		}
		if err != nil {
			b.Fatal(err)
		}
		n += int(batch.Record.NumRows())
		batch.Record.Release()
	}
}
