package wiring

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/text"
)

// sound is a site that everything of which goes together.
func sound() map[string]string {
	return map[string]string{
		"banjian.yaml": `site: test
connections:
  bj: {kind: sqlite, path: bj.db}
  other: {kind: sqlite, path: other.db}
  exchange: {kind: sqlite, path: exchange.db}
receivers:
  national: {system: national, environment: test, kind: exchange, connection: exchange, profile: national-2020, data_source: "001"}
`,
		"mappings/bj/withdrawal.yaml": "mapping: bj/withdrawal\nto: case/withdrawal\nfields:\n  flow_no: slbh\n  submission: n\n  withdrawn_by: jg\n",
		"pipelines/bj.yaml":           "pipeline: bj\nfrom: {connection: bj, source_id: bj, table: bj, key: [flow_no, submission], cursor: gxsj, columns: {}}\nmapping: bj/withdrawal\ndeliver: [national]\n",
	}
}

func TestOpenConnectsToNothing(t *testing.T) {
	files := sound()
	files["banjian.yaml"] = strings.Replace(files["banjian.yaml"], "  bj: {kind: sqlite, path: bj.db}", "  bj: {kind: mysql, dsn: {env: BANJIAN_TEST_NO_SUCH_VARIABLE}}", 1)
	h := opened(t, files)
	if err := h.CheckAllNames(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"bj.db", "exchange.db", "data"} {
		if _, err := os.Stat(h.Site().Path(name)); err == nil {
			t.Errorf("%s was made", name)
		}
	}
}

func TestOpenTellsTheMistakesOfAllFilesAndGivesWhatIsWhole(t *testing.T) {
	files := sound()
	files["pipelines/broken.yaml"] = "pipeline: broken\nfrom: {connections: bj}\n"
	files["routes.yaml"] = "keeper: nobody\n"
	dir := laid(t, files)
	s, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := Open(s, Options{})
	told := ""
	for _, one := range fault.All(err) {
		told += fault.Say(one, text.EN) + "\n"
	}
	for _, file := range []string{"broken.yaml", "routes.yaml"} {
		if !strings.Contains(told, file) {
			t.Errorf("nothing is told of %s:\n%s", file, told)
		}
	}
	specs, err := h.Pipelines([]string{"bj"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.CollectPlan(specs[0]); err != nil {
		t.Errorf("what is whole cannot be used: %v", err)
	}
}

func TestANameThatLeadsNowhereIsToldWithTheNearest(t *testing.T) {
	for name, c := range map[string]struct{ file, old, new, what, hint string }{
		"connection": {"pipelines/bj.yaml", "connection: bj", "connection: othr", "othr", "other"},
		"receiver":   {"pipelines/bj.yaml", "[national]", "[nationl]", "nationl", "national"},
	} {
		t.Run(name, func(t *testing.T) {
			files := sound()
			files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
			err := opened(t, files).CheckAllNames()
			if err == nil || !strings.Contains(fault.Say(err, text.EN), c.what) || !strings.Contains(fault.HintOf(err).EN, c.hint) {
				t.Errorf("%v: %s", err, fault.HintOf(err).EN)
			}
		})
	}
	h := opened(t, sound())
	if _, err := h.Pipelines([]string{"bjj"}); err == nil || !strings.Contains(fault.HintOf(err).EN, "bj") {
		t.Errorf("%v: %s", err, fault.HintOf(err).EN)
	}
	if _, _, err := h.Connection("exchang"); err == nil || !strings.Contains(fault.HintOf(err).EN, "exchange") {
		t.Errorf("%v: %s", err, fault.HintOf(err).EN)
	}
}

// Pipelines that run beside each other share the limit of their department.
func TestAllWaysToADepartmentHaveOneGuard(t *testing.T) {
	files := sound()
	files["pipelines/bj2.yaml"] = strings.Replace(files["pipelines/bj.yaml"], "pipeline: bj", "pipeline: bj2", 1)
	h := opened(t, files)
	specs, err := h.Pipelines([]string{"bj", "bj2"})
	if err != nil {
		t.Fatal(err)
	}
	look, err := h.Look("bj")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range specs {
		o, err := h.View(s)
		if err != nil {
			t.Fatal(err)
		}
		if o.Guard == nil || o.Guard != look.Guard || o.Most != site.DefaultConnections || look.MaxConnections != site.DefaultConnections {
			t.Errorf("%s: %d connections, %d to look", s.Pipeline, o.Most, look.MaxConnections)
		}
	}
}

func TestAReceiverTakesWhatItsProfileSaysAndAPipelineFillsIt(t *testing.T) {
	h := opened(t, sound())
	if !h.Fed("national") || !h.Takes("national", "case/accept") || h.Takes("national", "user/person") || h.Takes("nobody", "case/accept") {
		t.Error("it is asked for what it does not take, or not for what it takes")
	}
	if from, known := h.SourceOf("bj"); from != "bj" || !known {
		t.Errorf("bj reads %q", from)
	}
	if _, known := h.SourceOf("gone"); known {
		t.Error("a pipeline that is no more is known")
	}
}

// laid is a folder with these files.
func laid(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestWhoseConnectionBringsShippedPipelinesInIsToldHowToDoWithoutThem(t *testing.T) {
	files := sound()
	files["banjian.yaml"] = "site: test\nconnections:\n  gjj: {kind: sqlite, path: gjj.db}\n"
	delete(files, "pipelines/bj.yaml")
	err := opened(t, files).CheckAllNames()
	if hint := fault.HintOf(err); !strings.Contains(hint.EN, "connection gjj") || !strings.Contains(hint.ZH, "换个名字") {
		t.Errorf("the hint is %v", hint)
	}
}
