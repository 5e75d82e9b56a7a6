package gateway

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/internal/filekind"
	"banjian/internal/objects"
	"banjian/internal/text"
)

// States of a file, as the canonical code set file_state has them.
const (
	filePending = "pending"
	fileStored  = "stored"
	fileFailed  = "failed"
)

// material is what is known of the file of one record of interface 3.
type material struct {
	seq, path, name, md5 string
	title                string
	state, reference     string
	why                  string // packed; of one that is failed from the beginning
}

// records tells the materials of an answer; a file that came along is stored, and taken out
// of the answer.
func (a *application) records(ctx context.Context, l *line, data *middleplatform.Element) ([]material, error) {
	var list []material
	for _, r := range recordsOf(l.system.Profile, data) {
		m := material{seq: r.seq, title: cmp.Or(l.value(r.Element, "CLMC"), l.value(r.Element, "STUFF_SEQ")), path: l.value(r.Element, "ATTACH_PATH"), name: l.value(r.Element, "ATTACH_NAME"), md5: strings.ToLower(l.value(r.Element, "ATTACH_SIGN")), state: filePending}
		body := l.value(r.Element, "ATTACH_BODY")
		if body == "" && m.path == "" {
			continue
		}
		if body != "" {
			if err := m.inline(ctx, l, body); err != nil {
				return nil, err
			}
			r.Child("ATTACH_BODY").Text = ""
		}
		list = append(list, m)
	}
	return list, nil
}

// value is a field of a record without placeholders.
func (l *line) value(e *middleplatform.Element, name string) string {
	return l.system.Profile.Told(e.Value(name))
}

// inline stores the bytes that came with a record.
func (m *material) inline(ctx context.Context, l *line, body string) error {
	o, kind, err := l.fetcher.put(ctx, base64.NewDecoder(base64.StdEncoding, strings.NewReader(body)), m)
	var wrong *wrongFile
	var corrupt base64.CorruptInputError
	switch {
	case errors.As(err, &wrong):
		m.state, m.why = fileFailed, packed(wrong.fault())
		return nil
	case errors.As(err, &corrupt), errors.Is(err, io.ErrUnexpectedEOF):
		broken := wrongFile{text.T("随材料来的附件内容不完整", "the file that came with its material is not whole")}
		m.state, m.why = fileFailed, packed(broken.fault())
		return nil
	case err != nil:
		return err
	}
	m.state, m.reference = fileStored, o.Reference(kind)
	return nil
}

// wrongFile is a file that came and is not what it should be.
type wrongFile struct{ what text.Text }

func (w *wrongFile) Error() string { return w.what.EN }

func (w *wrongFile) fault() error {
	return fault.New(fault.Data, "fetch file", "", w.what, text.T("请中台核对这个附件", "have the platform look at the file"))
}

// put streams a file into the site's objects, and says its media type.
func (f *Fetcher) put(ctx context.Context, r io.Reader, m *material) (objects.Object, string, error) {
	kind := "application/octet-stream"
	o, err := f.o.Objects.Put(ctx, r, f.o.MaxFile, func(content io.ReaderAt, o objects.Object) error {
		if o.Size == 0 {
			return &wrongFile{text.T("附件是空的", "the file is empty")}
		}
		if m.md5 != "" && m.md5 != o.MD5 {
			return &wrongFile{text.T("附件与 ATTACH_SIGN 的 MD5 不符", "the file is not the one whose MD5 ATTACH_SIGN has")}
		}
		kind = filekind.MediaType(filekind.Of(content, o.Size))
		return nil
	})
	if errors.Is(err, objects.ErrTooLarge) {
		most := strconv.FormatInt(f.o.MaxFile>>20, 10)
		err = &wrongFile{text.F("附件超过 %[1]s MiB", "the file is larger than %[1]s MiB", most)}
	}
	return o, kind, err
}

// store remembers a file that is to be fetched, or came along. One that lies there already
// stays as it is.
func (m *material) store(tx *sql.Tx, application, now int64) error {
	since := int64(0)
	if m.state == fileFailed {
		since = now
	}
	_, err := tx.Exec(`INSERT INTO files(application, seq, path, name, material, md5, state, reference, since, error, due) VALUES(?,?,?,?,?,?,?,?,?,?,?)
		ON CONFLICT(application, seq) DO UPDATE SET path=excluded.path, name=excluded.name, material=excluded.material, md5=excluded.md5, state=excluded.state, reference=excluded.reference, since=excluded.since, error=excluded.error, due=excluded.due, tries=0
		WHERE excluded.state='stored' OR files.path<>excluded.path OR files.md5<>excluded.md5`,
		application, m.seq, m.path, m.name, m.title, m.md5, m.state, m.reference, since, m.why, now)
	return err
}

// contents fetches files.
type contents struct{}

func (contents) due(ctx context.Context, l *line, most int) ([]errand, time.Time, error) {
	list, next, err := l.fetcher.o.Journal.dueFiles(ctx, l.system.Name, most)
	errands := make([]errand, len(list))
	for i := range list {
		errands[i] = &list[i]
	}
	return errands, next, err
}

// file is one file to be fetched.
type file struct {
	material
	application, tries int64
	platform           string
}

func (j *Journal) dueFiles(ctx context.Context, system string, most int) ([]file, time.Time, error) {
	d := j.dueNow()
	rows, err := j.read.QueryContext(ctx, `SELECT f.application, f.seq, f.path, f.name, f.md5, f.state, f.tries, a.platform FROM files f JOIN applications a ON a.id=f.application
		WHERE f.state<>'stored' AND f.path<>'' AND a.system=? AND (f.due<=? OR f.due>?) ORDER BY f.due, f.application LIMIT ?`, system, d.now, d.far, most)
	if err != nil {
		return nil, d.look, journalFault(err, j.path)
	}
	defer rows.Close()
	var list []file
	for rows.Next() {
		var f file
		if err := rows.Scan(&f.application, &f.seq, &f.path, &f.name, &f.md5, &f.state, &f.tries, &f.platform); err != nil {
			return nil, d.look, journalFault(err, j.path)
		}
		list = append(list, f)
	}
	if err := rows.Err(); err != nil || len(list) > 0 {
		return list, d.look, journalFault(err, j.path)
	}
	next, err := j.next(ctx, d, "SELECT min(f.due) FROM files f JOIN applications a ON a.id=f.application WHERE f.state<>'stored' AND f.path<>'' AND a.system=? AND f.due>? AND f.due<=?", system)
	return list, next, err
}

// run fetches the file. What the platform does not give, or gives wrongly, is told to
// pipelines once and tried again later.
func (f *file) run(ctx context.Context, l *line) error {
	err := f.fetch(ctx, l)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	var wrong *wrongFile
	if errors.As(err, &wrong) {
		err = wrong.fault()
	}
	if !fault.Is(err, fault.Data) {
		return err
	}
	return l.fetcher.o.Journal.fileFailed(ctx, f, err)
}

func (f *file) key() string { return strconv.FormatInt(f.application, 10) + "/" + f.seq }

func (f *file) later(ctx context.Context, j *Journal, due time.Time) error {
	return j.do(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE files SET due=? WHERE application=? AND seq=? AND path=?", due.UnixMilli(), f.application, f.seq, f.path)
		return err
	})
}

func (f *file) fetch(ctx context.Context, l *line) error {
	body, err := l.asker.Download(ctx, f.path)
	if err != nil {
		return err
	}
	defer body.Close()
	o, kind, err := l.fetcher.put(ctx, body, &f.material)
	if err != nil {
		return err
	}
	return l.fetcher.o.Journal.fileStored(ctx, f, o.Reference(kind))
}

func (j *Journal) fileStored(ctx context.Context, f *file, reference string) error {
	return j.do(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("UPDATE files SET state='stored', reference=?, tries=0, since=0, error='' WHERE application=? AND seq=? AND path=?", reference, f.application, f.seq, f.path); err != nil {
			return err
		}
		return feed(tx, f.platform, Material, f.application)
	})
}

func (j *Journal) fileFailed(ctx context.Context, f *file, why error) error {
	now := j.now()
	due := now.Add(growing(againFirst, fileAgainMost, f.tries)).UnixMilli()
	return j.do(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("UPDATE files SET state='failed', due=?, tries=tries+1, since=CASE since WHEN 0 THEN ? ELSE since END, error=? WHERE application=? AND seq=? AND path=?", due, now.UnixMilli(), packed(why), f.application, f.seq, f.path); err != nil || f.state == fileFailed {
			return err
		}
		return feed(tx, f.platform, Material, f.application)
	})
}
