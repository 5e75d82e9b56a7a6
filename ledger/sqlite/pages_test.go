package sqlite

import (
	"bytes"
	"context"
	"path/filepath"
	"sync"
	"testing"
	"unsafe"

	"modernc.org/libc"
)

func TestPagesOfALedgerLieInSlots(t *testing.T) {
	s, err := Open(context.Background(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	pageSlots.mu.Lock()
	defer pageSlots.mu.Unlock()
	if pageSlots.chunks == 0 {
		t.Error("SQLite asks for no piece of the size of a page any more: every page takes 8 KiB")
	}
}

// filled is a piece of n bytes of the value b.
func filled(t *testing.T, tls *libc.TLS, n int32, b byte) uintptr {
	t.Helper()
	p := pageMalloc(tls, n)
	if p == 0 || p%8 != 0 {
		t.Errorf("%d bytes at %x", n, p)
	}
	copy(unsafe.Slice((*byte)(at(p)), n), bytes.Repeat([]byte{b}, int(n)))
	return p
}

func holds(p uintptr, n int32, b byte) bool {
	return bytes.Equal(unsafe.Slice((*byte)(at(p)), n), bytes.Repeat([]byte{b}, int(n)))
}

func TestWhatIsInAPieceStaysWhenItsSizeChanges(t *testing.T) {
	tls := libc.NewTLS()
	defer tls.Close()
	sizes := []int32{8, 4096, slotLeast + 1, 4368, slotMost, slotMost + 1, 70_000}
	for _, from := range sizes {
		for _, to := range sizes {
			p := filled(t, tls, from, 7)
			if got := pageSize(tls, p); got != from {
				t.Errorf("a piece of %d bytes says %d", from, got)
			}
			q := pageRealloc(tls, p, to)
			if pageSize(tls, q) != to || !holds(q, min(from, to), 7) {
				t.Errorf("from %d bytes to %d", from, to)
			}
			pageFree(tls, q)
		}
	}
}

func TestASlotBelongsToOneAtATime(t *testing.T) {
	var wg sync.WaitGroup
	for worker := range byte(4) {
		wg.Go(func() {
			tls := libc.NewTLS()
			defer tls.Close()
			for round := range 50 {
				var held []uintptr
				for range 20 + round {
					held = append(held, filled(t, tls, 4368, worker))
				}
				for _, p := range held {
					if !holds(p, 4368, worker) {
						t.Errorf("worker %d finds another's bytes", worker)
					}
					pageFree(tls, p)
				}
			}
		})
	}
	wg.Wait()
}

func TestSlotsThatWereGivenBackAreUsedAgain(t *testing.T) {
	tls := libc.NewTLS()
	defer tls.Close()
	var s slots
	for range 5 {
		var held []uintptr
		for range 2 * slotChunk / slotSize {
			held = append(held, s.take(tls))
		}
		for _, p := range held {
			s.give(p)
		}
	}
	if s.chunks != 2 {
		t.Errorf("%d chunks for what two hold", s.chunks)
	}
}
