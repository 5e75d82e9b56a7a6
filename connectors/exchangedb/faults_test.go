package exchangedb

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/testdb"
	"banjian/internal/text"
)

func TestMissingTableOrColumnIsAConfigFaultThatPointsAtTheDDL(t *testing.T) {
	for name, spoil := range map[string]string{
		"table":  "DROP TABLE " + accept,
		"column": "ALTER TABLE " + accept + " DROP COLUMN zip_code",
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, r *receiver, target *Target) {
				r.exec(t, spoil)
				_, err := target.Deliver(context.Background(), sample(t, r.table, 100, nil))
				wantKind(t, err, fault.Config)
				if hint := fault.HintOf(err).In(text.EN); !strings.Contains(hint, "banjian schema ddl "+accept) {
					t.Errorf("hint %q", hint)
				}
			})
		})
	}
}

func TestColumnNobodyFillsIsAConfigFault(t *testing.T) {
	r := mysqlReceiver(t)
	r.exec(t, "ALTER TABLE "+accept+" ADD COLUMN region_code varchar(12) NOT NULL")
	_, err := r.target(t, nil).Deliver(context.Background(), sample(t, r.table, 2, nil))
	wantKind(t, err, fault.Config)
}

// account makes a user with the given rights on the table and a receiver for it.
func account(t *testing.T, r *receiver, rights string) {
	t.Helper()
	user := "u" + newID()[:12]
	r.exec(t, fmt.Sprintf("CREATE USER '%s'@'%%' IDENTIFIED BY 'Right-1'", user))
	r.exec(t, fmt.Sprintf("GRANT %s ON %s.%s TO '%s'@'%%'", rights, r.config.Database, accept, user))
	t.Cleanup(func() { r.exec(t, fmt.Sprintf("DROP USER '%s'@'%%'", user)) })
	r.config.User, r.config.Password = user, func(context.Context) (string, error) { return "Right-1", nil }
}

func TestSelectAndInsertAreAllTheRightsItNeeds(t *testing.T) {
	for _, method := range []Method{Insert, Load, Bulk} {
		r := mysqlReceiver(t)
		account(t, r, "SELECT, INSERT")
		target := r.target(t, func(o *Options) { o.Method = method })
		if report, err := target.Check(context.Background()); err != nil || len(report.Narrow)+len(report.Warnings) != 0 {
			t.Fatalf("check: %+v, %v", report, err)
		}
		d := sample(t, r.table, 200, nil)
		deliver(t, target, d)
		if n, err := target.Arrived(context.Background(), d.ID, accept); n != 200 || err != nil {
			t.Fatalf("arrived %d, %v", n, err)
		}
	}
}

func TestMissingRightIsAConfigFaultWithTheGrant(t *testing.T) {
	r := mysqlReceiver(t)
	account(t, r, "SELECT")
	for _, method := range []Method{Insert, Load, Bulk} {
		target := r.target(t, func(o *Options) { o.Method = method })
		_, err := target.Deliver(context.Background(), sample(t, r.table, 100, nil))
		wantKind(t, err, fault.Config)
		if hint := fault.HintOf(err).In(text.EN); !strings.Contains(hint, "GRANT SELECT, INSERT ON "+accept) {
			t.Errorf("hint %q", hint)
		}
		_, err = target.Check(context.Background())
		wantKind(t, err, fault.Config)
	}
}

func TestRefusedLoginBlocksTheReceiver(t *testing.T) {
	r := mysqlReceiver(t)
	account(t, r, "SELECT, INSERT")
	r.config.Password = func(context.Context) (string, error) { return "wrong", nil }
	target := r.target(t, nil)
	_, err := target.Deliver(context.Background(), sample(t, r.table, 2, nil))
	wantKind(t, err, fault.Blocked)
	_, err = target.Arrived(context.Background(), newID(), accept)
	wantKind(t, err, fault.Blocked)
}

func TestLockWaitIsTransientAndLeavesNothing(t *testing.T) {
	r := sqliteReceiver(t)
	target := r.target(t, func(o *Options) { o.LockWait = 1 })
	finish := openTransaction(t, target, sample(t, r.table, 1, nil))
	_, err := target.Deliver(context.Background(), sample(t, r.table, 2, nil))
	wantKind(t, err, fault.Transient)
	finish("ROLLBACK")

	m := mysqlReceiver(t)
	m.exec(t, "ALTER TABLE "+accept+" ADD UNIQUE KEY one_guid (row_guid)")
	slow := m.target(t, func(o *Options) { o.LockWait = 1 })
	d := sample(t, m.table, 2, nil)
	finish = openTransaction(t, slow, d)
	again := *d
	again.ID = newID()
	_, err = slow.Deliver(context.Background(), &again)
	wantKind(t, err, fault.Transient)
	finish("ROLLBACK")
	if m.count(t, "1 = 1") != 0 {
		t.Fatal("rows were left")
	}
}

func TestFaultsNeverCarryAValue(t *testing.T) {
	const secret = "110101199003070011"
	r := mysqlReceiver(t)
	r.exec(t, "ALTER TABLE "+accept+" ADD UNIQUE KEY one (applyer_page_code)")
	target := r.target(t, nil)
	d := sample(t, r.table, 2, cells{"applyer_page_code": {0: secret, 1: secret}, "zip_code": {0: nil, 1: nil}})
	receipt := deliver(t, target, d)
	if len(receipt.Refused) != 1 || receipt.Refused[0].Args[0] != "duplicate" {
		t.Fatalf("receipt %+v", receipt)
	}
	r.exec(t, "DROP TABLE "+accept)
	_, err := target.Deliver(context.Background(), d)
	if s := fmt.Sprintf("%v %+v %s", err, receipt, fault.Say(err, text.ZH)); strings.Contains(s, secret) {
		t.Fatalf("value in %s", s)
	}
}

func TestServerOutOfReachIsTransient(t *testing.T) {
	r := mysqlReceiver(t)
	r.config.Port = 1
	_, err := r.target(t, nil).Deliver(context.Background(), sample(t, r.table, 1, nil))
	wantKind(t, err, fault.Transient)
}

func TestLoadIsUsedOnlyWhereTheServerAllowsIt(t *testing.T) {
	server, err := testdb.Start(t.TempDir())
	if err != nil {
		t.Skipf("SKIPPED: no MariaDB: %v", err)
	}
	t.Cleanup(server.Stop)
	server.Exec(t, "", "SET GLOBAL local_infile = 0")
	r := newReceiver(t, server.Config(server.CreateDatabase(t)))
	d := sample(t, r.table, 300, nil)
	deliver(t, r.target(t, nil), d)
	if r.count(t, "cd_batch = ?", d.ID) != 300 {
		t.Fatal("rows are missing")
	}
	_, err = r.target(t, func(o *Options) { o.Method = Load }).Deliver(context.Background(), sample(t, r.table, 300, nil))
	wantKind(t, err, fault.Config)
}
