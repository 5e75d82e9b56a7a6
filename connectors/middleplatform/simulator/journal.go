package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// line is one effect as the state file has it.
type line struct {
	At        time.Time `json:"at"`
	Interface string    `json:"interface"`
	Revision  int       `json:"revision"`
	Body      string    `json:"body"`            // the message in the form EncodeXML gives it
	Sum       []byte    `json:"sum,omitempty"`   // of pieces of a file up to this one: the state of their MD5
	Bytes     int64     `json:"bytes,omitempty"` // and their size
}

// journal is an append-only file of lines. Without a file it keeps nothing. It serves
// one goroutine at a time.
type journal struct {
	file *os.File
	size int64
	lost error // why nothing more can be written
}

// openJournal opens or makes a state file, which only one simulator may hold, and
// hands its lines to each in order. An error of each is a Config fault at that line.
func openJournal(path string, each func(line) error) (*journal, error) {
	if path == "" {
		return &journal{}, nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, stateFault(err, path, text.T("状态文件打不开", "the state file cannot be opened"))
	}
	j := &journal{file: file}
	if err := j.load(path, each); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return j, nil
}

func (j *journal) load(path string, each func(line) error) error {
	if err := syscall.Flock(int(j.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return stateFault(err, path, text.T("状态文件正被另一个模拟器使用", "another simulator uses the state file"))
	}
	data, err := io.ReadAll(j.file)
	if err != nil {
		return stateFault(err, path, text.T("状态文件读不了", "the state file cannot be read"))
	}
	whole := data[:bytes.LastIndexByte(data, '\n')+1] // what follows was never answered
	n := 0
	for raw := range bytes.Lines(whole) {
		n++
		var l line
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		if err = dec.Decode(&l); err == nil {
			err = each(l)
		}
		if err != nil {
			return stateFault(err, fmt.Sprintf("%s:%d:1", path, n), text.T("状态文件这一行不合格式", "this line of the state file is malformed"))
		}
	}
	j.size = int64(len(whole))
	if err := j.cut(); err != nil {
		return stateFault(err, path, text.T("状态文件写不了", "the state file cannot be written"))
	}
	return syncFolder(path)
}

func stateFault(err error, where string, what text.Text) error {
	return fault.Wrap(err, fault.Config, "open state", where, what, text.T("换一个 --state 文件，或删掉它从空状态开始", "name another --state file, or delete it to begin empty"))
}

// syncFolder makes a new file's name durable.
func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return stateFault(err, path, text.T("文件夹打不开", "the folder cannot be opened"))
	}
	err = dir.Sync()
	return errors.Join(err, dir.Close())
}

// cut drops what stands behind the last whole line.
func (j *journal) cut() error {
	if err := j.file.Truncate(j.size); err != nil {
		return err
	}
	_, err := j.file.Seek(j.size, io.SeekStart)
	return err
}

// add makes a line durable. After an error the file is as before, or, where that could
// not be done, nothing is written to it any more.
func (j *journal) add(l line) error {
	if j.file == nil || j.lost != nil {
		return j.lost
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		return err
	}
	_, err := j.file.WriteString(b.String())
	if err == nil {
		if err = j.file.Sync(); err != nil {
			j.lost = err // what is on the disk is not known any more
			return err
		}
		j.size += int64(b.Len())
		return nil
	}
	j.lost = j.cut()
	return err
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.lost = os.ErrClosed
	j.file = nil
	return err
}
