package sftp

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/testsftp"
	"banjian/internal/text"
)

// many is a file of n rows, and its rows.
func many(n int) (string, []string) {
	var b strings.Builder
	b.WriteString("id,v\n")
	var rows []string
	for i := range n {
		row := fmt.Sprintf("%d,%s", i, strings.Repeat("办", 300))
		rows = append(rows, row)
		b.WriteString(row + "\n")
	}
	return b.String(), rows
}

// Wherever the connection is cut, every row is read once and the files end in the archive.
func TestAConnectionThatIsCutLosesNothingAndDoublesNothing(t *testing.T) {
	content, rows := many(2000) // 1.8 MB
	onServers(t, func(t *testing.T, server *testsftp.Server) {
		server = server.Proxied(t)
		cuts := 0
		for at := int64(0); at < 2_200_000; at = at*2 + 700 {
			d := newDrop(t, server)
			signIn(d)
			d.whole("a.csv", content)
			server.Next(testsftp.Fault{After: at}, testsftp.Fault{After: at + 5000}, testsftp.Fault{After: at + 50_000})
			d.wantRun(rows...)
			d.wantRun()
			server.Forget()
			for _, name := range []string{"done/a.csv", "done/a.csv.ok"} {
				if err := os.Remove(filepath.Join(server.Dir, name)); err != nil {
					t.Errorf("cut after %d: %v", at, err)
				}
			}
			cuts++
		}
		t.Log(cuts, "places")
	})
}

func TestACutCopyGoesOnWhereItStood(t *testing.T) {
	content, rows := many(5000)
	server := testsftp.Start(t)
	d := newDrop(t, server)
	d.whole("a.csv", content)
	server.Next(testsftp.Fault{After: int64(len(content)) * 3 / 4})
	d.wantRun(rows...)
	if sent := server.Sent.Load(); sent > int64(len(content))*13/10 {
		t.Errorf("%d bytes were sent for a file of %d", sent, len(content))
	}
}

func TestAServerThatStallsIsGivenUpAndTriedAgain(t *testing.T) {
	content, rows := many(2000)
	server := testsftp.Start(t)
	d := newDrop(t, server)
	d.way.Timeout = time.Second
	d.whole("a.csv", content)
	for _, after := range []int64{0, 1000, 6000, 500_000} {
		server.Next(testsftp.Fault{After: after, Stall: true})
		d.at = ""
		rowsNow, err := d.run()
		if err != nil || !slices.Equal(rowsNow, rows) {
			t.Errorf("stalled after %d: %d rows, %v", after, len(rowsNow), err)
		}
		for _, name := range []string{"a.csv", "a.csv.ok"} {
			if err := os.Rename(filepath.Join(server.Dir, "done", name), filepath.Join(server.Dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		server.Forget()
	}
	for range tries {
		server.Next(testsftp.Fault{After: 6000, Stall: true})
	}
	d.at = ""
	if _, err := d.run(); !fault.Is(err, fault.Transient) || !strings.Contains(fault.Say(err, text.EN), "did not answer") {
		t.Errorf("%v", err)
	}
}

func TestAServerThatIsGoneIsATransientFault(t *testing.T) {
	server := testsftp.Start(t)
	d := newDrop(t, server)
	d.whole("a.csv", "id,v\n1,a\n2,b\n")
	d.o.BatchRows = 1
	s, err := d.source(t.Context(), memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	server.CutAll(true)
	b, err := s.Read(t.Context())
	if err != nil {
		t.Fatalf("the copy is here: %v", err)
	}
	b.Record.Release()
	if _, err := s.Read(t.Context()); !fault.Is(err, fault.Transient) { // whether it changed cannot be asked
		t.Errorf("%v", err)
	}
	if _, err := Open(t.Context(), d.way); !fault.Is(err, fault.Transient) {
		t.Errorf("%v", err)
	}
}

func TestARunThatIsStoppedDoesNotWaitForTheServer(t *testing.T) {
	content, _ := many(2000)
	server := testsftp.Start(t)
	d := newDrop(t, server)
	d.way.Timeout = time.Hour
	d.whole("a.csv", content)
	server.Next(testsftp.Fault{After: 500_000, Stall: true})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		s, err := d.source(ctx, memory.DefaultAllocator)
		if err == nil {
			s.Close()
		}
		done <- err
	}()
	server.WaitStalled(t)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestAFileThatChangesWhileItIsCopiedIsNoticed(t *testing.T) {
	content, rows := many(2000)
	server := testsftp.Start(t)
	d := newDrop(t, server)
	d.whole("a.csv", content)
	server.Next(testsftp.Fault{After: 500_000, Stall: true})
	d.way.Timeout = time.Hour // it is cut, not given up
	done := make(chan error, 1)
	go func() {
		_, err := d.run()
		done <- err
	}()
	server.WaitStalled(t)
	d.put("a.csv", content[:len(content)/2]) // somebody writes it anew
	server.CutAll(false)
	if err := <-done; !fault.Is(err, fault.Transient) {
		t.Errorf("%v", err)
	}
	if d.at != "" {
		t.Errorf("it counts as read: %s", d.at)
	}
	d.put("a.csv", content)
	d.wantRun(rows...)
}

func TestACopyThatDoesNotFitTheDiskIsTold(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root can mount a small disk")
	}
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("SKIPPED: no small disk can be mounted: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	content, rows := many(2000)
	server := testsftp.Start(t)
	d := newDrop(t, server)
	d.way.Spool = disk
	d.whole("a.csv", content)
	for range 2 {
		if _, err := d.run(); !fault.Is(err, fault.Transient) || !strings.Contains(fault.Say(err, text.EN), "cannot be written here") {
			t.Fatalf("%v", err)
		}
	}
	var left syscall.Statfs_t
	if err := syscall.Statfs(disk, &left); err != nil || left.Bfree != left.Blocks {
		t.Errorf("%d of %d blocks are free, %v", left.Bfree, left.Blocks, err)
	}
	d.way.Spool = t.TempDir()
	d.wantRun(rows...)
}
