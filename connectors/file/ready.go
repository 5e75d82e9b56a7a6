package file

import (
	"bufio"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"path"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/gm"
	"banjian/internal/text"
)

// waiting is a file that is ready to be read.
type waiting struct {
	Entry
	beside []string // its marker and checksum file
	sum    string   // the one of beside that has its checksum
}

// look lists the folder: what is ready, by name, and everything that lies there.
func (s *Source) look(ctx context.Context) ([]waiting, map[string]bool, error) {
	dir := path.Dir(s.o.Files)
	if dir == "." {
		dir = ""
	}
	list, err := s.o.Folder.List(ctx, dir)
	if err != nil {
		return nil, nil, err
	}
	there := make(map[string]bool, len(list))
	for _, e := range list {
		there[e.Name] = true
	}
	var ready []waiting
	for _, e := range list {
		if ok, _ := path.Match(s.o.Files, e.Name); !ok || len(e.Name) > maxFileName || s.isBeside(e.Name) {
			continue
		}
		if w, ok := s.readiness(e, there); ok {
			ready = append(ready, w)
		}
	}
	slices.SortFunc(ready, func(a, b waiting) int { return strings.Compare(a.Name, b.Name) })
	return ready, there, nil
}

// isBeside says that a file is a marker or a checksum, whatever the pattern.
func (s *Source) isBeside(name string) bool {
	ext := path.Ext(name)
	return ext == ".tmp" || ext == ".part" || ext == ".filepart" || ext != "" && (ext == s.o.Done || ext == s.o.Checksum)
}

// readiness says whether a file may be read now.
func (s *Source) readiness(e Entry, there map[string]bool) (waiting, bool) {
	w := waiting{Entry: e}
	for _, ext := range []string{s.o.Done, s.o.Checksum} {
		if ext == "" {
			continue
		}
		name := e.Name + ext
		if !there[name] {
			name = strings.TrimSuffix(e.Name, path.Ext(e.Name)) + ext
		}
		if !there[name] {
			return w, false
		}
		if w.beside = append(w.beside, name); ext == s.o.Checksum {
			w.sum = name
		}
	}
	return w, len(w.beside) > 0 || s.o.Clock().Sub(e.Modified) >= s.o.Settle
}

// digestOf is the first eight bytes of a SHA-256 in hexadecimal.
func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// hashing reads all of a file: its own hash, and whether it is what its checksum file says.
// The words say what is wrong with it.
func (s *Source) hashing(ctx context.Context, w *waiting, f File) (own string, wrong []string, err error) {
	ours := sha256.New()
	var into io.Writer = ours
	var theirs hash.Hash
	var want string
	if w.sum != "" {
		if want, err = s.stated(ctx, w); err != nil {
			return "", nil, err
		}
		theirs = map[string]func() hash.Hash{".md5": md5.New, ".sha256": sha256.New, ".sm3": gm.NewSM3}[s.o.Checksum]()
		into = io.MultiWriter(ours, theirs)
	}
	n, err := io.Copy(into, &stoppable{ctx, io.NewSectionReader(f, 0, w.Size)})
	if err != nil {
		return "", nil, s.o.transient(err, w.Name, text.T("读取文件时出错", "reading the file failed"))
	}
	if n != w.Size {
		return "", nil, s.changed(w.Name)
	}
	own = hex.EncodeToString(ours.Sum(nil)[:16])
	switch {
	case theirs == nil:
	case want == "":
		wrong = []string{"no_checksum", own}
	case want != hex.EncodeToString(theirs.Sum(nil)):
		wrong = []string{"checksum", own}
	}
	return own, wrong, nil
}

// stoppable is a reader that ends with its context.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// stated is what a checksum file says of a file, lower-case: the one word of it, the word
// before or after the file's name ("HASH  name", "MD5 (name) = HASH"); empty: nothing.
func (s *Source) stated(ctx context.Context, w *waiting) (string, error) {
	f, err := s.o.Folder.Open(ctx, w.sum)
	if err != nil {
		return "", err
	}
	defer f.Close()
	length := map[string]int{".md5": 32, ".sha256": 64, ".sm3": 64}[s.o.Checksum]
	base, found := path.Base(w.Name), ""
	lines := bufio.NewScanner(io.LimitReader(f, 1<<20))
	for lines.Scan() {
		line := strings.TrimPrefix(lines.Text(), "\ufeff")
		for _, word := range strings.Fields(line) {
			if _, err := hex.DecodeString(word); err != nil || len(word) != length {
				continue
			}
			if strings.Contains(line, base) {
				return strings.ToLower(word), nil
			}
			if found == "" && strings.TrimSpace(line) == word {
				found = strings.ToLower(word)
			}
		}
	}
	if err := lines.Err(); err != nil {
		return "", s.o.transient(err, w.sum, text.T("读不到校验和文件", "cannot read the checksum file"))
	}
	return found, nil
}

func (s *Source) changed(name string) error {
	return fault.New(fault.Transient, "read file", s.o.Name+" "+name, text.T("读取期间文件被改动", "the file was changed while it was read"),
		text.T("请部门先写临时文件名，写完再改名，或用 done 标志文件；下次运行会从头读它", "have the department write under another name and rename, or use a done-marker; the next run reads it from its beginning"))
}
