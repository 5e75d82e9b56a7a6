package file

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Source is one run over the next file. It is a pipelines.Source.
type Source struct {
	o      Options
	schema *arrow.Schema

	mu     sync.Mutex // held by Read; Close waits for it
	cancel context.CancelFunc
	halted func() error // of the run: what reads a file asks it

	p      position
	now    waiting // the file being read, if rows is open or pending a refusal
	id     taken
	file   File
	rows   reader
	build  *batchBuilder
	row    row
	ahead  bool // row has not been given yet
	refuse *refusal
	again  []string // files that were taken before and lie here again
	more   bool
	ended  bool            // the file was read to its end
	bound  pipelines.Bound // of --limit
	err    error
}

var (
	_ pipelines.Source    = (*Source)(nil)
	_ pipelines.Portioned = (*Source)(nil)
	_ pipelines.Cutter    = (*Source)(nil)
)

// Open begins a run at a position that an earlier one left, with the first file that is
// ready; its bytes are hashed. The Source owns o.Folder, also when Open fails. Faults:
// Config (columns that are not there, rights), Gone (not a position of files), Transient.
func Open(ctx context.Context, o Options, at pipelines.Position) (*Source, error) {
	o = o.withDefaults()
	p, err := decode(at, &o)
	if err != nil {
		o.Folder.Close()
		return nil, err
	}
	s := &Source{o: o, p: p, schema: schemaOf(o.Columns), bound: pipelines.Bound{Most: o.Limit}}
	ctx, s.cancel = context.WithCancel(ctx)
	s.halted = ctx.Err
	s.row.cells = make([][]byte, len(o.Columns))
	if err := s.start(ctx); err != nil {
		s.shut()
		o.Folder.Close()
		return nil, err
	}
	return s, nil
}

// start finds the file of this run.
func (s *Source) start(ctx context.Context) error {
	ready, there, err := s.look(ctx)
	if err != nil {
		return err
	}
	if s.p.prune(there); len(s.p.Taken) >= maxTaken {
		return s.o.config(s.o.Files, text.F("文件夹里有 %d 个已读过的文件", "%d files that were taken lie in the folder", len(s.p.Taken)),
			text.T("给连接写上 archive，读过的文件会移走；或请部门清理", "give the connection an archive, where taken files go, or have the department clear them"))
	}
	if s.p.Now != nil { // go on with the file that was begun
		for i, w := range ready {
			if w.Name == s.p.Now.Name {
				copy(ready[1:i+1], ready[:i])
				ready[0] = w
			}
		}
	}
	for i := range ready {
		if t := s.p.find(ready[i].Name); t != nil && t.Size == ready[i].Size && t.Modified == ready[i].Modified.UnixNano() {
			continue
		}
		if s.rows != nil || s.refuse != nil {
			s.more = true
			break
		}
		if err := s.try(ctx, &ready[i]); err != nil {
			return err
		}
	}
	return nil
}

// try opens a file unless it was taken before.
func (s *Source) try(ctx context.Context, w *waiting) (err error) {
	f, err := s.o.Folder.Open(ctx, w.Name)
	if err != nil {
		return err
	}
	own, wrong, err := s.hashing(ctx, w, f)
	if err != nil {
		f.Close()
		return err
	}
	id := taken{Name: w.Name, Size: w.Size, Modified: w.Modified.UnixNano(), Hash: own}
	if s.p.known(w.Name, own) {
		s.again = append(s.again, w.Name)
		s.p.took(id)
		return f.Close()
	}
	from := s.p.At
	if s.p.Now == nil || *s.p.Now != id || from == nil {
		from = &mark{}
	}
	s.now, s.id, s.file = *w, id, f
	s.build = newBatchBuilder(&s.o, s.schema)
	s.build.file = w.Name
	switch {
	case wrong != nil:
		s.refuse = &refusal{rule: ruleChecksum}
		return nil
	case w.Size == 0:
		s.refuse = &refusal{rule: ruleEmpty}
		return nil
	}
	rows, err := s.reader(f, w.Size, *from)
	if errors.As(err, &s.refuse) {
		return nil
	}
	if err == nil {
		s.rows = rows
	}
	return s.readFault(err)
}

// reader opens a file in its format at a row.
func (s *Source) reader(f File, size int64, from mark) (reader, error) {
	switch s.o.Format {
	case "csv", "tsv":
		return newCSV(&s.o, s.now.Name, s.input(f), from)
	case "jsonl":
		return newJSON(&s.o, s.input(f), from)
	case "xlsx":
		return newXLSX(&s.o, s.now.Name, f, size, from)
	case "parquet":
		return newParquet(&s.o, s.now.Name, f, size, from, s.halted)
	}
	return nil, s.o.config(s.now.Name, text.F("不认识格式 %q", "format %q is not known", s.o.Format), text.Text{})
}

// input is a file read from front to back, until the run is stopped.
func (s *Source) input(f File) *input {
	return &input{r: f, stopped: s.halted}
}

// input is a file read from front to back from any place.
type input struct {
	r       io.ReaderAt
	offset  int64
	stopped func() error
}

func (i *input) Read(p []byte) (int, error) {
	if err := i.stopped(); err != nil {
		return 0, err
	}
	n, err := i.r.ReadAt(p, i.offset)
	i.offset += int64(n)
	if n > 0 && errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// readFault is an error of the file as a fault.
func (s *Source) readFault(err error) error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) {
		return err
	}
	return s.o.transient(err, s.now.Name, text.T("读取文件时出错", "reading the file failed"))
}

// Schema is the layout of every record of this run.
func (s *Source) Schema() *arrow.Schema { return s.schema }

// Read returns the next batch. See pipelines.Source. A file without rows is a batch without
// rows: its position says that it was taken.
func (s *Source) Read(ctx context.Context) (pipelines.Batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return pipelines.Batch{}, s.err
	}
	stop := context.AfterFunc(ctx, s.cancel)
	defer stop()
	b, err := s.batch(ctx)
	if err != nil {
		if ctx.Err() != nil {
			err = fault.Wrap(ctx.Err(), fault.Transient, "read file", s.o.Name, text.T("读取被中止", "reading was stopped"), text.Text{})
		}
		s.err = err
		s.shut()
	}
	return b, err
}

func (s *Source) batch(ctx context.Context) (pipelines.Batch, error) {
	if s.ended || s.bound.Reached() || s.rows == nil && s.refuse == nil {
		return pipelines.Batch{}, io.EOF
	}
	if err := ctx.Err(); err != nil {
		return pipelines.Batch{}, err
	}
	for s.build.rows < s.bound.Room(s.o.BatchRows) && s.build.bytes < s.o.BatchBytes {
		end, err := s.fetch()
		if err != nil {
			return pipelines.Batch{}, err
		}
		if end {
			return s.last(ctx)
		}
		s.build.add(&s.row)
		s.ahead = false
	}
	at := s.rows.at()
	end, err := s.fetch() // is there more?
	if err != nil {
		return pipelines.Batch{}, err
	}
	if end {
		return s.last(ctx)
	}
	p := s.p.clone()
	p.Now, p.At = &s.id, &at
	s.bound.Gave(s.build.rows)
	rec, n := s.build.take()
	return pipelines.Batch{Record: rec, Position: p.encode(), Bytes: n}, nil
}

// fetch has the next row at hand, unless the file ends.
func (s *Source) fetch() (end bool, err error) {
	if s.ahead {
		return false, nil
	}
	if s.refuse != nil {
		return true, nil
	}
	err = s.rows.next(&s.row)
	switch {
	case errors.Is(err, io.EOF), errors.As(err, &s.refuse):
		return true, nil
	case err != nil:
		return false, s.readFault(err)
	}
	s.ahead = true
	return false, nil
}

// last is the batch with which the file is taken.
func (s *Source) last(ctx context.Context) (pipelines.Batch, error) {
	e, err := s.file.Stat(ctx)
	if err != nil {
		return pipelines.Batch{}, s.readFault(err)
	}
	if e.Size != s.id.Size || e.Modified.UnixNano() != s.id.Modified {
		return pipelines.Batch{}, s.changed(s.now.Name)
	}
	if s.refuse != nil {
		s.row.clear(0)
		s.row.refuse([]byte(s.id.Name+s.id.Hash), s.refuse.rule, s.refuse.args...)
		s.build.add(&s.row)
		s.id.Refused = true
	}
	s.ended = true
	s.p.took(s.id)
	rec, n := s.build.take()
	return pipelines.Batch{Record: rec, Position: s.p.encode(), Bytes: n}, nil
}

// Whole says that a file with everything was read to its end.
func (s *Source) Whole() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.o.Whole && s.ended && s.refuse == nil
}

// Cut says that the file has more rows than were allowed. See pipelines.Cutter.
func (s *Source) Cut() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bound.Reached() && !s.ended
}

// More says that another file was ready when the run began.
func (s *Source) More() bool { return s.more }

// Commit is a hint that says too little: files are moved by PutAway.
func (s *Source) Commit(context.Context, pipelines.Position) error { return nil }

// Close stops what is under way. It may be called at any time and again.
func (s *Source) Close() error {
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = fault.New(fault.Transient, "read file", s.o.Name, text.T("来源已关闭", "the source is closed"), text.Text{})
	}
	s.shut()
	return s.o.Folder.Close()
}

func (s *Source) shut() {
	s.cancel()
	if s.rows != nil {
		_ = s.rows.close() // nothing was written
		s.rows = nil
	}
	if s.file != nil {
		_ = s.file.Close()
		s.file = nil
	}
	if s.build != nil {
		s.build.Release()
		s.build = nil
	}
}
