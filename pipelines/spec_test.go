package pipelines_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"banjian/internal/fault"
	"banjian/pipelines"
)

const spec = `pipeline: jtj-accept
from: {connection: jtj, source_id: jtj, view: v_accept, key: [local_no, round], cursor: gxsj, lookback: 10m}
mapping: jtj/accept
rejects: {max: 1000, ratio: 2%, after: 500}
`

// ours is the one spec of a site that is not shipped.
func ours(t *testing.T, data string) (pipelines.Spec, error) {
	t.Helper()
	list, err := pipelines.LoadSpecs(fstest.MapFS{"jtj.yaml": {Data: []byte(data)}})
	for _, s := range list {
		if s.Pipeline == "jtj-accept" {
			return s, err
		}
	}
	return pipelines.Spec{}, err
}

func TestASpecIsReadWithItsDefaults(t *testing.T) {
	s, err := ours(t, spec)
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.Limits()
	if err != nil || l != (pipelines.Limits{Pipeline: "jtj-accept", Max: 1000, Ratio: 0.02, After: 500}) {
		t.Errorf("limits %+v, %v", l, err)
	}
	if s.From.Mode != "incremental" || time.Duration(s.From.Lookback) != 10*time.Minute || s.From.Settle != nil || s.File != "pipelines/jtj.yaml" {
		t.Errorf("got %+v", s)
	}
	s, err = ours(t, strings.Replace(spec, ", cursor: gxsj", ", settle: 0s", 1))
	if err != nil || s.From.Mode != "full" || s.From.Settle == nil || *s.From.Settle != 0 {
		t.Errorf("without a cursor: %+v, %v", s.From, err)
	}
}

const topicSpec = `pipeline: jtj-accept
from: {connection: bus, source_id: jtj, topic: dept.jtj, format: debezium, key: [local_no, round]}
mapping: jtj/accept
`

func TestATopicIsReadAsAStream(t *testing.T) {
	s, err := ours(t, topicSpec)
	if err != nil || !s.Stream() || s.From.Mode != pipelines.ModeStream {
		t.Errorf("%+v %v", s.From, err)
	}
	for _, c := range []struct{ to, says string }{
		{"format: debezium, view: v", "view does not belong there"},
		{"format: debezium, cursor: gxsj", "cursor does not belong there"},
		{"format: debezium, absent: delete", "absent does not belong there"},
		{"format: debezum", "pipelines/jtj.yaml:2:66"},
		{"start: latest", "lacks from.format"},
		{"format: csv", "lacks from.fields"},
		{"format: json, fields: [a]", "are for csv"},
		{"format: json, table: t", "do not say which table"},
		{"format: csv, fields: [a], separator: '||'", "one character"},
		{"format: json, times: {a: seconds}", "seconds"},
		{"format: debezium, nth: [slbh, hjmc]", "pipelines/jtj.yaml:2:82"},
		{"format: debezium, nth: [slbh, hjmc]", "nth does not go with it"},
	} {
		if _, err := ours(t, strings.Replace(topicSpec, "format: debezium", c.to, 1)); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.to, err)
		}
	}
}

func TestATopicIsNotReadWithoutAKey(t *testing.T) {
	_, err := ours(t, strings.Replace(topicSpec, "key: [local_no, round]", "key: none", 1))
	if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "pipelines/jtj.yaml:2:81") || !strings.Contains(err.Error(), "must tell which row") || fault.HintOf(err).IsZero() {
		t.Error(err)
	}
}

func TestAMistakeInASpecIsAConfigFault(t *testing.T) {
	for _, c := range []struct{ name, from, to, says string }{
		{"an unknown key", "mapping:", "mapings: x\nmapping:", "pipelines/jtj.yaml:3:1"},
		{"no name", "pipeline: jtj-accept", "title: x", "pipeline"},
		{"no mapping", "mapping: jtj/accept", "", "mapping"},
		{"no connection", "connection: jtj, ", "", "connection"},
		{"no source_id", "source_id: jtj, ", "", "source_id"},
		{"no key", "key: [local_no, round], ", "", "from.key"},
		{"no view", "view: v_accept, ", "", "exactly one"},
		{"a view and a table", "view: v_accept", "view: v_accept, table: t", "exactly one"},
		{"an unknown mode", "cursor: gxsj", "cursor: gxsj, mode: some", "some"},
		{"incremental without a cursor", "cursor: gxsj", "mode: incremental", "cursor"},
		{"a cursor that is an expression", "cursor: gxsj", "cursor: gxsj + 1", "not understood"},
		{"a cursor of no columns", "cursor: gxsj", "cursor: \"coalesce(gxsj, )\"", "not understood"},
		{"a cursor of another function", "cursor: gxsj", "cursor: sleep(gxsj)", "not understood"},
		{"an unknown meaning of absence", "cursor: gxsj", "cursor: gxsj, absent: forget", "forget"},
		{"a scope of what is kept", "cursor: gxsj", "cursor: gxsj, scope: [{field: accepted_at, since: year}]", "absent: delete"},
		{"a scope without a range", "cursor: gxsj", "cursor: gxsj, absent: delete, scope: [{field: accepted_at}]", "since or in"},
		{"a scope since no time", "cursor: gxsj", "cursor: gxsj, absent: delete, scope: [{field: accepted_at, since: lately}]", "lately"},
		{"a mark without values", "cursor: gxsj", "cursor: gxsj, deleted: {column: sfsc}", "column and values"},
		{"a share of deletes that is no percentage", "mapping: jtj", "deletes: {ratio: few}\nmapping: jtj", "percentage"},
		{"fewer deletes than none", "mapping: jtj", "deletes: {max: -1}\nmapping: jtj", "negative"},
		{"a charset nobody knows", "cursor: gxsj", "cursor: gxsj, columns: {sqr: {charset: gb2321}}", "gb2321"},
		{"a key a column does not have", "cursor: gxsj", "cursor: gxsj, columns: {sqr: {chars: gbk}}", "chars"},
		{"a duration without a unit", "10m", "10", "duration"},
		{"a format without a topic", "cursor: gxsj", "format: canal", "is for a topic"},
		{"a duration back in time", "10m", "-10m", "duration"},
		{"a ratio that is no percentage", "2%", "0.02", "percentage"},
		{"a limit below none", "max: 1000", "max: -1", "cannot be negative"},
		{"a compare of a whole read", "cursor: gxsj", "mode: full, compare: {every: 1d}", "read incrementally"},
		{"a compare without every", "cursor: gxsj", "cursor: gxsj, compare: {hours: \"01:00-05:00\"}", "every"},
		{"a compare every minute", "cursor: gxsj", "cursor: gxsj, compare: {every: 1m}", "1h"},
		{"a compare at no hours", "cursor: gxsj", "cursor: gxsj, compare: {every: 1d, hours: nights}", "nights"},
		{"flags of nothing", "cursor: gxsj", "mode: flagged", "needs a flag"},
		{"a flag that nobody reads by", "cursor: gxsj", "cursor: gxsj, flag: {column: z, table: t, taken: \"1\", key: [slbh]}", "mode: flagged"},
		{"a flag without a table", "cursor: gxsj, lookback: 10m", "mode: flagged, flag: {column: z, taken: \"1\", key: [slbh]}", "column, table, key and taken"},
		{"a flag that waits when it is taken", "cursor: gxsj, lookback: 10m", "mode: flagged, flag: {column: z, table: t, waiting: [\"1\"], taken: \"1\", key: [slbh]}", "none of waiting"},
		{"a flag and a cursor", "cursor: gxsj", "cursor: gxsj, mode: flagged, flag: {column: z, table: t, taken: \"1\", key: [slbh]}", "no cursor"},
		{"a ratio of more than everything", "2%", "200%", "percentage"},
	} {
		if _, err := ours(t, strings.Replace(spec, c.from, c.to, 1)); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

func TestTwoPipelinesOfOneNameAreRefused(t *testing.T) {
	_, err := pipelines.LoadSpecs(fstest.MapFS{"a.yaml": {Data: []byte(spec)}, "b.yaml": {Data: []byte(spec)}})
	if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "a.yaml") || !strings.Contains(err.Error(), "b.yaml") {
		t.Errorf("got %v", err)
	}
}

func TestASitesPipelineReplacesTheShippedOne(t *testing.T) {
	shipped, err := pipelines.LoadSpecs(nil)
	if err != nil || len(shipped) == 0 {
		t.Fatalf("%d shipped, %v", len(shipped), err)
	}
	name := shipped[0].Pipeline
	list, err := pipelines.LoadSpecs(fstest.MapFS{"own.yaml": {Data: []byte(strings.Replace(spec, "jtj-accept", name, 1))}})
	if err != nil || len(list) != len(shipped) || list[0].From.Connection != "jtj" {
		t.Errorf("%d pipelines, %v", len(list), err)
	}
}

func TestShippedProfilesAreWhole(t *testing.T) {
	p, err := pipelines.LoadProfile("national-2020", nil)
	if err != nil {
		t.Fatal(err)
	}
	if p.Subjects[0].Subject != "case/accept" || p.Subjects[0].Waits {
		t.Errorf("the accept record is not first: %+v", p.Subjects[0])
	}
	for _, s := range p.Subjects[1:] {
		if !s.Waits {
			t.Errorf("%s does not wait for the accept record", s.Subject)
		}
	}
}

func TestAMistakeInAProfileIsAConfigFault(t *testing.T) {
	for name, data := range map[string]string{
		"an unknown kind": "profile: own\nkind: post\nsubjects: [{subject: a, table: b, mapping: c}]\n",
		"no subjects":     "profile: own\nkind: exchange\n",
		"no table":        "profile: own\nkind: exchange\nsubjects: [{subject: a, mapping: c}]\n",
		"an unknown key":  "profile: own\nkind: exchange\nsubjets: []\n",
	} {
		if _, err := pipelines.LoadProfile("own", fstest.MapFS{"receivers/own.yaml": {Data: []byte(data)}}); !fault.Is(err, fault.Config) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := pipelines.LoadProfile("nobody", nil); !fault.Is(err, fault.Config) || fault.HintOf(err).IsZero() {
		t.Errorf("no such profile: %v", err)
	}
}

func TestACursorIsAColumnOrOneOfSeveral(t *testing.T) {
	for written, want := range map[string]string{"gxsj": "false gxsj", " gxsj ": "false gxsj", "coalesce(gxsj, cjsj)": "false gxsj cjsj",
		"GREATEST( gxsj,更新时间 ,c )": "true gxsj 更新时间 c", "": "false"} {
		c, err := (&pipelines.From{Cursor: written}).CursorOf()
		if got := strings.TrimSpace(fmt.Sprint(c.Greatest, " ", strings.Join(c.Columns, " "))); err != nil || got != want {
			t.Errorf("%q: %s, %v", written, got, err)
		}
	}
}

func TestAPipelineInASubfolderIsToldInsteadOfBeingPassedOver(t *testing.T) {
	_, err := pipelines.LoadSpecs(fstest.MapFS{"gjj/accept.yaml": {}, "receivers/national.yaml": {}, "receivers/README.md": {}})
	if all := fault.All(err); len(all) != 1 || !strings.Contains(all[0].Error(), "pipelines/gjj/accept.yaml") {
		t.Errorf("told: %v", all)
	}
}
