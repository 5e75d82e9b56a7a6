package sqlite

import (
	"encoding/hex"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"banjian/ledger"
	"banjian/pipelines"
)

func TestMembersOfAFrozenBatchComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var members []ledger.Member
		for range rapid.IntRange(0, 50).Draw(t, "members") {
			m := ledger.Member{Rec: rapid.Int64Range(1, math.MaxInt64).Draw(t, "rec"), Version: rapid.Uint32().Draw(t, "version"),
				At: ledger.Place{Seq: rapid.Int64Range(1, math.MaxInt64).Draw(t, "seq"), Row: rapid.Int32Range(0, math.MaxInt32).Draw(t, "row")},
				Op: rapid.SampledFrom([]pipelines.Op{pipelines.OpInsert, pipelines.OpUpdate, pipelines.OpDelete}).Draw(t, "op")}
			m.Delete = m.Op == pipelines.OpDelete
			members = append(members, m)
		}
		if got := decodeMembers(encodeMembers(members)); !slices.Equal(got, members) {
			t.Fatalf("got %+v, want %+v", got, members)
		}
	})
}

// Frozen batches written by an earlier release must be readable for ever.
func TestTheEncodingOfMembersDoesNotChange(t *testing.T) {
	members := []ledger.Member{
		{Rec: 1, Version: 1, At: ledger.Place{Seq: 7}, Op: pipelines.OpInsert},
		{Rec: 300, Version: 2, At: ledger.Place{Seq: 7, Row: 4095}, Op: pipelines.OpUpdate},
		{Rec: 2, Version: 70000, At: ledger.Place{Seq: 3, Row: 1}, Op: pipelines.OpDelete, Delete: true},
	}
	const want = "02010e0049d60402" + "00ff1f55d304f0a2040701" + "44"
	if got := hex.EncodeToString(encodeMembers(members)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	data, err := hex.DecodeString(want)
	if err != nil {
		t.Fatal(err)
	}
	if got := decodeMembers(data); !slices.Equal(got, members) {
		t.Errorf("got %+v", got)
	}
}
