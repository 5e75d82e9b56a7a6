package objects_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/objects"
)

func open(t *testing.T, dir string) *objects.Store {
	t.Helper()
	s, err := objects.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func files(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAContentIsKeptOnceWhoeverGivesIt(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for range 3 {
		o, err := s.Put(t.Context(), strings.NewReader("abc"), 10, nil)
		// FIPS 180-2 B.1, GB/T 32905—2016 A.1, RFC 1321 A.5
		if err != nil || o.Name != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" || o.SM3 != "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" || o.MD5 != "900150983cd24fb0d6963f7d28e17f72" || o.Size != 3 {
			t.Fatalf("%+v, %v", o, err)
		}
		if err := s.Mark("a path", o); err != nil {
			t.Fatal(err)
		}
	}
	if list := files(t, dir); len(list) != 2 {
		t.Errorf("%v", list)
	}
	o, ok := open(t, dir).Marked(t.Context(), "a path")
	if _, other := s.Marked(t.Context(), "another"); !ok || other {
		t.Error("a mark is lost, or of something else")
	}
	if b, err := read(t, s, o.Reference("text/plain")); b != "abc" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

// read is all of what a reference stands for.
func read(t *testing.T, s *objects.Store, reference string) (string, error) {
	t.Helper()
	c, err := s.Open(t.Context(), reference)
	if err != nil {
		return "", err
	}
	defer c.Close()
	b, err := io.ReadAll(c)
	return string(b), err
}

func TestWhatIsReadIsWhatWasKept(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	o, err := s.Put(t.Context(), strings.NewReader("abc"), 10, nil)
	if err != nil {
		t.Fatal(err)
	}
	reference := o.Reference("application/pdf")
	if b, err := read(t, s, reference); b != "abc" || err != nil {
		t.Errorf("%s is %q, %v", reference, b, err)
	}
	for bad, kind := range map[string]fault.Kind{"": fault.Data, "/etc/passwd": fault.Data, "sha256:../x;3;": fault.Data, "sha256:" + strings.Repeat("0", 64) + ";3;text/plain": fault.Transient} {
		if _, err := read(t, s, bad); !fault.Is(err, kind) {
			t.Errorf("%q: %v, want %s", bad, err, kind)
		}
	}
	for _, damaged := range []string{"abd", "abcd", "ab", ""} {
		if err := os.WriteFile(filepath.Join(dir, o.Path()), []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := read(t, s, reference); !fault.Is(err, fault.Config) {
			t.Errorf("%q instead of the object: %v", damaged, err)
		}
	}
}

func TestNothingIsLeftOfWhatIsNotKept(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	refused := errors.New("refused")
	ended, end := context.WithCancel(t.Context())
	end()
	for name, err := range map[string]error{
		"too large": third(s.Put(t.Context(), strings.NewReader("abcd"), 3, nil)),
		"refused":   third(s.Put(t.Context(), strings.NewReader("abc"), 3, func(io.ReaderAt, objects.Object) error { return refused })),
		"cut off":   third(s.Put(t.Context(), io.MultiReader(strings.NewReader("a"), iotestErr{}), 3, nil)),
		"stopped":   third(s.Put(ended, strings.NewReader("abc"), 3, nil)),
	} {
		if err == nil {
			t.Errorf("%s was kept", name)
		}
	}
	if list := files(t, dir); len(list) != 0 {
		t.Errorf("%v", list)
	}
}

func third(_ objects.Object, err error) error { return err }

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// The child is killed between writing an object and putting it in its place.
func TestAKillBetweenFetchAndPlaceIsMendedByFetchingAgain(t *testing.T) {
	if dir := os.Getenv("BANJIAN_TEST_OBJECTS"); dir != "" {
		s, err := objects.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		o, err := s.Put(t.Context(), strings.NewReader("abc"), 10, nil)
		if err != nil || s.Mark("source", o) != nil {
			t.Fatal(err)
		}
		return
	}
	dir := t.TempDir()
	child := func(more ...string) error {
		c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		c.Env = append(append(os.Environ(), "BANJIAN_TEST_OBJECTS="+dir), more...)
		return c.Run()
	}
	if child(failpoint.Variable+"="+string(failpoint.AfterFetch)) == nil {
		t.Fatal("the child was not killed")
	}
	s := open(t, dir)
	if _, ok := s.Marked(t.Context(), "source"); ok {
		t.Fatal("a source is marked that gave nothing")
	}
	if err := child(); err != nil {
		t.Fatal(err)
	}
	if o, ok := s.Marked(t.Context(), "source"); !ok || o.Size != 3 {
		t.Errorf("%+v, %v", o, ok)
	}
}

func TestHalfFilesOfStopsAreTakenAwayWhenTheyAreOld(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	for name, age := range map[string]time.Duration{"old": 25 * time.Hour, "young": time.Hour} {
		path := filepath.Join(dir, "tmp", name)
		at := time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, []byte("half"), 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	open(t, dir)
	if left := files(t, dir); len(left) != 1 || filepath.Base(left[0]) != "young" {
		t.Errorf("%v", left)
	}
}
