package sqldialect

import (
	"strings"
	"testing"
)

func TestEveryDialectCanSayWhatADatabaseHolds(t *testing.T) {
	for _, d := range Dialects {
		i := d.Inventory()
		for _, q := range []string{i.Relations, i.Columns} {
			if all, one := i.All(q), i.One(q); q == "" || strings.Contains(all+one, "{") || all == one {
				t.Errorf("%s: %q and %q", d.Name, all, one)
			}
		}
	}
}

func TestKindsOfDeclaredTypes(t *testing.T) {
	for _, c := range []struct {
		dialect  *Dialect
		declared string
		want     Kind
	}{
		{&mysqlDialect, "varchar(64)", Text}, {&mysqlDialect, "int(10) unsigned", Int}, {&mysqlDialect, "bigint(20) unsigned", Decimal},
		{&mysqlDialect, "decimal(16,2)", Decimal}, {&mysqlDialect, "datetime(6)", Datetime}, {&mysqlDialect, "tinyint(1)", Int},
		{&mysqlDialect, "enum('a','b')", Text}, {&mysqlDialect, "longblob", Binary}, {&mysqlDialect, "date", Date}, {&mysqlDialect, "double", Float},
		{&sqliteDialect, "VARCHAR(30)", Text}, {&sqliteDialect, "INTEGER", Int}, {&sqliteDialect, "", Text}, {&sqliteDialect, "DATETIME", Datetime},
	} {
		if got := c.dialect.KindOfDeclared(c.declared); got != c.want {
			t.Errorf("%s %q is %s, not %s", c.dialect.Name, c.declared, got, c.want)
		}
	}
}
