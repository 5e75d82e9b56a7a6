package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"
)

// grid is a plain table for a spreadsheet: a line that says where it comes from, the
// headings, and rows. No cell of it is taken for a formula.
type grid struct {
	name      string
	watermark string
	head      []string
	rows      [][]string
}

// write writes it by the file's extension, .csv or .xlsx; the file is not there yet.
func (g *grid) write(path string) error {
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return g.csv(path)
	}
	return g.xlsx(path)
}

func (g *grid) lines(take func(line []string) error) error {
	if err := errors.Join(take([]string{inert(g.watermark)}), take(g.head)); err != nil {
		return err
	}
	for _, row := range g.rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = inert(v)
		}
		if err := take(cells); err != nil {
			return err
		}
	}
	return nil
}

func (g *grid) csv(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	buf := bufio.NewWriter(f)
	_, _ = buf.WriteString("\ufeff") // Flush tells
	w := csv.NewWriter(buf)
	w.UseCRLF = true
	err = g.lines(w.Write)
	w.Flush()
	return errors.Join(err, w.Error(), buf.Flush(), f.Close())
}

func (g *grid) xlsx(path string) error {
	book := excelize.NewFile()
	defer book.Close()
	sheet := sheetName(g.name, nil)
	if err := book.SetSheetName(book.GetSheetName(0), sheet); err != nil {
		return err
	}
	w, err := book.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	n := 0
	err = g.lines(func(line []string) error {
		n++
		at, err := excelize.CoordinatesToCellName(1, n)
		if err != nil {
			return err
		}
		cells := make([]any, len(line))
		for i, v := range line {
			cells[i] = v
		}
		return w.SetRow(at, cells)
	})
	return errors.Join(err, w.Flush(), book.SaveAs(path))
}
