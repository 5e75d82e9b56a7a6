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
	"banjian/internal/filekind"
	"banjian/internal/objects"
)

// Options say where files may come from and what they may be.
type Options struct {
	Store   *objects.Store
	Folders []Folder // local ones
	Hosts   []string // host or host:port of http and https addresses, exactly
	Base    string   // what references are written relative to, an address of one of Hosts; empty: they are whole
	CAFile  string   // PEM, of https; empty: the system's authorities

	Authorization func() (string, error) // value of that header; nil: none

	Most        int64         // bytes of a file; zero: DefaultMost
	Types       []string      // kinds that are taken (internal/filekind); none: all that are known
	Timeout     time.Duration // of one fetch; zero: DefaultTimeout
	Connections int           // to a host at a time; zero: DefaultConnections
	Now         func() time.Time
}

// Defaults of Options.
const (
	DefaultMost        = 64 << 20
	DefaultTimeout     = 2 * time.Minute
	DefaultConnections = 4
)

// Folder is a local folder that a department's files are put into.
type Folder struct {
	Path   string
	Prefix string // how references to it begin, such as D:\upload\; empty: references are relative to it
}

// Ref is a row's reference to a file, and what the row says of it.
type Ref struct {
	Source  string   `json:"s,omitempty"` // a path, or an http(s) address; empty with Bytes
	Bytes   []byte   `json:"-"`           // the file itself, out of a column
	Name    string   `json:"n,omitempty"` // as people call it; its ending says what it should be
	Type    string   `json:"t,omitempty"` // what the row says it is: pdf, .PDF, image/png
	Size    int64    `json:"z,omitempty"` // bytes it should have; zero: not given
	MD5     string   `json:"m,omitempty"` // of the content, 32 hexadecimal characters; empty: not given
	SM3     string   `json:"d,omitempty"` // the same, 64
	Version string   `json:"v,omitempty"` // another one: the file behind the reference was replaced
	Most    int64    `json:"-"`           // bytes at most, below that of Options; zero: as there
	Types   []string `json:"-"`           // kinds that are taken; none: as in Options
}

// Rules a file may break. The first argument is the reason.
const (
	RuleReference = "file_reference" // leads where nothing may be fetched
	RuleSize      = "file_size"      // empty | large, limit | differs, as the row has it, as it is
	RuleType      = "file_type"      // name, ending | content | differs, claimed, as it is | kind, as it is
	RuleDigest    = "file_digest"    // MD5 | SM3
)

// Wrong says that a file can never be taken as it is. Args are kinds and sizes, never
// anything of the reference.
type Wrong struct {
	Rule string
	Args []string
}

func (w *Wrong) Error() string { return w.Rule + " " + strings.Join(w.Args, " ") }

func wrong(rule string, args ...string) error { return &Wrong{rule, args} }

// File is a file that is kept.
type File struct {
	objects.Object
	Kind string
}

// Reference is the file as records hold it, see schemas.File.
func (f File) Reference() string { return f.Object.Reference(filekind.MediaType(f.Kind)) }

// Fetcher fetches files. It may be used concurrently.
type Fetcher struct {
	o       Options
	folders []*folder
	client  *http.Client
	rests   rests
}

// New prepares fetching; nothing is asked yet. Faults are Config. The caller closes it.
func New(o Options) (*Fetcher, error) {
	if o.Most <= 0 {
		o.Most = DefaultMost
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Connections <= 0 {
		o.Connections = DefaultConnections
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Fetcher{o: o, rests: rests{now: o.Now}}
	var err error
	if f.client, err = newClient(o); err != nil {
		return nil, err
	}
	for _, d := range o.Folders {
		f.folders = append(f.folders, &folder{path: d.Path, prefix: slashes(d.Prefix)})
	}
	return f, nil
}

// Close gives folders and connections back.
func (f *Fetcher) Close() {
	for _, d := range f.folders {
		d.mu.Lock()
		d.close()
		d.mu.Unlock()
	}
	f.client.CloseIdleConnections()
}

// Connections is how many files are to be fetched at a time.
func (f *Fetcher) Connections() int { return f.o.Connections }

// Fetch gives the kept file of a reference, and asks its source only if that was not asked
// before. A source that was down a few times in a row is left alone for a while. Errors:
// *Wrong; Transient faults (not there yet, not to be reached, no space), see WhyOf.
func (f *Fetcher) Fetch(ctx context.Context, r Ref) (File, error) {
	run := ctx
	ctx, cancel := context.WithTimeout(run, f.o.Timeout)
	defer cancel()
	in, err := f.open(ctx, r)
	if err != nil {
		return File{}, err
	}
	defer in.close()
	if o, ok := f.o.Store.Marked(ctx, in.key); ok {
		file := File{o, claimOf(r)}
		return file, f.same(r, o)
	}
	if err := f.rests.enter(in.place); err != nil {
		return File{}, err
	}
	file, err := f.take(ctx, r, in)
	if run.Err() != nil { // a stop says nothing of the file
		err = run.Err()
	}
	f.rests.leave(in.place, errors.Is(err, errDown))
	if err != nil {
		return File{}, err
	}
	return file, f.o.Store.Mark(in.key, file.Object)
}

// source is a file that may be read; key tells it from others, and from what the same
// place held before, as far as that can be told without reading it.
type source struct {
	key   string
	place string                        // host or folder
	open  func() (io.ReadCloser, error) // called once at most
	close func()
}

func (f *Fetcher) open(ctx context.Context, r Ref) (source, error) {
	none := func() {}
	given := strings.Join([]string{"", r.Name, r.Type, r.MD5, r.SM3, r.Version, sizeOf(r.Size), sizeOf(f.most(r)), strings.Join(f.types(r), ",")}, "\x00") // under others it is judged anew
	if r.Source == "" {
		return source{"bytes:" + digest(r.Bytes) + given, "", func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.Bytes)), nil }, none}, nil
	}
	u, err := f.addressOf(r.Source)
	if err != nil {
		return source{}, err
	}
	if u != nil {
		return source{u.String() + given, u.Host, func() (io.ReadCloser, error) { return f.get(ctx, u, f.most(r)) }, none}, nil
	}
	file, place, version, err := f.local(r.Source)
	if err != nil {
		return source{}, err
	}
	return source{"file:" + r.Source + version + given, place, func() (io.ReadCloser, error) { return io.NopCloser(file), nil }, func() { _ = file.Close() }}, nil
}

// most is how many bytes the file may have.
func (f *Fetcher) most(r Ref) int64 {
	if r.Most > 0 {
		return min(r.Most, f.o.Most)
	}
	return f.o.Most
}

// types are the kinds that are taken, none: all.
func (f *Fetcher) types(r Ref) []string {
	if len(r.Types) > 0 {
		return r.Types
	}
	return f.o.Types
}

func (f *Fetcher) take(ctx context.Context, r Ref, in source) (File, error) {
	body, err := in.open()
	if err != nil {
		return File{}, err
	}
	defer body.Close()
	most, kind := f.most(r), ""
	o, err := f.o.Store.Put(ctx, body, most, func(content io.ReaderAt, o objects.Object) (err error) {
		kind, err = f.judge(r, content, o)
		return err
	})
	var w *Wrong
	var known *fault.Error
	switch {
	case err == nil || errors.As(err, &w) || errors.As(err, &known):
		return File{o, kind}, err
	case errors.Is(err, objects.ErrTooLarge):
		return File{}, wrong(RuleSize, "large", sizeOf(most))
	}
	return File{}, down()
}

// judge holds a content against what the row says of it, and says what it is.
func (f *Fetcher) judge(r Ref, content io.ReaderAt, o objects.Object) (string, error) {
	if o.Size == 0 {
		return "", wrong(RuleSize, "empty")
	}
	if err := f.same(r, o); err != nil {
		return "", err
	}
	return f.kind(r, filekind.Of(content, o.Size))
}

func (f *Fetcher) same(r Ref, o objects.Object) error {
	if r.Size > 0 && r.Size != o.Size {
		return wrong(RuleSize, "differs", sizeOf(r.Size), sizeOf(o.Size))
	}
	if r.MD5 != "" && !strings.EqualFold(r.MD5, o.MD5) {
		return wrong(RuleDigest, "MD5")
	}
	if r.SM3 != "" && !strings.EqualFold(r.SM3, o.SM3) {
		return wrong(RuleDigest, "SM3")
	}
	return nil
}
