package exchangedb

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/pipelines"
)

// everywhere runs a test on every database and write method.
func everywhere(t *testing.T, test func(t *testing.T, r *receiver, target *Target)) {
	for _, c := range []struct {
		name   string
		open   func(testing.TB) *receiver
		method Method
	}{{"sqlite", sqliteReceiver, Insert}, {"mysql insert", mysqlReceiver, Insert}, {"mysql load", mysqlReceiver, Load}, {"mysql bulk", mysqlReceiver, Bulk}, {"mysql bulk, TLS", secureReceiver, Bulk}, {"postgres", postgresReceiver, Insert}} {
		t.Run(c.name, func(t *testing.T) {
			r := c.open(t)
			target := r.target(t, func(o *Options) { o.Method = c.method })
			test(t, r, target)
			if target.uneven.Load() {
				t.Error("rows were taken back although every row was sound")
			}
		})
	}
}

func TestDeliverWritesEveryRowWithItsDeliveryColumns(t *testing.T) {
	everywhere(t, func(t *testing.T, r *receiver, target *Target) {
		d := sample(t, r.table, 1201, nil)
		d.Ops[1], d.Ops[2] = pipelines.OpUpdate, pipelines.OpDelete
		if receipt := deliver(t, target, d); len(receipt.Refused) != 0 {
			t.Fatalf("refused %v", receipt.Refused[0])
		}
		if n, err := target.Arrived(context.Background(), d.ID, accept); n != 1201 || err != nil {
			t.Fatalf("arrived %d, %v", n, err)
		}
		rows, err := r.look.Query("SELECT row_guid, cd_operation, CAST(cd_time AS CHAR(30)), data_source, CAST(apply_date AS CHAR(30)), legal IS NULL, is_sync, project_no FROM " + accept + " ORDER BY ID LIMIT 3")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for i := 0; rows.Next(); i++ {
			var guid, op, at, source, apply, sync, project string
			var null bool
			if err := rows.Scan(&guid, &op, &at, &source, &apply, &null, &sync, &project); err != nil {
				t.Fatal(err)
			}
			at = strings.TrimSpace(at)
			if want := string(appendGUID(nil, d.GUIDs[i])); guid != want || len(guid) != 36 {
				t.Errorf("row %d: row_guid %s, want %s", i, guid, want)
			}
			if op != string("IUD"[i]) || at != "2026-11-03 01:02:03" || source != "A01" || sync != "0" {
				t.Errorf("row %d: %s %s %s %s", i, op, at, source, sync)
			}
			if null != (i == 0) || !strings.HasPrefix(apply, "2026-11-01 09:00:0") {
				t.Errorf("row %d: legal is null: %v, apply_date %s", i, null, apply)
			}
		}
	})
}

func TestEveryCharacterArrivesAsItWasSent(t *testing.T) {
	values := []string{"", "null", `\N`, `\`, `\\`, `'`, `''`, `a'b\'c`, "tab\there", "line\nbreak\r\n", "nul\x00byte", `"quoted"`, "𠮷野家😀", "`", "%_;--", "?", " padded ", "\ufeff"}
	everywhere(t, func(t *testing.T, r *receiver, target *Target) {
		change, values := cells{"address": {}}, values
		if r.config.Kind == "postgres" { // it holds every character but NUL
			values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return strings.Contains(v, "\x00") })
		}
		for i, v := range values {
			change["address"][i] = v
		}
		d := sample(t, r.table, len(values), change)
		if receipt := deliver(t, target, d); len(receipt.Refused) != 0 {
			t.Fatalf("refused %v", receipt.Refused)
		}
		rows, err := r.look.Query("SELECT address FROM " + accept + " ORDER BY ID")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for i := 0; rows.Next(); i++ {
			var got *string
			if err := rows.Scan(&got); err != nil {
				t.Fatal(err)
			}
			if got == nil || *got != values[i] {
				t.Errorf("sent %q, stored %v", values[i], got)
			}
		}
	})
}

func TestRefusedRowsAreNamedAndTheOthersArrive(t *testing.T) {
	long := strings.Repeat("长", 1001)
	everywhere(t, func(t *testing.T, r *receiver, target *Target) {
		d := sample(t, r.table, 700, cells{"address": {0: long, 333: long, 699: long}, "task_name": {5: nil}})
		receipt := deliver(t, target, d)
		var got []int32
		for _, issue := range receipt.Refused {
			got = append(got, issue.Row)
			if issue.Rule != RuleRefused || issue.Severity != pipelines.Reject {
				t.Errorf("issue %+v", issue)
			}
			if strings.Contains(strings.Join(issue.Args, ""), "长") {
				t.Errorf("issue carries a value: %v", issue.Args)
			}
			// PostgreSQL does not say which column a value is too long for.
			if want := map[bool]string{true: "task_name", false: "address"}[issue.Row == 5]; issue.Field != want && (r.config.Kind != "postgres" || issue.Field != "") {
				t.Errorf("row %d blames %q, want %q", issue.Row, issue.Field, want)
			}
		}
		if len(got) != 4 || got[0] != 0 || got[1] != 5 || got[2] != 333 || got[3] != 699 {
			t.Fatalf("refused rows %v", got)
		}
		if n := r.count(t, "cd_batch = '"+d.ID+"'"); n != 696 {
			t.Fatalf("%d rows arrived, want 696", n)
		}
		guids, err := target.ArrivedRows(context.Background(), d.ID, accept)
		if err != nil || len(guids) != 696 {
			t.Fatalf("arrived rows: %d, %v", len(guids), err)
		}
		for _, g := range guids {
			if g == d.GUIDs[333] {
				t.Fatal("a refused row is among those arrived")
			}
		}
	})
}

func TestDeliveryWithEveryRowRefusedWritesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, r *receiver, target *Target) {
		d := sample(t, r.table, 2, cells{"task_name": {0: nil, 1: nil}})
		receipt := deliver(t, target, d)
		if len(receipt.Refused) != 2 || receipt.Refused[0].Args[0] != "null" || r.count(t, "1 = 1") != 0 {
			t.Fatalf("receipt %+v, %d rows", receipt, r.count(t, "1 = 1"))
		}
	})
}

func TestUnsoundDeliveriesAreBugsAndWriteNothing(t *testing.T) {
	r := sqliteReceiver(t)
	target := r.target(t, nil)
	for name, spoil := range map[string]func(*pipelines.Delivery){
		"id with dashes":  func(d *pipelines.Delivery) { d.ID = "0123456-0123456-0123456-01234567" },
		"id in capitals":  func(d *pipelines.Delivery) { d.ID = strings.ToUpper(d.ID[:31]) + "A" },
		"short guid list": func(d *pipelines.Delivery) { d.GUIDs = d.GUIDs[1:] },
		"unknown op":      func(d *pipelines.Delivery) { d.Ops[0] = 'X' },
	} {
		t.Run(name, func(t *testing.T) {
			d := sample(t, r.table, 2, nil)
			spoil(d)
			_, err := target.Deliver(context.Background(), d)
			wantKind(t, err, fault.Bug)
		})
	}
	if r.count(t, "1 = 1") != 0 {
		t.Fatal("rows were written")
	}
}

func TestArrivedCountsNothingForAnUnknownDelivery(t *testing.T) {
	everywhere(t, func(t *testing.T, r *receiver, target *Target) {
		if n, err := target.Arrived(context.Background(), newID(), accept); n != 0 || err != nil {
			t.Fatalf("arrived %d, %v", n, err)
		}
	})
}

func TestArrivedWaitsForATransactionInFlight(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *receiver{"mysql": mysqlReceiver, "sqlite": sqliteReceiver, "postgres": postgresReceiver} {
		for _, end := range []string{"COMMIT", "ROLLBACK"} {
			t.Run(name+" "+end, func(t *testing.T) {
				r := open(t)
				target := r.target(t, nil)
				d := sample(t, r.table, 10, nil)
				finish := openTransaction(t, target, d)
				answer := make(chan int, 1)
				go func() {
					n, err := target.Arrived(context.Background(), d.ID, accept)
					if err != nil {
						n = -1
					}
					answer <- n
				}()
				select {
				case n := <-answer:
					t.Fatalf("answered %d while the transaction was open", n)
				case <-time.After(300 * time.Millisecond):
				}
				finish(end)
				if n, want := <-answer, map[string]int{"COMMIT": 10, "ROLLBACK": 0}[end]; n != want {
					t.Fatalf("arrived %d after %s, want %d", n, end, want)
				}
			})
		}
	}
}

func TestArrivedIsTransientWhenTheTransactionInFlightDoesNotEnd(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *receiver{"mysql": mysqlReceiver, "sqlite": sqliteReceiver, "postgres": postgresReceiver} {
		t.Run(name, func(t *testing.T) {
			r := open(t)
			target := r.target(t, func(o *Options) { o.LockWait = time.Second })
			d := sample(t, r.table, 3, nil)
			finish := openTransaction(t, target, d)
			_, err := target.Arrived(context.Background(), d.ID, accept)
			wantKind(t, err, fault.Transient)
			finish("ROLLBACK")
		})
	}
}

// openTransaction writes d on a connection of its own and leaves the transaction
// open; finish ends it.
func openTransaction(t *testing.T, target *Target, d *pipelines.Delivery) (finish func(end string)) {
	t.Helper()
	ctx := context.Background()
	l, err := target.layout(d)
	if err != nil {
		t.Fatal(err)
	}
	s, err := target.open(ctx, accept)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.beginDelivery(ctx, d.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := (insertWriter{statement: boundInsert{}}).write(ctx, s, l); err != nil {
		t.Fatal(err)
	}
	return func(end string) {
		if err := s.exec(ctx, end); err != nil {
			t.Error(err)
		}
		s.inTx = false
		s.release()
	}
}

func TestDeliverAbandonedByItsCallerWritesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, r *receiver, target *Target) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := target.Deliver(ctx, sample(t, r.table, 100, nil))
		wantKind(t, err, fault.Transient)
		if r.count(t, "1 = 1") != 0 {
			t.Fatal("rows were written")
		}
	})
}

func TestServerThatWarnsAboutSoundLoadsIsLoadedNoMore(t *testing.T) {
	r := mysqlReceiver(t)
	target := r.target(t, nil)
	for _, c := range []struct {
		name  string
		rows  cells
		loads bool // afterwards
	}{
		{"a refused row is no reason", cells{"task_name": {70: nil}}, true},
		{"sound rows are", nil, false},
	} {
		d := sample(t, r.table, 100, c.rows)
		ctx := context.Background()
		l, err := target.layout(d)
		if err != nil {
			t.Fatal(err)
		}
		s, err := target.open(ctx, accept)
		if err != nil {
			t.Fatal(err)
		}
		// What follows a load that was taken back.
		_, err = target.transaction(ctx, s, l, insertWriter{statement: &literalInsert{}, afterFast: &target.uneven})
		if err != nil {
			t.Fatal(err)
		}
		if loads, err := target.loads(ctx, s, l); loads != c.loads || err != nil {
			t.Errorf("%s: loads %v, %v", c.name, loads, err)
		}
		s.release()
	}
}

func TestConcurrentDeliveriesKeepTheirRowsApartAndInOrder(t *testing.T) {
	everywhere(t, func(t *testing.T, r *receiver, target *Target) {
		const deliveries, rows = 12, 150
		var wg sync.WaitGroup
		for range deliveries {
			d := sample(t, r.table, rows, nil)
			wg.Go(func() {
				if _, err := target.Deliver(context.Background(), d); err != nil {
					t.Error(err)
				}
				if n, err := target.Arrived(context.Background(), d.ID, accept); n != rows || err != nil {
					t.Errorf("arrived %d, %v", n, err)
				}
			})
		}
		wg.Wait()
		if n := r.count(t, "1 = 1"); n != deliveries*rows {
			t.Errorf("%d rows", n)
		}
		if n := r.count(t, "EXISTS (SELECT 1 FROM "+accept+" o WHERE o.cd_batch = "+accept+".cd_batch AND o.project_no < "+accept+".project_no AND o.ID > "+accept+".ID)"); n != 0 {
			t.Errorf("%d rows stand before an earlier one of their delivery", n)
		}
	})
}
