package kafka

import (
	"fmt"
	"strings"
	"testing"
)

// logged is a change with its place in a database's log.
func logged(id int, op, source string) []byte {
	row := fmt.Sprintf(`{"id":%d}`, id)
	before, after := "null", row
	if op == "d" {
		before, after = row, "null"
	}
	return fmt.Appendf(nil, `{"before":%s,"after":%s,"source":{%s},"op":%q}`, before, after, source, op)
}

func at(file string, pos, row int, gtid string, ms int) string {
	return fmt.Sprintf(`"name":"dept","server_id":7,"file":%q,"pos":%d,"row":%d,"gtid":%q,"ts_ms":%d,"snapshot":"false"`, file, pos, row, gtid, ms)
}

func TestChangesToldAgainAreLeftOutAndNoOthers(t *testing.T) {
	first := at("bin.000009", 500, 1, "0-7-20", 9000)
	for _, c := range []struct {
		name, source, op string
		again            bool
	}{
		{"the same change", first, "u", true},
		{"an earlier row of the same event", at("bin.000009", 500, 0, "0-7-20", 9000), "u", true},
		{"an earlier event", at("bin.000009", 400, 3, "0-7-19", 8000), "u", true},
		{"an earlier log", at("bin.000008", 90000, 0, "0-7-3", 8000), "d", true},
		{"the next row", at("bin.000009", 500, 2, "0-7-20", 9000), "u", false},
		{"the next event", at("bin.000009", 600, 0, "0-7-21", 9000), "u", false},
		{"the next log", at("bin.000010", 4, 0, "0-7-22", 9000), "u", false},
		{"a clock put back", at("bin.000009", 600, 0, "0-7-21", 1000), "u", false},
		{"a log begun anew", at("bin.000001", 4, 0, "0-7-1", 9001), "u", false},
		{"another server after a failover", strings.Replace(at("bin.000001", 4, 0, "0-8-21", 9000), `:7,`, `:8,`, 1), "u", false},
		{"a transaction that another server's log has earlier", at("bin.000001", 4, 0, "0-7-21", 9000), "u", false},
		{"another connector", strings.Replace(first, "dept", "other", 1), "u", false},
		{"a row of a snapshot", strings.Replace(first, `"false"`, `"incremental"`, 1), "r", false},
		{"a log of another name", at("log.000001", 4, 0, "0-7-1", 9000), "u", false},
		{"a place without a time", strings.Replace(first, `"ts_ms":9000,`, "", 1), "u", false},
		{"a database that tells no place", `"name":"dept","lsn":5,"ts_ms":9000`, "u", false},
	} {
		got := rowsOf(t, Options{Format: Debezium, Columns: []string{"id"}}, logged(1, "u", first), logged(2, c.op, c.source))
		if left := strings.HasSuffix(got, "\n#"); left != c.again {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

func TestTheTwoChangesOfAPrimaryKeyAreBothTaken(t *testing.T) {
	place := at("bin.000001", 500, 0, "0-7-20", 9000)
	both := [][]byte{logged(1, "d", place), logged(2, "c", place)}
	if got := rowsOf(t, Options{Format: Debezium, Columns: []string{"id"}}, append(both, both...)...); got != "-1\n2\n#\n#" {
		t.Errorf("got %s", got)
	}
}

func TestWhatWasToldIsKnownAfterARestart(t *testing.T) {
	c := fake(t)
	name := topic(t, c, 1)
	o := Options{Cluster: c, Topic: name, Format: Debezium, Columns: []string{"id"}}
	event := func(n int) []byte { return logged(n, "u", at("bin.000001", 100*n, 0, fmt.Sprint("0-7-", n), 9000+n)) }
	put(t, c, name, event(1), event(2), event(3))
	got, place := readAll(t, o, "")
	put(t, c, name, event(2), event(3), event(4))
	again, _ := readAll(t, o, place)
	if got != "1\n2\n3" || again != "#\n#\n4" {
		t.Errorf("read %q, then %q", got, again)
	}
	if p, err := ReadPlace(place); err != nil || p.Mark.File != "bin.000001" || p.Mark.Number != 3 {
		t.Errorf("%+v, %v", p, err)
	}
}
