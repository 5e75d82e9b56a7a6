package attachment

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"golang.org/x/sync/errgroup"

	"banjian/internal/fault"
	"banjian/pipelines"
)

// Stage (取附件) fetches the files that the records of another stage refer to, and puts what
// is kept of them in the reference's place. A row whose file is wrong is refused. A file that
// cannot be had now is owed: the record goes on without it, and Fill asks again.
type Stage struct {
	Inner  pipelines.Stage
	Open   func() (*Fetcher, error) // called when the first file is to be fetched, and again; who opened it closes it
	Of     *pipelines.Attachments
	Fields map[string]string // by subject: the field that holds the reference
	Dry    func() bool       // nothing is fetched then: records are as if every file were owed; nil = never
	Alloc  memory.Allocator
}

// Fields of records that say something of the file beside them, or are told it.
var (
	nameFields   = []string{"file_name", "attach_name"}
	typeFields   = []string{"file_type", "attach_type"}
	digestFields = []string{"attach_md5"}        // held against the file; filled where empty
	derived      = []string{"md5", "attach_md5"} // of what is kept
	stateField   = "file_state"
)

// States of stateField.
const (
	statePending = "pending"
	stateStored  = "stored"
	stateFailed  = "failed"
)

// Apply maps in, and then fetches. It serves one goroutine.
func (s *Stage) Apply(ctx context.Context, in arrow.Record) (pipelines.Result, error) {
	res, err := s.Inner.Apply(ctx, in)
	if err != nil {
		return res, err
	}
	refused := map[int32]bool{}
	for i := range res.Outputs {
		field := s.Fields[res.Outputs[i].Subject]
		if field == "" {
			continue
		}
		if err := s.output(ctx, in, &res, i, field, refused); err != nil {
			res.Release()
			return pipelines.Result{}, err
		}
	}
	if err := s.leaveOut(&res, refused); err != nil {
		res.Release()
		return pipelines.Result{}, err
	}
	return res, nil
}

// output fetches the files of one output.
func (s *Stage) output(ctx context.Context, in arrow.Record, res *pipelines.Result, i int, field string, refused map[int32]bool) error {
	out := &res.Outputs[i]
	refs := make([]*Ref, out.Record.NumRows())
	about := aboutOf(out.Record)
	beside := s.beside(in)
	for row, at := range out.Rows {
		source, there := textAt(out.Record, field, row)
		if !there {
			continue
		}
		refs[row] = &Ref{Source: source, Most: int64(s.Of.MaxSize), Types: s.Of.Types}
		about.tell(refs[row], row)
		if wrong := beside.tell(refs[row], int(at)); wrong != "" {
			refused[at] = true
			res.Issues = append(res.Issues, pipelines.Issue{Row: at, Field: wrong, Rule: "bad_int"})
			refs[row] = nil
		}
	}
	got, err := s.fetch(ctx, refs)
	if err != nil {
		return err
	}
	for row := range got {
		g := &got[row]
		switch {
		case g.wrong != nil && !refused[out.Rows[row]]:
			refused[out.Rows[row]] = true
			res.Issues = append(res.Issues, pipelines.Issue{Row: out.Rows[row], Field: field, Rule: g.wrong.Rule, Args: g.wrong.Args})
		case g.why != "":
			ref, err := json.Marshal(refs[row])
			if err != nil {
				return err
			}
			res.Owed = append(res.Owed, pipelines.Owed{Output: i, Row: int32(row), Field: field, Ref: string(ref), Why: g.why})
		}
	}
	filled := s.fill(out.Record, field, got)
	out.Record.Release()
	out.Record = filled
	return nil
}

// outcome is what became of one row's file: nothing of it set means that the row has none.
type outcome struct {
	file  File
	wrong *Wrong
	why   string // owed
}

func (o *outcome) none() bool { return o.file.Name == "" && o.wrong == nil && o.why == "" }

// fetch fetches several files side by side; nil refs have none.
func (s *Stage) fetch(ctx context.Context, refs []*Ref) ([]outcome, error) {
	got := make([]outcome, len(refs))
	if s.Dry != nil && s.Dry() {
		for row, ref := range refs {
			if ref != nil {
				got[row].why = WhyMissing
			}
		}
		return got, nil
	}
	if !slices.ContainsFunc(refs, func(r *Ref) bool { return r != nil }) {
		return got, nil
	}
	fetcher, err := s.Open()
	if err != nil {
		return nil, err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(fetcher.Connections())
	for row, ref := range refs {
		if ref == nil {
			continue
		}
		g.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			ask := fetcher.Fetch
			if s.Of.Bytes != "" {
				ask = fetcher.Kept
			}
			file, err := ask(ctx, *ref)
			got[row].file = file
			switch {
			case err == nil:
				return nil
			case errors.As(err, &got[row].wrong):
			case fault.Is(err, fault.Transient):
				got[row].why = WhyOf(err)
			default:
				return err
			}
			got[row].file = File{}
			return nil
		})
	}
	return got, g.Wait()
}

// fill is rec with what became of its files.
func (s *Stage) fill(rec arrow.Record, field string, got []outcome) arrow.Record {
	cols := slices.Clone(rec.Columns())
	put := func(name string, value func(o *outcome) (string, bool), overwrite bool) {
		at := rec.Schema().FieldIndices(name)
		if len(at) == 0 {
			return
		}
		col, ok := rec.Column(at[0]).(*array.String)
		if !ok {
			return
		}
		b := array.NewStringBuilder(s.Alloc)
		defer b.Release()
		for row := range got {
			v, there := value(&got[row])
			switch {
			case got[row].none(), !overwrite && col.IsValid(row) && col.Value(row) != "":
				appendFrom(b, col, row)
			case there:
				b.Append(v)
			default:
				b.AppendNull()
			}
		}
		cols[at[0]] = b.NewStringArray()
	}
	put(field, func(o *outcome) (string, bool) { return o.file.Reference(), o.file.Name != "" }, true)
	for _, name := range derived {
		put(name, func(o *outcome) (string, bool) { return o.file.MD5, o.file.Name != "" }, name == "md5")
	}
	put(stateField, func(o *outcome) (string, bool) { return o.state(), true }, true)
	filled := array.NewRecord(rec.Schema(), cols, rec.NumRows())
	for i, c := range cols {
		if c != rec.Column(i) {
			c.Release()
		}
	}
	return filled
}

func (o *outcome) state() string {
	switch {
	case o.wrong != nil:
		return stateFailed
	case o.why != "":
		return statePending
	}
	return stateStored
}

func appendFrom(b *array.StringBuilder, col *array.String, row int) {
	if col.IsNull(row) {
		b.AppendNull()
		return
	}
	b.Append(col.Value(row))
}

// leaveOut takes the records of refused rows out of every output, and counts what is owed
// and unsure accordingly.
func (s *Stage) leaveOut(res *pipelines.Result, refused map[int32]bool) error {
	if len(refused) == 0 {
		return nil
	}
	for i := range res.Outputs {
		out := &res.Outputs[i]
		var keep, rows []int32
		now := map[int32]int32{}
		for j, row := range out.Rows {
			if !refused[row] {
				now[int32(j)] = int32(len(keep))
				keep, rows = append(keep, int32(j)), append(rows, row)
			}
		}
		if len(keep) == len(out.Rows) {
			continue
		}
		part, err := pipelines.Take(out.Record, keep, s.Alloc)
		if err != nil {
			return err
		}
		out.Record.Release()
		out.Record, out.Rows = part, rows
		res.Owed = slices.DeleteFunc(res.Owed, func(o pipelines.Owed) bool { _, stays := now[o.Row]; return o.Output == i && !stays })
		for j := range res.Owed {
			if o := &res.Owed[j]; o.Output == i {
				o.Row = now[o.Row]
			}
		}
		res.Unsure = slices.DeleteFunc(res.Unsure, func(u pipelines.Unsure) bool { _, stays := now[u.Row]; return u.Output == i && !stays })
		for j := range res.Unsure {
			if u := &res.Unsure[j]; u.Output == i {
				u.Row = now[u.Row]
			}
		}
	}
	return nil
}

// Fill asks again for the files that the records of rec owe; refs has one for each row. It
// gives rec with what came, and what is wrong or owed still.
func (s *Stage) Fill(ctx context.Context, rec arrow.Record, field string, refs []string) (arrow.Record, []pipelines.Issue, []pipelines.Owed, error) {
	asked := make([]*Ref, len(refs))
	for i, packed := range refs {
		asked[i] = &Ref{Most: int64(s.Of.MaxSize), Types: s.Of.Types}
		if err := json.Unmarshal([]byte(packed), asked[i]); err != nil {
			return nil, nil, nil, err
		}
	}
	got, err := s.fetch(ctx, asked)
	if err != nil {
		return nil, nil, nil, err
	}
	var issues []pipelines.Issue
	var owed []pipelines.Owed
	for row := range got {
		g := &got[row]
		switch {
		case g.wrong != nil:
			issues = append(issues, pipelines.Issue{Row: int32(row), Field: field, Rule: g.wrong.Rule, Args: g.wrong.Args})
		case g.why != "":
			owed = append(owed, pipelines.Owed{Row: int32(row), Field: field, Ref: refs[row], Why: g.why})
		}
	}
	return s.fill(rec, field, got), issues, owed, nil
}
