package sqlview

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"banjian/pipelines"
)

// large fills the view with more rows than a first run has sorted, the cursor going down
// as the number goes up; one row has no cursor and one lies in the future.
func large(t *testing.T, s source) (rows int) {
	t.Helper()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var values []string
	for i := range sortedUpTo + 10 {
		values = append(values, fmt.Sprintf("(%d, 'x', '%s')", i, start.Add(-time.Duration(i/3)*time.Second).Format("2006-01-02 15:04:05.000000")))
		if len(values) == 1000 || i == sortedUpTo+9 {
			s.exec(t, "INSERT INTO c VALUES "+strings.Join(values, ","))
			values = values[:0]
		}
	}
	put(t, s, 1_000_000, "null", "")
	put(t, s, 1_000_001, "future", sourceTime(48*time.Hour))
	return sortedUpTo + 12
}

func TestAFirstRunOverALargeViewIsNotSortedAndTheNextOneIs(t *testing.T) {
	const begun = pipelines.Position(`{"v":1,"mode":"incremental","of":"v","by":["gxsj"]}`)
	both(t, cases, func(t *testing.T, s source) {
		n := large(t, s)
		o := caseOptions(s)
		first := readAll(t, o, "")
		middle := first.positions[:len(first.positions)-1]
		if slices.ContainsFunc(middle, func(p pipelines.Position) bool { return p != begun }) {
			t.Errorf("a run without order has a place in the middle: %s", middle[0])
		}
		again := readAll(t, o, begun) // as after an interruption
		if again.last() != first.last() {
			t.Errorf("it ends at %s, sorted at %s", first.last(), again.last())
		}
		if p, err := decode(again.positions[0], o); err != nil || p.At == nil {
			t.Errorf("after an interruption nothing is gained: %s, %v", again.positions[0], err)
		}
		if want := "2|x"; again.rows[n-2] != want || again.rows[0] != "1000000|null" || again.rows[n-1] != "1000001|future" {
			t.Errorf("rows %s … %s, %s", again.rows[0], again.rows[n-2], again.rows[n-1])
		}
		slices.Sort(first.rows)
		slices.Sort(again.rows)
		if len(slices.Compact(slices.Clone(first.rows))) != n {
			t.Errorf("%d rows, want %d", len(first.rows), n)
		}
		compare(t, first.rows, again.rows)
	})
}
