package exchangedb

import (
	"testing"

	"banjian/pipelines"
)

// TestWhatWasDeliveredIsKnownByItsDigestWhenReadBack: on a server that pads, scales and
// dates as it likes, a row keeps its digest, and a changed value changes it.
func TestWhatWasDeliveredIsKnownByItsDigestWhenReadBack(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *receiver{"mysql": mysqlReceiver, "sqlite": sqliteReceiver} {
		t.Run(name, func(t *testing.T) {
			r := open(t)
			target := r.target(t, nil)
			d := sample(t, r.table, 200, cells{
				"address":       {0: nil, 1: "", 2: "第一行\n第二行\t'\\", 3: "末尾有空格  "},
				"contact_name":  {4: "0012.50", 5: "2026-01-02 00:00:00", 6: "㐀𠀀"},
				"promise_date":  {7: nil},
				"legal":         {8: "无"},
				"contact_code":  {9: "-1.00"},
				"accept_doc_no": {10: "2026-01-02 03:04:05.000"},
			})
			want, err := target.Digests(d)
			if err != nil || len(want) != 200 {
				t.Fatal(len(want), err)
			}
			if _, err := target.Deliver(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			r.exec(t, "UPDATE "+accept+" SET is_sync = 1 WHERE row_guid = ?", guidText(d.GUIDs[11]))
			r.exec(t, "UPDATE "+accept+" SET org_name = 'x' WHERE row_guid = ?", guidText(d.GUIDs[12]))
			digest := map[[16]byte]uint64{}
			for i, g := range d.GUIDs {
				digest[g] = want[i]
			}
			rows, altered := 0, 0
			err = target.Holds(t.Context(), accept, func(row pipelines.HeldRow) error {
				rows++
				if row.Digest != digest[row.GUID] {
					altered++
					if row.GUID != d.GUIDs[12] {
						t.Errorf("row %d has another digest", rows)
					}
				}
				if row.Op != pipelines.OpInsert || row.Taken != (row.GUID == d.GUIDs[11]) {
					t.Errorf("row %d: %c, taken %v", rows, row.Op, row.Taken)
				}
				return nil
			})
			if err != nil || rows != 200 || altered != 1 {
				t.Errorf("%d rows, %d altered, %v", rows, altered, err)
			}
		})
	}
}

func guidText(g [16]byte) string { return string(appendGUID(nil, g)) }
