package attachment

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"banjian/internal/gm"
)

// folder is a declared folder; nothing outside can be reached through it. It is opened when
// it is first needed, and anew after it was away: what it lies on may be mounted later.
type folder struct {
	path   string
	prefix string
	mu     sync.Mutex
	root   *os.Root
}

func (d *folder) open() (*os.Root, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.root != nil {
		return d.root, nil
	}
	root, err := os.OpenRoot(d.path)
	if err != nil {
		return nil, down()
	}
	d.root = root
	return root, nil
}

// lost gives up a root that does not answer any more.
func (d *folder) lost(root *os.Root) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.root == root {
		d.close()
	}
}

func (d *folder) close() {
	if d.root != nil {
		_ = d.root.Close() // opened for reading
		d.root = nil
	}
}

// slashes is a path as everybody but Windows writes it.
func slashes(s string) string { return strings.ReplaceAll(s, `\`, "/") }

// local opens a file below a declared folder; version changes when the file is replaced.
func (f *Fetcher) local(reference string) (file *os.File, place, version string, err error) {
	for _, d := range f.folders {
		rest, found := strings.CutPrefix(slashes(reference), d.prefix)
		if !found {
			continue
		}
		if err := f.rests.enter(d.path); err != nil {
			return nil, "", "", err
		}
		root, err := d.open()
		if err == nil {
			if file, version, err = openBelow(root, rest); errors.Is(err, errDown) {
				d.lost(root)
			}
		}
		f.rests.leave(d.path, errors.Is(err, errDown))
		return file, d.path, version, err
	}
	return nil, "", "", wrong(RuleReference)
}

func openBelow(root *os.Root, name string) (*os.File, string, error) {
	clean := path.Clean(name)
	if name == "" || strings.ContainsRune(name, 0) || path.IsAbs(clean) || !fs.ValidPath(clean) {
		return nil, "", wrong(RuleReference)
	}
	// A pipe would be waited for, a device never ends: neither is opened for good.
	file, err := root.OpenFile(clean, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "", missing()
	case errors.Is(err, syscall.ESTALE), errors.Is(err, syscall.EIO), errors.Is(err, syscall.ENOTCONN), errors.Is(err, fs.ErrPermission):
		return nil, "", down()
	case err != nil: // leaves the folder, or is no path at all
		return nil, "", wrong(RuleReference)
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		_ = file.Close()
		return nil, "", wrong(RuleReference)
	}
	return file, fmt.Sprintf("\x00%d\x00%d", info.Size(), info.ModTime().UnixNano()), nil
}

func digest(b []byte) string {
	sum := gm.SM3(b)
	return hex.EncodeToString(sum[:])
}

func sizeOf(n int64) string { return strconv.FormatInt(n, 10) }
