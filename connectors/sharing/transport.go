package sharing

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

const dialTimeout = 10 * time.Second

// newTransport makes HTTP/1.1 connections, as many at a time as calls; it follows no
// redirect.
func (g *Gateway) newTransport() (*http.Transport, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: g.ServerName}
	if g.CAFile != "" {
		pem, err := os.ReadFile(g.CAFile)
		if err != nil {
			return nil, fault.New(fault.Config, "open gateway", g.CAFile, text.T("证书文件读不了", "the file of certificates cannot be read"), text.T("检查 ca_file 的路径和权限", "check the path of ca_file and its rights"))
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fault.New(fault.Config, "open gateway", g.CAFile, text.T("文件里没有 PEM 格式的证书", "the file holds no certificate in PEM"), text.T("请网关一方提供签发机构的证书", "ask the gateway for its authority's certificate"))
		}
	}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:     conf,
		TLSHandshakeTimeout: dialTimeout,
		MaxIdleConnsPerHost: g.Most,
		MaxConnsPerHost:     g.Most,
		IdleConnTimeout:     20 * time.Second,
		DisableCompression:  true,
	}, nil
}

// isCertificate says that the gateway's certificate, or that it has none, is the trouble.
func isCertificate(err error) bool {
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &verify) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}
