package attachment

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// Place is a folder or host that files come from, and whether it can be reached.
type Place struct {
	Name string
	Took time.Duration
	Err  error // nil: it can
}

// Probe tries every folder and host; no file is read.
func (f *Fetcher) Probe(ctx context.Context) []Place {
	var list []Place
	for _, d := range f.folders {
		list = append(list, placeOf(d.path, func() error { return readable(d.path) }))
	}
	for _, host := range f.o.Hosts {
		list = append(list, placeOf(host, func() error { return f.dial(ctx, host) }))
	}
	return list
}

func placeOf(name string, try func() error) Place {
	began := time.Now()
	err := try()
	return Place{name, time.Since(began), err}
}

func readable(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_, err = d.Readdirnames(1)
	if errors.Is(err, io.EOF) {
		return nil // empty
	}
	return err
}

// dial reaches a host, at the usual ports where none is declared.
func (f *Fetcher) dial(ctx context.Context, host string) (err error) {
	addresses := []string{host}
	if _, _, bad := net.SplitHostPort(host); bad != nil {
		addresses = []string{net.JoinHostPort(strings.Trim(host, "[]"), "443"), net.JoinHostPort(strings.Trim(host, "[]"), "80")}
	}
	door := &door{declared: f.o.Hosts}
	dialer := &net.Dialer{Timeout: 10 * time.Second, ControlContext: door.check}
	for _, a := range addresses {
		var conn net.Conn
		if conn, err = dialer.DialContext(ctx, "tcp", a); err == nil {
			return conn.Close()
		}
	}
	return err
}
