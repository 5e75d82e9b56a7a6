package ledger

import (
	"bytes"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

func TestAPayloadDoesNotDependOnWhatWasEncodedBefore(t *testing.T) {
	alloc := memory.DefaultAllocator
	var want [][]byte
	sizes := []int{500, 1, 90, 65, 300}
	for _, n := range sizes {
		rec := everyType(n, alloc)
		defer rec.Release()
		for len(encoders) > 0 {
			<-encoders
		}
		payload, err := Encode(rec)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, payload)
	}
	var wg sync.WaitGroup
	for from := range sizes {
		wg.Go(func() {
			for i := range 20 {
				k := (from + i) % len(sizes)
				rec := everyType(sizes[k], alloc)
				payload, err := Encode(rec)
				rec.Release()
				if err != nil || !bytes.Equal(payload, want[k]) {
					t.Errorf("%d rows: another payload the second time, %v", sizes[k], err)
				}
			}
		})
	}
	wg.Wait()
}

func TestEncodingGivesAllItsMemoryBack(t *testing.T) {
	rec := everyType(500, memory.DefaultAllocator)
	defer rec.Release()
	for len(encoders) > 0 {
		<-encoders
	}
	made := 0
	for i := range 3 {
		if _, err := Encode(rec); err != nil {
			t.Fatal(err)
		}
		e := <-encoders
		if i > 0 && e.scratch.size != made {
			t.Errorf("the same record took %d bytes, then %d", made, e.scratch.size)
		}
		made = e.scratch.size
		e.putBack()
	}
}
