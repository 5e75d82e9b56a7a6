package handover

import (
	"errors"
	"io/fs"
	"os"
)

// disk is the steps that change the folder, each of which may fail.
type disk struct {
	root *os.Root
	fail func(step string) error // of tests
}

func (d *disk) step(what, name string) error {
	if d.fail == nil {
		return nil
	}
	return d.fail(what + " " + name)
}

func (d *disk) mkdir(name string) error {
	if there, err := d.there(name); there || err != nil {
		return err
	}
	if err := d.step("mkdir", name); err != nil {
		return err
	}
	if err := d.root.MkdirAll(name, 0o755); err != nil {
		return err
	}
	return d.sync(".")
}

// write makes a file that is whole on the disk when it returns without an error.
func (d *disk) write(name string, data []byte) error {
	return d.put(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, data)
}

// add appends to a file, and flushes it.
func (d *disk) add(name string, data []byte) error {
	return d.put(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, data)
}

func (d *disk) put(name string, flags int, data []byte) error {
	f, err := d.root.OpenFile(name, flags, 0o644)
	if err != nil {
		return err
	}
	err = d.step("write", name)
	if err != nil && len(data) > 0 {
		_, _ = f.Write(data[:len(data)/2]) // as a disk that is full does
	}
	if err == nil {
		_, err = f.Write(data)
	}
	if err == nil {
		err = d.step("flush", name)
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

func (d *disk) rename(from, to string) error {
	if err := d.step("rename", to); err != nil {
		return err
	}
	return d.root.Rename(from, to)
}

// remove makes room, if it can.
func (d *disk) remove(names ...string) {
	for _, name := range names {
		if d.step("remove", name) == nil {
			_ = d.root.Remove(name)
		}
	}
}

// sync makes what was renamed in a folder durable.
func (d *disk) sync(folder string) error {
	if err := d.step("sync", folder); err != nil {
		return err
	}
	f, err := d.root.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

func (d *disk) there(name string) (bool, error) {
	_, err := d.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
