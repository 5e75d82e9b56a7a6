package file

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"math"
	"path"
	"regexp"
	"strconv"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
)

// A workbook (ECMA-376) is read here and not by a library, because what a number or a time
// shows must come out exactly: the libraries at hand make floats of numbers, so that eighteen
// digits become fifteen, and show times the American way with two digits of the year.

// workbook is the parts of a workbook that its cells refer to.
type workbook struct {
	parts   map[string]*zip.File
	strings sharedStrings
	styles  []style // by the number that cells have
	from04  bool    // times count from 1904
	scale   int64   // what limits are divided by
}

// metered is a file of which so much may be read.
type metered struct {
	r    io.ReaderAt
	left int64
}

func (m *metered) ReadAt(p []byte, off int64) (int, error) {
	if m.left -= int64(len(p)); m.left < 0 {
		return 0, errTooLarge
	}
	return m.r.ReadAt(p, off)
}

// open opens a part. One that grows as no text does is refused.
func (w *workbook) open(p *zip.File) (io.ReadCloser, error) {
	r, err := p.Open()
	if err != nil {
		return nil, err
	}
	most := max(inflated/w.scale, inflation*int64(min(p.CompressedSize64, 1<<40)))
	return &bounded{r, most}, nil
}

// bounded is a part that refuses to become more.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, tooLarge("xlsx")
	}
	return n, err
}

// What a workbook may become when it is unpacked: text that is repeated packs a thousand
// times smaller, and so does a trap.
const (
	maxStrings   = 128 << 20 // bytes of shared strings, the table of their ends not counted
	mostStrings  = 8 << 20   // shared strings
	maxSmall     = 8 << 20   // bytes of workbook.xml and the like
	maxDirectory = 4 << 20   // bytes of the list of parts
	inflated     = 256 << 20 // bytes of a part, beyond which it may be so many times what it is packed
	inflation    = 200
)

func notWhole(format string) error { return &refusal{ruleBroken, []string{format}} }

// brokenBook is an error of a part as what it means for the file: an error of the disk stays.
func brokenBook(err error) error {
	var disk *fs.PathError
	var refused *refusal
	var told *fault.Error
	if errors.Is(err, errTokenTooLong) {
		return tooLarge("xlsx")
	}
	if err == nil || errors.As(err, &disk) || errors.As(err, &refused) || errors.As(err, &told) {
		return err
	}
	return notWhole("xlsx")
}

func newXLSX(o *Options, name string, f File, size int64, from mark) (*sheetReader, error) {
	directory := &metered{r: f, left: maxDirectory}
	z, err := zip.NewReader(directory, size)
	if directory.left < 0 {
		return nil, tooLarge("xlsx")
	}
	if err != nil {
		return nil, brokenBook(err)
	}
	directory.left = math.MaxInt64
	w := &workbook{parts: map[string]*zip.File{}, scale: o.scale}
	for _, p := range z.File {
		w.parts[strings.TrimPrefix(p.Name, "/")] = p
	}
	part, err := w.sheet(o, name)
	if err == nil {
		err = w.readStyles()
	}
	if err == nil {
		err = w.readStrings()
	}
	if err != nil {
		return nil, brokenBook(err)
	}
	return w.openSheet(o, name, part, from)
}

// small reads a small part whole into v; a part that is not there leaves it.
func (w *workbook) small(name string, v any) error {
	p := w.parts[name]
	if p == nil {
		return nil
	}
	r, err := w.open(p)
	if err != nil {
		return err
	}
	defer r.Close()
	return xml.NewDecoder(io.LimitReader(r, maxSmall/w.scale)).Decode(v)
}

// sheet finds the part of the sheet that is read.
func (w *workbook) sheet(o *Options, file string) (string, error) {
	var book struct {
		Pr struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		Link []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := w.small("xl/workbook.xml", &book); err != nil {
		return "", err
	}
	if err := w.small("xl/_rels/workbook.xml.rels", &links); err != nil {
		return "", err
	}
	w.from04 = book.Pr.Date1904 == "1" || book.Pr.Date1904 == "true"
	var names []string
	for _, s := range book.Sheets {
		if names = append(names, s.Name); o.Layout.Sheet != "" && s.Name != o.Layout.Sheet {
			continue
		}
		for _, l := range links.Link {
			if l.ID != s.ID {
				continue
			}
			if strings.HasPrefix(l.Target, "/") {
				return strings.TrimPrefix(l.Target, "/"), nil
			}
			return path.Join("xl", l.Target), nil
		}
	}
	if len(names) == 0 {
		return "", notWhole("xlsx")
	}
	hint := nearest.Hint(o.Layout.Sheet, names)
	if hint.IsZero() {
		hint = text.F("现有工作表：%[1]s", "it has: %[1]s", strings.Join(names[:min(len(names), 20)], ", "))
	}
	return "", o.config(file, text.F("没有工作表 %s", "there is no sheet %s", o.Layout.Sheet), hint)
}

// readStyles finds which numbers are times, and which have leading zeros.
func (w *workbook) readStyles() error {
	var sheet struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			ID int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := w.small("xl/styles.xml", &sheet); err != nil {
		return err
	}
	codes := map[int]string{}
	for _, f := range sheet.Formats {
		codes[f.ID] = f.Code
	}
	for _, c := range sheet.Cells {
		if code, own := codes[c.ID]; own {
			w.styles = append(w.styles, styleOf(code))
		} else {
			w.styles = append(w.styles, builtinStyle(c.ID))
		}
	}
	return nil
}

// sharedStrings are texts that cells refer to by number, one behind the other.
type sharedStrings struct {
	all  []byte
	ends []uint32
}

func (s *sharedStrings) at(n int) ([]byte, bool) {
	if n < 0 || n >= len(s.ends) {
		return nil, false
	}
	start := uint32(0)
	if n > 0 {
		start = s.ends[n-1]
	}
	return s.all[start:s.ends[n]:s.ends[n]], true
}

func (w *workbook) readStrings() error {
	p := w.parts["xl/sharedStrings.xml"]
	if p == nil {
		return nil
	}
	r, err := w.open(p)
	if err != nil {
		return err
	}
	defer r.Close()
	guard := &tokenGuard{r: r, limit: maxRow}
	d := xml.NewDecoder(guard)
	phonetic, inText := 0, false
	for {
		guard.since = 0
		t, err := d.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "rPh":
				phonetic++
			case "t":
				inText = phonetic == 0
			}
		case xml.CharData:
			if inText {
				w.strings.all = append(w.strings.all, unescapeX(t)...)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "rPh":
				phonetic--
			case "t":
				inText = false
			case "si":
				w.strings.ends = append(w.strings.ends, uint32(len(w.strings.all)))
			}
		}
		if int64(len(w.strings.all)) > maxStrings/w.scale || int64(len(w.strings.ends)) > mostStrings/w.scale {
			return tooLarge("xlsx")
		}
	}
}

var errTokenTooLong = errors.New("a part of a workbook does not end")

// tokenGuard ends reading when one token takes too many bytes.
type tokenGuard struct {
	r     io.Reader
	since int
	limit int
}

func (g *tokenGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if g.since += n; g.since > g.limit {
		return n, errTokenTooLong
	}
	return n, err
}

var escapedX = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescapeX reads characters that a workbook writes as _x000D_.
func unescapeX(b []byte) []byte {
	if !strings.Contains(string(b), "_x") {
		return b
	}
	return escapedX.ReplaceAllFunc(b, func(m []byte) []byte {
		n, _ := strconv.ParseUint(string(m[2:6]), 16, 32)
		return []byte(string(rune(n)))
	})
}
