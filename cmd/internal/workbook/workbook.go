package workbook

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Look is how a cell is shown.
type Look int

const (
	Plain   Look = iota
	Text         // kept as text when it is edited, so that a code keeps its zeros
	Wrapped      // in as many lines as it takes, from the top
	Bold
	Heading // bold on a ground of its own
	Title   // large
)

// Cell is one cell; what begins like a formula is written so that it is none.
type Cell struct {
	Value string
	Look  Look
}

// Row is cells that look alike.
func Row(look Look, values ...string) []Cell {
	row := make([]Cell, len(values))
	for i, v := range values {
		row[i] = Cell{v, look}
	}
	return row
}

// Page is one sheet of a workbook.
type Page struct {
	Name   string    // made fit: 31 characters, none of []:*?/\', none twice
	Widths []float64 // of columns, in characters; the last holds for the others
	Frozen int       // rows that stay when one scrolls
	Rows   [][]Cell
	Print  bool // laid out for paper: lying, as wide as a page
}

// Write writes an xlsx workbook.
func Write(w io.Writer, pages []Page) error {
	b := &book{file: excelize.NewFile()}
	defer b.file.Close()
	if err := b.makeStyles(); err != nil {
		return err
	}
	var names []string
	for i := range pages {
		name := PageName(pages[i].Name, names)
		names = append(names, name)
		var err error
		if i == 0 {
			err = b.file.SetSheetName(b.file.GetSheetName(0), name)
		} else {
			_, err = b.file.NewSheet(name)
		}
		if err == nil {
			err = b.fill(name, &pages[i])
		}
		if err != nil {
			return err
		}
	}
	return b.file.Write(w)
}

type book struct {
	file   *excelize.File
	styles [Title + 1]int
}

func (b *book) makeStyles() error {
	const asText = 49                                    // number format @
	for look, style := range [Title + 1]*excelize.Style{ // in order: the same pages are the same file
		Text:    {NumFmt: asText},
		Wrapped: {Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}},
		Bold:    {Font: &excelize.Font{Bold: true}},
		Heading: {Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDEBF7"}}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}},
		Title:   {Font: &excelize.Font{Bold: true, Size: 20}},
	} {
		if style == nil {
			continue
		}
		id, err := b.file.NewStyle(style)
		if err != nil {
			return err
		}
		b.styles[look] = id
	}
	return nil
}

func (b *book) fill(name string, p *Page) error {
	w, err := b.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	columns := len(p.Widths)
	for _, row := range p.Rows {
		if columns > 0 {
			columns = max(columns, len(row))
		}
	}
	for i := range columns {
		if err := w.SetColWidth(i+1, i+1, p.Widths[min(i, len(p.Widths)-1)]); err != nil {
			return err
		}
	}
	if p.Frozen > 0 {
		if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: p.Frozen, TopLeftCell: "A" + strconv.Itoa(p.Frozen+1), ActivePane: "bottomLeft"}); err != nil {
			return err
		}
	}
	for i, row := range p.Rows {
		cells := make([]any, len(row))
		for j, c := range row {
			cells[j] = excelize.Cell{Value: Inert(c.Value), StyleID: b.styles[c.Look]}
		}
		if err := w.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil || !p.Print {
		return err
	}
	orientation, height, yes := "landscape", 0, true
	if err := b.file.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &orientation, FitToHeight: &height}); err != nil {
		return err
	}
	return b.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &yes})
}

// formula is what a spreadsheet takes for the beginning of a formula, and the mark that
// says it is none.
const formula = "=+-@\t\r\n＝＋－＠'"

// Inert is a value that a spreadsheet takes for text: what begins like a formula gets an
// apostrophe before it. Given gives it back.
func Inert(s string) string {
	if r, _ := utf8.DecodeRuneInString(s); s != "" && strings.ContainsRune(formula, r) {
		return "'" + s
	}
	return s
}

// Given is the value that Inert was given.
func Given(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok {
		if r, _ := utf8.DecodeRuneInString(rest); rest != "" && strings.ContainsRune(formula, r) {
			return rest
		}
	}
	return s
}

// PageName is a name as a workbook takes it: 31 characters, some not allowed, none twice.
func PageName(name string, taken []string) string {
	const most = 31
	clean := []rune(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) {
			return '-'
		}
		return r
	}, name))
	for n := 1; ; n++ {
		end := ""
		if n > 1 {
			end = "-" + strconv.Itoa(n)
		}
		one, free := string(clean[:min(len(clean), most-len(end))])+end, true
		for _, t := range taken {
			free = free && !strings.EqualFold(t, one)
		}
		if free {
			return one
		}
	}
}

// WriteCSV writes one page in UTF-8 with a byte order mark, without which Excel takes
// Chinese for something else. Rows are as wide as the widest.
func WriteCSV(w io.Writer, p *Page) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	width := 0
	for _, row := range p.Rows {
		width = max(width, len(row))
	}
	for _, row := range p.Rows {
		cells := make([]string, width)
		for i := range row {
			cells[i] = Inert(row[i].Value)
		}
		if err := c.Write(cells); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}
