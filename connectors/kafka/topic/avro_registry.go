package topic

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// registryMedia is what registries that speak Confluent's protocol take.
const registryMedia = "application/vnd.schemaregistry.v1+json"

// registryAnswer bounds what is read of an answer.
const registryAnswer = 1 << 20

// schemaOf is the schema of a delivery's values; nil for a format that needs none. With a
// registry it is registered once, else every message carries it.
func (t *Target) schemaOf(b *batch, at *place) (*avroSchema, error) {
	if t.opts.Format != Avro {
		return nil, nil
	}
	t.schemaMu.Lock()
	defer t.schemaMu.Unlock()
	shape := shapeOf(b.cols)
	if s := at.schemas[shape]; s != nil {
		return s, nil
	}
	s, err := newAvroSchema(b.topic, b.cols)
	if err != nil {
		return nil, err
	}
	s.carried = t.opts.Connection.Registry == ""
	if !s.carried {
		id, err := t.register(context.Background(), b.topic.Name+"-value", s.text)
		if err != nil {
			return nil, err
		}
		s.prefix = binary.BigEndian.AppendUint32([]byte{0}, id) // Confluent's wire format
	}
	at.schemas[shape] = s
	return s, nil
}

func shapeOf(cols []column) string {
	var b strings.Builder
	for _, c := range cols {
		fmt.Fprintf(&b, "%s %d\n", c.name, c.kind)
	}
	return b.String()
}

// register gives a schema its number in the registry; the same schema has the same.
func (t *Target) register(ctx context.Context, subject, schema string) (uint32, error) {
	ctx, stop := context.WithTimeout(ctx, t.opts.Patience)
	defer stop()
	body, err := json.Marshal(map[string]string{"schema": schema})
	if err != nil {
		return 0, err
	}
	address := strings.TrimSuffix(t.opts.Connection.Registry, "/") + "/subjects/" + url.PathEscape(subject) + "/versions"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", registryMedia)
	security, err := t.opts.Connection.Security()
	if err != nil {
		return 0, err
	}
	transport := &http.Transport{TLSClientConfig: security}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return 0, fault.Wrap(err, fault.Transient, "register schema", t.opts.Name, text.T("模式注册中心没有应答", "the schema registry does not answer"), text.Text{})
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, registryAnswer))
	if err != nil {
		return 0, fault.Wrap(err, fault.Transient, "register schema", t.opts.Name, text.T("模式注册中心的应答中断", "the answer of the schema registry broke off"), text.Text{})
	}
	var said struct {
		ID      *uint32 `json:"id"`
		Message string  `json:"message"`
	}
	err = json.Unmarshal(answer, &said)
	switch {
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests:
		return 0, fault.New(fault.Transient, "register schema", t.opts.Name, text.F("模式注册中心应答 %d", "the schema registry answered %d", resp.StatusCode), text.Text{})
	case resp.StatusCode == http.StatusConflict:
		return 0, fault.New(fault.Config, "register schema", subject, text.F("新的模式与注册中心里的不兼容：%s", "the new schema does not go with those in the registry: %s", said.Message),
			text.T("在注册中心放宽该主题的兼容性，或换一个主题", "relax the compatibility of this subject in the registry, or use another topic"))
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return 0, fault.New(fault.Blocked, "register schema", t.opts.Name, text.F("模式注册中心拒绝：%d", "the schema registry refuses us: %d", resp.StatusCode), text.Text{})
	case resp.StatusCode != http.StatusOK || err != nil || said.ID == nil:
		return 0, fault.New(fault.Config, "register schema", t.opts.Name, text.F("模式注册中心应答 %d，没有编号", "the schema registry answered %d without a number", resp.StatusCode), text.T("检查 registry 的地址", "check the address under registry"))
	}
	return *said.ID, nil
}
