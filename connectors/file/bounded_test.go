package file

import "testing"

func TestRunsWithALimitTakeAFileBitByBit(t *testing.T) {
	d := newDrop(t, Options{Whole: true, Limit: 3, BatchRows: 2, Archive: "done"})
	d.put("a.csv", "id,v\n1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n")
	g := d.run(true)
	if d.wantRows(g, "1,a", "2,b", "3,c"); g.whole {
		t.Error("a part of a file stands for everything")
	}
	d.lies("a.csv")
	if g = d.run(true); !g.whole { // as many rows as are left: none is
		t.Error("read to its end and not whole")
	}
	d.wantRows(g, "4,d", "5,e", "6,f")
	d.lies("done/a.csv")
}
