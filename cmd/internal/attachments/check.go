package attachments

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"time"

	"banjian/cmd/internal/wiring"
	"banjian/internal/fault"
	"banjian/internal/objects"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/schemas"
)

// tooYoung is how old a file must be to be nobody's: its record may not be stored yet.
const tooYoung = 24 * time.Hour

// Site is an open site with its ledger. It belongs to whoever opened them.
type Site struct {
	House *wiring.House
	Store ledger.Store
	Log   *slog.Logger
}

// Question is what is to be looked at, and what is to be done.
type Question struct {
	Read   bool // every file that is referred to is read, and held against its name
	Remove bool // files that nothing refers to and that are older than a day are removed
	Now    time.Time
}

// Found is what a check found.
type Found struct {
	Files    int64    `json:"files"`
	Bytes    int64    `json:"bytes"`
	Referred int64    `json:"referred"` // files that records refer to
	Unused   int64    `json:"unused"`   // that none does and that are older than a day
	Removed  int64    `json:"removed"`  // of Unused
	Young    int64    `json:"young"`    // that none does yet
	Missing  []Broken `json:"missing"`
	Damaged  []Broken `json:"damaged"`
}

// Whole says that every file that is referred to is as it should be.
func (f *Found) Whole() bool { return len(f.Missing)+len(f.Damaged) == 0 }

// Broken is a record whose file is not there, or is another.
type Broken struct {
	Subject string   `json:"subject"`
	Source  string   `json:"source"`
	Key     []string `json:"key"`
	Object  string   `json:"object"`
}

// Check looks at everything that is kept. Where files are to be removed no pipeline that
// keeps files collects meanwhile: it might come to refer to one of them.
func (s *Site) Check(ctx context.Context, q Question) (*Found, error) {
	kept, err := s.House.Objects()
	if err != nil {
		return nil, err
	}
	c := &check{site: s, files: kept, question: q, referred: map[string]bool{}, found: Found{Missing: []Broken{}, Damaged: []Broken{}}}
	if !q.Remove {
		return &c.found, c.run(ctx)
	}
	names, err := s.keepers()
	if err != nil {
		return nil, err
	}
	return &c.found, jobs.NewRunner(s.Store, s.Log).Quiet(ctx, names, c.run)
}

// keepers are the pipelines that keep files.
func (s *Site) keepers() ([]string, error) {
	specs, err := s.House.Pipelines(nil)
	var names []string
	for _, spec := range specs {
		if spec.Attachments != nil || spec.From.Inbox != "" {
			names = append(names, spec.Pipeline)
		}
	}
	return names, err
}

// referenceFields are the fields of records that hold references to files, by subject.
func (s *Site) referenceFields() map[string][]string {
	found := map[string][]string{}
	for _, name := range s.House.Schemas().SubjectNames() {
		subject, ok := s.House.Schemas().Subject(name)
		for i := 0; ok && i < len(subject.Fields); i++ {
			if subject.Fields[i].Type == schemas.File {
				found[name] = append(found[name], subject.Fields[i].Name)
			}
		}
	}
	return found
}

// check is one look at everything that is kept.
type check struct {
	site     *Site
	files    *objects.Store
	question Question
	referred map[string]bool // by name of an object; whether a record that is in force does
	found    Found
}

// run looks at the files first: one that is kept meanwhile is younger than its record.
func (c *check) run(ctx context.Context) error {
	written := map[string]time.Time{} // by name of an object
	if err := c.files.Each(ctx, func(name string, size int64, at time.Time) error {
		written[name] = at
		c.found.Files++
		c.found.Bytes += size
		return nil
	}); err != nil {
		return err
	}
	if err := ledger.References(ctx, c.site.Store, c.site.referenceFields(), func(s ledger.Stream, key []byte, reference string, current bool) error {
		return c.reference(ctx, s, key, reference, current)
	}); err != nil {
		return err
	}
	if err := c.awaited(ctx); err != nil {
		return err
	}
	return c.judge(ctx, written)
}

// reference looks at what a record refers to, each file once.
func (c *check) reference(ctx context.Context, s ledger.Stream, key []byte, reference string, current bool) error {
	o, _, ok := objects.ParseReference(reference)
	if !ok {
		return nil
	}
	seen, known := c.referred[o.Name]
	if c.referred[o.Name] = seen || current; !current || known && seen {
		return nil
	}
	broken := Broken{s.Subject, s.Source, ledger.DecodeKey(key), o.Name}
	size, err := c.files.Stat(ctx, reference)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.found.Missing = append(c.found.Missing, broken)
		return nil
	case err != nil:
		return err
	case size != o.Size:
		c.found.Damaged = append(c.found.Damaged, broken)
		return nil
	case !c.question.Read:
		return nil
	}
	content, err := c.files.Open(ctx, reference)
	if err != nil {
		return err
	}
	defer content.Close()
	if _, err = io.Copy(io.Discard, content); fault.Is(err, fault.Config) {
		c.found.Damaged = append(c.found.Damaged, broken)
		return nil
	}
	return err
}

// awaited notes the files that the gateway has fetched and the ledger need not have yet.
func (c *check) awaited(ctx context.Context) error {
	journal, done, err := c.site.House.JournalIfAny(ctx)
	if err != nil || journal == nil {
		return err
	}
	defer done()
	return journal.References(ctx, func(reference string) error {
		if o, _, ok := objects.ParseReference(reference); ok && !c.referred[o.Name] {
			c.referred[o.Name] = false
		}
		return nil
	})
}

// judge counts what is referred to and what is not, and removes what may be.
func (c *check) judge(ctx context.Context, written map[string]time.Time) error {
	for _, name := range slices.Sorted(maps.Keys(written)) {
		_, is := c.referred[name]
		switch {
		case is:
			c.found.Referred++
		case c.question.Now.Sub(written[name]) < tooYoung:
			c.found.Young++
		default:
			c.found.Unused++
			if !c.question.Remove {
				continue
			}
			if err := c.files.Remove(ctx, name); err != nil {
				return err
			}
			c.found.Removed++
		}
	}
	return nil
}
