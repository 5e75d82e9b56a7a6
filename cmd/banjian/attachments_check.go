package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/internal/objects"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/schemas"
)

// checkOptions are the flags of attachments check.
type checkOptions struct {
	read   bool
	remove bool
}

func (a *app) attachmentsCheckCommand() *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use:   "check",
		Short: a.t("核对台账与存下的附件：记录引用的都在吗，有没有无人引用的", "hold the ledger against the files kept: is every one there that a record refers to, and which ones does none refer to"),
		Example: "  banjian attachments check\n  banjian attachments check --read --json\n" +
			"  banjian attachments check --remove",
		Args: a.exactly(0, text.T("attachments check 不带参数", "attachments check takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				return a.checkFiles(cmd.Context(), h, store, o, time.Now())
			})
		},
	}
	f := c.Flags()
	f.BoolVar(&o.read, "read", false, a.t("逐个读出引用到的文件，核对内容", "read every file that is referred to and hold it against its name"))
	f.BoolVar(&o.remove, "remove", false, a.t("删掉无人引用、且存下已超过一天的文件；文件夹或桶（前缀）须只归本站点", "remove files that nothing refers to and that are older than a day; the folder, or bucket and prefix, must be this site's alone"))
	return c
}

// tooYoung is how old a file must be to be nobody's: its record may not be stored yet.
const tooYoung = 24 * time.Hour

// filesFound is what a check found.
type filesFound struct {
	Files    int64        `json:"files"`
	Bytes    int64        `json:"bytes"`
	Referred int64        `json:"referred"` // files that records refer to
	Unused   int64        `json:"unused"`   // that none does and that are older than a day
	Removed  int64        `json:"removed"`  // of Unused
	Young    int64        `json:"young"`    // that none does yet
	Missing  []brokenFile `json:"missing"`
	Damaged  []brokenFile `json:"damaged"`
}

// brokenFile is a record whose file is not there, or is another.
type brokenFile struct {
	Subject string   `json:"subject"`
	Source  string   `json:"source"`
	Key     []string `json:"key"`
	Object  string   `json:"object"`
}

func (a *app) checkFiles(ctx context.Context, h *house, store ledger.Store, o checkOptions, now time.Time) error {
	kept, err := h.Objects()
	if err != nil {
		return err
	}
	c := &fileCheck{store: kept, options: o, now: now, referred: map[string]bool{}, found: filesFound{Missing: []brokenFile{}, Damaged: []brokenFile{}}}
	look := func(ctx context.Context) error {
		return c.run(ctx, store, h.referenceFields(), func() error { return h.awaited(ctx, c) })
	}
	if o.remove { // else a collect may come to refer to what is being removed
		specs, err := h.Pipelines(nil)
		if err != nil {
			return err
		}
		var names []string
		for _, s := range specs {
			if s.Attachments != nil || s.From.Inbox != "" {
				names = append(names, s.Pipeline)
			}
		}
		if err = jobs.NewRunner(store, a.log()).Quiet(ctx, names, look); err != nil {
			return err
		}
	} else if err = look(ctx); err != nil {
		return err
	}
	f := &c.found
	if len(f.Missing)+len(f.Damaged) > 0 {
		a.code = exitNews
	}
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(f)
	}
	fmt.Fprintf(a.out, a.t("存有 %s 个文件，%s 字节；记录引用其中 %s 个\n", "files kept: %s, bytes: %s; referred to by records: %s\n"), count(f.Files), count(f.Bytes), count(f.Referred))
	fmt.Fprintf(a.out, a.t("无人引用：%s（另有 %s 个不到一天，可能正在归集），删掉 %s\n", "referred to by none: %s (and %s younger than a day, perhaps being collected), removed: %s\n"), count(f.Unused), count(f.Young), count(f.Removed))
	a.printBroken(a.t("文件不在", "missing"), f.Missing)
	a.printBroken(a.t("文件已损坏", "damaged"), f.Damaged)
	return nil
}

// brokenShown is how many broken files are listed.
const brokenShown = 50

func (a *app) printBroken(what string, list []brokenFile) {
	for i, b := range list {
		if i == brokenShown {
			fmt.Fprintf(a.out, a.t("另有 %d 条（--json 看全部）\n", "and %d more (--json has all)\n"), len(list)-brokenShown)
			return
		}
		fmt.Fprintf(a.out, "%s  %s %s  %s\n", what, b.Subject, joined(b.Key), b.Object)
	}
}

// referenceFields are the fields of records that hold references to files.
func (h *house) referenceFields() map[string][]string {
	found := map[string][]string{}
	for _, name := range h.Schemas().SubjectNames() {
		subject, ok := h.Schemas().Subject(name)
		for i := 0; ok && i < len(subject.Fields); i++ {
			if subject.Fields[i].Type == schemas.File {
				found[name] = append(found[name], subject.Fields[i].Name)
			}
		}
	}
	return found
}

// fileCheck is one look at everything that is kept.
type fileCheck struct {
	store    *objects.Store
	options  checkOptions
	now      time.Time
	referred map[string]bool // by name of an object; whether a record that is in force does
	found    filesFound
}

// awaited notes the files that the gateway has fetched and the ledger need not have yet.
func (h *house) awaited(ctx context.Context, c *fileCheck) error {
	if h.Site().Gateway == nil {
		return nil
	}
	if _, err := os.Stat(h.Site().Gateway.Journal); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	journal, done, err := h.Journal(ctx)
	if err != nil {
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

// run looks at the files first: one that is kept meanwhile is younger than its record. more
// notes references from elsewhere.
func (c *fileCheck) run(ctx context.Context, store ledger.ReferenceStore, fields map[string][]string, more func() error) error {
	type kept struct {
		size int64
		at   time.Time
	}
	files := map[string]kept{}
	if err := c.store.Each(ctx, func(name string, size int64, at time.Time) error {
		files[name] = kept{size, at}
		c.found.Files++
		c.found.Bytes += size
		return nil
	}); err != nil {
		return err
	}
	if err := ledger.References(ctx, store, fields, func(s ledger.Stream, key []byte, reference string, current bool) error {
		return c.reference(ctx, s, key, reference, current)
	}); err != nil {
		return err
	}
	if err := more(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		_, is := c.referred[name]
		switch {
		case is:
			c.found.Referred++
		case c.now.Sub(files[name].at) < tooYoung:
			c.found.Young++
		default:
			c.found.Unused++
			if !c.options.remove {
				continue
			}
			if err := c.store.Remove(ctx, name); err != nil {
				return err
			}
			c.found.Removed++
		}
	}
	return nil
}

// reference looks at what a record refers to, each file once.
func (c *fileCheck) reference(ctx context.Context, s ledger.Stream, key []byte, reference string, current bool) error {
	o, _, ok := objects.ParseReference(reference)
	if !ok {
		return nil
	}
	seen, known := c.referred[o.Name]
	if c.referred[o.Name] = seen || current; !current || known && seen {
		return nil
	}
	broken := brokenFile{s.Subject, s.Source, ledger.DecodeKey(key), o.Name}
	size, err := c.store.Stat(ctx, reference)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.found.Missing = append(c.found.Missing, broken)
		return nil
	case err != nil:
		return err
	case size != o.Size:
		c.found.Damaged = append(c.found.Damaged, broken)
		return nil
	case !c.options.read:
		return nil
	}
	content, err := c.store.Open(ctx, reference)
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
