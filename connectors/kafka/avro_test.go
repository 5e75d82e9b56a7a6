package kafka

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"encoding/binary"
	"encoding/pem"
	"math/big"

	"github.com/hamba/avro/v2"

	"banjian/internal/fault"
)

// schemaRegistry is a registry in this process, at the paths and with the answers of
// Confluent's.
type schemaRegistry struct {
	mu      sync.Mutex
	schemas []string // number 1 is the first
	refs    map[int][]SchemaReference
	down    int // status of every answer; 0: it works
	asked   int
}

func (s *schemaRegistry) add(schema string, refs ...SchemaReference) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schemas = append(s.schemas, schema)
	if s.refs == nil {
		s.refs = map[int][]SchemaReference{}
	}
	s.refs[len(s.schemas)] = refs
	return len(s.schemas)
}

func (s *schemaRegistry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	say := func(status int, v any) {
		w.Header().Set("Content-Type", "application/vnd.schemaregistry.v1+json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	if user, password, ok := r.BasicAuth(); !ok || user != "banjian" || password != "right" {
		say(http.StatusUnauthorized, map[string]any{"error_code": 401, "message": "Unauthorized"})
		return
	}
	if s.down != 0 {
		say(s.down, map[string]any{"error_code": s.down})
		return
	}
	part := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	id := 0
	switch {
	case len(part) == 3 && part[0] == "schemas" && part[1] == "ids":
		id, _ = strconv.Atoi(part[2])
	case len(part) == 4 && part[0] == "subjects" && part[2] == "versions":
		id, _ = strconv.Atoi(part[1]) // the tests call a subject by its number
	}
	if id < 1 || id > len(s.schemas) {
		say(http.StatusNotFound, map[string]any{"error_code": 40403, "message": "Schema not found"})
		return
	}
	answer := map[string]any{"schema": s.schemas[id-1]}
	if refs := s.refs[id]; len(refs) > 0 {
		answer["references"] = refs
	}
	say(http.StatusOK, answer)
}

// registered is a connection with a registry, over TLS.
func registered(t *testing.T, password string) (*Connection, *schemaRegistry) {
	t.Helper()
	r := &schemaRegistry{}
	s := httptest.NewTLSServer(r)
	t.Cleanup(s.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &Connection{Name: "bus", Registry: s.URL + "/", RegistryUser: "banjian", RegistryPassword: func() (string, error) { return password, nil }, CAFile: ca}, r
}

// wire is a value in Confluent's format.
func wire(t *testing.T, id int, schema string, value any) []byte {
	t.Helper()
	s, err := avro.ParseWithCache(schema, "", &avro.SchemaCache{})
	if err != nil {
		t.Fatal(err)
	}
	body, err := avro.Config{DisableCaching: true}.Freeze().Marshal(s, value)
	if err != nil {
		t.Fatal(err)
	}
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), body...)
}

// envelope is the schema that Debezium's Avro has for a table, whose columns are given.
func envelope(columns string) string {
	return `{"type":"record","name":"Envelope","namespace":"dept.gjj.ywsl","fields":[
	{"name":"before","type":["null",{"type":"record","name":"Value","fields":[` + columns + `],"connect.name":"dept.gjj.ywsl.Value"}],"default":null},
	{"name":"after","type":["null","Value"],"default":null},
	{"name":"source","type":{"type":"record","name":"Source","namespace":"io.debezium.connector.mariadb","fields":[
	  {"name":"version","type":"string"},{"name":"connector","type":"string"},{"name":"name","type":"string"},{"name":"ts_ms","type":"long"},
	  {"name":"snapshot","type":[{"type":"string","connect.version":1,"connect.parameters":{"allowed":"true,last,false,incremental"},"connect.default":"false","connect.name":"io.debezium.data.Enum"},"null"],"default":"false"},
	  {"name":"db","type":"string"},{"name":"table","type":["null","string"],"default":null},{"name":"server_id","type":"long"},{"name":"gtid","type":["null","string"],"default":null},
	  {"name":"file","type":"string"},{"name":"pos","type":"long"},{"name":"row","type":"int"}],"connect.name":"io.debezium.connector.mariadb.Source"}},
	{"name":"transaction","type":["null",{"type":"record","name":"block","namespace":"event","fields":[{"name":"id","type":"string"},{"name":"total_order","type":"long"}],"connect.version":1,"connect.name":"event.block"}],"default":null},
	{"name":"op","type":"string"},
	{"name":"ts_ms","type":["null","long"],"default":null}],"connect.version":2,"connect.name":"dept.gjj.ywsl.Envelope"}`
}

const deptColumns = `{"name":"slbh","type":"string"},
	{"name":"sxmc","type":["null","string"],"default":null},
	{"name":"je","type":["null",{"type":"bytes","scale":2,"precision":16,"connect.version":1,"connect.parameters":{"scale":"2","connect.decimal.precision":"16"},"connect.name":"org.apache.kafka.connect.data.Decimal","logicalType":"decimal"}],"default":null},
	{"name":"slsj","type":["null",{"type":"long","connect.version":1,"connect.name":"io.debezium.time.Timestamp"}],"default":null}`

func dbz(op string, before, after map[string]any, pos int) map[string]any {
	row := func(m map[string]any) any {
		if m == nil {
			return nil
		}
		return map[string]any{"dept.gjj.ywsl.Value": m}
	}
	return map[string]any{"before": row(before), "after": row(after), "op": op, "ts_ms": nil, "transaction": nil,
		"source": map[string]any{"version": "3.2.0.Final", "connector": "mariadb", "name": "dept", "ts_ms": int64(1000 + pos), "snapshot": map[string]any{"string": "false"}, "db": "gjj",
			"table": map[string]any{"string": "ywsl"}, "server_id": int64(7), "gtid": nil, "file": "bin.000001", "pos": int64(pos), "row": 0}}
}

func deptRow(no string, more map[string]any) map[string]any {
	m := map[string]any{"slbh": no, "sxmc": map[string]any{"string": "提取"}, "je": map[string]any{"bytes.decimal": big.NewRat(-125050, 100)}, "slsj": map[string]any{"long": int64(1767261600000)}}
	maps.Copy(m, more)
	return m
}

func TestChangeEventsInAvroBecomeRows(t *testing.T) {
	c, r := registered(t, "right")
	schema := envelope(deptColumns)
	id := r.add(schema)
	wider := envelope(deptColumns + `,{"name":"fjs","type":"int","default":0}`)
	added := r.add(wider)
	kafka := fake(t)
	kafka.Registry, kafka.RegistryUser, kafka.RegistryPassword, kafka.CAFile = c.Registry, c.RegistryUser, c.RegistryPassword, c.CAFile
	name := topic(t, kafka, 1)
	poison := wire(t, id, schema, dbz("c", nil, deptRow("A9", nil), 9))
	put(t, kafka, name,
		wire(t, id, schema, dbz("c", nil, deptRow("A1", nil), 1)),
		wire(t, id, schema, dbz("u", deptRow("A1", nil), deptRow("A2", map[string]any{"sxmc": nil, "je": nil}), 2)),
		nil,
		wire(t, 77, schema, dbz("c", nil, deptRow("A3", nil), 3)),
		[]byte(`{"before":null,"after":{"slbh":"A4"},"op":"c"}`),
		poison[:len(poison)-7], append(poison, 1), []byte{0, 0, 0}, []byte{0},
		wire(t, added, wider, dbz("c", nil, deptRow("A5", map[string]any{"fjs": 3}), 4)),
		wire(t, added, wider, dbz("d", deptRow("A5", map[string]any{"fjs": 3}), nil, 5)),
		wire(t, id, schema, dbz("c", nil, deptRow("A1", nil), 1)),
	)
	o := Options{Cluster: kafka, Topic: name, Format: Debezium, Columns: []string{"slbh", "sxmc", "je", "slsj", "_op"}, Key: []string{"slbh"}}
	s, err := Open(t.Context(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b, err := s.Read(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Record.Release()
	if d := s.Drifted(); len(d) != 1 || d[0].Breaking || d[0].What.EN != "column fjs was added" || len(s.Drifted()) > 0 {
		t.Errorf("drift %v", d)
	}
	got := show(b.Record)
	want := strings.Join([]string{
		"A1|提取|-1250.50|2026-01-01 10:00:00|c",
		"-A1|提取|-1250.50|2026-01-01 10:00:00|d", "A2|∅|∅|2026-01-01 10:00:00|u",
		"#", "#3 no_schema", "A4|∅|∅|∅|c",
		"#5 not_the_format", "#6 not_the_format", "#7 not_the_format", "#8 not_the_format",
		"A5|提取|-1250.50|2026-01-01 10:00:00|c", "-A5|提取|-1250.50|2026-01-01 10:00:00|d",
		"#", // told again
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if r.asked != 3 {
		t.Errorf("the registry was asked %d times for 3 schemas", r.asked)
	}
}

func TestPlainRecordsInAvroBecomeRows(t *testing.T) {
	c, r := registered(t, "right")
	item := r.add(`{"type":"record","name":"gov.Item","fields":[{"name":"code","type":"string"}]}`)
	schema := `{"type":"record","name":"gov.Case","fields":[{"name":"no","type":"string"},{"name":"n","type":"int"},{"name":"big","type":["null","double"]},{"name":"on","type":{"type":"int","logicalType":"date"}},
		{"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}},{"name":"kind","type":{"type":"enum","name":"gov.Kind","symbols":["ONE","TWO"]}},{"name":"yes","type":"boolean"},
		{"name":"raw","type":{"type":"fixed","name":"gov.Raw","size":3}},{"name":"tags","type":{"type":"array","items":"string"}},{"name":"more","type":{"type":"map","values":["null","long"]}},{"name":"item","type":"gov.Item"}]}`
	id := r.add(schema, SchemaReference{Name: "gov.Item", Subject: strconv.Itoa(item), Version: 1})
	full := strings.Replace(schema, `"type":"gov.Item"`, `"type":{"type":"record","name":"gov.Item","fields":[{"name":"code","type":"string"}]}`, 1)
	value := map[string]any{"no": "A1", "n": -7, "big": map[string]any{"double": 0.125}, "on": 20000, "at": int64(1767261600000001), "kind": "TWO", "yes": true, "raw": [3]byte{1, 2, 3},
		"tags": []string{"甲", "乙"}, "more": map[string]any{"x": map[string]any{"long": int64(5)}}, "item": map[string]any{"code": "GJJ"}}
	var v any = value
	o := Options{Cluster: c, Format: Avro, Columns: []string{"no", "n", "big", "on", "at", "kind", "yes", "raw", "tags", "more", "item"}}
	o = o.withDefaults()
	rows, err := newRows(&o)
	if err != nil {
		t.Fatal(err)
	}
	d, err := o.decoder(rows)
	if err != nil {
		t.Fatal(err)
	}
	m := encodeLoose(t, id, full, v)
	if err := d.(preparer).prepare(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := d.decode(m, rows); got != taken {
		t.Fatal(got)
	}
	rec := rows.record()
	defer rec.Release()
	if got := show(rec); got != `A1|-7|0.125|2024-10-04|2026-01-01 10:00:00.000001|TWO|1|AQID|["甲","乙"]|{"x":5}|{"code":"GJJ"}` {
		t.Error(got)
	}
}

// encodeLoose is wire with dates and times as numbers.
func encodeLoose(t *testing.T, id int, schema string, value any) []byte {
	t.Helper()
	plain := strings.NewReplacer(`{"type":"int","logicalType":"date"}`, `"int"`, `{"type":"long","logicalType":"timestamp-micros"}`, `"long"`).Replace(schema)
	return wire(t, id, plain, value)
}

func TestARegistryThatCannotBeAskedStopsThePartitionAndLosesNothing(t *testing.T) {
	schema := envelope(deptColumns)
	for _, c := range []struct {
		name, password string
		down           int
		want           fault.Kind
	}{{"a wrong password", "wrong", 0, fault.Blocked}, {"it is out of order", "right", 503, fault.Transient}, {"too many questions", "right", 429, fault.Transient}, {"something else is there", "right", 405, fault.Config}} {
		t.Run(c.name, func(t *testing.T) {
			conn, r := registered(t, c.password)
			id := r.add(schema)
			kafka := fake(t)
			kafka.Registry, kafka.RegistryUser, kafka.RegistryPassword, kafka.CAFile = conn.Registry, conn.RegistryUser, conn.RegistryPassword, conn.CAFile
			name := topic(t, kafka, 1)
			put(t, kafka, name, []byte(`{"after":{"slbh":"A1"},"op":"c"}`), wire(t, id, schema, dbz("c", nil, deptRow("A2", nil), 1)))
			r.down = c.down
			s, err := Open(t.Context(), Options{Cluster: kafka, Topic: name, Format: Debezium, Columns: []string{"slbh"}}, "")
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			b, err := s.Read(context.Background())
			if err != nil || b.Record.NumRows() != 1 {
				t.Fatalf("what came before it is not given: %v", err)
			}
			b.Record.Release()
			if _, err := s.Read(context.Background()); !fault.Is(err, c.want) {
				t.Errorf("%v is no %s fault", err, c.want)
			}
		})
	}
}

func TestAvroWithoutARegistryIsSaidSo(t *testing.T) {
	o := Options{Format: Debezium, Columns: []string{"slbh"}}
	if got := rowsOf(t, o, []byte{0, 0, 0, 0, 1, 2}); got != "#0 no_registry" {
		t.Error(got)
	}
	c := fake(t)
	name := topic(t, c, 1)
	put(t, c, name, []byte{0, 0, 0, 0, 1, 2})
	s, err := Open(t.Context(), Options{Cluster: c, Topic: name, Format: Avro, Columns: []string{"slbh"}}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Read(context.Background()); !fault.Is(err, fault.Config) || fault.HintOf(err).IsZero() {
		t.Error(err)
	}
}

// Whatever bytes follow the number of a schema, they are a row or a reject.
func FuzzAvro(f *testing.F) {
	schema := envelope(deptColumns)
	top := parsed(schema, &avro.SchemaCache{})
	nested := parsed(`{"type":"record","name":"r","fields":[{"name":"slbh","type":{"type":"array","items":{"type":"map","values":["null","r","string"]}}},{"name":"n","type":{"type":"array","items":"null"}}]}`, &avro.SchemaCache{})
	f.Add([]byte{2, 0})
	f.Fuzz(func(t *testing.T, body []byte) {
		for format, n := range map[string]*node{Debezium: top, Avro: nested} {
			o := Options{Cluster: &Connection{Registry: "http://127.0.0.1:1"}, Format: format, Columns: []string{"slbh", "je"}}.withDefaults()
			rows, err := newRows(&o)
			if err != nil {
				t.Fatal(err)
			}
			d, err := o.decoder(rows)
			if err != nil {
				t.Fatal(err)
			}
			if a, is := d.(*avroMessages); is {
				a.schemas.byID[1] = n
			} else {
				d.(*debezium).avro.schemas.byID[1] = n
			}
			before := rows.here()
			if v := d.decode(append([]byte{0, 0, 0, 0, 1}, body...), rows); v != taken {
				rows.backTo(before)
			}
			rec := rows.record()
			_ = fmt.Sprint(show(rec))
			rec.Release()
		}
	})
}
