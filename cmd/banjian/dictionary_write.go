package main

import (
	"github.com/xuri/excelize/v2"

	"banjian/internal/text"
	"banjian/mappings/dictionary"
)

// writeBook writes the sheets of a dictionary as people print and sign them.
func writeBook(path string, book dictionary.Book, lang text.Lang) error {
	file := excelize.NewFile()
	defer file.Close()
	heading, err := file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDEBF7"}}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	if err != nil {
		return err
	}
	plain, err := file.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	big, err := file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 20}})
	if err != nil {
		return err
	}
	var names []string
	for i, s := range book {
		name := sheetName(s.Name.In(lang), names)
		names = append(names, name)
		if i == 0 {
			err = file.SetSheetName(file.GetSheetName(0), name)
		} else {
			_, err = file.NewSheet(name)
		}
		if err != nil {
			return err
		}
		styles := pageStyles{heading: heading, plain: plain, big: big}
		if err := styles.fill(file, name, s, i == 0); err != nil {
			return err
		}
	}
	return file.SaveAs(path)
}

type pageStyles struct{ heading, plain, big int }

func (p pageStyles) fill(file *excelize.File, name string, s dictionary.Sheet, cover bool) error {
	w, err := file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, width := range s.Widths {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if s.Headings > 0 {
		at, err := excelize.CoordinatesToCellName(1, s.Headings+1)
		if err != nil {
			return err
		}
		if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: s.Headings, TopLeftCell: at, ActivePane: "bottomLeft"}); err != nil {
			return err
		}
	}
	for i, row := range s.Rows {
		cells := make([]any, len(row))
		for j, v := range row {
			style := p.plain
			switch {
			case cover && i == 0:
				style = p.big
			case i < s.Headings || cover && j%2 == 0 && v != "" && len(row) > 1:
				style = p.heading
			}
			cells[j] = excelize.Cell{Value: inert(v), StyleID: style}
		}
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := w.SetRow(at, cells); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	orientation, fit := "landscape", 0
	yes := true
	if err := file.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &orientation, FitToHeight: &fit}); err != nil {
		return err
	}
	return file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &yes})
}
