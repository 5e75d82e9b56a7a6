package exchangedb

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"pgregory.net/rapid"

	"banjian/pipelines"
)

// readLiteral reads one quoted literal as MySQL does.
func readLiteral(s string, backslash bool) (string, bool) {
	if len(s) < 2 || s[0] != '\'' || s[len(s)-1] != '\'' {
		return "", false
	}
	var b strings.Builder
	body := s[1 : len(s)-1]
	for i := 0; i < len(body); i++ {
		switch {
		case body[i] == '\'' && (i+1 == len(body) || body[i+1] != '\''):
			return "", false // the literal would end here
		case body[i] == '\'', body[i] == '\\' && backslash:
			if i++; i == len(body) {
				return "", false
			}
		}
		b.WriteByte(body[i])
	}
	return b.String(), true
}

func TestLiteralsReadBackAsTheyWereInBothBackslashModes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune(`'"\ab办𠮷`+"\x00\n\t`%"))).Draw(t, "value")
		for _, backslash := range []bool{true, false} {
			q := string(appendQuoted(nil, s, backslash))
			if got, ok := readLiteral(q, backslash); !ok || got != s {
				t.Fatalf("%q became %s, read as %q", s, q, got)
			}
		}
	})
}

func TestTabSeparatedCellsNeverHoldASeparator(t *testing.T) {
	unescape := strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\0`, "\x00")
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune(`\Nnt0ab办`+"\x00\n\t\r\x01"))).Draw(t, "value")
		q := string(appendTab(nil, s))
		if strings.ContainsAny(q, "\t\n\x00") || q == `\N` || unescape.Replace(q) != s {
			t.Fatalf("%q became %q", s, q)
		}
	})
}

func TestAColumnIsWrittenAsItsCellsAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.StringOf(rapid.SampledFrom([]rune(`Nnt0ab办\`+"\x00\n\t\r"))), 0, 4).Draw(t, "values")
		b := array.NewStringBuilder(memory.DefaultAllocator)
		defer b.Release()
		b.AppendValues(values, nil)
		a := b.NewStringArray()
		defer a.Release()
		c, ok := arrowColumn(a, time.UTC)
		for row, v := range values {
			if got, want := string(c.appendTSV(nil, row)), string(appendTab(nil, v)); !ok || got != want {
				t.Fatalf("%q became %q, want %q", v, got, want)
			}
		}
	})
}

func TestServersWithoutBackslashEscapesStoreWhatWasSent(t *testing.T) {
	r := mysqlReceiver(t)
	target := r.target(t, nil)
	values := []string{`\`, `a\'b`, `\n`, `'`}
	change := cells{"address": {}}
	for i, v := range values {
		change["address"][i] = v
	}
	for name, w := range map[string]writer{"insert": insertWriter{statement: &literalInsert{}}, "load": loadWriter{}, "bulk": bulkWriter{}} {
		d := sample(t, r.table, len(values), change)
		ctx := context.Background()
		l, err := target.layout(d)
		if err != nil {
			t.Fatal(err)
		}
		s, err := target.open(ctx, accept)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.exec(ctx, "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'"); err != nil {
			t.Fatal(err)
		}
		s.backslash = false
		_, err = target.transaction(ctx, s, l, w)
		s.release()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, v := range values {
			if r.count(t, "cd_batch = ? AND address = ?", d.ID, v) != 1 {
				t.Errorf("%s: %q was not stored as it is", name, v)
			}
		}
	}
}

func TestRowsBeyondWhatTheServerTakesAreRefusedUnsent(t *testing.T) {
	r := mysqlReceiver(t)
	target := r.target(t, nil)
	d := sample(t, r.table, 20, cells{"address": {4: strings.Repeat("长", 1000), 5: "短"}})
	ctx := context.Background()
	l, err := target.layout(d)
	if err != nil {
		t.Fatal(err)
	}
	s, err := target.open(ctx, accept)
	if err != nil {
		t.Fatal(err)
	}
	defer s.release()
	s.maxPacket = 3000
	receipt, err := target.transaction(ctx, s, l, insertWriter{statement: &literalInsert{}})
	if err != nil || len(receipt.Refused) != 1 || receipt.Refused[0].Row != 4 || receipt.Refused[0].Args[0] != "too_long" {
		t.Fatalf("receipt %+v, %v", receipt, err)
	}
	if n := r.count(t, "cd_batch = ?", d.ID); n != 19 {
		t.Fatalf("%d rows arrived", n)
	}
}

func TestEncodingARowAllocatesNothing(t *testing.T) {
	table := acceptTable(t)
	d := sample(t, table, 64, nil)
	l := layoutOf(t, d)
	buf := make([]byte, 0, 1<<20)
	row := 0
	if n := testing.AllocsPerRun(200, func() {
		buf = l.appendLine(buf[:0], row)
		buf = l.appendRow(buf, row, true)
		row = (row + 1) % 64
	}); n != 0 {
		t.Errorf("%v allocations a row", n)
	}
}

func layoutOf(t testing.TB, d *pipelines.Delivery) *layout {
	t.Helper()
	target := &Target{opts: Options{DataSource: "A01", Style: Snake, Zone: time.FixedZone("UTC+8", 8*3600)}}
	l, err := target.layout(d)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func BenchmarkEncode(b *testing.B) {
	d := sample(b, acceptTable(b), 4096, nil)
	l := layoutOf(b, d)
	b.Run("tsv", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			if _, err := io.Copy(io.Discard, &tsvReader{layout: l}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*l.rows), "ns/row")
	})
	b.Run("literals", func(b *testing.B) {
		b.ReportAllocs()
		w, s := &literalInsert{}, &session{maxPacket: 16 << 20, backslash: true}
		for range b.N {
			for from := 0; from < l.rows; from = w.next(s, l, from) {
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*l.rows), "ns/row")
	})
}
