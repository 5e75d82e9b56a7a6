package file

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"banjian/pipelines"
)

// PutAway moves what the stored position has as taken into the archive, with its marker and
// checksum; what cannot be read goes where Rejected says. A file that changed meanwhile stays:
// it is another one.
func (s *Source) PutAway(ctx context.Context, stored pipelines.Position) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.o.Archive == "" && s.o.Rejected == "" {
		return nil
	}
	p, err := decode(stored, &s.o)
	if err != nil {
		return err
	}
	list := p.Taken
	for _, name := range s.again {
		if t := s.p.find(name); t != nil && p.known(name, t.Hash) {
			list = append(list, *t)
		}
	}
	if len(list) == 0 {
		return nil
	}
	all, there, err := s.look(ctx)
	if err != nil {
		return err
	}
	lies := map[string]waiting{}
	for _, w := range all {
		lies[w.Name] = w
	}
	var errs []error
	for _, t := range list {
		if w, ok := lies[t.Name]; ok && w.Size == t.Size && w.Modified.UnixNano() == t.Modified {
			errs = append(errs, s.move(ctx, &t, append(w.beside, t.Name), there))
		}
	}
	return errors.Join(errs...)
}

// move puts a file last: while it lies there, the rest is known to be its own.
func (s *Source) move(ctx context.Context, t *taken, names []string, there map[string]bool) error {
	to := s.o.Archive
	if t.Refused {
		to = s.o.Rejected
	}
	if to == "" {
		return nil
	}
	for _, name := range names {
		if !there[name] {
			continue
		}
		if err := s.moveTo(ctx, to, name, t.Hash[:8]); err != nil {
			return err
		}
		there[name] = false
	}
	return nil
}

// moveTo moves a file; where one of its name lies already, under a name with its hash.
func (s *Source) moveTo(ctx context.Context, to, name, hash string) error {
	ext := path.Ext(name)
	base := strings.TrimSuffix(path.Base(name), ext)
	err := s.o.Folder.Move(ctx, name, path.Join(to, base+ext))
	for n := 1; errors.Is(err, fs.ErrExist) && n < 100; n++ {
		tag := hash
		if n > 1 {
			tag += "-" + strconv.Itoa(n)
		}
		err = s.o.Folder.Move(ctx, name, path.Join(to, base+"."+tag+ext))
	}
	return err
}
