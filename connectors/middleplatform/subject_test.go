package middleplatform_test

import (
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/schemas"
)

func TestMessagesAreSubjectsOfTheCatalog(t *testing.T) {
	p := profileOf(t)
	cat := catalogOf(t, p)
	for name, columns := range map[string]int{"accept": 20, "course": 16, "finish": 26, "correction": 13, "suspend": 21, "result_file": 14} {
		s, ok := cat.Subject("platform/sd-ywzt-2024/" + name)
		if !ok || len(s.Fields) != columns || s.Title.ZH == "" || s.Title.EN == "" {
			t.Errorf("%s has %d columns: %+v", name, len(s.Fields), s.Title)
			continue
		}
		for _, f := range s.Fields {
			if f.Title.ZH == "" || f.Title.EN == "" || f.Personal != (f.Mask != schemas.MaskNone) {
				t.Errorf("%s.%s: %+v", name, f.Name, f)
			}
		}
	}
	set, ok := cat.CodeSet("sd-ywzt-2024/result")
	if !ok || !set.Has("7") || set.Has("8") {
		t.Errorf("the code set is %+v", set)
	}
	for _, set := range cat.CodeSets() {
		for _, v := range set.Codes {
			if v.Title.ZH == "" || v.Title.EN == "" {
				t.Errorf("code %s of %s has no title in both languages", v.Code, set.Name)
			}
		}
	}
	accept, _ := cat.Subject("platform/sd-ywzt-2024/accept")
	finish, _ := cat.Subject("platform/sd-ywzt-2024/finish")
	for _, c := range []struct {
		s    *schemas.Subject
		want schemas.Field
	}{
		{accept, schemas.Field{Name: "SBLSH_SHORT", Type: schemas.Text, Width: 50, Required: true}},
		{accept, schemas.Field{Name: "SHOULI_YWSLSJ", Type: schemas.Time, Required: true}},
		{accept, schemas.Field{Name: "SHOULI_YWSLRMC", Type: schemas.Text, Width: 100, Required: true, Personal: true, Mask: schemas.MaskName}},
		{accept, schemas.Field{Name: "SHOULI_YWSLYJ", Type: schemas.Text, Width: 2000, RequiredWhen: "SHOULI_YWSLZT in ['0']"}},
		{accept, schemas.Field{Name: "SHOULI_YWSLQHBM", Type: schemas.Code, Width: 12, CodeSet: "region", Required: true}},
		{accept, schemas.Field{Name: "YUSHEN_YWYSZT", Type: schemas.Code, CodeSet: "sd-ywzt-2024/review_state"}},
		{finish, schemas.Field{Name: "SPBANJIE_ZFHTHYY", Type: schemas.Text, Width: 2000, RequiredWhen: "SPBANJIE_BJJGDM in ['1', '2', '3', '4', '5', '7']"}},
		{finish, schemas.Field{Name: "SPBANJIE_ZJBH", Type: schemas.Text, Width: 50, Personal: true, Mask: schemas.MaskID, RequiredWhen: "SPBANJIE_BJJGDM in ['0']"}},
		{finish, schemas.Field{Name: "SPBANJIE_SFJE", Type: schemas.Decimal, Width: 16, Scale: 2}},
	} {
		got := *c.s.Field(c.want.Name)
		got.Title = c.want.Title
		if got != c.want {
			t.Errorf("%+v, want %+v", got, c.want)
		}
	}
}

// What a block that may be missing requires is not required of a column: a row without
// the block would be refused.
func TestRequiredFieldsOfAnOptionalBlockBindOnlyWhenItIsThere(t *testing.T) {
	p := profileOf(t)
	block := &p.Interfaces["accept"].Blocks[1]
	block.Fields[1].Required = true // YWYSRMC
	subjects, _ := p.Subjects()
	if f := subjects[0].Field("YUSHEN_YWYSRMC"); f == nil || f.Required {
		t.Errorf("%+v", f)
	}
	d := delivery(t, p, "accept", acceptRow, with(acceptRow, "YUSHEN_YWYSYJ", "可以"))
	for row, want := range []string{"", "YUSHEN/YWYSRMC"} {
		m, err := p.Message(p.Interfaces["accept"], d.Record, row)
		if err != nil {
			t.Fatal(err)
		}
		found := p.Check(p.Interfaces["accept"], m)
		if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || found[0].Field != want || found[0].Rule != "required") {
			t.Errorf("row %d: %+v", row, found)
		}
	}
}

func TestRowBecomesTheMessageOfItsProfile(t *testing.T) {
	p := profileOf(t)
	for name, c := range map[string]struct {
		row  map[string]string
		want string
	}{
		"accept": {with(acceptRow, "YUSHEN_YWYSSJ", "2024-06-30T16:00:00Z", "YUSHEN_YWYSZT", "1"),
			`<APPROVEDATAINFO><SBLSH_SHORT>2407010000001</SBLSH_SHORT><SXBM>11370000MB284651XX3370106001000</SXBM><YUSHEN><YWYSSJ>2024-07-01 00:00:00</YWYSSJ><YWYSZT>1</YWYSZT></YUSHEN><SHOULI><YWSLSJ>2024-07-01 09:00:00</YWSLSJ><YWSLRMC>张三</YWSLRMC><YWSLZT>1</YWSLZT><YWSLQHMC>历下区</YWSLQHMC><YWSLQHBM>370102000000</YWSLQHBM><YWSLBMMC>某公积金中心</YWSLBMMC><YWSLBMBM>11370000MB284651XX</YWSLBMBM></SHOULI></APPROVEDATAINFO>`},
		"course": {courseRow,
			`<APPROVEDATAINFO><SBLSH_SHORT>2407010000001</SBLSH_SHORT><SXBM>11370000MB284651XX3370106001000</SXBM><GDBSSPCL><SPHJDM>2</SPHJDM><SPHJMC>审核</SPHJMC><SPBMMC>某公积金中心</SPBMMC><SPBMZZJDMD>11370000MB284651XX</SPBMZZJDMD><XZQHDM>370102000000</XZQHDM><SPRXM>李四</SPRXM><SPHJZTDM>1</SPHJZTDM><SPYJ>同意 &lt;按规定&gt; 办理</SPYJ><JSSJ>2024-07-01 10:00:00</JSSJ><SPSJ>2024-07-01 11:00:00</SPSJ></GDBSSPCL></APPROVEDATAINFO>`},
		"finish": {finishRow,
			`<APPROVEDATAINFO><SBLSH_SHORT>2407010000001</SBLSH_SHORT><SXBM>11370000MB284651XX3370106001000</SXBM><SPBANJIE><BJBMMC>某公积金中心</BJBMMC><BJBMZZJDDM>11370000MB284651XX</BJBMZZJDDM><XZQHDM>370102000000</XZQHDM><SPRXM>王五</SPRXM><BJJGDM>6</BJJGDM><BJJGMS>准予</BJJGMS><SFJE>0.00</SFJE><JEDWDM>CNY</JEDWDM><BJSJ>2024-07-02 09:00:00</BJSJ></SPBANJIE></APPROVEDATAINFO>`},
	} {
		in := p.Interfaces[name]
		m, err := p.Message(in, delivery(t, p, name, c.row).Record, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := middleplatform.EncodeXML(m); err != nil || got != c.want {
			t.Errorf("%s: %s, %v\nwant %s", name, got, err, c.want)
		}
		if found := p.Check(in, m); len(found) > 0 {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

func TestRecordOfAnotherShapeIsNoMessage(t *testing.T) {
	p := profileOf(t)
	d := delivery(t, p, "course", courseRow)
	for name, row := range map[string]int{"accept": 0, "course": 1} {
		if m, err := p.Message(p.Interfaces[name], d.Record, row); err == nil {
			t.Errorf("%s row %d became %v", name, row, m)
		}
	}
}
