package middleplatform_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/fault"
	"banjian/internal/testleak"
	"banjian/pipelines"
	"banjian/schemas"
)

func TestMain(m *testing.M) { testleak.Main(m) }

var (
	who  = middleplatform.Credentials{Key: "demo-app-key-0001", Secret: "demo-app-secret-0001"}
	keys = middleplatform.Keys{Credentials: who, SM4Key: "demoSm4Key"}
)

// patience is how long a call may take where its time is not what is tested.
const patience = 3 * time.Minute

func profileOf(t testing.TB) *middleplatform.Profile {
	t.Helper()
	p, err := middleplatform.LoadProfile(middleplatform.DefaultProfile)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// catalogOf is the shipped catalog with the profile's messages.
func catalogOf(t testing.TB, p *middleplatform.Profile) *schemas.Catalog {
	t.Helper()
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	if cat, err = cat.With(p.Subjects()); err != nil {
		t.Fatal(err)
	}
	return cat
}

// Rows of the three interfaces, right in everything; the people are invented.
var (
	acceptRow = map[string]string{
		"SBLSH_SHORT": "2407010000001", "SXBM": "11370000MB284651XX3370106001000", "SHOULI_YWSLSJ": "2024-07-01T01:00:00Z",
		"SHOULI_YWSLRMC": "张三", "SHOULI_YWSLZT": "1", "SHOULI_YWSLQHMC": "历下区", "SHOULI_YWSLQHBM": "370102000000",
		"SHOULI_YWSLBMMC": "某公积金中心", "SHOULI_YWSLBMBM": "11370000MB284651XX",
	}
	courseRow = map[string]string{
		"SBLSH_SHORT": "2407010000001", "SXBM": "11370000MB284651XX3370106001000", "GDBSSPCL_SPHJDM": "2", "GDBSSPCL_SPHJMC": "审核",
		"GDBSSPCL_SPBMMC": "某公积金中心", "GDBSSPCL_SPBMZZJDMD": "11370000MB284651XX", "GDBSSPCL_XZQHDM": "370102000000", "GDBSSPCL_SPRXM": "李四",
		"GDBSSPCL_SPHJZTDM": "1", "GDBSSPCL_SPYJ": "同意 <按规定> 办理", "GDBSSPCL_JSSJ": "2024-07-01T02:00:00Z", "GDBSSPCL_SPSJ": "2024-07-01T03:00:00Z",
	}
	finishRow = map[string]string{
		"SBLSH_SHORT": "2407010000001", "SXBM": "11370000MB284651XX3370106001000", "SPBANJIE_BJBMMC": "某公积金中心", "SPBANJIE_BJBMZZJDDM": "11370000MB284651XX",
		"SPBANJIE_XZQHDM": "370102000000", "SPBANJIE_SPRXM": "王五", "SPBANJIE_BJJGDM": "6", "SPBANJIE_BJJGMS": "准予", "SPBANJIE_SFJE": "0.00",
		"SPBANJIE_JEDWDM": "CNY", "SPBANJIE_BJSJ": "2024-07-02T01:00:00Z",
	}
)

// with is a row with changes: name, value; an empty value is NULL.
func with(row map[string]string, changes ...string) map[string]string {
	out := maps.Clone(row)
	for i := 0; i < len(changes); i += 2 {
		if out[changes[i]] = changes[i+1]; changes[i+1] == "" {
			delete(out, changes[i])
		}
	}
	return out
}

// recordOf builds a record from texts; what a row does not name is NULL, the members of
// a list are parted by |.
func recordOf(t testing.TB, schema *arrow.Schema, rows ...map[string]string) arrow.Record {
	t.Helper()
	alloc := memory.NewCheckedAllocator(memory.DefaultAllocator)
	b := array.NewRecordBuilder(alloc, schema)
	defer b.Release()
	for _, row := range rows {
		for i, f := range schema.Fields() {
			v, ok := row[f.Name]
			if !ok {
				b.Field(i).AppendNull()
				continue
			}
			if list, isList := b.Field(i).(*array.ListBuilder); isList {
				list.Append(true)
				for part := range strings.SplitSeq(v, "|") {
					list.ValueBuilder().(*array.StringBuilder).Append(part)
				}
			} else if err := b.Field(i).AppendValueFromString(v); err != nil {
				t.Fatal(f.Name, err)
			}
		}
		for name := range row {
			if !schema.HasField(name) {
				t.Fatalf("there is no column %s", name)
			}
		}
	}
	rec := b.NewRecord()
	t.Cleanup(func() {
		rec.Release()
		if tt, ok := t.(*testing.T); ok {
			alloc.AssertSize(tt, 0)
		}
	})
	return rec
}

// delivery is rows on their way to an interface.
func delivery(t testing.TB, p *middleplatform.Profile, name string, rows ...map[string]string) *pipelines.Delivery {
	t.Helper()
	subjects, _ := p.Subjects()
	for _, s := range subjects {
		if s.Name == p.SubjectName(p.Interfaces[name]) {
			return &pipelines.Delivery{Table: name, Record: recordOf(t, s.Arrow(), rows...)}
		}
	}
	t.Fatalf("no subject for %s", name)
	return nil
}

// open makes a target that ends with the test.
func open(t testing.TB, base string, change func(*middleplatform.Options)) *middleplatform.Target {
	t.Helper()
	o := middleplatform.Options{Name: "platform", Profile: profileOf(t), Base: base, Keys: []middleplatform.Keys{keys}}
	if change != nil {
		change(&o)
	}
	target, err := middleplatform.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = target.Close() })
	return target
}

// peer is a platform behind a real port that counts requests.
type peer struct {
	*simulator.Simulator
	base     string
	requests atomic.Int64
}

func newPeer(t testing.TB, faults string, change func(*simulator.Options)) *peer {
	t.Helper()
	p := profileOf(t)
	f, err := simulator.ParseFaults("faults.yaml", []byte(faults), p)
	if err != nil {
		t.Fatal(err)
	}
	o := simulator.Options{Profile: p, Credentials: who, SM4Key: keys.SM4Key, Faults: f}
	if change != nil {
		change(&o)
	}
	s, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	e := &peer{Simulator: s}
	e.base = serve(t, func(w http.ResponseWriter, r *http.Request) {
		e.requests.Add(1)
		s.ServeHTTP(w, r)
	})
	return e
}

func serve(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// answers is an answer of the platform in its form.
func answers(t testing.TB, w http.ResponseWriter, status int, r middleplatform.Reply) {
	p := profileOf(t)
	c, err := middleplatform.NewCipher(p, keys.SM4Key, nil)
	if err != nil {
		t.Fatal(err)
	}
	kind, body, err := p.EncodeReply(r, middleplatform.XML, c)
	if err != nil {
		t.Fatal(err)
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// wantFault checks an error's kind and that it says something in both languages.
func wantFault(t testing.TB, err error, kind fault.Kind, says string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != kind {
		t.Errorf("%v is %s, want %s", err, fault.KindOf(err), kind)
		return
	}
	if f.What.ZH == "" || f.What.EN == "" || strings.Contains(f.What.ZH+f.What.EN+f.Hint.ZH+f.Hint.EN, "%!") || !strings.HasPrefix(f.Where, "platform/") {
		t.Errorf("at %q it says %q / %q, %q", f.Where, f.What.ZH, f.What.EN, f.Hint.EN)
	}
	if !strings.Contains(err.Error(), says) {
		t.Errorf("it says %q, want %q", err, says)
	}
}

// together runs n functions at once and waits for all.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}
