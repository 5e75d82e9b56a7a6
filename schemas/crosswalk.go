package schemas

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Crosswalk (对照表) leads from the code a department uses to what stands for it
// nationally. National item codes are never computed from local ones: they are
// looked up here.
type Crosswalk struct {
	Name    string   // "provident-fund/items"
	Columns []string // the first is the local code

	rows   map[string][]string
	order  []string
	digest string
}

// Lookup finds the row of a local code: the values of Columns[1:], shared and not to
// be changed.
func (x *Crosswalk) Lookup(local string) (row []string, ok bool) {
	row, ok = x.rows[local]
	return row, ok
}

// Column is the place of a column in what Lookup returns, -1 if there is none.
func (x *Crosswalk) Column(name string) int {
	for i, c := range x.Columns[1:] {
		if c == name {
			return i
		}
	}
	return -1
}

// Locals is every local code, in the order of the file.
func (x *Crosswalk) Locals() []string { return x.order }

// Digest is a hex hash of the whole table.
func (x *Crosswalk) Digest() string { return x.digest }

// parseCrosswalk reads tab-separated text: lines that begin with # are comments, the
// first other line names the columns, the first column is the local code.
func parseCrosswalk(src source, name string) (*Crosswalk, error) {
	x := &Crosswalk{Name: name, rows: map[string][]string{}}
	h := sha256.New()
	data := bytes.TrimPrefix(src.data, []byte("\ufeff")) // spreadsheets put one
	for n, raw := range bytes.Split(data, []byte("\n")) {
		line := strings.TrimSuffix(string(raw), "\r")
		if line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "\t")
		fmt.Fprintf(h, "%q\n", cells)
		if x.Columns == nil {
			if len(cells) < 2 {
				return nil, badLine(src, n+1, text.T("首行须写列名，至少两列，用制表符分隔", "the first line names the columns: at least two, separated by tabs"))
			}
			x.Columns = cells
			continue
		}
		if err := x.add(cells); !err.IsZero() {
			return nil, badLine(src, n+1, err)
		}
	}
	if x.Columns == nil {
		return nil, badLine(src, 1, text.T("文件是空的", "the file is empty"))
	}
	x.digest = hex.EncodeToString(h.Sum(nil))
	return x, nil
}

func (x *Crosswalk) add(cells []string) text.Text {
	switch _, twice := x.rows[cells[0]]; {
	case len(cells) != len(x.Columns):
		return text.F("这一行有 %d 列，应为 %d 列", "this line has %d columns instead of %d", len(cells), len(x.Columns))
	case cells[0] == "":
		return text.T("本地编码为空", "the local code is empty")
	case twice:
		return text.F("本地编码 %s 重复", "the local code %s is listed twice", cells[0])
	}
	x.rows[cells[0]] = cells[1:]
	x.order = append(x.order, cells[0])
	return text.Text{}
}

func badLine(src source, line int, what text.Text) error {
	return fault.New(fault.Config, "read crosswalk", fmt.Sprintf("%s:%d:1", src.name, line), what,
		text.T("对照表是制表符分隔的文本", "a crosswalk is tab-separated text"))
}

func dataName(file, folder string) string {
	return strings.TrimSuffix(strings.TrimPrefix(file, folder+"/"), path.Ext(file))
}
