package attachment

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"banjian/internal/remote"
)

func isAddress(reference string) bool {
	head, _, found := strings.Cut(reference, "://")
	return found && !strings.ContainsAny(head, `/\`)
}

// addressOf is the address that a reference is, whole or behind the base; nil: it is a path
// below a folder.
func (f *Fetcher) addressOf(reference string) (*url.URL, error) {
	if isAddress(reference) {
		return f.address(reference)
	}
	if f.o.Base == "" || slices.ContainsFunc(f.folders, func(d *folder) bool { return strings.HasPrefix(slashes(reference), d.prefix) }) {
		return nil, nil
	}
	base, err := f.address(f.o.Base)
	below := path.Clean(strings.TrimLeft(slashes(reference), "/"))
	if err != nil || !fs.ValidPath(below) || below == "." || strings.ContainsRune(below, 0) {
		return nil, wrong(RuleReference)
	}
	base.Path, base.RawPath = strings.TrimSuffix(base.Path, "/")+"/"+below, ""
	return base, nil
}

// address reads an address and says whether its host is a declared one.
func (f *Fetcher) address(reference string) (*url.URL, error) {
	u, err := url.Parse(reference)
	if err != nil || u.User != nil || u.Opaque != "" || !f.allowed(u) {
		return nil, wrong(RuleReference)
	}
	u.Fragment = ""
	return u, nil
}

// ports of the schemes that may be used.
var ports = map[string]string{"http": "80", "https": "443"}

func (f *Fetcher) allowed(u *url.URL) bool {
	usual := ports[u.Scheme]
	if usual == "" || u.Hostname() == "" {
		return false
	}
	port := u.Port()
	if port == "" {
		port = usual
	}
	return slices.ContainsFunc(f.o.Hosts, func(host string) bool {
		name, given, err := net.SplitHostPort(host)
		if err != nil {
			name, given = strings.Trim(host, "[]"), usual
		}
		return strings.EqualFold(name, u.Hostname()) && given == port
	})
}

// maxRedirects is how often a host may send us on, to itself or another declared one.
const maxRedirects = 3

func newClient(o Options) (*http.Client, error) {
	config, err := remote.TLS{CAFile: o.CAFile}.Config()
	if err != nil {
		return nil, err
	}
	door := &door{declared: o.Hosts}
	dialer := &net.Dialer{Timeout: 10 * time.Second, ControlContext: door.check}
	f := &Fetcher{o: o}
	return &http.Client{
		Transport: &http.Transport{DialContext: dialer.DialContext, TLSClientConfig: config, Proxy: nil, DisableCompression: true, MaxConnsPerHost: o.Connections,
			MaxResponseHeaderBytes: 64 << 10, ResponseHeaderTimeout: 30 * time.Second, TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute},
		CheckRedirect: func(to *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects || to.URL.User != nil || !f.allowed(to.URL) || via[0].URL.Scheme == "https" && to.URL.Scheme != "https" {
				return wrong(RuleReference)
			}
			return nil
		},
	}, nil
}

// get asks a declared host for a file of at most most bytes.
func (f *Fetcher) get(ctx context.Context, u *url.URL, most int64) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, wrong(RuleReference)
	}
	if f.o.Authorization != nil { // it does not follow to another host
		value, err := f.o.Authorization()
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", value)
	}
	answer, err := f.client.Do(req)
	var w *Wrong
	switch {
	case errors.As(err, &w):
		return nil, w
	case err != nil:
		return nil, down()
	case answer.StatusCode == http.StatusNotFound || answer.StatusCode == http.StatusGone:
		_ = answer.Body.Close()
		return nil, missing()
	case answer.StatusCode != http.StatusOK:
		_ = answer.Body.Close()
		return nil, down()
	case answer.ContentLength > most:
		_ = answer.Body.Close()
		return nil, wrong(RuleSize, "large", sizeOf(most))
	}
	return answer.Body, nil
}

// door looks at the addresses that names resolve to.
type door struct{ declared []string }

// check refuses to dial this machine, and addresses that are nobody's, unless that very
// address is declared.
func (d *door) check(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return wrong(RuleReference)
	}
	ip := to.Addr().Unmap().WithZone("")
	if !ip.IsLoopback() && !ip.IsUnspecified() && !ip.IsLinkLocalUnicast() && !ip.IsMulticast() && !own(ip) || d.names(ip) {
		return nil
	}
	return wrong(RuleReference)
}

// names says that an address is declared as such.
func (d *door) names(ip netip.Addr) bool {
	return slices.ContainsFunc(d.declared, func(host string) bool {
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		declared, err := netip.ParseAddr(strings.Trim(host, "[]"))
		return err == nil && declared.Unmap() == ip
	})
}

// own says that an address is one of this machine's.
func own(ip netip.Addr) bool {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	return slices.ContainsFunc(list, func(a net.Addr) bool {
		p, err := netip.ParsePrefix(a.String())
		return err == nil && p.Addr().Unmap() == ip
	})
}
