package objects_test

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"banjian/internal/fault"
	"banjian/internal/objects"
)

// service is a service that speaks S3, in this process, with a bucket named files.
type service struct {
	url   string
	asked atomic.Int64
	down  atomic.Bool
}

func startService(t *testing.T) *service {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("files"); err != nil {
		t.Fatal(err)
	}
	inner, s := gofakes3.New(backend).Server(), &service{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		if s.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func inBucket(t *testing.T, s *service, bucket string) *objects.Store {
	t.Helper()
	o, err := objects.OpenS3(t.TempDir(), objects.S3{Endpoint: s.url, Bucket: bucket, Prefix: "city/", Region: "us-east-1", AccessKey: "demo", SecretKey: "demo-secret"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

func TestABucketKeepsEachContentOnceAndGivesItBack(t *testing.T) {
	service := startService(t)
	s := inBucket(t, service, "files")
	large := make([]byte, 20<<20)
	if _, err := rand.Read(large); err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"abc", string(large)} {
		var o objects.Object
		for range 2 {
			var err error
			if o, err = s.Put(t.Context(), strings.NewReader(content), 64<<20, nil); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := read(t, s, o.Reference("text/plain")); err != nil || got != content {
			t.Errorf("%d bytes came back of %d, %v", len(got), len(content), err)
		}
		if err := s.Mark("a source", o); err != nil {
			t.Fatal(err)
		}
		if got, ok := s.Marked(t.Context(), "a source"); !ok || got != o {
			t.Errorf("marked %+v, %v", got, ok)
		}
	}
	var names []string
	each := func(name string, size int64, at time.Time) error {
		if names = append(names, name); size != 3 && size != int64(len(large)) || time.Since(at) > time.Hour {
			t.Errorf("%s: %d bytes of %s", name, size, at)
		}
		return nil
	}
	if err := s.Each(t.Context(), each); err != nil || len(names) != 2 {
		t.Fatalf("%v, %v", names, err)
	}
	for _, name := range names {
		if err := errors.Join(s.Remove(t.Context(), name), s.Remove(t.Context(), name)); err != nil {
			t.Error(err)
		}
	}
	if _, ok := s.Marked(t.Context(), "a source"); ok {
		t.Error("a mark stands for an object that is gone")
	}
	if _, err := read(t, s, "sha256:"+names[0]+";3;text/plain"); !fault.Is(err, fault.Transient) {
		t.Errorf("an object that is gone: %v", err)
	}
}

func TestWhatABucketRefusesIsForAPersonAndAServiceThatIsDownIsWaitedFor(t *testing.T) {
	service := startService(t)
	_, err := inBucket(t, service, "another").Put(t.Context(), strings.NewReader("abc"), 10, nil)
	if !fault.Is(err, fault.Config) || strings.Contains(err.Error(), "demo-secret") {
		t.Errorf("no such bucket: %v", err)
	}
	s := inBucket(t, service, "files")
	o, err := s.Put(t.Context(), strings.NewReader("abc"), 10, nil)
	if err != nil {
		t.Fatal(err)
	}
	service.down.Store(true)
	if _, err := s.Put(t.Context(), strings.NewReader("abd"), 10, nil); !fault.Is(err, fault.Transient) {
		t.Errorf("a service that is down: %v", err)
	}
	if _, ok := s.Marked(t.Context(), "nothing"); ok {
		t.Error("marked")
	}
	service.down.Store(false)
	if got, err := read(t, s, o.Reference("text/plain")); got != "abc" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := s.Stat(t.Context(), "sha256:"+strings.Repeat("0", 64)+";1;x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an object that never was: %v", err)
	}
}
