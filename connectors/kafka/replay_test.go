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

func at(file string, pos, row int, gtid string) string {
	return fmt.Sprintf(`"name":"dept","server_id":7,"file":%q,"pos":%d,"row":%d,"gtid":%q,"snapshot":"false"`, file, pos, row, gtid)
}

func readReplays(t *testing.T, batch int, messages ...[]byte) string {
	t.Helper()
	c := fake(t)
	name := topic(t, c, 1)
	put(t, c, name, messages...)
	got, _ := readAll(t, Options{Cluster: c, Topic: name, Format: Debezium, Columns: []string{"id"}, BatchRows: batch}, "")
	return got
}

func TestChangesToldAgainAreLeftOutAndNoOthers(t *testing.T) {
	first := at("bin.000009", 500, 1, "0-7-20")
	history := [][]byte{logged(1, "c", at("bin.000008", 90000, 0, "0-7-3")), logged(2, "u", at("bin.000009", 400, 3, "0-7-19")), logged(3, "u", at("bin.000009", 500, 0, "0-7-20")), logged(4, "u", first)}
	for _, c := range []struct {
		name, source, op string
		again            bool
	}{
		{"the same change", first, "u", true},
		{"an earlier row of the same event", at("bin.000009", 500, 0, "0-7-20"), "u", true},
		{"an earlier event", at("bin.000009", 400, 3, "0-7-19"), "u", true},
		{"an earlier log", at("bin.000008", 90000, 0, "0-7-3"), "c", true},
		{"the next row", at("bin.000009", 500, 2, "0-7-20"), "u", false},
		{"the next event", at("bin.000009", 600, 0, "0-7-21"), "u", false},
		{"the next log", at("bin.000010", 4, 0, "0-7-22"), "u", false},
		{"an earlier event that comes late", at("bin.000009", 450, 0, "0-7-19"), "u", false},
		{"an earlier row that comes late", at("bin.000009", 400, 2, "0-7-19"), "u", false},
		{"a log begun anew", at("bin.000001", 4, 0, "0-7-1"), "u", false},
		{"another server after a failover", strings.Replace(at("bin.000001", 4, 0, "0-8-21"), `:7,`, `:8,`, 1), "u", false},
		{"a transaction that another server's log has elsewhere", at("bin.000009", 400, 3, "0-7-21"), "u", false},
		{"another connector", strings.Replace(first, "dept", "other", 1), "u", false},
		{"a row of a snapshot", strings.Replace(first, `"false"`, `"incremental"`, 1), "r", false},
		{"a database that tells no place", `"name":"dept","lsn":5`, "u", false},
	} {
		got := readReplays(t, 2, append(history[:4:4], logged(5, c.op, c.source))...)
		if left := got == "1\n2\n3\n4\n#"; left != c.again || !left && got != "1\n2\n3\n4\n5" {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

func TestTheTwoChangesOfAPrimaryKeyAreBothTaken(t *testing.T) {
	place := at("bin.000001", 500, 0, "0-7-20")
	both := [][]byte{logged(1, "d", place), logged(2, "c", place)}
	if got := readReplays(t, 100, append(both, both...)...); got != "-1\n2\n#\n#" {
		t.Errorf("got %s", got)
	}
}

// A topic made of several partitions has changes out of order, each of them once.
func TestChangesOutOfOrderAreAllTaken(t *testing.T) {
	var list [][]byte
	var want []string
	for i := range 60 {
		n := i/3 + 20*(i%3) // three runs, one change of each in turn
		list = append(list, logged(n, "u", at("bin.000001", 100+n, 0, "")))
		want = append(want, fmt.Sprint(n))
	}
	if got := readReplays(t, 7, list...); got != strings.Join(want, "\n") {
		t.Errorf("got %s", got)
	}
}

func TestWhatWasToldIsKnownAfterARestart(t *testing.T) {
	c := fake(t)
	name := topic(t, c, 1)
	o := Options{Cluster: c, Topic: name, Format: Debezium, Columns: []string{"id"}}
	event := func(n int) []byte { return logged(n, "u", at("bin.000001", 100*n, 0, fmt.Sprint("0-7-", n))) }
	put(t, c, name, event(1), event(2), event(3))
	got, place := readAll(t, o, "")
	put(t, c, name, event(2), event(3), event(4))
	again, _ := readAll(t, o, place)
	if got != "1\n2\n3" || again != "#\n#\n4" {
		t.Errorf("read %q, then %q", got, again)
	}
	if p, err := ReadPlace(place); err != nil || p.Mark.File != "bin.000001" || p.Mark.Pos != 300 {
		t.Errorf("%+v, %v", p, err)
	}
}
