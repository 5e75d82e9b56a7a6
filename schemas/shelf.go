package schemas

import (
	"io/fs"
	"maps"
	"slices"
	"sync"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// shelf is what a catalog knows of one kind, by name. What lies on it is parsed when
// it is first asked for, once, whoever asks.
type shelf[T any] map[string]*shelved[T]

type shelved[T any] struct {
	get  func() (T, error)
	site bool // from a site's folder: Load has parsed it already
}

// find is the thing of that name. A site's file was parsed by Load, with every shipped
// file that it can spoil; what ships is parsed whole by a test. So an error here is ours.
func (s shelf[T]) find(name string) (thing T, ok bool) {
	it, ok := s[name]
	if !ok {
		return thing, false
	}
	thing, err := it.get()
	if err != nil {
		panic(fault.Wrap(err, fault.Bug, "read shipped data", name,
			text.T("随程序发布的数据有错", "the data that ships is broken"), text.Text{}))
	}
	return thing, true
}

// put takes a thing that is there already.
func (s shelf[T]) put(name string, thing T) {
	s[name] = &shelved[T]{get: func() (T, error) { return thing, nil }}
}

// all is everything on the shelf, sorted by name.
func (s shelf[T]) all() []T {
	out := make([]T, 0, len(s))
	for _, name := range s.names() {
		thing, _ := s.find(name)
		out = append(out, thing)
	}
	return out
}

func (s shelf[T]) names() []string { return sortedKeys(s) }

// check parses what wanted says, in the order of the names; it tells every mistake.
func (s shelf[T]) check(wanted func(name string, site bool) bool) error {
	var found fault.List
	for _, name := range s.names() {
		if it := s[name]; wanted(name, it.site) {
			_, err := it.get()
			found.Add(err)
		}
	}
	return found.Err()
}

func ofSite(_ string, site bool) bool { return site }

func everything(string, bool) bool { return true }

func anyOfSite[T any](s shelf[T]) bool {
	for _, it := range s {
		if it.site {
			return true
		}
	}
	return false
}

// file is where a data file lies.
type file struct {
	fsys  fs.FS
	path  string
	layer int // 0 ships, the others are a site's
}

func (f file) site() bool { return f.layer > 0 }

func (f file) read() (source, error) { return readSource(f.fsys, f.path) }

// lazy reads and parses a file when it is first wanted.
func lazy[T any](f file, parse func(source) (T, error)) *shelved[T] {
	return &shelved[T]{site: f.site(), get: sync.OnceValues(func() (thing T, err error) {
		src, err := f.read()
		if err != nil {
			return thing, err
		}
		return parse(src)
	})}
}

func sortedKeys[T any](m map[string]T) []string {
	return slices.Sorted(maps.Keys(m))
}

func firstOf(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
