package handover

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// note is a batch that was about to be handed over.
type note struct {
	batch string
	rows  int
	file  string
}

const (
	notes     = "/.batches"
	keptNotes = 10_000
	mostNotes = 2 << 20 // bytes, beyond which the older ones are dropped
)

// note remembers a batch before it is handed over.
func (t *Target) note(folder string, n note) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	info, err := t.disk.root.Stat(folder + notes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := t.disk.add(folder+notes, []byte(n.line())); err != nil {
			return err
		}
		return t.disk.sync(folder)
	case err != nil:
		return err
	case info.Size() > mostNotes:
		if err := t.dropOld(folder); err != nil {
			return err
		}
	}
	return t.disk.add(folder+notes, []byte(n.line()))
}

// line begins and ends with a line end: the note before may be a torn one.
func (n note) line() string { return fmt.Sprintf("\n%s %d %s\n", n.batch, n.rows, n.file) }

// noted is the note of a batch, nil if there is none.
func (t *Target) noted(folder, batch string) (*note, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	list, err := t.allNotes(folder)
	for i := range list {
		if list[i].batch == batch {
			return &list[i], err
		}
	}
	return nil, err
}

// allNotes reads the notes of a folder, torn ones left out.
func (t *Target) allNotes(folder string) (list []note, err error) {
	f, err := t.disk.root.Open(folder + notes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) != 3 {
			continue
		}
		if rows, err := strconv.Atoi(words[1]); err == nil && len(words[0]) == 32 && strings.Contains(words[2], words[0]+".") {
			list = append(list, note{words[0], rows, words[2]})
		}
	}
	return list, lines.Err()
}

func (t *Target) dropOld(folder string) error {
	list, err := t.allNotes(folder)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, n := range list[max(0, len(list)-keptNotes):] {
		b.WriteString(n.line())
	}
	if err := t.disk.write(folder+notes+unfinished, b.Bytes()); err != nil {
		return err
	}
	if err := t.disk.rename(folder+notes+unfinished, folder+notes); err != nil {
		return err
	}
	return t.disk.sync(folder)
}
