package attachment

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"banjian/internal/filekind"
	"banjian/internal/gm"
	"banjian/internal/objects"
)

// A file that came out of a column is kept while rows are read, and what stands in its place
// is the reference of the object, or, of one that cannot be kept, refusedMark and why. Only a
// stage whose pipeline names such a column takes either: a row cannot claim to have them.
const refusedMark = "!"

// KeepBytes keeps a file out of a column and gives what stands in its place; dry only says
// what would. Errors are faults of the store.
func (f *Fetcher) KeepBytes(ctx context.Context, content []byte, dry bool) (string, error) {
	size := int64(len(content))
	switch {
	case size == 0:
		return refusedMark + RuleSize + " empty", nil
	case size > f.o.Most:
		return refusedMark + RuleSize + " large " + sizeOf(f.o.Most), nil
	}
	kind := filekind.Of(bytes.NewReader(content), size)
	name := sha256.Sum256(content)
	o := objects.Object{Name: hex.EncodeToString(name[:]), Size: size}
	if _, known := f.o.Store.Marked(ctx, keptKey(o)); dry || known {
		return o.Reference(filekind.MediaType(kind)), nil
	}
	o, err := f.o.Store.Put(ctx, bytes.NewReader(content), size, nil)
	if err == nil {
		err = f.o.Store.Mark(keptKey(o), o)
	}
	return o.Reference(filekind.MediaType(kind)), err
}

func keptKey(o objects.Object) string { return "kept:" + o.Name }

// Kept judges a file that KeepBytes kept, by what stands in its place, as Fetch does.
func (f *Fetcher) Kept(ctx context.Context, r Ref) (File, error) {
	if words, refused := strings.CutPrefix(r.Source, refusedMark); refused {
		rule, args, _ := strings.Cut(words, " ")
		return File{}, wrong(rule, strings.Fields(args)...)
	}
	o, mediaType, ok := objects.ParseReference(r.Source)
	if !ok {
		return File{}, wrong(RuleReference)
	}
	if most := f.most(r); o.Size > most {
		return File{}, wrong(RuleSize, "large", sizeOf(most))
	}
	known, ok := f.o.Store.Marked(ctx, keptKey(o))
	if !ok {
		var err error
		if known, err = f.digests(ctx, r.Source); err != nil {
			return File{}, err
		}
	}
	if err := f.same(r, known); err != nil {
		return File{}, err
	}
	r.Source = ""
	kind, err := f.kind(r, kindOfType(mediaType))
	return File{known, kind}, err
}

// kindOfType is the kind that has a media type, empty if none has.
func kindOfType(mediaType string) string {
	for _, k := range filekind.Kinds() {
		if filekind.MediaType(k) == mediaType && mediaType != filekind.MediaType("") {
			return k
		}
	}
	return ""
}

// digests reads a kept file to say what it is known by.
func (f *Fetcher) digests(ctx context.Context, reference string) (objects.Object, error) {
	content, err := f.o.Store.Open(ctx, reference)
	if err != nil {
		return objects.Object{}, err
	}
	defer content.Close()
	sm3, sum := gm.NewSM3(), md5.New()
	if _, err := io.Copy(io.MultiWriter(sm3, sum), content); err != nil {
		return objects.Object{}, err
	}
	o := content.Object
	o.MD5, o.SM3 = hex.EncodeToString(sum.Sum(nil)), hex.EncodeToString(sm3.Sum(nil))
	return o, f.o.Store.Mark(keptKey(o), o)
}
