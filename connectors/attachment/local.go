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
	"syscall"

	"banjian/internal/fault"
	"banjian/internal/gm"
	"banjian/internal/text"
)

// folder is a declared folder, opened: nothing outside can be reached through root.
type folder struct {
	root   *os.Root
	prefix string
}

func openFolder(d Folder) (folder, error) {
	root, err := os.OpenRoot(d.Path)
	if err != nil {
		return folder{}, fault.New(fault.Config, "open folder", d.Path, text.T("附件文件夹打不开", "the folder of files cannot be opened"), text.T("检查路径和挂载", "check the path, and whether it is mounted"))
	}
	return folder{root, slashes(d.Prefix)}, nil
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
		place = d.root.Name()
		if err := f.rests.enter(place); err != nil {
			return nil, "", "", err
		}
		file, version, err = openBelow(d.root, rest)
		f.rests.leave(place, errors.Is(err, errDown))
		return file, place, version, err
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
