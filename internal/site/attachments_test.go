package site_test

import (
	"path/filepath"
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/site"
)

func TestWhatIsWrongWithWhereFilesAreIsToldWithItsPlace(t *testing.T) {
	for _, c := range []struct{ attachments, want string }{
		{"{hosts: [files.example, '10.1.2.3:8080', '[fe80::9]:80'], folders: [{path: a, prefix: 'D:\\up\\'}, {path: b}], max_size: 20MiB, types: [pdf, ofd], timeout: 30s, connections: 8, authorization: {env: T}}", ""},
		{"{hosts: [files.example], base: 'https://files.example/dl/'}", ""},
		{"{hosts: ['files.example:8080'], base: 'http://files.example:8080/dl'}", ""},
		{"{}", "3:46: connection d: attachments does not say where files are"},
		{"{max_size: 1MiB}", "does not say where files are"},
		{"{folders: [{prefix: 'D:\\'}]}", "3:58: connection d: a folder of attachments lacks path"},
		{"{folders: [{path: a}, {path: b, prefix: x}]}", "comes last"},
		{"{hosts: ['http://files.example']}", "is not host or host:port"},
		{"{hosts: ['*.example']}", "is not host or host:port"},
		{"{hosts: ['files.example/dl']}", "is not host or host:port"},
		{"{hosts: ['files.example:99999']}", "is not host or host:port"},
		{"{hosts: [files.example], base: 'https://other.example/dl/'}", "is the address of one of hosts"},
		{"{hosts: [files.example], base: 'https://files.example:8443/'}", "is the address of one of hosts"},
		{"{hosts: [files.example], base: 'https://files.example/?id='}", "is the address of one of hosts"},
		{"{hosts: [files.example], base: 'https://files.example/', folders: [{path: a}]}", "cannot also mean a folder without prefix"},
		{"{folders: [{path: a}], authorization: {env: T}}", "without hosts there is no authorization"},
		{"{hosts: [files.example], authorization: 'Bearer abc'}", "a secret never stands in a file"},
		{"{hosts: [files.example], types: [pdf, exe]}", "\"exe\" is not known"},
		{"{hosts: [files.example], max_size: big}", "is not a size"},
		{"{hosts: [files.example], connections: 1000}", "between 1 and 64"},
		{"{hosts: [files.example], timeout: soon}", "is no length of time"},
		{"{host: [files.example]}", "unknown key host"},
	} {
		_, err := site.Load(write(t, "site: a\nconnections:\n  d: {kind: sqlite, path: a.db, attachments: "+c.attachments+"}\n"))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.attachments, err)
		case c.want != "" && (!fault.Is(err, fault.Config) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.attachments, err, c.want)
		case err != nil && strings.Contains(err.Error(), "abc"):
			t.Errorf("%s: the error shows a secret: %v", c.attachments, err)
		}
	}
}

func TestAnObjectStoreIsDescribedWholeAndItsKeysAreReferences(t *testing.T) {
	for _, c := range []struct{ store, want string }{
		{"{endpoint: 'https://minio.example:9000', bucket: b, access_key: {env: A}, secret_key: {file: s}, ca_file: ca.pem, prefix: p/, region: r}", ""},
		{"{endpoint: 'http://10.1.2.3:9000/', bucket: b, access_key: {env: A}, secret_key: {env: S}}", ""},
		{"{bucket: b, access_key: {env: A}, secret_key: {env: S}}", "lacks endpoint"},
		{"{endpoint: 'minio.example:9000', bucket: b, access_key: {env: A}, secret_key: {env: S}}", "lacks endpoint"},
		{"{endpoint: 'https://minio.example/b', bucket: b, access_key: {env: A}, secret_key: {env: S}}", "lacks endpoint"},
		{"{endpoint: 'https://minio.example', access_key: {env: A}, secret_key: {env: S}}", "lacks bucket"},
		{"{endpoint: 'https://minio.example', bucket: b, secret_key: {env: S}}", "lacks access_key"},
		{"{endpoint: 'https://minio.example', bucket: b, access_key: {env: A}}", "lacks secret_key"},
		{"{endpoint: 'https://minio.example', bucket: b, access_key: {env: A}, secret_key: verysecret}", "a secret never stands in a file"},
		{"{endpoint: 'http://minio.example', bucket: b, access_key: {env: A}, secret_key: {env: S}, ca_file: x}", "lacks ca_file"},
	} {
		dir := write(t, "site: a\nobject_store: "+c.store+"\n")
		s, err := site.Load(dir)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.store, err)
		case c.want == "" && s.ObjectStore.SecretKey.File != "" && s.ObjectStore.SecretKey.File != filepath.Join(s.Dir, "s"):
			t.Errorf("%s: the key's file is %s", c.store, s.ObjectStore.SecretKey.File)
		case c.want != "" && (!fault.Is(err, fault.Config) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), ":2:")):
			t.Errorf("%s: got %v, want %q", c.store, err, c.want)
		case err != nil && strings.Contains(err.Error(), "verysecret"):
			t.Errorf("%s: the error shows a secret: %v", c.store, err)
		}
	}
}

func TestOnlyAPlatformIsHandedFilesOneWayOrTheOther(t *testing.T) {
	const receivers = "site: a\nconnections:\n  p: {kind: platform, embedded: p.jsonl}\n  d: {kind: sqlite, path: a.db}\nreceivers:\n  r: {system: s, environment: test, profile: p, "
	for receiver, want := range map[string]string{
		"kind: platform, connection: p, attachments: {as: inline}}":                                    "",
		"kind: platform, connection: p, attachments: {as: reference, base: 'https://files.example/'}}": "",
		"kind: platform, connection: p, attachments: {as: refrence, base: 'https://files.example/'}}":  "is not known",
		"kind: platform, connection: p, attachments: {as: reference}}":                                 "goes with base",
		"kind: platform, connection: p, attachments: {base: 'https://files.example/'}}":                "goes with base",
		"kind: exchange, data_source: '144', connection: d, attachments: {as: inline}}":                "is no platform",
	} {
		_, err := site.Load(write(t, receivers+receiver))
		if want == "" && err != nil || want != "" && (!fault.Is(err, fault.Config) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", receiver, err, want)
		}
	}
}
