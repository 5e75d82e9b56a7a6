package sqldialect

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestSiftNamesTheRowsToBlameAndPutsInAllOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bad := rapid.SliceOfN(rapid.Bool(), 1, 60).Draw(t, "bad")
		var in, refused, want []int
		write := func(from, to int) error {
			if slices.Contains(bad[from:to], true) {
				return &RowError{Reason: "check"}
			}
			for row := from; row < to; row++ {
				in = append(in, row)
			}
			return nil
		}
		if err := Sift(0, len(bad), write, RowErrorOf, func(row int, _ *RowError) { refused = append(refused, row) }); err != nil {
			t.Fatal(err)
		}
		for row, b := range bad {
			if b {
				want = append(want, row)
			}
		}
		if !slices.Equal(refused, want) || !slices.IsSorted(in) || len(in)+len(refused) != len(bad) {
			t.Fatalf("in %v, refused %v, to blame %v", in, refused, want)
		}
	})
}

func TestSiftStopsAtWhatIsNoRowsFault(t *testing.T) {
	down, calls := errors.New("down"), 0
	err := Sift(0, 8, func(int, int) error { calls++; return down }, RowErrorOf, func(int, *RowError) { t.Error("a row is blamed") })
	if !errors.Is(err, down) || calls != 1 {
		t.Fatal(err, calls)
	}
}

func TestTuplesNumberTheirParameters(t *testing.T) {
	got := Tuples(2, 3, func(column, n int) string { return strconv.Itoa(column) + "$" + strconv.Itoa(n) })
	if got != "(0$1,1$2,2$3),(0$4,1$5,2$6)" || Tuples(1, 1, func(int, int) string { return "?" }) != "(?)" {
		t.Fatal(got)
	}
}
