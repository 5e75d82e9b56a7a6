package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"banjian/cmd/internal/workbook"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// writeWhole has a file written beside path and then put in its place: it is there
// complete or not at all, readable by its owner alone.
func writeWhole(path string, write func(path string) error) error {
	wrong := func(err error) error {
		return fault.Wrap(err, fault.Config, "write file", path, text.T("写不了这个文件", "cannot write the file"), text.T("检查文件夹是否存在、是否可写，文件是否正被打开", "check that the folder exists and can be written, and that the file is not open elsewhere"))
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".export-")
	if err != nil {
		return wrong(err)
	}
	defer os.RemoveAll(dir)
	temp := filepath.Join(dir, filepath.Base(path))
	if err := write(temp); err != nil {
		return wrong(err)
	}
	if err := errors.Join(os.Chmod(temp, 0o600), os.Rename(temp, path)); err != nil {
		return wrong(err)
	}
	return nil
}

// spreadsheet says whether a file is named as one that writePages writes.
func spreadsheet(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".xlsx" || ext == ".csv"
}

// writePages writes pages into path by its extension, whole or not at all; a .csv has the
// first page alone.
func writePages(path string, pages []workbook.Page) error {
	return writeWhole(path, func(temp string) error {
		f, err := os.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		if strings.EqualFold(filepath.Ext(path), ".csv") {
			err = workbook.WriteCSV(f, &pages[0])
		} else {
			err = workbook.Write(f, pages)
		}
		return errors.Join(err, f.Close())
	})
}
