package collect

import (
	"slices"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
)

// stopped says that what is to be deleted wants an approval.
//
// Where rows have no key a changed row is a delete and an insert, so deletes alone do not
// tell a view that shrank: the share counts what went beyond what came. The number counts
// every delete, for each is one at the receivers, and for a column more in the mapping
// makes every row another.
func (v *vanisher) stopped() bool {
	deletes := v.unasked()
	if v.seen.keyless > 0 && deletes > 0 {
		return true
	}
	known := v.stays + v.found.Deleted
	if !v.Keyless {
		return v.Deletes.stops(deletes, known)
	}
	v.mu.Lock()
	v.found.Replaced = min(v.found.Deleted, v.born)
	v.mu.Unlock()
	return deletes > v.Deletes.Max || v.Deletes.stops(deletes-v.found.Replaced, known)
}

// apartFromRefused leaves out records of a keyless pipeline whose case, or item, has a row
// that was refused in this run: it may be the record as it is now, and receivers keep the
// last good one.
func (v *vanisher) apartFromRefused(entries []ledger.Entry) []ledger.Entry {
	if len(v.seen.refused) == 0 {
		return entries
	}
	apart := slices.DeleteFunc(slices.Clone(entries), func(e ledger.Entry) bool { return v.seen.refused[ledger.FirstOfKey(e.Key)] })
	v.found.Beside += int64(len(entries) - len(apart))
	return apart
}

func (v *vanisher) tooManyKeyless(known int64) error {
	return fault.New(fault.Config, "compare", v.Pipeline,
		text.F("台账里 %[2]d 条记录中有 %[1]d 条在视图里找不到了，同时新来了 %[3]d 条（没有键，改过的行也算一删一增），超过一次可以不问就删除的数量；这些一条也没有删除",
			"%[1]d of %[2]d records are no longer in the view, and %[3]d came (without a key a changed row counts as both), more than may be deleted unasked; none of these was deleted", v.unasked(), known, v.born),
		v.howToApprove(text.T("先核实视图是否完整；映射多读或少读一列，也会让每一行都成为新行", "see that the view is whole; a mapping that reads a column more or less makes every row another"), v.found.List))
}
