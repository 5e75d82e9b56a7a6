package sqlview

import (
	"strings"
	"testing"

	"banjian/internal/charset"
	"banjian/internal/fault"
	"banjian/internal/sqldialect"
)

// readable is a row as lines gives it, with what cannot be read in brackets.
func readable(rows []string) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		cells := strings.Split(row, "|")
		for k, c := range cells {
			if spot, ok := charset.Spot(c); !ok {
				cells[k] = "[" + spot + "]"
			}
		}
		out[i] = strings.Join(cells, "|")
	}
	return out
}

func TestGBKInLatin1IsReadAsTheConnectionSays(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE b (id INT, n VARCHAR(40) CHARACTER SET latin1, g VARCHAR(40) CHARACTER SET gbk, u VARCHAR(40) CHARACTER SET utf8mb4, bl BLOB)",
		"INSERT INTO b VALUES (1, _latin1 x'D5C5C8FD', '李四', '王五', x'D5C5'), (2, _latin1 x'D5C581', '', '𠮷', x'FF'), (3, NULL, NULL, NULL, NULL), (4, _latin1 x'FE59AAA1', _gbk x'A996', '中', '')",
		"CREATE VIEW v AS SELECT id, n, g, u, bl, CONCAT(n, '') AS nn, '县' AS lit FROM b")
	o := Options{DB: s.cfg, View: "v", Columns: strings.Fields("id n g u nn lit bl"), Charset: "gbk", Charsets: map[string]string{"bl": "gbk"}, Where: []Condition{{"id", "<=", []any{4}}}}
	got := readAll(t, o, "")
	compare(t, readable(got.rows), []string{
		"1|张三|李四|王五|张三|县|张", "2|[81]||𠮷|[81]|县|[FF]", "3|∅|∅|∅|∅|县|∅", "4|\u9FB4\uE000|〇|中|\u9FB4\uE000|县|"})
	if !strings.Contains(got.types, "n utf8 text") || !strings.Contains(got.types, "bl utf8 text") {
		t.Errorf("types %s", got.types)
	}
	o.Charset, o.Charsets = "", map[string]string{"n": "gb18030"}
	compare(t, readable(readAll(t, o, "").rows)[:1], []string{"1|张三|李四|王五|ÕÅÈý|县|d5c5"})
}

func TestARunOverKeysInACharsetIsTakenUpWhereItStopped(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE b (n VARCHAR(40) CHARACTER SET latin1, at DATETIME)",
		"INSERT INTO b SELECT CONVERT(UNHEX(CONCAT('D5', HEX(161 + seq))) USING latin1), '2026-01-02 03:04:05' FROM seq_1_to_60")
	o := Options{DB: s.cfg, Table: "b", Columns: []string{"n", "at"}, Mode: Incremental, Cursor: []string{"at"}, Key: []string{"n"}, Charset: "gbk", BatchRows: 7}
	first := readAll(t, o, since(o.Cursor, "2026-01-01"))
	if len(first.rows) != 60 {
		t.Fatalf("%d rows", len(first.rows))
	}
	for stop := 1; stop < len(first.positions); stop++ {
		rest := readAll(t, o, first.positions[stop-1])
		seen := map[string]bool{}
		for _, r := range append(append([]string{}, first.rows[:7*stop]...), rest.rows...) {
			seen[r] = true
		}
		if len(seen) != 60 {
			t.Errorf("stopped after batch %d: %d rows", stop, len(seen))
		}
	}
}

func TestBytesInSQLiteAreReadAsTheColumnSays(t *testing.T) {
	s := sqliteSource(t, "CREATE TABLE b (a TEXT, u TEXT)", "INSERT INTO b VALUES (CAST(x'B1694154' AS TEXT), '好'), (x'B169', CAST(x'E5A5' AS TEXT)), (12, 'x'), (NULL, NULL)")
	o := Options{DB: s.cfg, Table: "b", Columns: []string{"a", "u"}, Charsets: map[string]string{"a": "big5"}}
	compare(t, readable(readAll(t, o, "").rows), []string{"張AT|好", "張|[E5 A5]", "12|x", "∅|∅"})
}

func TestACharsetThatCannotBeIsRefused(t *testing.T) {
	s := newSQLite(t, "CREATE TABLE b (a TEXT, n INTEGER)")
	o := Options{DB: s, Table: "b", Columns: []string{"a", "n"}}
	for _, c := range []struct {
		all  string
		some map[string]string
		says string
	}{
		{"latin1", nil, "gb18030"}, {"", map[string]string{"a": "utf16"}, "unknown charset"},
		{"", map[string]string{"A": "gbk"}, "did you mean a"}, {"", map[string]string{"n": "gbk"}, "INTEGER, no text"},
	} {
		o.Charset, o.Charsets = c.all, c.some
		_, err := Open(t.Context(), o, "")
		wantFault(t, err, fault.Config, c.says)
	}
}

// A driver that turns all text into UTF-8 leaves no bytes to read: better told than garbled.
func TestACharsetIsRefusedWhereTextComesAsUTF8(t *testing.T) {
	d, err := sqldialect.ByName("sqlite")
	if err != nil {
		t.Fatal(err)
	}
	converting := *d
	converting.Bytes = nil
	s := &session{d: &converting, o: Options{Table: "b", Columns: []string{"a", "bl"}, Charset: "gbk", Charsets: map[string]string{"bl": "gbk"}}}
	bl := column{name: "bl", kind: sqldialect.Binary}
	if err := s.declare(t.Context(), &description{mapped: []column{bl}}); err != nil {
		t.Errorf("a binary column: %v", err)
	}
	wantFault(t, s.declare(t.Context(), &description{mapped: []column{{name: "a", kind: sqldialect.Text}, bl}}), fault.Config, "UTF-8 alone", "binary")
}

// What a person is shown before a mapping is written is in the connection's charset too.
func TestASampleAndCommentsAreInTheConnectionsCharset(t *testing.T) {
	s := mysqlSource(t)
	s.db.SetMaxOpenConns(1)
	s.exec(t, "SET NAMES latin1", "CREATE TABLE b (id INT, n VARCHAR(400) CHARACTER SET latin1 COMMENT '\xC9\xEA\xC7\xEB\xC8\xCB', u VARCHAR(40) CHARACTER SET utf8mb4, bi BIT(9)) COMMENT '\xCA\xDC\xC0\xED'",
		"INSERT INTO b VALUES (1, _binary x'D5C5C8FD', NULL, 257), (2, _binary x'D5C581', NULL, NULL), (3, CONCAT(_binary 'a', REPEAT(_binary x'D5C5', 199)), NULL, NULL)", "SET NAMES utf8mb4", "UPDATE b SET u = '王五'")
	o := Options{DB: s.cfg, Charset: "gbk"}
	rel, sample, err := Look(t.Context(), o, "b", 10)
	if err != nil {
		t.Fatal(err)
	}
	if rel.Comment != "受理" || rel.Columns[1].Comment != "申请人" {
		t.Errorf("comments %q and %q", rel.Comment, rel.Columns[1].Comment)
	}
	compare(t, sample[1], []string{"张三", "张\uFFFD", "a" + strings.Repeat("张", 127)})
	compare(t, sample[2], []string{"王五", "王五", "王五"})
	compare(t, sample[3], []string{"257"})
	list, err := List(t.Context(), o, "")
	if err != nil || len(list) != 1 || list[0].Comment != "受理" {
		t.Errorf("%+v, %v", list, err)
	}
	o.Charset = ""
	if rel, sample, err = Look(t.Context(), o, "b", 1); err != nil || rel.Comment != "ÊÜÀí" || sample[1][0] != "ÕÅÈý" {
		t.Errorf("undeclared: %q, %q, %v", rel.Comment, sample[1], err)
	}
}
