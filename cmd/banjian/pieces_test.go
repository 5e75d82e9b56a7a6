package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/deploy/demo"
	"banjian/internal/failpoint"
)

// inPieces has the platform of a demo site take files in pieces of a kilobyte.
func (l *licences) inPieces() *middleplatform.Profile {
	l.t.Helper()
	shipped, err := os.ReadFile("../../connectors/middleplatform/profiles/sd-ywzt-2024.yaml")
	if err != nil {
		l.t.Fatal(err)
	}
	changed := strings.NewReplacer("files: {together: 20}", "files: {together: 3, pieces: {size: 1KiB, largest: 1MiB, number: PIECE_NO, count: PIECE_COUNT, md5: PIECE_SIGN, bytes: ATTACH_SIZE}}",
		"type: file, most: 16MiB", "type: file, most: 2KiB",
		"          - {name: SAVE_TYPE,", `          - {name: ATTACH_SIZE, title: 字节数, en: bytes, type: int, conf: assumed}
          - {name: PIECE_NO, title: 片号, en: piece, type: int, conf: assumed}
          - {name: PIECE_COUNT, title: 片数, en: pieces, type: int, conf: assumed}
          - {name: PIECE_SIGN, title: 本片MD5, en: its MD5, width: 32, conf: assumed}
          - {name: SAVE_TYPE,`).Replace(string(shipped))
	l.file("schemas/profiles/sd-ywzt-2024.yaml", changed)
	p, err := middleplatform.LoadProfile("sd-ywzt-2024", os.DirFS(filepath.Join(l.dir, "schemas")))
	if err != nil || p.Interfaces["result_file"].Files.Pieces == nil {
		l.t.Fatal(err)
	}
	return p
}

// acknowledged is how many pieces of files the ledger has receipts of, by record.
func (l *licences) acknowledged() (list []int) {
	l.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(l.dir, "data/ledger.db")+"?mode=ro")
	if err != nil {
		l.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(l.t.Context(), "SELECT length(acknowledged)/8 FROM pieces")
	if err != nil {
		l.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			l.t.Fatal(err)
		}
		list = append(list, n)
	}
	return list
}

func TestAKillInTheMiddleOfAFileGoesOnWithItsNextPiece(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: kills many processes")
	}
	l := newLicences(t, "full")
	p := l.inPieces()
	large := goodPDF + strings.Repeat("invented ", 1000) // nine pieces
	for i, content := range []string{large, goodPDF + "1", goodPDF + "2", goodPDF + "3", goodPDF + "4"} {
		l.file(fmt.Sprintf("upload/%d.pdf", i), content)
		l.add(0, licence{id: fmt.Sprint("F", i), name: "证明.pdf", path: fmt.Sprintf(`D:\upload\%d.pdf`, i)})
	}
	steps := []struct {
		at   string
		then int // pieces with a receipt
	}{
		{"before_piece", 0}, {"after_piece", 0}, {"kept_piece", 1}, {"after_piece:2", 2}, {"before_piece:2", 3}, {"kept_piece:3", 6}, {"after_piece:3", 8}, {"kept_piece", 9}, {"after_call", 9}, {"in_settle", 9},
	}
	passed := map[string]bool{}
	for _, step := range steps {
		passed[strings.TrimRight(step.at, ":0123456789")] = true
		l.killed(step.at, "run", "result-file", "--site", l.dir)
		if got := l.acknowledged(); !slices.Equal(got, []int{step.then}) {
			t.Errorf("killed at %s: %v pieces have a receipt, want %d", step.at, got, step.then)
		}
	}
	number, _, _ := strings.Cut(l.cases[0], " ")
	if said := l.said("case", "show", number); !strings.Contains(said, "文件分 9 片，9 片有回执，最近 ") {
		t.Error(said)
	}
	for _, name := range failpoint.PieceNames {
		if !passed[string(name)] {
			t.Errorf("nobody was killed at %s", name)
		}
	}
	l.run()
	state, err := simulator.New(simulator.Options{Profile: p, Credentials: simulator.TryOut.Credentials, SM4Key: simulator.TryOut.SM4Key, State: filepath.Join(l.dir, demo.PlatformFile)})
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	var got []string
	for _, e := range state.Effects() {
		if e.Interface == "result_file" {
			got = append(got, fmt.Sprintf("%s %d", strings.Join(e.Key[2:], "/"), e.Revision))
		}
	}
	slices.Sort(got)
	want := []string{"F0/1 1", "F0/2 1", "F0/3 1", "F0/4 1", "F0/5 1", "F0/6 1", "F0/7 1", "F0/8 1", "F0/9 1", "F1 1", "F2 1", "F3 1", "F4 1"}
	if !slices.Equal(got, want) {
		t.Errorf("the platform has %v", got)
	}
	if open := l.said("held", "list"); strings.Contains(open, "result_file") {
		t.Error(open)
	}
}
