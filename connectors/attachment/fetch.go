package attachment

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/objects"
	"banjian/internal/text"
)

// Options say where files may come from and what they may be.
type Options struct {
	Store   *objects.Store
	Folders []Folder // local ones
	Hosts   []string // host or host:port of http and https addresses, exactly
	CAFile  string   // PEM, of https; empty: the system's authorities

	Most    int64         // bytes of a file; zero: DefaultMost
	Timeout time.Duration // of one fetch; zero: DefaultTimeout
}

// Defaults of Options.
const (
	DefaultMost    = 64 << 20
	DefaultTimeout = 2 * time.Minute
)

// Folder is a local folder that a department's files are put into.
type Folder struct {
	Path   string
	Prefix string // how references to it begin, such as D:\upload\; empty: references are relative to it
}

// Ref is a row's reference to a file.
type Ref struct {
	Source string // a path, or an http(s) address; empty with Bytes
	Bytes  []byte // the file itself, out of a column
	Name   string // as people call it; its ending says what it should be
	MD5    string // of the content, 32 hexadecimal characters; empty: not given
	SM3    string // the same, 64
}

// Rules a file may break.
const (
	RuleReference = "file_reference" // leads where nothing may be fetched
	RuleSize      = "file_size"      // empty, or too large
	RuleType      = "file_type"      // is not what its name says, or of a kind nobody takes
	RuleDigest    = "file_digest"    // is not what the row says it is
)

// Wrong says that a file can never be taken as it is. Args are kinds and sizes, never
// anything of the reference.
type Wrong struct {
	Rule string
	Args []string
}

func (w *Wrong) Error() string { return w.Rule + " " + strings.Join(w.Args, " ") }

func wrong(rule string, args ...string) error { return &Wrong{rule, args} }

// Fetcher fetches files. It may be used concurrently.
type Fetcher struct {
	o       Options
	folders []folder
	client  *http.Client
}

// New prepares fetching; nothing is asked yet. Faults are Config. The caller closes it.
func New(o Options) (*Fetcher, error) {
	if o.Most <= 0 {
		o.Most = DefaultMost
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	f := &Fetcher{o: o}
	var err error
	if f.client, err = newClient(o); err != nil {
		return nil, err
	}
	for _, d := range o.Folders {
		opened, err := openFolder(d)
		if err != nil {
			f.Close()
			return nil, err
		}
		f.folders = append(f.folders, opened)
	}
	return f, nil
}

// Close gives folders and connections back.
func (f *Fetcher) Close() {
	for _, d := range f.folders {
		_ = d.root.Close() // opened for reading
	}
	f.client.CloseIdleConnections()
}

// Fetch gives the object of a reference, and asks its source only if that was not asked
// before. Errors: *Wrong; Transient faults (not there yet, not to be reached, no space).
func (f *Fetcher) Fetch(ctx context.Context, r Ref) (objects.Object, error) {
	ctx, cancel := context.WithTimeout(ctx, f.o.Timeout)
	defer cancel()
	in, err := f.open(ctx, r)
	if err != nil {
		return objects.Object{}, err
	}
	defer in.close()
	if o, ok := f.o.Store.Marked(in.key); ok {
		return o, f.same(r, o)
	}
	o, err := f.take(ctx, r, in)
	if err != nil {
		return objects.Object{}, err
	}
	return o, f.o.Store.Mark(in.key, o)
}

// source is a file that may be read; key tells it from others, and from what the same
// place held before, as far as that can be told without reading it.
type source struct {
	key   string
	open  func() (io.ReadCloser, error) // called once at most
	close func()
}

func (f *Fetcher) open(ctx context.Context, r Ref) (source, error) {
	none := func() {}
	given := "\x00" + r.Name + "\x00" + r.MD5 + "\x00" + r.SM3 // another name is judged anew
	switch {
	case r.Source == "":
		return source{"bytes:" + digest(r.Bytes) + given, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.Bytes)), nil }, none}, nil
	case isAddress(r.Source):
		u, err := f.address(r.Source)
		if err != nil {
			return source{}, err
		}
		return source{u.String() + given, func() (io.ReadCloser, error) { return f.get(ctx, u) }, none}, nil
	}
	file, version, err := f.local(r.Source)
	if err != nil {
		return source{}, err
	}
	return source{"file:" + r.Source + version + given, func() (io.ReadCloser, error) { return io.NopCloser(file), nil }, func() { _ = file.Close() }}, nil
}

func (f *Fetcher) take(ctx context.Context, r Ref, in source) (objects.Object, error) {
	body, err := in.open()
	if err != nil {
		return objects.Object{}, err
	}
	defer body.Close()
	o, err := f.o.Store.Put(ctx, body, f.o.Most, func(content io.ReaderAt, o objects.Object) error { return f.judge(r, content, o) })
	var w *Wrong
	var known *fault.Error
	switch {
	case err == nil || errors.As(err, &w) || errors.As(err, &known):
		return o, err
	case errors.Is(err, objects.ErrTooLarge):
		return o, wrong(RuleSize, sizeOf(f.o.Most))
	}
	return o, away(err)
}

// judge holds a content against what the row says of it.
func (f *Fetcher) judge(r Ref, content io.ReaderAt, o objects.Object) error {
	if o.Size == 0 {
		return wrong(RuleSize, "0")
	}
	if err := f.same(r, o); err != nil {
		return err
	}
	return checkType(r.Name, content, o.Size)
}

func (f *Fetcher) same(r Ref, o objects.Object) error {
	if r.MD5 != "" && !strings.EqualFold(r.MD5, o.MD5) {
		return wrong(RuleDigest, "MD5")
	}
	if r.SM3 != "" && !strings.EqualFold(r.SM3, o.SM3) {
		return wrong(RuleDigest, "SM3")
	}
	return nil
}

// away is a file that cannot be had now. The cause may name the reference and is left out.
func away(error) error {
	return fault.New(fault.Transient, "fetch file", "", text.T("附件现在取不到", "the file cannot be had now"), text.T("对方放好文件或恢复服务后自动再取", "it is fetched again by itself once it is there"))
}
