package schemas_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/schemas"
)

// row is the fields of one record that are not NULL: string, int, bool, []string.
// A timestamp is an int, seconds since the epoch.
type row map[string]any

func build(t testing.TB, s *schemas.Subject, alloc memory.Allocator, rows []row) arrow.Record {
	t.Helper()
	b := array.NewRecordBuilder(alloc, s.Arrow())
	defer b.Release()
	for _, r := range rows {
		for name := range r {
			if s.Field(name) == nil {
				t.Fatalf("%s has no field %s", s.Name, name)
			}
		}
		for i := range s.Fields {
			appendValue(b.Field(i), r[s.Fields[i].Name])
		}
	}
	return b.NewRecord()
}

func appendValue(b array.Builder, v any) {
	if v == nil {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.StringBuilder:
		b.Append(v.(string))
	case *array.Int64Builder:
		b.Append(int64(v.(int)))
	case *array.BooleanBuilder:
		b.Append(v.(bool))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(v.(int)))
	case *array.ListBuilder:
		b.Append(true)
		for _, s := range v.([]string) {
			b.ValueBuilder().(*array.StringBuilder).Append(s)
		}
	}
}

// with is a copy of base with other values; nil makes a field NULL.
func with(base row, changes row) row {
	out := row{}
	for k, v := range base {
		out[k] = v
	}
	for k, v := range changes {
		out[k] = v
	}
	return out
}

// day is 2024-05-06 00:00:00 at UTC+8.
const day = 1714924800

var goodAccept = row{
	"local_no": "SL20240506001", "round": 1, "decision": "accept", "accepted_at": day + 36000, "accept_user": "梁嘉颖",
	"accept_region": "440103000000", "dept_code": "12440100X0000001XX", "dept_name": "岭南市住房公积金管理中心",
	"item_code": "GJJ-0101", "item_name": "个人住房公积金账户信息变更", "item_region": "440100000000",
	"applicant_type": "1", "applicant_name": "欧阳测试", "applicant_id_type": "111", "applicant_id_no": "440308199901101512",
	"applied_at": day + 32000, "channel": "window", "handling_type": "instant", "remark": "第一行\n第二行\t·",
}

var goodResult = row{
	"local_no": "SL1", "round": 1, "result_code": "granted", "result_text": "准予", "finished_at": day, "user": "苏宏杰",
	"dept_code": "X", "dept_name": "中心", "region": "440100000000", "fee": "12.50",
}

var goodStep = row{
	"local_no": "SL1", "step_id": "1", "step_name": "审核", "step_state": "pending", "user": "苏宏杰", "dept_code": "X",
	"dept_name": "中心", "region": "440100000000", "started_at": day + 100,
}

var goodProcess = row{
	"project_no": "C1", "event_name": "1", "process_name": "审核", "handle_user_name": "苏宏杰", "handle_explain": "同意",
	"event_start_time": day + 100, "event_end_time": day + 200,
}

// said is an issue as text: field rule args severity.
func said(i schemas.Issue) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", i.Field, i.Rule, i.Severity, strings.Join(i.Args, ",")))
}

func TestChecksOfOneRow(t *testing.T) {
	long := strings.Repeat("公", 101)
	for _, c := range []struct {
		name    string
		subject string
		row     row
		want    []string
	}{
		{"a good acceptance", "case/accept", goodAccept, nil},
		{"required is null", "case/accept", with(goodAccept, row{"applicant_name": nil}), []string{"applicant_name required reject"}},
		{"required is empty", "case/accept", with(goodAccept, row{"applicant_name": ""}), []string{"applicant_name required reject"}},
		{"required int is null", "case/accept", with(goodAccept, row{"round": nil}), []string{"round required reject"}},
		{"national codes may wait for delivery", "case/accept", with(goodAccept, row{"applied_at": nil, "channel": nil}), nil},
		{"width counts characters", "case/accept", with(goodAccept, row{"applicant_name": long[3:]}), nil},
		{"one character too many", "case/accept", with(goodAccept, row{"applicant_name": long}), []string{"applicant_name too_long reject 100,101"}},
		{"ASCII too long", "case/accept", with(goodAccept, row{"contact_mobile": "020-88888888"}), []string{"contact_mobile too_long reject 11,12"}},
		{"unknown code", "case/accept", with(goodAccept, row{"channel": "fax"}), []string{"channel bad_code reject channel,fax"}},
		{"a name in a code column is not repeated whole", "case/accept", with(goodAccept, row{"channel": "欧阳测试岭南市越秀区某路一号"}), []string{"channel bad_code reject channel,欧阳测试…"}},
		{"malformed region", "case/accept", with(goodAccept, row{"item_region": "440103"}), []string{"item_region bad_code reject region,440103"}},
		{"control character", "case/accept", with(goodAccept, row{"item_name": "事项\x00"}), []string{"item_name bad_text reject"}},
		{"C1 control", "case/accept", with(goodAccept, row{"item_name": "事项\u0085"}), []string{"item_name bad_text reject"}},
		{"invalid UTF-8", "case/accept", with(goodAccept, row{"item_name": "\xca\xc2\xcf\xee"}), []string{"item_name bad_text reject"}},
		{"refusal without a reason", "case/accept", with(goodAccept, row{"decision": "refuse"}), []string{"accept_opinion required reject"}},
		{"refusal with a reason", "case/accept", with(goodAccept, row{"decision": "refuse", "accept_opinion": "材料不符"}), nil},
		{"promised without a date", "case/accept", with(goodAccept, row{"handling_type": "promised"}), []string{"promised_at required reject"}},
		{"no document", "case/accept", with(goodAccept, row{"applicant_id_type": "990", "applicant_id_no": nil, "agent_name": "监护人"}), nil},
		{"no number of a document", "case/accept", with(goodAccept, row{"applicant_id_no": nil}), []string{"applicant_id_no required reject"}},
		{"a missing type is one finding", "case/accept", with(goodAccept, row{"applicant_id_type": nil, "applicant_id_no": nil}), []string{"applicant_id_type required reject"}},
		{"applied after accepted", "case/accept", with(goodAccept, row{"applied_at": day + 36001}), []string{"applied_at applied_after_accepted reject"}},
		{"applied when accepted", "case/accept", with(goodAccept, row{"applied_at": day + 36000}), nil},
		{"accepted on a bare day", "case/accept", with(goodAccept, row{"accepted_at": day}), nil},
		{"accepted on the bare day before", "case/accept", with(goodAccept, row{"accepted_at": day - 86400}), []string{"applied_at applied_after_accepted reject"}},
		{"a pending step", "case/step", goodStep, nil},
		{"a done step without end and action", "case/step", with(goodStep, row{"step_state": "done"}), []string{"action required reject", "ended_at required reject"}},
		{"a step that ends first", "case/step", with(goodStep, row{"ended_at": day + 99}), []string{"started_at step_end_before_start reject", "ended_at pending_step_ended warn"}},
		{"a granted result", "case/result", goodResult, nil},
		{"a licence without names", "case/result", with(goodResult, row{"result_code": "issued"}), []string{"licence_name required reject", "licence_no required reject"}},
		{"an empty list is no licence", "case/result", with(goodResult, row{"result_code": "issued", "licence_name": []string{"证"}, "licence_no": []string{}}), []string{"licence_no required reject"}},
		{"a licence", "case/result", with(goodResult, row{"result_code": "issued", "licence_name": []string{"证"}, "licence_no": []string{"粤1"}}), nil},
		{"control in a list", "case/result", with(goodResult, row{"licence_name": []string{"证", "\x01"}}), []string{"licence_name bad_text reject"}},
		{"refused without a reason", "case/result", with(goodResult, row{"result_code": "refused"}), []string{"failure_reason required reject"}},
		{"a fee that is no number", "case/result", with(goodResult, row{"fee": "12.5"}), []string{"fee bad_decimal reject"}},
		{"a fee with zeros in front", "case/result", with(goodResult, row{"fee": "012.50"}), []string{"fee bad_decimal reject"}},
		{"a fee beyond its precision", "case/result", with(goodResult, row{"fee": "123456789012345.00"}), []string{"fee too_long reject 16,17"}},
		{"a national row", "national/up_pro_process", goodProcess, nil},
		{"a national code", "national/up_pro_process", with(goodProcess, row{"event_name": "pass"}), []string{"event_name bad_code reject national/event_name,pass"}},
		{"a national width", "national/up_pro_process", with(goodProcess, row{"project_no": strings.Repeat("1", 51)}), []string{"project_no too_long reject 50,51"}},
		{"a national not null", "national/up_pro_process", with(goodProcess, row{"handle_explain": nil}), []string{"handle_explain required reject"}},
		{"a national order", "national/up_pro_process", with(goodProcess, row{"event_end_time": day + 99}), []string{"event_start_time step_end_before_start reject"}},
		{"the largest fee", "case/result", with(goodResult, row{"fee": "-99999999999999.99"}), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := check(t, c.subject, []row{c.row})
			if strings.Join(got, "; ") != strings.Join(c.want, "; ") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func check(t *testing.T, name string, rows []row) []string {
	t.Helper()
	cat := load(t)
	s, _ := cat.Subject(name)
	k, err := schemas.NewChecker(s, cat)
	if err != nil {
		t.Fatal(err)
	}
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	rec := build(t, s, alloc, rows)
	defer rec.Release()
	var out []string
	for _, i := range k.Check(rec) {
		if len(rows) > 1 {
			out = append(out, fmt.Sprintf("%d %s", i.Row, said(i)))
		} else {
			out = append(out, said(i))
		}
	}
	return out
}

func TestIssuesComeInRowOrder(t *testing.T) {
	got := check(t, "case/accept", []row{
		goodAccept,
		with(goodAccept, row{"applied_at": day + 40000, "local_no": nil}),
		with(goodAccept, row{"channel": "x"}),
		goodAccept,
		with(goodAccept, row{"item_name": "\x07", "local_no": nil}),
	})
	want := []string{
		"1 local_no required reject", "1 applied_at applied_after_accepted reject", "2 channel bad_code reject channel,x",
		"4 local_no required reject", "4 item_name bad_text reject",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

func TestASliceOfARecordIsCheckedLikeARecord(t *testing.T) {
	cat := load(t)
	s, _ := cat.Subject("case/accept")
	k, err := schemas.NewChecker(s, cat)
	if err != nil {
		t.Fatal(err)
	}
	rec := build(t, s, memory.DefaultAllocator, []row{
		with(goodAccept, row{"item_name": "\x00", "local_no": nil}), goodAccept,
		with(goodAccept, row{"channel": "fax", "applicant_name": strings.Repeat("公", 101), "handling_type": "promised"}),
	})
	defer rec.Release()
	part := rec.NewSlice(1, 3)
	defer part.Release()
	var got []string
	for _, i := range k.Check(part) {
		got = append(got, fmt.Sprintf("%d %s", i.Row, said(i)))
	}
	want := []string{"1 applicant_name too_long reject 100,101", "1 channel bad_code reject channel,fax", "1 promised_at required reject"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	none := rec.NewSlice(1, 1)
	defer none.Release()
	if issues := k.Check(none); issues != nil {
		t.Errorf("an empty record has issues: %v", issues)
	}
}

func TestASliceOfListsIsCheckedLikeARecord(t *testing.T) {
	cat := load(t)
	s, _ := cat.Subject("case/result")
	k, err := schemas.NewChecker(s, cat)
	if err != nil {
		t.Fatal(err)
	}
	issued := with(goodResult, row{"result_code": "issued", "licence_name": []string{"证", "照"}, "licence_no": []string{"粤1", "粤2"}})
	rec := build(t, s, memory.DefaultAllocator, []row{
		with(issued, row{"licence_no": []string{}}), issued, with(issued, row{"licence_name": []string{}}), with(issued, row{"licence_no": []string{"\x02"}}),
	})
	defer rec.Release()
	part := rec.NewSlice(1, 4)
	defer part.Release()
	var got []string
	for _, i := range k.Check(part) {
		got = append(got, fmt.Sprintf("%d %s", i.Row, said(i)))
	}
	if want := "1 licence_name required reject; 2 licence_no bad_text reject"; strings.Join(got, "; ") != want {
		t.Errorf("got %q", got)
	}
}

func TestACharacterCutInTwoByARowBorderIsFound(t *testing.T) {
	// The two halves join to a valid character in the column's buffer.
	got := check(t, "case/accept", []row{
		with(goodAccept, row{"item_name": "\xe5\x85"}), with(goodAccept, row{"item_name": "\xac"}),
	})
	if want := "0 item_name bad_text reject; 1 item_name bad_text reject"; strings.Join(got, "; ") != want {
		t.Errorf("got %q", got)
	}
}

func TestCleanRecordAllocatesNothing(t *testing.T) {
	k, rec := acceptBatch(t, 512)
	defer rec.Release()
	if issues := k.Check(rec); issues != nil {
		t.Fatalf("issues in a clean record: %v", issues[0])
	}
	if n := testing.AllocsPerRun(20, func() { k.Check(rec) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// acceptBatch is n clean acceptances with about 30 filled columns.
func acceptBatch(t testing.TB, n int) (*schemas.Checker, arrow.Record) {
	t.Helper()
	cat := load(t)
	s, _ := cat.Subject("case/accept")
	k, err := schemas.NewChecker(s, cat)
	if err != nil {
		t.Fatal(err)
	}
	channels := []string{"window", "web", "app", "wechat"}
	rows := make([]row, n)
	for i := range rows {
		rows[i] = with(goodAccept, row{
			"local_no": fmt.Sprintf("SL2024%08d", i), "flow_no": fmt.Sprintf("44010020240506%08d", i), "case_no": fmt.Sprintf("C%020d", i),
			"source_pk": fmt.Sprint(i), "changed_at": day + i, "task_code": "11440000553612461J2442111662003", "catalog_code": "442111662003",
			"item_version": 4, "contact_mobile": "13800000000", "contact_name": "测试联系人", "address": "岭南市越秀区示例路一百二十八号二栋三单元",
			"zip_code": "510000", "channel": channels[i%4], "case_title": "个人住房公积金账户信息变更（欧阳测试）", "accept_doc_no": "穗金受理20240506",
			"accept_opinion": "材料齐全，符合法定形式，予以受理。", "promise_limit": 5, "promise_unit": "workday",
		})
	}
	return k, build(t, s, memory.DefaultAllocator, rows)
}

func BenchmarkCheckAccept(b *testing.B) {
	const n = 4096
	k, rec := acceptBatch(b, n)
	defer rec.Release()
	b.ReportAllocs()
	for b.Loop() {
		k.Check(rec)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/row")
}
