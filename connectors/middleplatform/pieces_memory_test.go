package middleplatform_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/internal/objects"
)

// A file far beyond what a message may have takes the memory of one piece and its messages.
func TestALargeFileTakesTheMemoryOfOnePiece(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: some ten megabytes")
	}
	const size, piece, bound = 48 << 20, 1 << 20, 40 << 20
	p := pieceProfile(t, "1MiB", fmt.Sprint(piece), "1GiB")
	s, err := objects.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	o, err := s.Put(t.Context(), io.MultiReader(strings.NewReader("%PDF-1.7"), io.LimitReader(zeros{}, size)), 1<<30, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := (&fileWorld{t: t}).fileRows([3]string{flowA, "F1", o.Reference("application/pdf")})
	var peak, calls atomic.Uint64
	base := serve(t, func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak.Store(max(peak.Load(), m.HeapAlloc))
		calls.Add(1)
		_, body, err := p.EncodeReply(middleplatform.Reply{Code: "200", Status: "200"}, middleplatform.JSON, &middleplatform.Cipher{})
		if err != nil {
			t.Error(err)
		}
		_, _ = rw.Write(body)
	})
	target := open(t, base, func(o *middleplatform.Options) { o.Profile, o.Files = p, s.Open })
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	if is, err := target.Call(t.Context(), d, 0); is != nil || err != nil {
		t.Fatalf("%+v, %v", is, err)
	}
	if calls.Load() != size/piece+1 {
		t.Errorf("%d calls", calls.Load())
	}
	if used := int64(peak.Load()) - int64(before.HeapAlloc); used > bound {
		t.Errorf("%d MiB at the peak", used>>20)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
