package sftp

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/file"
	"banjian/internal/testleak"
	"banjian/internal/testsftp"
	"banjian/pipelines"
)

func TestMain(m *testing.M) { testleak.Main(m) }

// drop is a folder on a server and the options it is read with.
type drop struct {
	testing.TB
	server *testsftp.Server
	way    Options
	o      file.Options
	at     pipelines.Position // as a ledger would have it
}

func newDrop(t testing.TB, server *testsftp.Server) *drop {
	return &drop{TB: t, server: server, o: file.Options{Name: "drop", Files: "*.csv", Format: "csv", Columns: []string{"id", "v"}, Done: ".ok", Archive: "done", Rejected: "broken"},
		way: Options{Name: "drop", Host: server.Host, Port: server.Port, User: server.User, Password: func() (string, error) { return server.Password, nil },
			HostKeys: []string{server.Fingerprint}, Dir: server.Dir, Spool: t.TempDir(), Timeout: 3 * time.Minute, pause: time.Millisecond}}
}

func (d *drop) put(name, content string) {
	d.Helper()
	name = filepath.Join(d.server.Dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		d.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		d.Fatal(err)
	}
}

// whole puts a file and its marker.
func (d *drop) whole(name, content string) {
	d.Helper()
	d.put(name, content)
	d.put(name+".ok", "")
}

// source opens the next run.
func (d *drop) source(ctx context.Context, alloc memory.Allocator) (*file.Source, error) {
	folder, err := Open(ctx, d.way)
	if err != nil {
		return nil, err
	}
	o := d.o
	o.Folder, o.Alloc = folder, alloc
	return file.Open(ctx, o, d.at)
}

// run is one run whose batches are all stored; refused rows are !rule.
func (d *drop) run() ([]string, error) {
	d.Helper()
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	if t, ok := d.TB.(*testing.T); ok {
		defer alloc.AssertSize(t, 0)
	}
	s, err := d.source(context.Background(), alloc)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var rows []string
	for {
		b, err := s.Read(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return rows, err
		}
		for row := range int(b.Record.NumRows()) {
			n := len(d.o.Columns)
			if note := b.Record.Column(n + 1).(*array.String); note.IsValid(row) {
				u, err := pipelines.UnpackUnread(note.Value(row))
				if err != nil {
					d.Fatal(err)
				}
				rows = append(rows, "!"+u.Rule)
				continue
			}
			var values []string
			for _, c := range b.Record.Columns()[:n] {
				values = append(values, c.(*array.String).Value(row))
			}
			rows = append(rows, strings.Join(values, ","))
		}
		b.Record.Release()
		d.at = b.Position
	}
	return rows, s.PutAway(context.Background(), d.at)
}

func (d *drop) wantRun(want ...string) {
	d.Helper()
	if rows, err := d.run(); err != nil || !slices.Equal(rows, want) {
		d.Errorf("rows %.300q, %v; want %.300q", rows, err, want)
	}
}

func (d *drop) lies(want ...string) {
	d.Helper()
	var have []string
	_ = filepath.WalkDir(d.server.Dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			name, _ := filepath.Rel(d.server.Dir, path)
			have = append(have, name)
		}
		return err
	})
	slices.Sort(want)
	if slices.Sort(have); !slices.Equal(have, want) {
		d.Errorf("the folder has %q, want %q", have, want)
	}
}
