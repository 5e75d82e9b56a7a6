package file

import (
	"context"
	"crypto/md5"
	"encoding/hex"
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

	"banjian/internal/fault"
	"banjian/internal/testleak"
	"banjian/pipelines"
)

func TestMain(m *testing.M) { testleak.Main(m) }

// drop is a folder and the options it is read with.
type drop struct {
	*testing.T
	dir string
	o   Options
	at  pipelines.Position // as a ledger would have it
}

func newDrop(t *testing.T, o Options) *drop {
	d := &drop{T: t, dir: t.TempDir(), o: o}
	if d.o.Files == "" {
		d.o.Files = "*.csv"
	}
	if d.o.Format == "" {
		d.o.Format = "csv"
	}
	if d.o.Columns == nil {
		d.o.Columns = []string{"id", "v"}
	}
	d.o.Name = "drop"
	return d
}

func (d *drop) put(name, content string) {
	d.Helper()
	put(d.T, filepath.Join(d.dir, name), content)
}

// got is what one run gave.
type got struct {
	rows   []string // values joined by ","; NULL is ∅; refused rows are !rule:args
	places []string
	err    error
	whole  bool
	more   bool
}

// run is one run whose batches are all stored; putAway says whether the process lived on.
func (d *drop) run(putAway bool) got {
	d.Helper()
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(d, 0)
	folder, err := OpenLocal(d.dir)
	if err != nil {
		d.Fatal(err)
	}
	o := d.o
	o.Folder, o.Alloc = folder, alloc
	s, err := Open(context.Background(), o, d.at)
	if err != nil {
		return got{err: err}
	}
	defer s.Close()
	var g got
	for {
		b, err := s.Read(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			g.err = err
			break
		}
		columns := make([]*array.String, b.Record.NumCols())
		for i := range columns {
			columns[i] = b.Record.Column(i).(*array.String)
		}
		n := len(o.Columns)
		for row := range int(b.Record.NumRows()) {
			var values []string
			for _, c := range columns[:n] {
				if c.IsNull(row) {
					values = append(values, "∅")
				} else {
					values = append(values, c.Value(row))
				}
			}
			line := strings.Join(values, ",")
			if columns[n+1].IsValid(row) {
				u, err := pipelines.UnpackUnread(columns[n+1].Value(row))
				if err != nil {
					d.Fatal(err)
				}
				line = "!" + u.Rule + ":" + strings.Join(u.Args, ",")
			}
			g.rows, g.places = append(g.rows, line), append(g.places, columns[n].Value(row))
		}
		b.Record.Release()
		d.at = b.Position
	}
	g.whole, g.more = s.Whole(), s.More()
	if putAway {
		if err := s.PutAway(context.Background(), d.at); err != nil {
			d.Errorf("put away: %v", err)
		}
	}
	return g
}

func (d *drop) wantRows(g got, want ...string) {
	d.Helper()
	if g.err != nil || !slices.Equal(g.rows, want) {
		d.Errorf("rows %q, %v; want %q", g.rows, g.err, want)
	}
}

func (d *drop) lies(want ...string) {
	d.Helper()
	var have []string
	_ = filepath.WalkDir(d.dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			name, _ := filepath.Rel(d.dir, path)
			have = append(have, name)
		}
		return err
	})
	slices.Sort(want)
	if slices.Sort(have); !slices.Equal(have, want) {
		d.Errorf("the folder has %q, want %q", have, want)
	}
}

func TestEachFileIsTakenOnceByName(t *testing.T) {
	d := newDrop(t, Options{})
	d.put("b.csv", "id,v\n2,b\n")
	d.put("a.csv", "id,v\n1,a\n")
	first := d.run(true)
	d.wantRows(first, "1,a")
	if !first.more {
		t.Error("nobody is told that another file waits")
	}
	second := d.run(true)
	d.wantRows(second, "2,b")
	if second.more {
		t.Error("there is no more")
	}
	d.wantRows(d.run(true))
	d.put("a.csv", "id,v\n1,new\n") // another file of that name
	d.wantRows(d.run(true), "1,new")
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(d.dir, "b.csv"), later, later); err != nil {
		t.Fatal(err)
	}
	d.o.Clock = func() time.Time { return later.Add(time.Hour) }
	d.wantRows(d.run(true)) // the same bytes under a new time
	d.lies("a.csv", "b.csv")
}

func TestACrashBetweenCommitAndMoveDoesNotTakeAFileTwice(t *testing.T) {
	d := newDrop(t, Options{Archive: "done", Done: ".ok"})
	d.put("a.csv", "id,v\n1,a\n")
	d.put("a.ok", "")
	d.wantRows(d.run(false), "1,a")
	d.lies("a.csv", "a.ok")
	d.wantRows(d.run(true)) // moves it
	d.lies("done/a.csv", "done/a.ok")
	d.put("a.csv", "id,v\n1,a\n") // sent again as it was
	d.put("a.csv.ok", "")
	d.wantRows(d.run(true))
	d.put("a.csv", "id,v\n1,b\n")
	d.put("a.ok", "")
	d.wantRows(d.run(true), "1,b")
	if n, _ := filepath.Glob(filepath.Join(d.dir, "done", "a.*csv")); len(n) != 3 {
		t.Errorf("the archive has %q", n)
	}
}

func TestAFileWaitsForItsMarkerOrForRest(t *testing.T) {
	d := newDrop(t, Options{Done: ".done"})
	d.put("a.csv", "id,v\n1,a\n")
	d.wantRows(d.run(true))
	d.put("a.csv.done", "")
	d.wantRows(d.run(true), "1,a")

	now := time.Now()
	d = newDrop(t, Options{Settle: time.Minute, Clock: func() time.Time { return now }})
	d.put("a.csv", "id,v\n1,a\n")
	d.wantRows(d.run(true))
	now = now.Add(2 * time.Minute)
	d.wantRows(d.run(true), "1,a")
}

func TestAWrongChecksumRefusesTheFileAndARightOneTakesIt(t *testing.T) {
	sum := md5.Sum([]byte("id,v\n1,a\n"))
	right := hex.EncodeToString(sum[:])
	d := newDrop(t, Options{Checksum: ".md5", Archive: "done", Rejected: "broken"})
	d.put("a.csv", "id,v\n1,a\n")
	d.wantRows(d.run(true)) // no checksum yet
	d.put("a.csv.md5", strings.Repeat("0", 32)+"  a.csv\n")
	g := d.run(true)
	d.wantRows(g, "!file_checksum:")
	if g.whole || g.places[0] != "a.csv" {
		t.Errorf("%+v", g)
	}
	d.lies("broken/a.csv", "broken/a.csv.md5")
	d.put("b.csv", "id,v\n1,a\n")
	d.put("b.md5", strings.ToUpper(right))
	d.wantRows(d.run(true), "1,a")
	d.lies("broken/a.csv", "broken/a.csv.md5", "done/b.csv", "done/b.md5")
}

func TestAnInterruptedFileGoesOnAndAChangedOneBeginsAgain(t *testing.T) {
	d := newDrop(t, Options{BatchRows: 2, Whole: true})
	d.put("a.csv", "id,v\n1,a\n2,b\n3,c\n4,d\n")
	folder, err := OpenLocal(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	o := d.o
	o.Folder = folder
	s, err := Open(context.Background(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Read(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	b.Record.Release()
	middle := b.Position
	if s.Whole() {
		t.Error("half a file is not everything")
	}
	s.Close()
	d.at = middle
	g := d.run(true)
	d.wantRows(g, "3,c", "4,d")
	if !g.whole || g.places[0] != "a.csv:4" {
		t.Errorf("%+v", g)
	}
	d.at = middle
	d.put("a.csv", "id,v\n0,z\n1,a\n2,b\n3,c\n4,d\n")
	d.wantRows(d.run(true), "0,z", "1,a", "2,b", "3,c", "4,d")
}

func TestAFileThatChangesWhileReadIsNoticed(t *testing.T) {
	d := newDrop(t, Options{BatchRows: 1})
	d.put("a.csv", "id,v\n1,a\n2,b\n")
	folder, err := OpenLocal(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	o := d.o
	o.Folder = folder
	s, err := Open(context.Background(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b, err := s.Read(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	b.Record.Release()
	d.put("a.csv", "id,v\n1,a\n2,b\n3,c\n")
	for err == nil {
		if b, err = s.Read(context.Background()); err == nil {
			b.Record.Release()
			d.at = b.Position
		}
	}
	if !fault.Is(err, fault.Transient) || s.Whole() {
		t.Errorf("%v", err)
	}
	d.wantRows(d.run(true), "1,a", "2,b", "3,c")
}

func TestAFileWithoutRowsIsTakenAndAnEmptyOneRefused(t *testing.T) {
	d := newDrop(t, Options{Archive: "done", Whole: true})
	d.put("a.csv", "id,v\n")
	d.put("b.csv", "")
	first := d.run(true)
	d.wantRows(first)
	if !first.whole || !first.more {
		t.Errorf("%+v", first)
	}
	d.wantRows(d.run(true), "!file_empty:")
	d.lies("done/a.csv", "done/b.csv")
}

func TestNothingOutsideTheFolderIsReached(t *testing.T) {
	d := newDrop(t, Options{})
	outside := filepath.Join(t.TempDir(), "secret.csv")
	put(t, outside, "id,v\n1,a\n")
	if err := os.Symlink(outside, filepath.Join(d.dir, "a.csv")); err != nil {
		t.Fatal(err)
	}
	d.wantRows(d.run(true))
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(d.dir, "sub")); err != nil {
		t.Fatal(err)
	}
	d.o.Files = "sub/*.csv"
	if g := d.run(true); g.err == nil {
		t.Errorf("%+v", g)
	}
}
