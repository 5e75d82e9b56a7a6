package kafka

import (
	"encoding/json"
	"strings"
	"testing"

	"banjian/pipelines"
)

// dept is a topic of cases with a key and two plain columns.
var dept = Options{Columns: []string{"slbh", "sxmc", "je"}, Key: []string{"slbh"}}

func as(format string) Options {
	o := dept
	o.Format = format
	return o
}

func TestAColumnThatWasAddedIsToldOnce(t *testing.T) {
	for _, c := range []struct {
		format, table string
		messages      string
		want          string
	}{
		{Debezium, "", `{"after":{"slbh":"A","x":1},"op":"c"} {"before":{"slbh":"A","x":1},"after":{"slbh":"A","x":1,"y":2},"op":"u"} {"after":{"slbh":"B","y":1},"op":"c"}`, "y"},
		{Debezium, "t", `{"after":{"slbh":"A"},"source":{"table":"t"},"op":"c"} {"after":{"z":1},"source":{"table":"other"},"op":"c"} {"after":{"slbh":"A","sxmc":"x"},"source":{"table":"t"},"op":"c"}`, "sxmc"},
		{Canal, "", `{"type":"INSERT","data":[{"slbh":"A"}]} {"type":"INSERT","data":[{"slbh":"B","je":"1"},{"slbh":"C","je":"1"}]}`, "je"},
		{Maxwell, "", `{"type":"insert","data":{"slbh":"A"}} {"type":"insert","data":{"slbh":"B","je":"1"}}`, "je"},
		{JSON, "", `{"slbh":"A"} {"slbh":"B","je":"1"}`, ""}, // what is not there is left out in many
	} {
		o := as(c.format)
		o.Table = c.table
		o = o.withDefaults()
		r, err := newRows(&o)
		if err != nil {
			t.Fatal(err)
		}
		d, err := o.decoder(r)
		if err != nil {
			t.Fatal(err)
		}
		s := &Source{o: o, rows: r, decoder: d, until: -1}
		for m := range strings.SplitSeq(c.messages, "} {") {
			m = "{" + strings.TrimSuffix(strings.TrimPrefix(m, "{"), "}") + "}"
			for strings.Count(m, "{") > strings.Count(m, "}") {
				m += "}"
			}
			s.waiting = append(s.waiting, message{value: []byte(m)})
		}
		for len(s.waiting) > 0 {
			if err := s.take(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		r.record().Release()
		var names []string
		for _, one := range s.Drifted() {
			names = append(names, strings.TrimSuffix(strings.TrimPrefix(one.What.EN, "column "), " was added"))
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s %s: %q", c.format, c.table, got)
		}
	}
}

func TestMessagesBecomeRows(t *testing.T) {
	only := as(Debezium)
	only.Table = "gjj.ywsl"
	marked := as(JSON)
	marked.Columns, marked.Deleted = []string{"slbh", "sfsc"}, &pipelines.SoftDelete{Column: "sfsc", Values: []string{"1", "Y"}}
	lines := as(CSV)
	lines.Fields, lines.Separator = []string{"slbh", "other", "je"}, ';'
	meta := as(Debezium)
	meta.Columns = []string{"slbh", "_op", "_offset"}
	for _, c := range []struct {
		name    string
		options Options
		message string
		want    string
	}{
		{"an insert", as(Debezium), `{"before":null,"after":{"slbh":"A1","sxmc":"提取","je":"12.50","more":{"x":[1,2]}},"op":"c","ts_ms":1}`, "A1|提取|12.50"},
		{"a row of the snapshot", as(Debezium), ` { "op" : "r" , "after" : { "je" : 7 , "sxmc" : null , "slbh" : "A1" } } `, "A1|∅|7"},
		{"an update", as(Debezium), `{"before":{"slbh":"A1","sxmc":"x"},"after":{"slbh":"A1","sxmc":"y","je":null},"op":"u"}`, "A1|y|∅"},
		{"an update of the key", as(Debezium), `{"before":{"slbh":"A1","sxmc":"x"},"after":{"slbh":"A2","sxmc":"x"},"op":"u"}`, "-A1|x|∅\nA2|x|∅"},
		{"an update without what was before", as(Debezium), `{"before":null,"after":{"slbh":"A2","sxmc":"x"},"op":"u"}`, "A2|x|∅"},
		{"a delete", as(Debezium), `{"before":{"slbh":"A1","sxmc":"x","je":1},"after":null,"op":"d"}`, "-A1|x|1"},
		{"a delete that does not say of what", as(Debezium), `{"before":null,"after":null,"op":"d"}`, "#0 not_the_format"},
		{"an emptied table", as(Debezium), `{"before":null,"after":null,"op":"t"}`, "#0 table_emptied"},
		{"a message of the application", as(Debezium), `{"op":"m","message":{}}`, "#"},
		{"escapes", as(Debezium), `{"after":{"slb\u0068":"A\t\u5f20\ud83d\ude00\"","sxmc":"\/"},"op":"c"}`, "A\t张😀\"|/|∅"},
		{"half a character", as(Debezium), `{"after":{"slbh":"\ud83d"},"op":"c"}`, "#0 bad_value"},
		{"a value the database did not log", as(Debezium), `{"after":{"slbh":"A1","sxmc":"__debezium_unavailable_value"},"op":"u"}`, "#0 value_not_sent"},
		{"another table", only, `{"after":{"slbh":"A1"},"source":{"db":"gjj","table":"cl"},"op":"c"}`, "#"},
		{"this table", only, `{"after":{"slbh":"A1"},"source":{"db":"gjj","table":"ywsl"},"op":"c"}`, "A1|∅|∅"},
		{"what else a message tells", meta, `{"after":{"slbh":"A1"},"op":"r"}`, "A1|r|0"},
		{"an empty payload", as(Debezium), `{"schema":null,"payload":null}`, "#"},
		{"a payload without schema", as(Debezium), `{"payload":{"after":{"slbh":"A1"},"op":"c"}}`, "A1|∅|∅"},
		{"no JSON", as(Debezium), `{"after":{"slbh":"A1"},"op":"c"`, "#0 not_json"},
		{"more behind it", as(Debezium), `{"after":{"slbh":"A1"},"op":"c"} x`, "#0 not_json"},
		{"broken text", as(Debezium), "{\"after\":{\"slbh\":\"\xff\"},\"op\":\"c\"}", "#0 not_json"},
		{"no event", as(Debezium), `{"slbh":"A1"}`, "#0 not_the_format"},
		{"a list", as(Debezium), `[1]`, "#0 not_json"},

		{"several rows of Canal", as(Canal), `{"data":[{"slbh":"A1","je":"1"},{"slbh":"A2","je":null}],"database":"gjj","isDdl":false,"old":null,"pkNames":["id"],"table":"ywsl","type":"INSERT"}`, "A1|∅|1\nA2|∅|∅"},
		{"updates of Canal, one of the key", as(Canal), `{"data":[{"slbh":"A1","je":"2"},{"slbh":"B2","je":"3"}],"old":[{"je":"1"},{"slbh":"A2"}],"table":"ywsl","type":"UPDATE","isDdl":false}`, "A1|∅|2\n-A2|∅|3\nB2|∅|3"},
		{"a delete of Canal", as(Canal), `{"data":[{"slbh":"A1"}],"old":null,"table":"ywsl","type":"DELETE","isDdl":false}`, "-A1|∅|∅"},
		{"a change of layout", as(Canal), `{"data":null,"isDdl":true,"sql":"ALTER TABLE ywsl ADD x INT","table":"ywsl","type":"ALTER"}`, "#"},
		{"a table emptied by a statement", as(Canal), `{"data":null,"isDdl":true,"table":"ywsl","type":"TRUNCATE"}`, "#0 table_emptied"},
		{"one bad row refuses the message", as(Canal), `{"data":[{"slbh":"A1"},7],"table":"ywsl","type":"INSERT"}`, "#0 not_the_format"},
		{"Canal without data", as(Canal), `{"data":null,"table":"ywsl","type":"INSERT"}`, "#0 not_the_format"},

		{"an insert of Maxwell", as(Maxwell), `{"database":"gjj","table":"ywsl","type":"insert","ts":1,"xid":2,"commit":true,"data":{"slbh":"A1","je":1.50}}`, "A1|∅|1.50"},
		{"an update of Maxwell", as(Maxwell), `{"table":"ywsl","type":"update","data":{"slbh":"A2","je":1},"old":{"slbh":"A1"}}`, "-A1|∅|1\nA2|∅|1"},
		{"a delete of Maxwell", as(Maxwell), `{"table":"ywsl","type":"delete","data":{"slbh":"A1"}}`, "-A1|∅|∅"},
		{"a bootstrap", as(Maxwell), `{"table":"ywsl","type":"bootstrap-insert","data":{"slbh":"A1"}}`, "A1|∅|∅"},
		{"the end of a bootstrap", as(Maxwell), `{"table":"ywsl","type":"bootstrap-complete","data":{}}`, "#"},
		{"a change of layout in Maxwell", as(Maxwell), `{"table":"ywsl","type":"table-alter","old":{},"def":{}}`, "#"},

		{"a plain object", as(JSON), `{"slbh":"A1","je":true,"sxmc":["a"]}`, `A1|["a"]|1`},
		{"an array of objects", as(JSON), `[{"slbh":"A1"},{"slbh":"A2"}]`, "A1|∅|∅\nA2|∅|∅"},
		{"marked by the department", marked, `[{"slbh":"A1","sfsc":1},{"slbh":"A2","sfsc":0},{"slbh":"A3","sfsc":true}]`, "-A1|1\nA2|0\n-A3|1"},
		{"no object", as(JSON), `7`, "#0 not_the_format"},
		{"fields", lines, "A1;x;\"1;5\"\nA2;;\n", "A1|∅|1;5\nA2|∅|"},
		{"too few fields", lines, "A1;x", "#0 not_the_format"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := rowsOf(t, c.options, []byte(c.message)); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestATombstoneHoldsNothingToCollect(t *testing.T) {
	if got := rowsOf(t, as(Debezium), texts(`{"before":{"slbh":"A1"},"op":"d"}`, "")...); got != "-A1|∅|∅\n#" {
		t.Error(got)
	}
}

func TestTheSchemaOfAMessageSaysWhatItsNumbersAre(t *testing.T) {
	o := Options{Format: Debezium, Columns: []string{"d", "t", "us", "ns", "c", "n", "s", "z"}}
	schema := `{"type":"struct","fields":[{"type":"struct","field":"before"},{"type":"struct","field":"after","fields":[
		{"field":"d","type":"int32","name":"org.apache.kafka.connect.data.Date"},{"field":"t","type":"int64","name":"org.apache.kafka.connect.data.Timestamp"},
		{"field":"us","type":"int64","name":"io.debezium.time.MicroTimestamp"},{"field":"ns","type":"int64","name":"io.debezium.time.NanoTimestamp"},
		{"field":"c","type":"int32","name":"org.apache.kafka.connect.data.Time"},{"field":"n","type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"}},
		{"field":"s","type":"string"},{"field":"z","type":"string","name":"io.debezium.time.ZonedTimestamp"}]}]}`
	message := `{"schema":` + schema + `,"payload":{"op":"c","after":{"d":20819,"t":1767261600000,"us":1767261600000500,"ns":-1,"c":34200000,"n":"MDk=","s":"1","z":"2026-01-01T10:00:00Z"}}}`
	want := "2027-01-01|2026-01-01 10:00:00|2026-01-01 10:00:00.0005|1969-12-31 23:59:59.999999999|09:30:00|123.45|1|2026-01-01T10:00:00Z"
	bare := `{"op":"c","after":{"d":1,"n":"x"}}`
	wrong := strings.Replace(message, `"d":20819`, `"d":"soon"`, 1)
	negative := strings.Replace(message, "MDk=", "/w==", 1)
	if got := rowsOf(t, o, texts(message, message, bare, wrong, negative)...); got != want+"\n"+want+"\n1|∅|∅|∅|∅|x|∅|∅\n#3 bad_value\n"+strings.Replace(want, "123.45", "-0.01", 1) {
		t.Error(got)
	}
}

func TestThePipelineMaySayWhichNumbersAreTimes(t *testing.T) {
	o := Options{Format: JSON, Columns: []string{"t", "d"}, Times: map[string]string{"t": "millis", "d": "date"}}
	if got := rowsOf(t, o, texts(`{"t":1767261600000,"d":0}`, `{"t":null,"d":1.5}`)...); got != "2026-01-01 10:00:00|1970-01-01\n#1 bad_value" {
		t.Error(got)
	}
}

func FuzzTheScannerTakesWhatIsJSONAndNothingElse(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e-3,{"b":null}],"c":"\u00e9\n"}`, `[]`, `{}`, `-0`, `01`, `{"a":1,}`, `"\x"`, `[1 2]`, `nul`, "\"\t\"", `{"a"}`, `[[[[[[]]]]]]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := scanner{b: b}
		_, ok := s.value(0)
		ok = ok && s.end()
		if valid := json.Valid(b); ok != valid && !(valid && strings.Count(string(b), "[")+strings.Count(string(b), "{") > deepest) {
			t.Errorf("%q: taken %v, valid %v", b, ok, valid)
		}
	})
}

func FuzzNoMessageBreaksTheDecoder(f *testing.F) {
	f.Add([]byte(`{"before":{"slbh":"A1"},"after":{"slbh":"A2","sxmc":"\u0041"},"op":"u","schema":{},"payload":{"op":"d"}}`))
	f.Add([]byte(`{"data":[{"slbh":"A1"}],"old":[{}],"table":"t","type":"UPDATE"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, format := range []string{Debezium, Canal, Maxwell, JSON} {
			if got := rowsOf(t, as(format), b); got == "" && len(b) > 0 && !strings.HasPrefix(strings.TrimSpace(string(b)), "{") && !strings.HasPrefix(strings.TrimSpace(string(b)), "[") {
				t.Errorf("%s: %q left no trace", format, b)
			}
		}
	})
}
