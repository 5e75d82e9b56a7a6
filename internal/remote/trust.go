package remote

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"os"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// TLS is how the certificate of the other end is judged. There is no way not to judge it.
type TLS struct {
	CAFile     string // PEM; empty: the system's authorities
	ServerName string // in the certificate; empty: the address's host
}

// Config takes TLS 1.2 at least. Faults are Config: a CAFile that cannot be read, or holds
// no certificate.
func (t TLS) Config() (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	if t.CAFile == "" {
		return conf, nil
	}
	pem, err := os.ReadFile(t.CAFile)
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "read CA file", t.CAFile, text.T("证书文件读不了", "the file of certificates cannot be read"), text.T("检查 ca_file 的路径和权限", "check the path of ca_file and its rights"))
	}
	conf.RootCAs = x509.NewCertPool()
	if !conf.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fault.New(fault.Config, "read CA file", t.CAFile, text.T("文件里没有 PEM 格式的证书", "the file holds no certificate in PEM"), text.T("请对方提供签发机构的证书", "ask the other side for its authority's certificate"))
	}
	return conf, nil
}

// Distrusted says that a call failed for the other end's certificate, or for its having
// none: no other try will help.
func Distrusted(err error) bool {
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &verify) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}
