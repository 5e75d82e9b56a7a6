package gateway

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"banjian/internal/fault"
)

// certificate writes a certificate of its own for 127.0.0.1.
func certificate(t *testing.T, dir string) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, pool
}

func TestOtherMachinesAreOnlyHeardOverTLS(t *testing.T) {
	w := newWorld(t)
	cert, key, pool := certificate(t, w.dir)
	for _, c := range []struct {
		o    ListenOptions
		says string
	}{
		{ListenOptions{Address: "0.0.0.0:0"}, "this machine alone"},
		{ListenOptions{Address: ":0"}, "this machine alone"},
		{ListenOptions{Address: "nowhere"}, "host:port"},
		{ListenOptions{Address: "127.0.0.1:0", Certificate: cert, PrivateKey: cert}, "do not belong together"},
		{ListenOptions{Address: "127.0.0.1:0", Certificate: cert}, "cannot be read"},
		{ListenOptions{Address: "0.0.0.0:0", BehindProxy: true}, ""},
		{ListenOptions{Address: "127.0.0.1:0"}, ""},
		{ListenOptions{Address: "127.0.0.1:0", Certificate: cert, PrivateKey: key}, ""},
	} {
		s, err := w.gateway.Listen(c.o)
		if c.says != "" {
			if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%+v: %v", c.o, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(ctx) }()
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
		scheme := "http"
		if s.TLS {
			scheme = "https"
		}
		_, port, _ := net.SplitHostPort(s.Address)
		resp, err := client.PostForm(scheme+"://127.0.0.1:"+port+applyPath, url.Values{"xmlStr": {applyXML("L", "0", "")}})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != 200 || !strings.HasPrefix(string(body), `{"status":"200"`) {
			t.Errorf("%d %q %v", resp.StatusCode, body, err)
		}
		resp.Body.Close()
		client.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
