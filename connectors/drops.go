package connectors

import (
	"context"
	"time"

	"banjian/connectors/file"
	"banjian/connectors/file/sftp"
	"banjian/pipelines"
)

// DropOptions is where a department drops files.
type DropOptions struct {
	Name     string
	Path     string        // a folder of this machine, or
	Server   *sftp.Options // one of a server
	Archive  string        // below it: files that were taken
	Rejected string        // below it: files that cannot be read
}

// OpenDrop opens the folder. The caller closes it.
func OpenDrop(ctx context.Context, o DropOptions) (file.Folder, error) {
	if o.Server != nil {
		return sftp.Open(ctx, *o.Server)
	}
	return file.OpenLocal(o.Path)
}

// filesSettle is how long a file without a marker must have been left alone.
const filesSettle = time.Minute

func openFiles(ctx context.Context, o SourceOptions, at pipelines.Position) (pipelines.Source, error) {
	folder, err := OpenDrop(ctx, o.Drop)
	if err != nil {
		return nil, err
	}
	settle := filesSettle
	if o.From.Settle != nil {
		settle = time.Duration(*o.From.Settle)
	}
	return file.Open(ctx, file.Options{Name: o.Drop.Name, Folder: folder, Files: o.From.Files, Format: o.From.Format, Layout: o.From.Layout, Columns: o.Columns, Whole: o.From.Whole(),
		Done: o.From.Done, Checksum: o.From.Checksum, Archive: o.Drop.Archive, Rejected: o.Drop.Rejected, Settle: settle, BatchRows: o.From.BatchRows, Limit: o.Limit, Zone: o.Zone}, at)
}
