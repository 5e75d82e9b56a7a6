package middleplatform

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// TLS is how the platform's certificate is judged. There is no way not to judge it.
type TLS struct {
	CAFile     string // PEM; empty: the system's authorities
	ServerName string // in the certificate; empty: the address's host
}

const (
	dialTimeout = 10 * time.Second
	idleTimeout = 20 * time.Second // shorter than servers keep a silent connection
)

// newTransport makes HTTP/1.1 connections, at most so many at a time.
func newTransport(o TLS, most int) (*http.Transport, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: o.ServerName}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fault.New(fault.Config, "open platform", o.CAFile, text.T("证书文件读不了", "the file of certificates cannot be read"), text.T("检查 ca_file 的路径和权限", "check the path of ca_file and its rights"))
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fault.New(fault.Config, "open platform", o.CAFile, text.T("文件里没有 PEM 格式的证书", "the file holds no certificate in PEM"), text.T("请中台提供签发机构的证书", "ask the platform for its authority's certificate"))
		}
	}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:     conf,
		TLSHandshakeTimeout: dialTimeout,
		MaxIdleConnsPerHost: most,
		MaxConnsPerHost:     most,
		IdleConnTimeout:     idleTimeout,
		DisableCompression:  true,
	}, nil
}

// baseOf checks a platform's address.
func baseOf(base string) (*url.URL, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fault.New(fault.Config, "open platform", "", text.T("中台地址要写成 https://主机/路径，不带用户名和参数", "a platform's address is https://host/path, without user and parameters"), text.T("例如 https://ywzt.example.cn/ywzt", "such as https://ywzt.example.cn/ywzt"))
	}
	return u, nil
}

// isCertificate says that the platform's certificate, or that it has none, is the
// trouble: no other try will help.
func isCertificate(err error) bool {
	var verify *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	return errors.As(err, &verify) || errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid) ||
		errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}

// isUnsent says, from an error's shape, that nothing was written: the connection was
// never made.
func isUnsent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") || errors.As(err, &dns)
}
