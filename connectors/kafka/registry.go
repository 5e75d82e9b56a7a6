package kafka

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/remote"
	"banjian/internal/text"
)

// Registry is a schema registry that speaks Confluent's protocol.
type Registry struct {
	Base     string // URL
	User     string // basic authentication; empty: none
	Password func() (string, error)
	CAFile   string // PEM; empty = the system's authorities
	Name     string // of the site's connection, in faults
	Patience time.Duration
}

const (
	registryMedia    = "application/vnd.schemaregistry.v1+json"
	registryAnswer   = 4 << 20 // bytes read of an answer, at most
	registryPatience = 10 * time.Second
)

// SchemaRegistry is the registry of the connection.
func (c *Connection) SchemaRegistry() *Registry {
	return &Registry{Base: c.Registry, User: c.RegistryUser, Password: c.RegistryPassword, CAFile: c.CAFile, Name: c.Where(), Patience: registryPatience}
}

// RegisteredSchema is a schema as the registry has it.
type RegisteredSchema struct {
	Schema     string            `json:"schema"`
	Type       string            `json:"schemaType"` // empty: AVRO
	References []SchemaReference `json:"references"`
}

// SchemaReference names a schema that another one is made with.
type SchemaReference struct {
	Name    string `json:"name"`
	Subject string `json:"subject"`
	Version int    `json:"version"`
}

// Schema is the one with this number. known is false when the registry has none. Faults:
// Transient, Blocked (login), Config (no registry at that address).
func (r *Registry) Schema(ctx context.Context, id uint32) (s RegisteredSchema, known bool, err error) {
	known, err = r.ask(ctx, http.MethodGet, "/schemas/ids/"+strconv.FormatUint(uint64(id), 10), nil, &s)
	return s, known, err
}

// Referenced is a schema that another one names.
func (r *Registry) Referenced(ctx context.Context, ref SchemaReference) (s RegisteredSchema, known bool, err error) {
	known, err = r.ask(ctx, http.MethodGet, "/subjects/"+url.PathEscape(ref.Subject)+"/versions/"+strconv.Itoa(ref.Version), nil, &s)
	return s, known, err
}

// Register gives a schema its number; the same schema has the same.
func (r *Registry) Register(ctx context.Context, subject, schema string) (uint32, error) {
	body, err := json.Marshal(map[string]string{"schema": schema})
	if err != nil {
		return 0, err
	}
	var said struct {
		ID *uint32 `json:"id"`
	}
	known, err := r.ask(ctx, http.MethodPost, "/subjects/"+url.PathEscape(subject)+"/versions", body, &said)
	if err != nil {
		return 0, err
	}
	if !known || said.ID == nil {
		return 0, r.unlike(http.StatusNotFound)
	}
	return *said.ID, nil
}

// ask sends a request and reads what is answered. known is false for what the registry does
// not have.
func (r *Registry) ask(ctx context.Context, method, path string, body []byte, into any) (known bool, err error) {
	ctx, stop := context.WithTimeout(ctx, r.Patience)
	defer stop()
	client, done, err := r.client()
	if err != nil {
		return false, err
	}
	defer done()
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(r.Base, "/")+path, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Accept", registryMedia)
	if body != nil {
		req.Header.Set("Content-Type", registryMedia)
	}
	if r.User != "" {
		password, err := r.Password()
		if err != nil {
			return false, err
		}
		req.SetBasicAuth(r.User, password)
	}
	resp, err := client.Do(req)
	if err != nil {
		return false, fault.Wrap(err, fault.Transient, "ask registry", r.Name, text.T("模式注册中心没有应答", "the schema registry does not answer"), text.T("检查 registry 的地址和网络", "check the address under registry, and the network"))
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, registryAnswer))
	if err != nil {
		return false, fault.Wrap(err, fault.Transient, "ask registry", r.Name, text.T("模式注册中心的应答中断", "the answer of the schema registry broke off"), text.Text{})
	}
	return r.judge(resp.StatusCode, answer, into)
}

// refusal is what a registry says when it does not do what it was asked.
type refusal struct {
	Code    int    `json:"error_code"` // 40401 no such subject, 40402 no such version, 40403 no such schema
	Message string `json:"message"`
}

func (r *Registry) judge(status int, answer []byte, into any) (known bool, err error) {
	var no refusal
	switch {
	case status == http.StatusOK:
		if err := json.Unmarshal(answer, into); err != nil {
			return false, r.unlike(status)
		}
		return true, nil
	case status >= 500 || status == http.StatusTooManyRequests:
		return false, fault.New(fault.Transient, "ask registry", r.Name, text.F("模式注册中心应答 %d", "the schema registry answered %d", status), text.Text{})
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return false, fault.Refused(nil, "ask registry", r.Name, text.F("模式注册中心拒绝：%d", "the schema registry refuses us: %d", status), text.T("检查 registry_user 和 registry_password", "check registry_user and registry_password"))
	}
	_ = json.Unmarshal(answer, &no) // a page of something else says nothing
	switch {
	case status == http.StatusNotFound && no.Code >= 40401 && no.Code <= 40403:
		return false, nil
	case status == http.StatusConflict:
		return false, fault.New(fault.Config, "ask registry", r.Name, text.F("新的模式与注册中心里的不兼容：%s", "the new schema does not go with those in the registry: %s", no.Message),
			text.T("在注册中心放宽该主题的兼容性，或换一个主题", "relax the compatibility of this subject in the registry, or use another topic"))
	}
	return false, r.unlike(status)
}

// unlike is an answer that no registry gives.
func (r *Registry) unlike(status int) error {
	return fault.New(fault.Config, "ask registry", r.Name, text.F("那里不像是模式注册中心：应答 %d", "what is there is not like a schema registry: it answered %d", status), text.T("检查 registry 的地址", "check the address under registry"))
}

// client is for one question; a registry is asked seldom.
func (r *Registry) client() (*http.Client, func(), error) {
	config, err := remote.TLS{CAFile: r.CAFile}.Config()
	if err != nil {
		return nil, nil, err
	}
	t := &http.Transport{TLSClientConfig: config, Proxy: nil}
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, t.CloseIdleConnections, nil
}
