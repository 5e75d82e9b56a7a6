package objects

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"banjian/internal/fault"
	"banjian/internal/remote"
	"banjian/internal/text"
)

// S3 (对象存储) is a bucket of a service that speaks S3. Keys are never shown.
type S3 struct {
	Endpoint  string // http or https, no path
	Bucket    string
	Prefix    string // names of objects begin with it
	Region    string // empty: the service is asked
	AccessKey string
	SecretKey string
	CAFile    string // PEM; empty: the system's authorities
}

// bucket is a bucket as a shelf.
type bucket struct {
	o      S3
	client *minio.Client
	idle   func()
}

// OpenS3 opens dir, where files are looked at and sources are marked, and keeps objects in a
// bucket. Nothing is asked yet. Faults are Config. The caller closes it.
func OpenS3(dir string, o S3) (*Store, error) {
	s, err := Open(dir)
	if err != nil {
		return nil, err
	}
	b, err := openBucket(o)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.shelf = b
	return s, nil
}

func openBucket(o S3) (*bucket, error) {
	wrong := func(err error) error {
		return fault.Wrap(err, fault.Config, "open object store", o.Endpoint, text.T("object_store 写得不对", "object_store is not right"), text.T("检查 endpoint、bucket 和 ca_file", "check endpoint, bucket and ca_file"))
	}
	u, err := url.Parse(o.Endpoint)
	if err != nil {
		return nil, wrong(err)
	}
	config, err := remote.TLS{CAFile: o.CAFile}.Config()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: config, MaxConnsPerHost: 16, ResponseHeaderTimeout: time.Minute, TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute}
	client, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""), Secure: u.Scheme == "https", Region: o.Region, Transport: transport, MaxRetries: 3})
	if err != nil {
		return nil, wrong(err)
	}
	return &bucket{o, client, transport.CloseIdleConnections}, nil
}

func (b *bucket) key(name string) string { return b.o.Prefix + place(name) }

// refusals are answers that a person must do something about.
var refusals = []string{"AccessDenied", "NoSuchBucket", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthorizationHeaderMalformed", "InvalidBucketName", "AllAccessDisabled", "InvalidRequest", "PermanentRedirect"}

// fault is an error of the service as one of ours; fs.ErrNotExist stays as it is.
func (b *bucket) fault(op string, err error) error {
	if err == nil {
		return nil
	}
	answer := minio.ToErrorResponse(err)
	switch {
	case answer.Code == "NoSuchKey":
		return fs.ErrNotExist
	case answer.StatusCode == http.StatusForbidden, slices.Contains(refusals, answer.Code):
		return fault.Wrap(err, fault.Config, op, b.o.Endpoint+"/"+b.o.Bucket, text.F("对象存储拒绝了：%s", "the object store refuses: %s", answer.Code),
			text.T("检查 bucket、access_key、secret_key、region 和本机时钟", "check bucket, access_key, secret_key, region and the clock of this machine"))
	}
	return fault.Wrap(err, fault.Transient, op, b.o.Endpoint+"/"+b.o.Bucket, text.T("对象存储现在用不了", "the object store cannot be used now"), text.T("检查网络和对象存储的空间", "check the network, and the space it has"))
}

func (b *bucket) stat(ctx context.Context, name string) (int64, error) {
	info, err := b.client.StatObject(ctx, b.o.Bucket, b.key(name), minio.StatObjectOptions{})
	return info.Size, b.fault("look for file", err)
}

func (b *bucket) put(ctx context.Context, f *os.File, _ string, o Object) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return trouble(err, b.o.Endpoint)
	}
	_, err := b.client.PutObject(ctx, b.o.Bucket, b.key(o.Name), f, o.Size, minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true})
	if err == nil {
		return nil
	}
	if err = b.fault("keep file", err); errors.Is(err, fs.ErrNotExist) {
		return trouble(err, b.o.Endpoint)
	}
	return err
}

func (b *bucket) open(ctx context.Context, name string) (io.ReadCloser, error) {
	object, err := b.client.GetObject(ctx, b.o.Bucket, b.key(name), minio.GetObjectOptions{})
	if err == nil {
		_, err = object.Stat() // asks; what is not there is known now
	}
	if err != nil {
		return nil, b.fault("read file", err)
	}
	return object, nil
}

func (b *bucket) each(ctx context.Context, f func(name string, size int64, at time.Time) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for info := range b.client.ListObjects(ctx, b.o.Bucket, minio.ListObjectsOptions{Prefix: b.o.Prefix, Recursive: true}) {
		if info.Err != nil {
			return b.fault("list files", info.Err)
		}
		name := path.Base(info.Key)
		if !nameForm.MatchString(name) || strings.TrimPrefix(info.Key, b.o.Prefix) != place(name) {
			continue
		}
		if err := f(name, info.Size, info.LastModified); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (b *bucket) remove(ctx context.Context, name string) error {
	err := b.fault("remove file", b.client.RemoveObject(ctx, b.o.Bucket, b.key(name), minio.RemoveObjectOptions{}))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// close gives idle connections back.
func (b *bucket) close() { b.idle() }
