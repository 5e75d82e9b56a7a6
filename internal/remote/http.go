package remote

import (
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	dialTimeout = 10 * time.Second
	idleTimeout = 20 * time.Second // shorter than servers keep a silent connection
)

// Transport makes HTTP/1.1 connections, at most so many at a time. It follows no redirect,
// as long as it is asked itself and not through a client. Faults are those of TLS.Config.
func Transport(judge TLS, most int) (*http.Transport, error) {
	conf, err := judge.Config()
	if err != nil {
		return nil, err
	}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer().DialContext,
		TLSClientConfig:     conf,
		TLSHandshakeTimeout: dialTimeout,
		MaxIdleConnsPerHost: most,
		MaxConnsPerHost:     most,
		IdleConnTimeout:     idleTimeout,
		DisableCompression:  true,
	}, nil
}

func dialer() *net.Dialer {
	return &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
}

// Address reads https://host/path, or http://, without user, parameters and fragment: what
// paths of calls may follow. ok is false for anything else.
func Address(s string) (u *url.URL, ok bool) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, false
	}
	return u, true
}
