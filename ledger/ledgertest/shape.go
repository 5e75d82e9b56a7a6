package ledgertest

import (
	"reflect"

	"banjian/internal/fault"
	"banjian/ledger"
	"banjian/pipelines"
)

var shapeTests = []test{{"TheShapeOfAViewComesBackUntilItIsReplaced", shapeComesBack}}

func shapeComesBack(k *kit) {
	if s, err := k.s.Shape(k.ctx, pipeline); s != nil || err != nil {
		k.Fatalf("never described: %+v, %v", s, err)
	}
	for _, definition := range []string{"d1", ""} {
		want := &pipelines.Shape{Definition: definition, Columns: []pipelines.ShapeColumn{{Name: "受理编号", Type: "varchar(30)", Kind: "text", Used: true}, {Name: "n", Type: "int", Kind: "int"}}}
		k.ok(k.s.SaveShape(k.ctx, ledger.Lease{}, pipeline, k.run, want))
		if got, err := k.s.Shape(k.ctx, pipeline); err != nil || !reflect.DeepEqual(got, want) {
			k.Errorf("got %+v, %v", got, err)
		}
	}
	k.wantKind(k.s.SaveShape(k.ctx, ledger.Lease{Name: "collect:" + pipeline, Owner: "somebody", Epoch: 7}, pipeline, k.run, &pipelines.Shape{}), fault.Blocked)
}
