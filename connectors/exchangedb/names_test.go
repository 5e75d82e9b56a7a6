package exchangedb

import (
	"testing"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
)

func TestStylesSpellEveryColumnAsTheLayoutDoes(t *testing.T) {
	for _, c := range acceptTable(t).Columns {
		if got := Camel.column(c.Name); got != c.Name2018 {
			t.Errorf("%s: camel %s, 2018 layout %s", c.Name, got, c.Name2018)
		}
		if got := Snake.column(c.Name); got != c.Name {
			t.Errorf("%s: snake %s", c.Name, got)
		}
	}
	if Flat.column("row_guid") != "rowguid" || Flat.column("cd_batch") != "cd_batch" {
		t.Error("flat style drops the underscore of cd_ or keeps another")
	}
}

func TestTableNamesFollowStyleSuffixAndExceptions(t *testing.T) {
	o := Options{Style: Camel, Suffix: "_v3", Tables: map[string]Table{"up_lic_data": {Physical: "share.td_ec_share_up_lic_data", Columns: map[string]string{"holder_name": "czzt"}}}}
	for table, want := range map[string]string{
		"up_pro_special_procedure":          "`up_pro_specialprocedure_v3`",
		"national/up_pro_special_procedure": "`up_pro_specialprocedure_v3`",
		"up_lic_data":                       "`share`.`td_ec_share_up_lic_data`",
	} {
		n, err := o.names(table, "")
		if err != nil || n.table != want {
			t.Errorf("%s: %v, %v", table, n, err)
		}
	}
	n, err := o.names("up_lic_data", "")
	if err != nil || n.column("holder_name") != "czzt" || n.column("issue_dept") != "IssueDept" {
		t.Errorf("columns of up_lic_data: %v, %v", n, err)
	}
}

func TestNamesOutsideTheGrammarAreRefused(t *testing.T) {
	for _, name := range []string{"a`b", "a b", "a;b", "a.b.c", "a'", "a--", "."} {
		o := Options{Tables: map[string]Table{"t": {Physical: name}}}
		_, err := o.names("t", "")
		wantKind(t, err, fault.Config)
	}
	o := Options{Tables: map[string]Table{"t": {Columns: map[string]string{"a": "b`"}}}}
	_, err := o.names("t", "")
	wantKind(t, err, fault.Config)
}

func TestOptionsOutsideTheirRangesAreRefused(t *testing.T) {
	r := sqliteReceiver(t)
	mysql, err := sqldialect.ByName("mysql")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Options){
		"data source too long":         func(o *Options) { o.DataSource = "A012" },
		"no data source":               func(o *Options) { o.DataSource = "" },
		"load on sqlite":               func(o *Options) { o.Method = Load },
		"bulk on sqlite":               func(o *Options) { o.Method = Bulk },
		"unknown method on mysql":      func(o *Options) { o.Method, o.Dialect = "copy", mysql },
		"no dialect":                   func(o *Options) { o.Dialect = nil },
		"table name out of grammar":    func(o *Options) { o.Tables = map[string]Table{"t": {Physical: "a b"}} },
		"unknown style is no spelling": func(o *Options) { o.Style = "kebab" },
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{Name: "national", DB: openConfig(t, r.config), DataSource: "A01"}
			o.Dialect, _ = r.config.Dialect()
			change(&o)
			_, err := New(o)
			wantKind(t, err, fault.Config)
		})
	}
}
