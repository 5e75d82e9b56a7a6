package sqlview

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/pipelines"
)

// compareWith adds up a view and reads what differs from known (nil: everything), "row" →
// leaf.
func compareWith(t *testing.T, o Options, known *pipelines.Sums) (*pipelines.Sums, map[string]int64) {
	t.Helper()
	o.Mode = Compare
	src, err := Open(t.Context(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	now, err := src.Sums(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if known != nil {
		if known.Of != now.Of {
			t.Fatalf("sums of %s and of %s", known.Of, now.Of)
		}
		src.Only(now.Differ(known))
	}
	rows := map[string]int64{}
	for {
		b, err := src.Read(context.Background())
		if errors.Is(err, io.EOF) {
			return now, rows
		}
		if err != nil {
			t.Fatal(err)
		}
		at := int(b.Record.NumCols()) - 1
		if now != nil && b.Record.ColumnName(at) != pipelines.LeafColumn {
			t.Fatalf("the last column is %s", b.Record.ColumnName(at))
		}
		for i, line := range lines(b.Record) {
			if now == nil {
				rows[line] = -1
				continue
			}
			rows[line[:strings.LastIndexByte(line, '|')]] = b.Record.Column(at).(*array.Int64).Value(i)
		}
		b.Record.Release()
	}
}

func sumsViewOf(t *testing.T, s source) (source, Options) {
	for _, q := range []string{"CREATE TABLE c (id INT PRIMARY KEY, who VARCHAR(20), note VARCHAR(20) CHARACTER SET gbk, d DECIMAL(10,2), at DATETIME(6))",
		"INSERT INTO c SELECT seq, CONCAT('人', seq), NULL, seq / 4, TIMESTAMP '2026-01-01 00:00:00' + INTERVAL seq SECOND FROM seq_1_to_3000",
		"CREATE VIEW v AS SELECT * FROM c"} {
		s.exec(t, s.says(q))
	}
	return s, Options{DB: s.cfg, View: "v", Columns: []string{"id", "who", "note", "d", "at"}, Key: []string{"id"}, Cursor: []string{"at"}}
}

func TestAnUnchangedViewIsAddedUpAndNotRead(t *testing.T) {
	onBoth(t, "on", func(t *testing.T, s source) {
		_, o := sumsViewOf(t, s)
		known, all := compareWith(t, o, nil)
		if known.Total() != 3000 || len(all) != 3000 {
			t.Fatalf("%d rows added up, %d read", known.Total(), len(all))
		}
		for line, leaf := range all {
			if known.Rows[leaf] == 0 {
				t.Fatalf("%s lies in an empty part", line)
			}
		}
		if _, again := compareWith(t, o, known); len(again) != 0 {
			t.Errorf("%d rows were read", len(again))
		}
		if sums := pipelines.UnpackSums(known.Of, known.Pack()); len(sums.Differ(known)) != 0 {
			t.Error("stored sums are not those that were stored")
		}
	})
}

// onBoth runs a test on both servers that hash.
func onBoth(t *testing.T, name string, run func(t *testing.T, s source)) {
	t.Run(name+"/mariadb", func(t *testing.T) { run(t, mysqlSource(t)) })
	t.Run(name+"/postgres", func(t *testing.T) { run(t, postgresSource(t)) })
}

func TestOnlyPartsThatDifferAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		change string
		want   []string // among what is read
		parts  int
	}{
		"a row changed":                    {"UPDATE c SET who = '改' WHERE id = 7", []string{"7|改|∅|1.75|2026-01-01 00:00:07.000000"}, 1},
		"NULL became empty":                {"UPDATE c SET note = '' WHERE id = 7", []string{"7|人7||1.75|2026-01-01 00:00:07.000000"}, 1},
		"a microsecond":                    {"UPDATE c SET at = at + INTERVAL 1 MICROSECOND WHERE id = 7", []string{"7|人7|∅|1.75|2026-01-01 00:00:07.000001"}, 1},
		"a new row":                        {"INSERT INTO c VALUES (9000, 'x', '国', 1, NULL)", []string{"9000|x|国|1.00|∅"}, 1},
		"a row is gone":                    {"DELETE FROM c WHERE id = 7", nil, 1},
		"a value moved to the next column": {"UPDATE c SET note = who, who = NULL WHERE id = 7", []string{"7|∅|人7|1.75|2026-01-01 00:00:07.000000"}, 1},
		"the same change to all":           {"UPDATE c SET d = d + 1", []string{"7|人7|∅|2.75|2026-01-01 00:00:07.000000"}, -1},
	} {
		onBoth(t, name, func(t *testing.T, s source) {
			s, o := sumsViewOf(t, s)
			known, _ := compareWith(t, o, nil)
			s.exec(t, s.says(c.change))
			now, rows := compareWith(t, o, known)
			if differ := len(now.Differ(known)); c.parts >= 0 && differ != c.parts || differ == 0 {
				t.Errorf("%d parts differ", differ)
			}
			if c.parts < 0 && len(rows) != 3000 || c.parts >= 0 && len(rows) > 20 {
				t.Errorf("%d rows were read", len(rows))
			}
			for _, w := range c.want {
				if s.cfg.Kind == "postgres" {
					w = strings.TrimSuffix(w, ".000000")
				}
				if _, there := rows[w]; !there {
					t.Errorf("%s was not read", w)
				}
			}
		})
	}
}

// Two rows of one part changed alike: the exclusive or of their CRC-32 would not tell.
func TestTheSameChangeOfTwoRowsOfAPartIsNoticed(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE c (id INT, state CHAR(1))", "CREATE VIEW v AS SELECT * FROM c")
	known, _ := compareWith(t, Options{DB: s.cfg, View: "v", Columns: []string{"id", "state"}, Key: []string{"id"}}, nil)
	same := func(x string) (sum, xor uint64) {
		if err := s.db.QueryRow("SELECT SUM(CRC32(CONCAT(id, ?))), BIT_XOR(CRC32(CONCAT(id, ?))) FROM c", x, x).Scan(&sum, &xor); err != nil {
			t.Fatal(err)
		}
		return sum, xor
	}
	s.exec(t, "INSERT INTO c VALUES (1, '0'), (2, '0')")
	sum0, xor0 := same("0")
	sum1, xor1 := same("1")
	if xor0 != xor1 || sum0 == sum1 {
		t.Fatalf("sums %d and %d, exclusive ors %d and %d", sum0, sum1, xor0, xor1)
	}
	if now, _ := compareWith(t, Options{DB: s.cfg, View: "v", Columns: []string{"id", "state"}, Key: []string{"id"}}, nil); len(now.Differ(known)) == 0 {
		t.Error("nothing differs")
	}
}

func TestSumsOfOtherColumnsAreNotCompared(t *testing.T) {
	onBoth(t, "on", func(t *testing.T, s source) {
		_, o := sumsViewOf(t, s)
		known, _ := compareWith(t, o, nil)
		for name, change := range map[string]func(*Options){
			"columns":    func(o *Options) { o.Columns = o.Columns[:3] },
			"key":        func(o *Options) { o.Key = []string{"who"} },
			"zone":       func(o *Options) { o.DB.Zone = "+00:00" },
			"conditions": func(o *Options) { o.Where = []Condition{{"id", "<", []any{10}}} },
			"of values":  func(o *Options) { o.Where = []Condition{{"id", "<", []any{20}}} },
		} {
			other := o
			change(&other)
			now, _ := compareWith(t, other, nil)
			if now.Of == known.Of {
				t.Errorf("%s: the same name", name)
			}
			known.Of = now.Of
		}
	})
}

// An incremental run of a pipeline that is compared places its rows as the compare does.
func TestRowsArePlacedAlikeInEveryMode(t *testing.T) {
	onBoth(t, "on", func(t *testing.T, s source) {
		_, o := sumsViewOf(t, s)
		_, all := compareWith(t, o, nil)
		o.Mode, o.Placed = Incremental, true
		got := readAll(t, o, "")
		if len(got.rows) != len(all) {
			t.Fatalf("%d rows", len(got.rows))
		}
		for _, line := range got.rows {
			at := strings.LastIndexByte(line, '|')
			if leaf, there := all[line[:at]]; !there || line[at+1:] != strconv.FormatInt(leaf, 10) {
				t.Fatalf("%s: %d, %t", line, leaf, there)
			}
		}
		o.Placed = false
		if plain := readAll(t, o, ""); strings.Contains(plain.types, pipelines.LeafColumn) {
			t.Errorf("unasked: %s", plain.types)
		}
	})
}

func TestAServerThatCannotHashIsReadWhole(t *testing.T) {
	s := sqliteSource(t, "CREATE TABLE c (id INT)", "INSERT INTO c VALUES (1), (2)")
	o := Options{DB: s.cfg, Table: "c", Columns: []string{"id"}, Placed: true}
	sums, rows := compareWith(t, o, nil)
	if sums != nil || len(rows) != 2 {
		t.Errorf("%v, %v", sums, rows)
	}
}

func TestSumsAreOfTheSnapshotThatIsRead(t *testing.T) {
	onBoth(t, "on", func(t *testing.T, s source) {
		_, o := sumsViewOf(t, s)
		o.Mode = Compare
		src, err := Open(t.Context(), o, "")
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		s.exec(t, "DELETE FROM c WHERE id <= 1000")
		sums, err := src.Sums(t.Context())
		if err != nil || sums.Total() != 3000 {
			t.Fatalf("%d, %v", sums.Total(), err)
		}
		s.exec(t, "DELETE FROM c")
		b, err := src.Read(t.Context())
		if err != nil || b.Record.NumRows() != 3000 {
			t.Fatalf("%v", err)
		}
		b.Record.Release()
	})
}
