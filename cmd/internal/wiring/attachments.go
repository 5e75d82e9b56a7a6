package wiring

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/attachment"
	"banjian/internal/nearest"
	"banjian/internal/objects"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/mappings"
	"banjian/pipelines"
	"banjian/schemas"
)

// files is where files are kept and what fetches them, opened when first used.
type files struct {
	mu       sync.Mutex
	store    *objects.Store
	fetchers map[string]*attachment.Fetcher // by connection
}

// Objects is the site's store.
func (h *House) Objects() (*objects.Store, error) {
	h.files.mu.Lock()
	defer h.files.mu.Unlock()
	return h.openObjects()
}

func (h *House) openObjects() (*objects.Store, error) {
	if h.files.store != nil {
		return h.files.store, nil
	}
	dir, o := h.site.Path(h.site.Objects), h.site.ObjectStore
	var err error
	if o == nil {
		h.files.store, err = objects.Open(dir)
		return h.files.store, err
	}
	access, err := h.site.Fetch(o.AccessKey, "object_store", "access_key")
	if err != nil {
		return nil, err
	}
	secret, err := h.site.Fetch(o.SecretKey, "object_store", "secret_key")
	if err != nil {
		return nil, err
	}
	h.files.store, err = objects.OpenS3(dir, objects.S3{Endpoint: o.Endpoint, Bucket: o.Bucket, Prefix: o.Prefix, Region: o.Region, AccessKey: access, SecretKey: secret, CAFile: o.CAFile})
	return h.files.store, err
}

// Fetcher fetches the files of a connection; its pipelines share it.
func (h *House) Fetcher(connection string) (*attachment.Fetcher, error) {
	h.files.mu.Lock()
	defer h.files.mu.Unlock()
	if f := h.files.fetchers[connection]; f != nil {
		return f, nil
	}
	store, err := h.openObjects()
	if err != nil {
		return nil, err
	}
	a := h.site.Connections[connection].Attachments
	if a == nil { // files come out of a column
		a = &site.Attachments{}
	}
	o := attachment.Options{Store: store, Hosts: a.Hosts, Base: a.Base, CAFile: a.CAFile, Most: int64(a.MaxSize), Types: a.Types, Timeout: time.Duration(a.Timeout), Connections: a.Connections}
	for _, f := range a.Folders {
		o.Folders = append(o.Folders, attachment.Folder(f))
	}
	if !a.Authorization.IsZero() {
		o.Authorization = h.fetching(a.Authorization, "connections", connection, "attachments", "authorization")
	}
	f, err := attachment.New(o)
	if err != nil {
		return nil, err
	}
	if h.files.fetchers == nil {
		h.files.fetchers = map[string]*attachment.Fetcher{}
	}
	h.files.fetchers[connection] = f
	return f, nil
}

// close gives back what was opened.
func (f *files) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, one := range f.fetchers {
		one.Close()
	}
	var err error
	if f.store != nil {
		err = f.store.Close()
	}
	f.store, f.fetchers = nil, nil
	return err
}

// fileFields are the fields of a mapping's records that hold references to files.
func (h *House) fileFields(m *mappings.Mapping) map[string]string {
	found := map[string]string{}
	for _, name := range m.Subjects() {
		subject, _ := h.schemas.Subject(name)
		for i := range subject.Fields {
			field := subject.Fields[i].Name
			if _, err := m.KeyColumns(name, []string{field}); subject.Fields[i].Type == schemas.File && err == nil {
				found[name] = field
			}
		}
	}
	return found
}

// withFiles has a plan's stage fetch the files that its records refer to.
func (h *House) withFiles(plan *jobs.CollectPlan, m *mappings.Mapping) error {
	spec, fields := &plan.Spec, h.fileFields(m)
	of := spec.Attachments
	switch {
	case of == nil && (len(fields) == 0 || spec.From.Inbox != ""): // the gateway has fetched its files
		return nil
	case of == nil:
		subject := slices.Sorted(maps.Keys(fields))[0]
		return spec.Fault(text.F("映射 %s 填了 %s 的附件字段 %s，管道 %s 却没有写 attachments", "mapping %[1]s fills the file field %[3]s of %[2]s, but pipeline %[4]s has no attachments", spec.Mapping, subject, fields[subject], spec.Pipeline),
			text.T("在管道里写 attachments: {}，在连接里写 attachments: {folders 或 hosts}；不取文件就不要映射这个字段", "write attachments: {} in the pipeline and attachments: {folders or hosts} in the connection; do not map the field where files are not fetched"), "mapping")
	case len(fields) == 0:
		return spec.Fault(text.F("管道 %s 写了 attachments，映射 %s 却没有填附件字段", "pipeline %s has attachments, but mapping %s fills no file field", spec.Pipeline, spec.Mapping),
			text.T("在映射里把引用（路径或网址）填进 content", "have the mapping put the reference, a path or an address, into content"), "attachments")
	}
	from := cmp.Or(of.From, spec.From.Connection)
	if c, there := h.site.Connections[from]; !there {
		return spec.Fault(text.F("管道 %s 的附件连接 %q 没有定义", "pipeline %s: connection %q of attachments is not defined", spec.Pipeline, from), nearest.Hint(from, slices.Sorted(maps.Keys(h.site.Connections))), "attachments", "from")
	} else if c.Attachments == nil && of.Bytes == "" {
		return spec.Fault(text.F("管道 %s 要取附件，连接 %s 却没有写 attachments", "pipeline %s fetches files, but connection %s has no attachments", spec.Pipeline, from),
			text.T("在 banjian.yaml 的连接里写 attachments: {folders: [{path: 文件夹}]} 或 {hosts: [主机:端口]}", "write attachments: {folders: [{path: FOLDER}]} or {hosts: [host:port]} in that connection of banjian.yaml"), "attachments")
	}
	if of.Bytes != "" && !slices.Contains(m.Columns(), of.Bytes) {
		return spec.Fault(text.F("管道 %s 的 attachments.bytes 里有映射 %s 不读的列：%s", "pipeline %s: attachments.bytes names a column that mapping %s does not read: %s", spec.Pipeline, spec.Mapping, of.Bytes),
			nearest.Hint(of.Bytes, m.Columns()), "attachments", "bytes")
	}
	stage := &attachment.Stage{Inner: plan.Stage, Open: func() (*attachment.Fetcher, error) { return h.Fetcher(from) }, Of: of, Fields: fields, Alloc: memory.DefaultAllocator,
		Dry: func() bool { return plan.Dry }}
	plan.Stage, plan.Files = stage, stage
	if fresh := plan.Fresh; fresh != nil {
		plan.Fresh = func() (pipelines.Stage, func(arrow.Record) (arrow.Record, error), error) {
			inner, keyOf, err := fresh()
			one := *stage
			one.Inner = inner
			return &one, keyOf, err
		}
	}
	return nil
}

// keeper takes the bytes of files out of a plan's column while rows are read.
func (h *House) keeper(plan *jobs.CollectPlan) map[string]func([]byte) (string, error) {
	of := plan.Spec.Attachments
	if of == nil || of.Bytes == "" {
		return nil
	}
	from := cmp.Or(of.From, plan.Spec.From.Connection)
	return map[string]func([]byte) (string, error){of.Bytes: func(content []byte) (string, error) {
		fetcher, err := h.Fetcher(from)
		if err != nil {
			return "", err
		}
		return fetcher.KeepBytes(context.Background(), content, plan.Dry)
	}}
}

// innerMapping is the mapping within a plan's stage.
func innerMapping(s pipelines.Stage) (*mappingStage, bool) {
	if files, ok := s.(*attachment.Stage); ok {
		s = files.Inner
	}
	m, ok := s.(*mappingStage)
	return m, ok
}

// LeftOut is how many rows a plan's mapping left out so far, by filter; nil = none is known.
func LeftOut(plan *jobs.CollectPlan) map[string]int64 {
	if s, ok := innerMapping(plan.Stage); ok && s.left != nil {
		return s.left.rows
	}
	return nil
}

// content is a kept file, to be read by a receiver's caller.
func (h *House) content(ctx context.Context, reference string) (*objects.Content, error) {
	store, err := h.Objects()
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, reference)
}
