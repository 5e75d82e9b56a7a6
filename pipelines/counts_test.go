package pipelines_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

func textOf(s string) text.Text { return text.T(s, s) }

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		name           string
		l              pipelines.Limits
		read, rejected int64
		stops          bool
	}{
		{"no limits", pipelines.Limits{}, 100, 100, false},
		{"as many as may be", pipelines.Limits{Max: 10}, 100, 10, false},
		{"one more", pipelines.Limits{Max: 10}, 100, 11, true},
		{"the share that may be", pipelines.Limits{Ratio: 0.02}, 100, 2, false},
		{"a larger share", pipelines.Limits{Ratio: 0.02}, 100, 3, true},
		{"a larger share of too few rows", pipelines.Limits{Ratio: 0.02, After: 500}, 499, 499, false},
		{"a larger share of enough rows", pipelines.Limits{Ratio: 0.02, After: 500}, 500, 11, true},
		{"nothing read", pipelines.Limits{Ratio: 0.02}, 0, 0, false},
		{"the number counts before the share does", pipelines.Limits{Max: 10, Ratio: 0.02, After: 500}, 20, 11, true},
	} {
		err := c.l.Check(pipelines.Counts{Read: c.read, Rejected: c.rejected})
		if (err != nil) != c.stops || err != nil && !fault.Is(err, fault.Data) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestSumsAddUpOrAreAnError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.Int64Range(0, 1<<40)
		c := pipelines.Counts{Filtered: some.Draw(t, "filtered"), Unchanged: some.Draw(t, "unchanged"), Rejected: some.Draw(t, "rejected"), Collected: some.Draw(t, "collected")}
		c.Read = c.Filtered + c.Unchanged + c.Rejected + c.Collected
		if err := c.Check(); err != nil {
			t.Fatal(err)
		}
		c.Read += rapid.SampledFrom([]int64{-1, 1}).Draw(t, "off")
		if c.Check() == nil {
			t.Fatal("a wrong sum is no error")
		}
		r := pipelines.ReceiverCounts{Delivered: some.Draw(t, "delivered"), Held: some.Draw(t, "held"), Rejected: c.Rejected, NotApplicable: c.Filtered, Pending: some.Draw(t, "pending"), Released: some.Draw(t, "released")}
		records := r.Delivered + r.Held + r.Rejected + r.NotApplicable + r.Pending
		if err := r.Check(records); err != nil {
			t.Fatal(err)
		}
		if r.Check(records+1) == nil {
			t.Fatal("a wrong sum is no error")
		}
	})
}

// A count that Add forgets would be missing from every summary.
func TestAddAddsEveryCount(t *testing.T) {
	var c pipelines.Counts
	one := reflect.New(reflect.TypeOf(c)).Elem()
	eachCount(one, func(i int, _ string, v reflect.Value) { v.SetInt(int64(i)) })
	c.Add(one.Interface().(pipelines.Counts))
	c.Add(one.Interface().(pipelines.Counts))
	eachCount(reflect.ValueOf(c), func(i int, name string, v reflect.Value) {
		if got := v.Int(); got != int64(2*i) {
			t.Errorf("%s is %d", name, got)
		}
	})
}

// eachCount numbers the counts from 1, those within others too.
func eachCount(of reflect.Value, f func(i int, name string, v reflect.Value)) {
	n := 0
	for i := range of.NumField() {
		v, name := of.Field(i), of.Type().Field(i).Name
		if v.Kind() != reflect.Struct {
			n++
			f(n, name, v)
			continue
		}
		for j := range v.NumField() {
			n++
			f(n, name+"."+v.Type().Field(j).Name, v.Field(j))
		}
	}
}
