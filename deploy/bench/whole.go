package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"banjian/internal/text"
	"banjian/schemas"
)

//go:embed site
var siteFiles embed.FS

// Names of databases and of the table the accept records go to.
const (
	exchangeDB  = "exchange"
	dumpDB      = "copy_dump"
	loadDB      = "copy_load"
	acceptTable = "up_pro_accept"
	pipeline    = "bench-accept"
)

// pair is one round of the comparison.
type pair struct {
	Ours usage `json:"ours"` // view → map → check → ledger → exchange table
	Dump usage `json:"dump"` // mariadb-dump | mariadb of the same target rows
	Load usage `json:"load"` // two LOAD DATA of the rows as mapped
}

// wholeResult is the whole way.
type wholeResult struct {
	Rows     int     `json:"rows"`
	RowBytes float64 `json:"row_bytes"` // of a view row as read
	Pairs    []pair  `json:"pairs"`
}

// memoryResult is the peak of the whole way at several sizes.
type memoryResult []usage

// world is what the comparisons run in.
type world struct {
	*server
	dir     string // scratch
	banjian string // the program
	cat     *schemas.Catalog
	filled  map[int]string // departments by rows
	say     func(text.Text)
}

// newWorld makes the exchange tables.
func newWorld(ctx context.Context, dir string, s *server, banjian string, say func(text.Text)) (*world, error) {
	w := &world{server: s, dir: dir, banjian: banjian, filled: map[int]string{}, say: say}
	if err := layOut(filepath.Join(dir, "site")); err != nil {
		return nil, err
	}
	var err error
	if w.cat, err = schemas.Load(); err != nil {
		return nil, err
	}
	for _, name := range []string{exchangeDB, dumpDB, loadDB} {
		if err := w.exchangeTables(ctx, name); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func layOut(dir string) error {
	site, err := fs.Sub(siteFiles, "site")
	if err != nil {
		return err
	}
	return os.CopyFS(dir, site)
}

// exchangeTables creates the receiver's tables as banjian schema ddl prints them.
func (w *world) exchangeTables(ctx context.Context, name string) error {
	db, err := w.create(ctx, name)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, t := range w.cat.Tables() {
		if t.Group != "case" || t.Use != schemas.UseWrite {
			continue
		}
		ddl, err := t.DDL("mysql")
		if err != nil {
			return err
		}
		for _, q := range strings.Split(ddl, ";\n") {
			if strings.TrimSpace(q) == "" {
				continue
			}
			if _, err := db.ExecContext(ctx, q); err != nil {
				return err
			}
		}
	}
	return nil
}

// source is the database of a department of that many rows, filled when first asked.
func (w *world) source(ctx context.Context, rows int) (string, error) {
	if name := w.filled[rows]; name != "" {
		return name, nil
	}
	w.say(text.F("准备部门库，%d 行……", "filling the department with %d rows …", rows))
	name := fmt.Sprintf("department_%d", rows)
	if err := department(ctx, w.server, w.cat, name, rows); err != nil {
		return "", err
	}
	w.filled[rows] = name
	return name, nil
}

// ours runs the pipeline once into an empty ledger and an empty target.
func (w *world) ours(ctx context.Context, rows int) (usage, float64, error) {
	source, err := w.source(ctx, rows)
	if err != nil {
		return usage{}, 0, err
	}
	if err := os.RemoveAll(filepath.Join(w.dir, "site", "data")); err != nil {
		return usage{}, 0, err
	}
	if err := w.exec(ctx, exchangeDB, "TRUNCATE TABLE "+acceptTable); err != nil {
		return usage{}, 0, err
	}
	u, sums, err := w.run(ctx, source, rows, pipeline)
	if err != nil {
		return u, 0, err
	}
	n, err := w.count(ctx, exchangeDB, acceptTable)
	if err == nil && (n != rows || sums.Read != rows || sums.Collected != rows) {
		err = sums.wrong(fmt.Sprintf("of %d rows %d arrived", rows, n))
	}
	return u, float64(sums.BytesRead) / float64(rows), err
}

// whole measures pairs in turn: ours, dump, load, ours, dump, load …
func (w *world) whole(ctx context.Context, rows, pairs int) (*wholeResult, error) {
	res := &wholeResult{Rows: rows}
	w.say(text.T("预热一轮……", "one round to warm up …"))
	var err error
	if _, res.RowBytes, err = w.ours(ctx, rows); err != nil {
		return nil, err
	}
	halves, columns, err := w.writeHalves(ctx, rows)
	if err != nil {
		return nil, err
	}
	for i := range pairs {
		var p pair
		if p.Ours, _, err = w.ours(ctx, rows); err != nil {
			return nil, err
		}
		if p.Dump, err = w.dumpPipe(ctx, rows); err != nil {
			return nil, err
		}
		if p.Load, err = w.loadHalves(ctx, rows, halves, columns); err != nil {
			return nil, err
		}
		res.Pairs = append(res.Pairs, p)
		w.say(text.F("第 %d 对：办件 %.0f 行/秒，dump 管道 %.0f，LOAD DATA %.0f", "pair %d: banjian %.0f rows/s, dump pipe %.0f, LOAD DATA %.0f",
			i+1, p.Ours.rate(), p.Dump.rate(), p.Load.rate()))
	}
	return res, nil
}

// dumpPipe copies the target rows into an empty table by mariadb-dump | mariadb.
func (w *world) dumpPipe(ctx context.Context, rows int) (usage, error) {
	if err := w.exec(ctx, dumpDB, "TRUNCATE TABLE "+acceptTable); err != nil {
		return usage{}, err
	}
	r, p, err := os.Pipe()
	if err != nil {
		return usage{}, err
	}
	dump := w.client(ctx, "mariadb-dump", "--no-create-info", exchangeDB, acceptTable)
	restore := w.client(ctx, "mariadb", dumpDB)
	dump.Stdout, restore.Stdin = p, r
	u, err := w.measure(rows, dump, restore)
	return u, w.arrived(ctx, err, dumpDB, rows)
}

// loadHalves loads the pre-written rows over two connections at once.
func (w *world) loadHalves(ctx context.Context, rows int, files []string, columns string) (usage, error) {
	if err := w.exec(ctx, loadDB, "TRUNCATE TABLE "+acceptTable); err != nil {
		return usage{}, err
	}
	var programs []*exec.Cmd
	for _, f := range files {
		programs = append(programs, w.client(ctx, "mariadb", "--local-infile=1", loadDB, "-e",
			"LOAD DATA LOCAL INFILE '"+f+"' INTO TABLE "+acceptTable+" CHARACTER SET utf8mb4 ("+columns+")"))
	}
	u, err := w.measure(rows, programs...)
	return u, w.arrived(ctx, err, loadDB, rows)
}

func (w *world) arrived(ctx context.Context, err error, name string, rows int) error {
	if err != nil {
		return err
	}
	n, err := w.count(ctx, name, acceptTable)
	if err == nil && n != rows {
		err = fmt.Errorf("%s holds %d of %d rows", name, n, rows)
	}
	return err
}

// notOurs are the columns the receiver fills itself.
var notOurs = []string{"id", "update_time", "cd_source", "is_sync"}

// writeHalves writes the target rows to two files, the columns we write alone.
func (w *world) writeHalves(ctx context.Context, rows int) (files []string, columns string, err error) {
	db, err := w.open(exchangeDB)
	if err != nil {
		return nil, "", err
	}
	defer db.Close()
	list, err := db.QueryContext(ctx, "SELECT column_name FROM information_schema.columns WHERE table_schema=DATABASE() AND table_name=? ORDER BY ordinal_position", acceptTable)
	if err != nil {
		return nil, "", err
	}
	defer list.Close()
	var names []string
	for list.Next() {
		var n string
		if err := list.Scan(&n); err != nil {
			return nil, "", err
		}
		if !slices.Contains(notOurs, strings.ToLower(n)) {
			names = append(names, n)
		}
	}
	if err := list.Err(); err != nil {
		return nil, "", err
	}
	columns = strings.Join(names, ",")
	half := rows / 2
	for i, limit := range []string{fmt.Sprintf("0, %d", half), fmt.Sprintf("%d, %d", half, rows-half)} {
		f := filepath.Join(w.dir, fmt.Sprintf("half%d.tsv", i))
		if _, err := db.ExecContext(ctx, "SELECT "+columns+" FROM "+acceptTable+" ORDER BY ID LIMIT "+limit+" INTO OUTFILE '"+f+"' CHARACTER SET utf8mb4"); err != nil {
			return nil, "", err
		}
		files = append(files, f)
	}
	return files, columns, nil
}

// memory runs the whole way once at each size.
func (w *world) memory(ctx context.Context, sizes []int) (memoryResult, error) {
	var res memoryResult
	for _, rows := range sizes {
		u, _, err := w.ours(ctx, rows)
		if err != nil {
			return nil, err
		}
		w.say(text.F("%d 行：内存峰值 %.0f MiB", "%d rows: peak memory %.0f MiB", rows, u.Peak))
		res = append(res, u)
	}
	return res, nil
}
