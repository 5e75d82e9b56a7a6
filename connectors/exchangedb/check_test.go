package exchangedb

import (
	"context"
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/text"
)

func TestCheckOfTheStandardTableFindsNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, r *receiver, target *Target) {
		report, err := target.Check(context.Background())
		if err != nil || len(report.Narrow)+len(report.Warnings) != 0 {
			t.Fatalf("%+v, %v", report, err)
		}
		if r.count(t, "1 = 1") != 0 {
			t.Fatal("check wrote a row")
		}
	})
}

func TestCheckFindsWhatDiffers(t *testing.T) {
	r := mysqlReceiver(t)
	r.exec(t, "ALTER TABLE "+accept+" MODIFY address varchar(256) CHARACTER SET utf8mb3, MODIFY promise_date date, MODIFY legal varchar(100) NOT NULL")
	r.exec(t, "DROP INDEX "+accept+"_3 ON "+accept)
	report, err := r.target(t, nil).Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Narrow) != 1 || report.Narrow[0] != (Narrow{Table: accept, Column: "address", Standard: 1000, Receiver: 256}) {
		t.Errorf("narrow %+v", report.Narrow)
	}
	var said []string
	for _, w := range report.Warnings {
		said = append(said, w.In(text.EN))
	}
	if all := strings.Join(said, "; "); len(said) != 4 || !strings.Contains(all, "legal is NOT NULL") || !strings.Contains(all, "utf8mb3") || !strings.Contains(all, "is a date") || !strings.Contains(all, "no index on cd_batch") {
		t.Errorf("warnings %s", all)
	}
}

func TestCheckOfATableThatCannotBeDeliveredToIsAConfigFault(t *testing.T) {
	for name, spoil := range map[string]string{
		"no table":                "DROP TABLE " + accept,
		"no column":               "ALTER TABLE " + accept + " DROP COLUMN cd_batch",
		"cd_batch too narrow":     "ALTER TABLE " + accept + " MODIFY cd_batch varchar(30) NOT NULL",
		"a column nobody fills":   "ALTER TABLE " + accept + " ADD COLUMN region varchar(6) NOT NULL",
		"engine, no transactions": "ALTER TABLE " + accept + " ENGINE = MyISAM",
	} {
		t.Run(name, func(t *testing.T) {
			r := mysqlReceiver(t)
			r.exec(t, spoil)
			_, err := r.target(t, nil).Check(context.Background())
			wantKind(t, err, fault.Config)
		})
	}
}

func TestATableThatIsNotThereDoesNotSpeakForTheOthers(t *testing.T) {
	r := mysqlReceiver(t)
	target := r.target(t, func(o *Options) { o.Tables["up_pro_gone"] = o.Tables[accept] })
	report, err := target.Check(context.Background())
	if err != nil || len(report.Absent) != 1 || report.Absent[0].Table != "up_pro_gone" {
		t.Fatalf("%+v, %v", report, err)
	}
	wantKind(t, report.Absent[0].Err, fault.Config)
}

func TestValuesTheReceiverWouldChangeAreRefused(t *testing.T) {
	for _, method := range []Method{Insert, Load, Bulk} {
		r := mysqlReceiver(t)
		r.exec(t, "ALTER TABLE "+accept+" MODIFY promise_date date, MODIFY handle_user_name varchar(4)")
		const midnight = 1793462400 // 2026-11-01 00:00:00 in UTC+8
		d := sample(t, r.table, 200, cells{
			"promise_date":     dates(200, midnight, map[int]int64{7: midnight + 1}),
			"handle_user_name": names4(200, map[int]string{8: "四个汉字五", 9: "空格    "}),
		})
		receipt := deliver(t, r.target(t, func(o *Options) { o.Method = method }), d)
		var rows []int32
		for _, issue := range receipt.Refused {
			rows = append(rows, issue.Row)
		}
		if len(rows) != 3 || rows[0] != 7 || rows[1] != 8 || rows[2] != 9 {
			t.Fatalf("%s: refused %+v", method, receipt.Refused)
		}
	}
}

func dates(n int, all int64, other map[int]int64) map[int]any {
	m := map[int]any{}
	for i := range n {
		m[i] = all
		if v, ok := other[i]; ok {
			m[i] = v
		}
	}
	return m
}

func names4(n int, other map[int]string) map[int]any {
	m := map[int]any{}
	for i := range n {
		m[i] = "张三"
		if v, ok := other[i]; ok {
			m[i] = v
		}
	}
	return m
}
