package middleplatform_test

import (
	"context"
	"maps"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/pipelines"
)

// memo is a pipelines.ToldKeeper of one record.
type memo map[string]pipelines.Hash

func (m memo) Told(_ context.Context, _ int, part string) (pipelines.Hash, error) {
	return m[part], nil
}

func (m memo) Tell(_ context.Context, _ int, part string, message pipelines.Hash) error {
	m[part] = message
	return nil
}

// A record that changes in what the platform is not told is not told again; one that changes
// and changes back is, since the platform has the other.
func TestWhatWasAcknowledgedDoesNotGoAgainInTheSameWords(t *testing.T) {
	e := newPeer(t, "", nil)
	target := open(t, e.base, nil)
	told := memo{}
	call := func(calls int64, row map[string]string) {
		t.Helper()
		before := e.requests.Load()
		d := delivery(t, profileOf(t), "accept", row)
		d.Told = told
		if is, err := target.Call(t.Context(), d, 0); is != nil || err != nil {
			t.Errorf("%+v, %v", is, err)
		}
		if n := e.requests.Load() - before; n != calls {
			t.Errorf("%d calls, want %d", n, calls)
		}
	}
	other := with(acceptRow, "SHOULI_YWSLYJ", "另有意见")
	call(1, acceptRow)
	call(0, acceptRow)
	call(1, other)
	call(1, acceptRow)
	if c := e.Count("accept"); c.Effects != 1 || c.Revisions != 2 || c.Repeats != 0 {
		t.Errorf("%+v", c)
	}
	refused := with(acceptRow, "SXBM", middleplatform.TryOutItem+"X") // not the application's
	d := delivery(t, profileOf(t), "accept", refused)
	d.Told = maps.Clone(told)
	before := maps.Clone(told)
	_, _ = target.Call(t.Context(), d, 0)
	if d.Told.(memo)[""] == before[""] {
		t.Error("what is under way still counts as acknowledged")
	}
}

func TestARequestDoesNotGoAgainWithItsResult(t *testing.T) {
	p := profileOf(t)
	e := newPeer(t, "", nil)
	target := open(t, e.base, nil)
	told := memo{}
	for _, c := range []struct {
		name string
		row  map[string]string
	}{{"accept", canonicalAccept}, {"suspend", canonicalSpecial}, {"suspend", endedSpecial}} {
		d := &pipelines.Delivery{Table: c.name, Record: mapped(t, p, c.name, c.row).Outputs[0].Record}
		if c.name == "suspend" {
			d.Told = told
		}
		if is, err := target.Call(t.Context(), d, 0); is != nil || err != nil {
			t.Errorf("%s: %+v, %v", c.name, is, err)
		}
	}
	if c := e.Count("suspend"); c.Effects != 2 || c.Repeats != 0 || len(told) != 2 {
		t.Errorf("%+v, %d receipts", c, len(told))
	}
}
