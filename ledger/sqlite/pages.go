package sqlite

import (
	"math"
	"sync"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	lib "modernc.org/sqlite/lib"
)

// SQLite asks for a page and its header, some 4,400 bytes, in one piece, and the
// allocator behind it hands out powers of two: a cache of 32 MiB takes 64. The pages of
// every connection of the process come from slots of their own size instead; whatever
// else SQLite asks for comes from where it came before.
const (
	slotLeast = 4096          // what asks for more than this …
	slotMost  = 4096 + 288    // … and not for more than this is a page
	slotSize  = slotMost + 16 // with its prefix, and aligned
	slotChunk = 1<<20 - 64    // asked for at once; untouched, it takes no memory
	prefix    = 8             // the size asked for, in front of every piece, as SQLite's own allocator keeps it
)

// slots are pieces of slotSize bytes. The zero value is empty.
type slots struct {
	mu     sync.Mutex
	free   uintptr // given back, each holding the next
	next   uintptr // the first never used of the newest chunk
	left   int     // how many are behind it
	chunks int
}

// pageSlots serves the whole process, as SQLite's allocator does.
var pageSlots slots

// PackPages makes SQLite take its pages from slots. It is for the start of a program,
// before anything opens a SQLite file: afterwards SQLite refuses, and takes the memory
// it took before.
func PackPages() {
	tls := libc.NewTLS()
	defer tls.Close()
	methods := libc.Xcalloc(tls, 1, types.Size_t(unsafe.Sizeof(lib.Tsqlite3_mem_methods{})))
	list := libc.Xmalloc(tls, types.Size_t(unsafe.Sizeof(uintptr(0))))
	if methods == 0 || list == 0 {
		return
	}
	*(*lib.Tsqlite3_mem_methods)(at(methods)) = lib.Tsqlite3_mem_methods{
		FxMalloc:   entry(pageMalloc),
		FxFree:     entry(pageFree),
		FxRealloc:  entry(pageRealloc),
		FxSize:     entry(pageSize),
		FxRoundup:  entry(pageRoundUp),
		FxInit:     entry(pageInit),
		FxShutdown: entry(pageShutdown),
	}
	lib.Xsqlite3_config(tls, lib.SQLITE_CONFIG_MALLOC, libc.VaList(list, methods))
	libc.Xfree(tls, list)
	libc.Xfree(tls, methods) // SQLite has copied them
}

// entry is the address by which translated C calls a declared function.
func entry[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// at is an address outside Go's heap as a pointer.
func at(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

func isPage(n int32) bool { return n > slotLeast && n <= slotMost }

func pageMalloc(tls *libc.TLS, n int32) uintptr {
	var p uintptr
	switch {
	case isPage(n):
		p = pageSlots.take(tls)
	case n <= math.MaxInt32-prefix:
		p = libc.Xmalloc(tls, types.Size_t(n)+prefix)
	}
	if p == 0 {
		return 0
	}
	*(*int64)(at(p)) = int64(n)
	return p + prefix
}

func pageFree(tls *libc.TLS, p uintptr) {
	switch {
	case p == 0:
	case isPage(pageSize(tls, p)):
		pageSlots.give(p - prefix)
	default:
		libc.Xfree(tls, p-prefix)
	}
}

func pageRealloc(tls *libc.TLS, p uintptr, n int32) uintptr {
	had := pageSize(tls, p)
	if !isPage(had) && !isPage(n) && n <= math.MaxInt32-prefix {
		q := libc.Xrealloc(tls, p-prefix, types.Size_t(n)+prefix)
		if q == 0 {
			return 0
		}
		*(*int64)(at(q)) = int64(n)
		return q + prefix
	}
	q := pageMalloc(tls, n)
	if q != 0 {
		libc.Xmemcpy(tls, q, p, types.Size_t(min(had, n)))
		pageFree(tls, p)
	}
	return q
}

// pageSize is what was asked for at p.
func pageSize(_ *libc.TLS, p uintptr) int32 {
	if p == 0 {
		return 0
	}
	return int32(*(*int64)(at(p - prefix)))
}

func pageRoundUp(_ *libc.TLS, n int32) int32 { return (n + 7) &^ 7 }

func pageInit(*libc.TLS, uintptr) int32 { return lib.SQLITE_OK }

func pageShutdown(*libc.TLS, uintptr) {}

// take hands out a slot, 0 when there is no memory.
func (s *slots) take(tls *libc.TLS) uintptr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.free; p != 0 {
		s.free = *(*uintptr)(at(p))
		return p
	}
	if s.left == 0 {
		chunk := libc.Xmalloc(tls, slotChunk)
		if chunk == 0 {
			return 0
		}
		s.next, s.left = chunk, slotChunk/slotSize
		s.chunks++
	}
	p := s.next
	s.next += slotSize
	s.left--
	return p
}

// give takes a slot back.
func (s *slots) give(p uintptr) {
	s.mu.Lock()
	*(*uintptr)(at(p)) = s.free
	s.free = p
	s.mu.Unlock()
}
