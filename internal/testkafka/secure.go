package testkafka

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Secure is a broker that is reached over TLS, and lets in only who signs in.
type Secure struct {
	*Broker
	CAFile   string // PEM of the authority its certificate is of
	User     string // known to every mechanism: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512
	Password string
}

const (
	secureUser     = "banjian"
	securePassword = "right-only-in-tests"
)

// StartSecure starts such a broker with a certificate of its own, in a folder of the test's;
// it ends with the test. Without the jars the test is skipped.
func StartSecure(t testing.TB) *Secure {
	t.Helper()
	jars, err := Jars()
	if err != nil {
		skip(t, err)
	}
	dir := t.TempDir()
	ports, err := freePorts(3)
	if err != nil {
		t.Fatal(err)
	}
	s := &Secure{CAFile: filepath.Join(dir, "ca.pem"), User: secureUser, Password: securePassword, Broker: &Broker{Address: fmt.Sprintf("127.0.0.1:%d", ports[0])}}
	if err := certify(s.CAFile, filepath.Join(dir, "broker.pem")); err != nil {
		t.Fatal(err)
	}
	inside := fmt.Sprintf("127.0.0.1:%d", ports[2])
	text := brokerProperties(dir, inside, ports[1])
	text = strings.Replace(text, "listeners=PLAINTEXT://"+inside, "listeners=PLAINTEXT://"+inside+",SASL_SSL://"+s.Address, 1)
	text = strings.Replace(text, "advertised.listeners=PLAINTEXT://"+inside, "advertised.listeners=PLAINTEXT://"+inside+",SASL_SSL://"+s.Address, 1)
	text = strings.Replace(text, "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL", 1)
	text += strings.Join([]string{
		"inter.broker.listener.name=PLAINTEXT",
		"ssl.keystore.type=PEM",
		"ssl.keystore.location=" + filepath.Join(dir, "broker.pem"),
		"ssl.client.auth=none",
		"sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
		fmt.Sprintf(`listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_%s="%s";`, secureUser, securePassword),
		"listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
		"listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
		"",
	}, "\n")
	properties := filepath.Join(dir, "server.properties")
	if err := os.WriteFile(properties, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append(java(jars, "128m"), "kafka.tools.StorageTool", "format", "-t", "AAAAAAAAQAGAAAAAAAAAAQ", "-c", properties)
	for _, mechanism := range []string{"SCRAM-SHA-256", "SCRAM-SHA-512"} {
		args = append(args, "--add-scram", fmt.Sprintf("%s=[name=%s,password=%s]", mechanism, secureUser, securePassword))
	}
	if out, err := exec.Command("java", args...).CombinedOutput(); err != nil {
		t.Fatalf("format storage: %v: %s", err, out)
	}
	s.jvm = &jvm{dir: dir, args: append(java(jars, "384m"), "kafka.Kafka", properties)}
	if err := s.jvm.start(func() bool { return listens(s.Address) && answers(inside) }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// certify writes an authority's certificate, and a broker's with its key, for 127.0.0.1.
func certify(caFile, brokerFile string) error {
	authority, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	until := time.Now().Add(24 * time.Hour)
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotAfter: until, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	signed, err := x509.CreateCertificate(rand.Reader, ca, ca, &authority.PublicKey, authority)
	if err != nil {
		return err
	}
	broker := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "127.0.0.1"}, NotAfter: until, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	leaf, err := x509.CreateCertificate(rand.Reader, broker, ca, &own.PublicKey, authority)
	if err != nil {
		return err
	}
	key, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		return err
	}
	whole := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	whole = append(whole, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf})...)
	whole = append(whole, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})...)
	if err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(brokerFile, whole, 0o600)
}
