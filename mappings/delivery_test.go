package mappings

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/schemas"
)

// canonicalRecord builds records of a canonical subject, with the columns a delivery
// inherits from the case, from texts; what a row does not name is NULL.
func canonicalRecord(t *testing.T, alloc memory.Allocator, s *schemas.Subject, rows ...map[string]string) arrow.Record {
	t.Helper()
	fields := s.Arrow().Fields()
	for name, typ := range map[string]schemas.Type{"case_accepted_at": schemas.Time} {
		f := schemas.Field{Name: name, Type: typ}
		fields = append(fields, arrow.Field{Name: name, Type: f.ArrowType(), Nullable: true})
	}
	b := array.NewRecordBuilder(alloc, arrow.NewSchema(fields, nil))
	defer b.Release()
	for _, row := range rows {
		for i, f := range fields {
			v, ok := row[f.Name]
			if !ok {
				b.Field(i).AppendNull()
				continue
			}
			if list, isList := b.Field(i).(*array.ListBuilder); isList {
				list.Append(true)
				for _, part := range strings.Split(v, "|") {
					list.ValueBuilder().(*array.StringBuilder).Append(part)
				}
				continue
			}
			if err := b.Field(i).AppendValueFromString(v); err != nil {
				t.Fatal(f.Name, err)
			}
		}
	}
	return b.NewRecord()
}

func with(base map[string]string, change ...string) map[string]string {
	out := map[string]string{}
	for k, v := range base {
		out[k] = v
	}
	for i := 0; i < len(change); i += 2 {
		if change[i+1] == null {
			delete(out, change[i])
		} else {
			out[change[i]] = change[i+1]
		}
	}
	return out
}

var (
	sampleAccept = map[string]string{
		"case_no": "BJ2024-1", "decision": "accept", "accepted_at": "2024-03-01T01:30:00Z", "accept_user": "王办",
		"dept_code": "11440000MB2C70271K", "dept_name": "某中心", "item_code": "SX1", "catalog_code": "442117010000",
		"task_code": "11440000MB2C70271K4442117010000", "item_name": "提取公积金", "item_version": "3",
		"applicant_type": "1", "applicant_name": "张样例", "applicant_id_type": "111", "applicant_id_no": "11010519491231002X",
		"applied_at": "2024-03-01T01:00:00Z", "channel": "self_service", "handling_type": "promised", "promised_at": "2024-03-08T09:30:00Z",
	}
	sampleStep = map[string]string{
		"case_no": "BJ2024-1", "case_accepted_at": "2024-03-01T01:30:00Z", "step_name": "审核", "step_state": "done", "action": "pass",
		"user": "李审", "started_at": "2024-03-02T01:00:00Z", "ended_at": "2024-03-02T02:00:00Z", "opinion": "同意",
	}
	sampleMaterial = map[string]string{
		"case_no": "BJ2024-1", "material_name": "身份证", "get_type": "scan", "get_num": "2", "attach_name": "正面.jpg|背面.jpg",
	}
	sampleResult = map[string]string{
		"case_no": "BJ2024-1", "case_accepted_at": "2024-03-01T01:30:00Z", "result_code": "issued", "result_text": "已办结", "user": "赵批",
		"finished_at": "2024-03-05T01:00:00Z", "licence_name": "证甲|证乙", "licence_no": "1|2", "is_delivered": "true", "satisfaction": "1",
	}
)

func TestNationalDeliveryMappings(t *testing.T) {
	long := strings.Repeat("长", 120)
	for _, c := range []struct {
		name, subject string
		rows          []map[string]string
	}{
		{"accept", "case/accept", []map[string]string{
			sampleAccept,
			with(sampleAccept, "decision", "refuse", "catalog_code", null),
			with(sampleAccept, "secrecy", "classified"),
			with(sampleAccept, "applied_at", null),
			with(sampleAccept, "catalog_code", null, "task_code", null, "item_version", null, "channel", null),
			with(sampleAccept, "applicant_type", "5", "channel", "wechat", "handling_type", "joint"),
			with(sampleAccept, "applicant_type", "6", "channel", "mail", "handling_type", "other"),
			with(sampleAccept, "applicant_type", "9", "channel", "other", "handling_type", "instant", "promised_at", null),
			with(sampleAccept, "agent_name", "代理人", "agent_id_type", "111", "agent_phone", "020-87654321"),
			with(sampleAccept, "case_no", null, "dept_code", "440106"),
		}},
		{"process", "case/step", []map[string]string{
			sampleStep,
			with(sampleStep, "opinion", null, "action", "return"),
			with(sampleStep, "step_state", "pending", "action", null, "ended_at", null, "opinion", null),
			with(sampleStep, "started_at", "2024-02-29T01:00:00Z", "ended_at", "2024-02-29T02:00:00Z"),
			with(sampleStep, "started_at", "2024-02-29T01:00:00Z"),
			with(sampleStep, "case_accepted_at", null),
		}},
		{"material", "case/material", []map[string]string{
			sampleMaterial,
			with(sampleMaterial, "get_type", "licence", "attach_name", long+"|"+long, "get_num", null),
			with(sampleMaterial, "got", "false"),
			with(sampleMaterial, "get_num", "123456", "attach_name", null),
		}},
		{"result", "case/result", []map[string]string{
			sampleResult,
			with(sampleResult, "result_code", "granted", "licence_name", null, "licence_no", null, "is_delivered", null, "pickup_way", "mail"),
			with(sampleResult, "result_code", "withdrawn", "failure_reason", "申请人撤回", "is_delivered", null),
			with(sampleResult, "finished_at", "2024-02-01T01:00:00Z"),
			with(sampleResult, "secrecy", "classified", "case_no", null),
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			alloc := checked(t)
			cat := catalog(t)
			data, file, err := Load("national-2020/" + c.name)
			if err != nil {
				t.Fatal(err)
			}
			f, err := Parse(file, data)
			if err != nil {
				t.Fatal(err)
			}
			from, _ := cat.Subject(c.subject)
			m, err := Compile(f, cat, from)
			if err != nil {
				t.Fatal(err)
			}
			rec := canonicalRecord(t, alloc, from, c.rows...)
			defer rec.Release()
			res := apply(t, m, alloc, rec)
			defer res.Release()
			checkSums(t, res, len(c.rows))
			compareGolden(t, "testdata/national-2020."+c.name+".result.txt", dump(res))
		})
	}
}

// Every canonical code has a national one, so no code a department may deliver is
// refused for want of a mapping.
func TestNationalMappingsCoverEveryCanonicalCode(t *testing.T) {
	cat := catalog(t)
	for name, fields := range map[string]map[string]string{
		"accept":   {"applyer_type": "applicant_type", "apply_type": "channel", "project_type": "handling_type"},
		"process":  {"event_name": "action"},
		"material": {"get_type": "get_type"},
		"result":   {"result_type": "result"},
	} {
		data, file, err := Load("national-2020/" + name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Parse(file, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, fd := range f.blocks[0].fields {
			set, ok := cat.CodeSet(fields[fd.name.text])
			if !ok {
				continue
			}
			codes := fd.get("codes")
			table, ok := cat.CodeTable(codes.get("profile").text, codes.get("set").text)
			if !ok || table.Set != set {
				t.Fatalf("%s.%s is not translated by a table of %s", name, fd.name.text, set.Name)
			}
			for _, v := range set.Codes {
				if _, fit := table.Out(v.Code); fit != schemas.Exact {
					t.Errorf("%s.%s: %s is not mapped", name, fd.name.text, v.Code)
				}
			}
		}
	}
}

// The messages of a platform are known to its connector, whose tests compile the
// mappings that fill them; here those are parsed only.
func TestEveryShippedMappingCompiles(t *testing.T) {
	for _, name := range Names() {
		data, file, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Parse(file, data)
		if err != nil {
			t.Error(err)
			continue
		}
		if strings.HasPrefix(f.blocks[0].to.text, "platform/") {
			continue
		}
		if _, err := Compile(f, catalog(t), nil); err != nil {
			t.Error(err)
		}
		if f.Name != name {
			t.Errorf("%s calls itself %s", file, f.Name)
		}
	}
}

// A receiver that counts bytes has room for fewer names.
func TestAJoinedListIsCutInTheReceiversUnit(t *testing.T) {
	cat := catalog(t)
	data, path, err := Load("national-2020/material")
	if err != nil {
		t.Fatal(err)
	}
	from, _ := cat.Subject("case/material")
	names := strings.Join([]string{strings.Repeat("甲", 60), strings.Repeat("乙", 60), strings.Repeat("丙", 60)}, "|")
	for unit, want := range map[schemas.Unit]string{
		{}: "甲乙丙 []", {Bytes: true, Charset: "gbk"}: "甲 [too_long_bytes 200 364 gbk]", {Bytes: true, Charset: "utf8"}: "甲 [too_long_bytes 200 546 utf8]",
	} {
		m, err := Read(path, data, cat.Counting(unit), from)
		if err != nil {
			t.Fatal(err)
		}
		alloc := checked(t)
		rec := canonicalRecord(t, alloc, from, map[string]string{"case_no": "B1", "material_name": "证件", "get_type": "upload", "attach_name": names})
		defer rec.Release()
		res := apply(t, m, alloc, rec)
		defer res.Release()
		got, said := "", []string{}
		out := res.Outputs[0].Record
		for _, r := range out.Column(out.Schema().FieldIndices("material_attach_name")[0]).ValueStr(0) {
			if r != '、' && !strings.ContainsRune(got, r) {
				got += string(r)
			}
		}
		for _, i := range res.Issues {
			said = append(said, i.Rule+" "+strings.Join(i.Args, " "))
		}
		if got += " [" + strings.Join(said, "; ") + "]"; got != want {
			t.Errorf("%+v: %s", unit, got)
		}
	}
}
