package handover

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"time"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/gm"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Format is how rows are written.
type Format string

const (
	Parquet Format = "parquet"
	CSV     Format = "csv"
)

// Folder is where the records of one subject go, below Options.Dir.
type Folder struct {
	Name    string
	Subject string
}

// Options is what a Target is made of.
type Options struct {
	Name    string // of the receiver
	Dir     string // a folder of this machine that is there
	Folders []Folder
	Format  Format
	BOM     bool           // csv: begins with the mark by which Excel knows UTF-8
	Zone    *time.Location // of times in csv and in the files' names; default UTC+8

	fail func(step string) error // of tests: what happens in the place of a step
}

// Target writes files. It is a pipelines.Target; its methods may be called concurrently.
// Delivery.Table is the name of a folder.
type Target struct {
	o        Options
	disk     *disk
	subjects map[string]string // by folder

	mu     sync.Mutex // of the notes, and of what follows
	closed bool
}

var _ pipelines.Target = (*Target)(nil)

// New makes a Target; nothing is opened yet.
func New(o Options) *Target {
	if o.Zone == nil {
		o.Zone = time.FixedZone("+08:00", 8*3600)
	}
	t := &Target{o: o, disk: &disk{fail: o.fail}, subjects: map[string]string{}}
	for _, f := range o.Folders {
		t.subjects[f.Name] = f.Subject
	}
	return t
}

// Close ends it; deliveries after it fail.
func (t *Target) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || t.disk.root == nil {
		t.closed = true
		return nil
	}
	t.closed = true
	return t.disk.root.Close()
}

// ready opens the folder, which must be there: an empty one in the place of a disk that is not
// mounted would take files that nobody finds. It refuses what came too late.
func (t *Target) ready(ctx context.Context) error {
	const op = "hand over file"
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, fault.Transient, op, t.o.Name, text.T("上报被中止", "the delivery was stopped"), text.Text{})
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return fault.New(fault.Bug, op, t.o.Name, text.T("接收方已关闭", "the receiver is closed"), text.Text{})
	}
	if t.disk.root != nil {
		return nil
	}
	root, err := os.OpenRoot(t.o.Dir)
	if err != nil {
		return fault.Wrap(err, fault.Config, op, t.o.Dir, text.T("打不开交换文件夹", "cannot open the folder files are handed over in"), text.T("先建好（或挂载）它，并检查权限；它不会自动建立", "make or mount it first, and check our rights; it is not made by itself"))
	}
	t.disk.root = root
	return nil
}

// Deliver writes the batch as a file, or leaves nothing that anybody would take. No row is
// refused. Errors: Transient (a full disk too), Unknown (ask Arrived), Config (rights).
func (t *Target) Deliver(ctx context.Context, d *pipelines.Delivery) (pipelines.Receipt, error) {
	subject, ok := t.subjects[d.Table]
	if !ok {
		return pipelines.Receipt{}, fault.New(fault.Bug, "hand over file", t.where(d.Table), text.T("没有配置这个文件夹", "this folder is not configured"), text.Text{})
	}
	if err := t.ready(ctx); err != nil {
		return pipelines.Receipt{}, err
	}
	data, columns, err := t.encode(d)
	if err != nil {
		return pipelines.Receipt{}, err
	}
	sum := gm.SM3(data)
	m := manifestOf(d, subject, columns)
	m.Receiver, m.Format, m.Bytes, m.SM3 = t.o.Name, string(t.o.Format), int64(len(data)), hex.EncodeToString(sum[:])
	m.FrozenAt = d.Time.Truncate(time.Millisecond).In(t.o.Zone).Format("2006-01-02T15:04:05.000Z07:00")
	m.File = d.Time.In(t.o.Zone).Format("20060102-150405.000-") + d.ID + "." + string(t.o.Format)
	if err := t.ready(ctx); err != nil {
		return pipelines.Receipt{}, err
	}
	at := place{d.Table, m.File}
	if err := t.prepare(at, data, m); err != nil {
		return pipelines.Receipt{}, t.fault(err, d.Table, fault.Transient)
	}
	failpoint.Hit(failpoint.InDeliver)
	if d.Fence != nil {
		if err := d.Fence(); err != nil {
			return pipelines.Receipt{}, err
		}
	}
	return pipelines.Receipt{}, t.commit(at)
}

// place is where a batch lies.
type place struct{ folder, file string }

func (p place) data() string     { return p.folder + "/" + p.file }
func (p place) manifest() string { return p.folder + "/" + p.file + ".json" }

const unfinished = ".tmp"

// prepare does everything but the last step.
func (t *Target) prepare(at place, data []byte, m *manifest) (err error) {
	if err := t.disk.mkdir(at.folder); err != nil {
		return err
	}
	noted := false
	defer func() {
		if err != nil && !noted { // room for others; what was noted must stay
			t.disk.remove(at.data()+unfinished, at.manifest()+unfinished)
		}
	}()
	if err := t.disk.write(at.manifest()+unfinished, m.json()); err != nil {
		return err
	}
	if err := t.disk.write(at.data()+unfinished, data); err != nil {
		return err
	}
	if err := t.disk.rename(at.data()+unfinished, at.data()); err != nil {
		return err
	}
	if err := t.disk.sync(at.folder); err != nil {
		return err
	}
	noted = true // perhaps
	return t.note(at.folder, note{m.Batch, m.Rows, at.file})
}

// commit hands the file over.
func (t *Target) commit(at place) error {
	err := t.disk.rename(at.manifest()+unfinished, at.manifest())
	if err == nil {
		err = t.disk.sync(at.folder)
	}
	return t.fault(err, at.folder, fault.Unknown)
}

// Arrived is the rows of a batch that was handed over, whether it still lies there or was
// taken; 0 of any other.
func (t *Target) Arrived(ctx context.Context, id, folder string) (int, error) {
	if err := t.ready(ctx); err != nil {
		return 0, err
	}
	n, err := t.noted(folder, id)
	if err != nil || n == nil {
		return 0, t.fault(err, folder, fault.Transient)
	}
	at := place{folder, n.file}
	over, err := t.disk.there(at.manifest())
	if over && err == nil {
		return n.rows, t.fault(t.disk.sync(folder), folder, fault.Transient)
	}
	left, failed := t.disk.there(at.manifest() + unfinished)
	lies, broken := t.disk.there(at.data())
	if err := cmp.Or(err, failed, broken); err != nil || left || lies {
		return 0, t.fault(err, folder, fault.Transient)
	}
	return n.rows, nil // somebody took it
}

// Check asks whether the folder can be written to; nothing is written. free is the bytes the
// disk has for us.
func (t *Target) Check(ctx context.Context) (free uint64, err error) {
	if err := t.ready(ctx); err != nil {
		return 0, err
	}
	const rights = 7 // read, write, enter
	if err := syscall.Access(t.o.Dir, rights); err != nil {
		return 0, t.fault(&fs.PathError{Op: "access", Path: t.o.Dir, Err: err}, "", fault.Transient)
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(t.o.Dir, &disk); err != nil {
		return 0, t.fault(&fs.PathError{Op: "statfs", Path: t.o.Dir, Err: err}, "", fault.Transient)
	}
	free = disk.Bavail * uint64(disk.Bsize)
	if free == 0 {
		return 0, t.fault(syscall.ENOSPC, "", fault.Transient)
	}
	return free, nil
}

func (t *Target) where(folder string) string { return t.o.Name + "/" + folder }

// fault is an error of the disk; otherwise is its kind where it tells nothing.
func (t *Target) fault(err error, folder string, otherwise fault.Kind) error {
	const op = "hand over file"
	var told *fault.Error
	switch {
	case err == nil || errors.As(err, &told):
		return err
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return fault.Wrap(err, otherwise, op, t.where(folder), text.T("磁盘已满，文件没有交出", "the disk is full; the file was not handed over"), text.T("腾出空间；记录留在台账里，下次运行接着交", "free some space; the records wait in the ledger for the next run"))
	case errors.Is(err, fs.ErrPermission) && otherwise != fault.Unknown:
		return fault.Wrap(err, fault.Config, op, t.where(folder), text.T("没有写入文件夹的权限", "we may not write to the folder"), text.T("给运行本程序的用户读、写、进入的权限", "give the user that runs this program the rights to read, write and enter"))
	}
	return fault.Wrap(err, otherwise, op, t.where(folder), text.T("文件夹写入失败", "the folder did not do it"), text.Text{})
}
