package sqldialect

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the goldens anew")

// TestWhatDatabasesAreTold pins every phrase of every dialect. Those of Oracle, SQL
// Server and 达梦 are not run against a real server: a person reads them here.
func TestWhatDatabasesAreTold(t *testing.T) {
	types := map[string][]string{
		"mysql":  strings.Fields("TINYINT INT BIT DECIMAL DATETIME DATE TIME YEAR CHAR VARCHAR TEXT JSON BLOB"),
		"sqlite": strings.Fields("INTEGER DATETIME DATE TEXT BLOB"),
		"postgres": {"INT4", "NUMERIC", "FLOAT4", "FLOAT8", "MONEY", "790", "BOOL", "TIMESTAMP", "TIMESTAMPTZ", "timestamp(3) with time zone", "DATE", "TIME", "BPCHAR",
			"character varying(30)", "TEXT", "JSONB", "UUID", "BYTEA", "_INT4", "integer[]", "16390"},
		"oracle": {"NUMBER", "FLOAT", "IBDouble", "NCHAR", "CHAR", "VARCHAR2", "DATE", "TIMESTAMP(6)", "TimeStampDTY", "TimeStampTZ_DTY", "TIMESTAMP(6) WITH LOCAL TIME ZONE",
			"RAW", "OCIClobLocator", "LongVarChar", "OCIBlobLocator", "LONG"},
		"dm":        {"NUMBER", "CHAR", "VARCHAR2", "DATE", "TIMESTAMP(6)", "BLOB", "CLOB"},
		"sqlserver": strings.Fields("TINYINT BIT BIGINT DECIMAL MONEY FLOAT DATETIME DATETIME2 SMALLDATETIME DATETIMEOFFSET DATE TIME CHAR NVARCHAR NTEXT XML UNIQUEIDENTIFIER VARBINARY IMAGE"),
	}
	types["mysql"] = append(types["mysql"], "UNSIGNED INT", "UNSIGNED BIGINT")
	var b strings.Builder
	for _, d := range Dialects {
		fmt.Fprintf(&b, "==== %s\n", d.Name)
		view, err := d.QuoteView("gjj.v_办件x")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "name       %s\nfirst      %s\nclock      %s\n", view, d.First("SELECT "+d.Quote("a")+" FROM "+view, 5), d.Clock("+08:00"))
		for _, q := range append(d.Session("+08:00"), d.Snapshot...) {
			fmt.Fprintf(&b, "begin      %s\n", q)
		}
		fmt.Fprintf(&b, "greatest   %s\n", d.Greatest([]string{"a", "b", "c"}))
		for _, name := range types[d.Name] {
			kind := d.KindOf(name)
			fmt.Fprintf(&b, "%-34s %-8s %s <= %s", name, kind, d.Plain("x", name), d.Bound(kind, name, d.Placeholder(1)))
			if size := d.Measure("x", name, 0); size != "" {
				fmt.Fprintf(&b, " size %s", size)
			}
			b.WriteByte('\n')
		}
		i := d.Inventory()
		fmt.Fprintf(&b, "columns    %s\nrelations  %s\ncolumns    %s\ndefinition %s\n\n", d.Columns, i.One(i.Relations), i.All(i.Columns), i.Definition)
	}
	const path = "testdata/dialects.txt"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || string(want) != b.String() {
		t.Errorf("%s differs (run with -update to see):\n%s", path, b.String())
	}
}
