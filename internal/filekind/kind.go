package filekind

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"banjian/internal/text"
)

// Kinds are the kinds that are told apart. Old office files are ole, and what people read
// without a program is text.
func Kinds() []string {
	return []string{"pdf", "ofd", "jpg", "png", "gif", "bmp", "tif", "docx", "xlsx", "pptx", "ole", "zip", "rar", "7z", "text"}
}

// Hint says which kinds there are.
func Hint() text.Text {
	return text.F("可用：%[1]s；doc、xls、ppt、wps 都是 ole，txt、csv、xml 都是 text", "known: %[1]s; doc, xls, ppt and wps are ole, txt, csv and xml are text", strings.Join(Kinds(), ", "))
}

// endings is what a file should be by the ending of its name; no other is known.
var endings = map[string]string{
	"pdf": "pdf", "ofd": "ofd", "jpg": "jpg", "jpeg": "jpg", "png": "png", "gif": "gif", "bmp": "bmp", "tif": "tif", "tiff": "tif",
	"docx": "docx", "xlsx": "xlsx", "pptx": "pptx", "doc": "ole", "xls": "ole", "ppt": "ole", "wps": "ole", "et": "ole",
	"zip": "zip", "rar": "rar", "7z": "7z", "txt": "text", "csv": "text", "xml": "text",
}

// mediaTypes are those of kinds as references to files have them.
var mediaTypes = map[string]string{
	"pdf": "application/pdf", "ofd": "application/ofd", "jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "bmp": "image/bmp", "tif": "image/tiff",
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation", "zip": "application/zip", "rar": "application/vnd.rar", "7z": "application/x-7z-compressed", "text": "text/plain",
}

// MediaType is that of a kind.
func MediaType(kind string) string {
	if t := mediaTypes[kind]; t != "" {
		return t
	}
	return "application/octet-stream"
}

// ByName is the kind that a name's ending claims, empty if that is no ending we know.
func ByName(name string) string {
	return endings[strings.ToLower(strings.TrimPrefix(path.Ext(strings.TrimSpace(name)), "."))]
}

// signatures are the first bytes of kinds that show there.
var signatures = []struct{ kind, head string }{
	{"jpg", "\xff\xd8\xff"}, {"png", "\x89PNG\r\n\x1a\n"}, {"gif", "GIF8"}, {"bmp", "BM"}, {"tif", "II*\x00"}, {"tif", "MM\x00*"},
	{"ole", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}, {"rar", "Rar!\x1a\x07"}, {"7z", "7z\xbc\xaf\x27\x1c"}, {"zip", "PK\x03\x04"},
}

// members tell kinds of packages apart: a file that only that kind has.
var members = []struct{ kind, file string }{{"ofd", "OFD.xml"}, {"docx", "word/document.xml"}, {"xlsx", "xl/workbook.xml"}, {"pptx", "ppt/presentation.xml"}}

const headSize = 1024

// Fits says that a content of a kind may have a name that claims another: packages of
// office programs are zips.
func Fits(kind, claimed string) bool {
	return kind != "" && (kind == claimed || claimed == "zip" && slices.ContainsFunc(members, func(m struct{ kind, file string }) bool { return m.kind == kind }))
}

// Of is what a content of size bytes is; empty: nobody knows.
func Of(content io.ReaderAt, size int64) string {
	head := make([]byte, min(size, headSize))
	n, _ := content.ReadAt(head, 0) // what can be read is judged
	head = head[:n]
	if bytes.Contains(head, []byte("%PDF-")) {
		return "pdf"
	}
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.head)) {
			if s.kind == "zip" {
				return packageKind(content, size)
			}
			return s.kind
		}
	}
	if bytes.IndexByte(head, 0) < 0 && (utf8.Valid(head[:max(0, len(head)-utf8.UTFMax)]) || !bytes.ContainsAny(head, "\x01\x02\x03\x04\x05\x06\x07\x7f")) {
		return "text"
	}
	return ""
}

// listMost is how much of a package is read to list its files: a list made to fill memory
// ends there.
const listMost = 4 << 20

// budget reads so many bytes and no more.
type budget struct {
	io.ReaderAt
	left int
}

func (b *budget) ReadAt(p []byte, at int64) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, io.ErrShortBuffer
	}
	return b.ReaderAt.ReadAt(p, at)
}

// packageKind looks at the list of a package's files; none is unpacked.
func packageKind(content io.ReaderAt, size int64) string {
	list, err := zip.NewReader(&budget{content, listMost}, size)
	if err != nil {
		return "" // cut off, or only the beginning of one
	}
	for _, m := range members {
		if slices.ContainsFunc(list.File, func(f *zip.File) bool { return strings.EqualFold(f.Name, m.file) }) {
			return m.kind
		}
	}
	return "zip"
}
