package house

import "strings"

// rule says what a package may import of the house. The most specific rule counts:
// the one whose path is longest. A path ending in /… covers what lies below it too.
type rule struct {
	path  string
	may   []string // paths, with /… as above; a package may always import what lies below itself
	tests []string // what its tests may import besides
}

// helpers may be imported by every test.
var helpers = []string{"internal/…", "connectors/memory", "connectors/connectortest", "ledger/ledgertest"}

// rules is the way the arrows run: cmd → jobs → pipelines → internal; connectors and
// ledger → pipelines and schemas; mappings → schemas. Nothing imports cmd, mappings
// and pipelines never meet, connectors never meet each other.
var rules = []rule{
	{path: "cmd/internal/…", may: []string{"cmd/internal/workbook", "connectors/…", "internal/…", "jobs", "mappings/…", "pipelines", "schemas/…"}},
	{path: "cmd/internal/attachments", may: []string{"cmd/internal/wiring", "internal/…", "jobs", "ledger", "schemas"}},
	{path: "cmd/internal/doctor", may: []string{"cmd/internal/wiring", "connectors/…", "internal/…", "ledger", "pipelines", "schemas/…"}},
	{path: "cmd/internal/rejects", may: []string{"cmd/internal/codesheet", "cmd/internal/status", "cmd/internal/wiring", "cmd/internal/workbook", "internal/…", "ledger", "pipelines", "schemas"}},
	{path: "cmd/internal/sides", may: []string{"cmd/internal/status", "cmd/internal/wiring", "connectors", "connectors/middleplatform/…", "internal/…", "jobs/…", "ledger", "ledger/compare", "pipelines/…", "schemas"}},
	{path: "cmd/internal/status", may: []string{"cmd/internal/wiring", "connectors/kafka", "internal/…", "jobs", "ledger", "pipelines"}},
	{path: "cmd/internal/validate", may: []string{"cmd/internal/wiring", "internal/…", "mappings/…", "pipelines"}},
	{path: "cmd/internal/wiring", may: []string{"connectors/…", "internal/…", "jobs", "ledger/…", "mappings", "pipelines/…", "schemas/…"}},
	{path: "cmd/banjian", may: []string{"cmd/internal/…", "connectors/…", "deploy/demo", "internal/…", "jobs/…", "ledger/…", "mappings/…", "pipelines/…", "schemas/…"}},
	{path: "jobs/…", may: []string{"internal/…", "ledger", "ledger/collect", "ledger/outbox", "ledger/returns", "pipelines"}, tests: []string{"connectors/…", "ledger/…", "pipelines/…"}},
	{path: "pipelines/…", may: []string{"internal/…"}},
	{path: "ledger/…", may: []string{"internal/…", "ledger", "pipelines", "schemas"}, tests: []string{"ledger/…"}},
	{path: "ledger/collect", may: []string{"internal/…", "ledger", "pipelines"}, tests: []string{"ledger/…"}},
	{path: "ledger/compare", may: []string{"internal/…", "ledger", "pipelines"}, tests: []string{"ledger/…"}},
	{path: "ledger/outbox", may: []string{"internal/…", "ledger", "pipelines"}, tests: []string{"ledger/…"}},
	{path: "ledger/returns", may: []string{"internal/…", "ledger", "pipelines"}, tests: []string{"ledger/…"}},
	{path: "ledger", may: []string{"internal/…", "pipelines", "schemas"}, tests: []string{"ledger/…"}},
	{path: "connectors", may: []string{"connectors/…", "internal/…", "pipelines", "schemas"}},
	{path: "connectors/…", may: []string{"internal/…", "pipelines", "schemas/…"}},
	{path: "connectors/connectortest", may: []string{"internal/…", "pipelines"}},
	{path: "connectors/middleplatform", may: []string{"internal/…", "pipelines", "schemas/…"}, tests: []string{"mappings"}},
	{path: "connectors/file/handover", may: []string{"internal/…", "pipelines"}, tests: []string{"connectors/file"}},
	{path: "connectors/file/sftp", may: []string{"connectors/file", "internal/…"}, tests: []string{"pipelines"}},
	{path: "connectors/kafka/topic", may: []string{"connectors/kafka", "internal/…", "pipelines"}},
	{path: "connectors/middleplatform/gateway", may: []string{"connectors/middleplatform", "internal/…", "pipelines"}},
	{path: "connectors/middleplatform/simulator", may: []string{"connectors/middleplatform", "internal/…"}},
	{path: "connectors/middleplatform/conformance", may: []string{"connectors/middleplatform", "internal/…"}, tests: []string{"connectors/middleplatform/simulator"}},
	{path: "connectors/memory", may: []string{"internal/…", "pipelines"}},
	{path: "mappings/…", may: []string{"internal/…", "schemas/…"}},
	{path: "mappings/draft", may: []string{"internal/…", "schemas/…"}, tests: []string{"mappings"}},
	{path: "mappings/dictionary", may: []string{"internal/…", "mappings", "schemas/…"}},
	{path: "mappings/mappingtest", may: []string{"internal/…", "mappings", "schemas/…"}},
	{path: "schemas/…", may: []string{"internal/…", "schemas/…"}},
	{path: "schemas/ids", may: []string{"schemas/region"}},
	{path: "schemas/itemcode", may: []string{"schemas/ids"}},
	{path: "schemas/region", may: nil},
	{path: "internal/…", may: []string{"internal/…"}},
	{path: "internal/text", may: nil},
	{path: "internal/fault", may: []string{"internal/chars", "internal/text"}},
	{path: "internal/failpoint", may: nil},
	{path: "deploy/demo", may: []string{"internal/…", "schemas/…"}, tests: []string{"mappings", "schemas/…"}},
	{path: "deploy/bench", may: []string{"connectors/…", "deploy/demo", "internal/…", "jobs", "ledger/…", "mappings", "pipelines", "schemas/…"}},
	{path: "docs", may: nil, tests: []string{"jobs", "mappings/…", "pipelines/…", "schemas"}},
}

// testOnly packages are imported by tests, by each other and by deploy/bench alone.
var testOnly = []string{"internal/testdb", "internal/testkafka", "internal/testleak", "internal/testsftp", "internal/house", "connectors/connectortest", "connectors/memory", "connectors/exchangedb/exchangetest", "ledger/ledgertest"}

// homes says where an outside module may be imported outside tests; one that is not
// listed may be used anywhere. A module with a few homes can be replaced in a day.
var homes = map[string][]string{
	"cel.dev/cel-go":                           {"mappings"},
	"github.com/Shopify/toxiproxy/v2":          {},
	"github.com/cenkalti/backoff/v5":           {"ledger/outbox", "connectors/…"},
	"github.com/emmansun/gmsm":                 {"internal/gm"},
	"github.com/jackc/pgx/v5":                  {"internal/sqldialect", "connectors/sqltable"},
	"github.com/microsoft/go-mssqldb":          {"internal/sqldialect"},
	"github.com/sijms/go-ora/v2":               {"internal/sqldialect"},
	"github.com/go-sql-driver/mysql":           {"internal/arraybind", "internal/sqldialect", "connectors/exchangedb", "connectors/sqltable", "connectors/sqlview", "deploy/bench"},
	"github.com/johannesboyne/gofakes3":        {}, // tests only
	"github.com/minio/minio-go/v7":             {"internal/objects"},
	"github.com/hamba/avro/v2":                 {"connectors/kafka"},
	"github.com/goccy/go-yaml":                 {"internal/site", "internal/yamlfile", "mappings/…", "schemas"},
	"github.com/invopop/jsonschema":            {"cmd/internal/…"},
	"github.com/pkg/sftp":                      {"connectors/file/sftp", "internal/testsftp"},
	"golang.org/x/crypto/ssh":                  {"connectors/file/sftp", "internal/testsftp"},
	"github.com/pressly/goose/v3":              {"ledger/sqlite"},
	"github.com/robfig/cron/v3":                {"jobs"},
	"github.com/santhosh-tekuri/jsonschema/v6": {},
	"github.com/schollz/progressbar/v3":        {"cmd/banjian"},
	"github.com/segmentio/kafka-go":            {"connectors/kafka/…", "deploy/bench", "internal/testkafka"},
	"github.com/twmb/franz-go/pkg/kfake":       {"deploy/demo"}, // and in tests
	"github.com/twmb/franz-go/pkg/kgo":         {"connectors/kafka/…", "deploy/demo"},
	"github.com/twmb/franz-go/pkg/kmsg":        {"connectors/kafka/…"},
	"github.com/spf13/cobra":                   {"cmd/banjian"},
	"go.uber.org/goleak":                       {"connectors/connectortest", "internal/testleak"},
	"golang.org/x/term":                        {"cmd/banjian"},
	"modernc.org/libc":                         {"ledger/sqlite"},
	"modernc.org/sqlite":                       {"ledger/sqlite", "internal/sqldialect", "connectors/…", "deploy/demo", "deploy/bench"},
	"pgregory.net/rapid":                       {},
	"github.com/apache/arrow/go/v17":           {"cmd/banjian", "cmd/internal/rejects", "cmd/internal/sides", "cmd/internal/validate", "cmd/internal/wiring", "connectors/…", "deploy/bench", "jobs/…", "ledger/…", "mappings/…", "pipelines", "schemas"},
}

// longFiles may pass maxLines: data, and what a tool writes.
var longFiles = []string{".tsv", ".sum", ".jsonl", "docs/cli.md", "docs/cli.zh-CN.md", "docs/schema/mapping.json", "docs/schema/pipeline.json", "docs/schema/site.json", "LICENSE"}

const maxLines = 400

// covers says whether a pattern of the tables names a package.
func covers(pattern, pkg string) bool {
	if below, open := strings.CutSuffix(pattern, "/…"); open {
		return pkg == below || strings.HasPrefix(pkg, below+"/")
	}
	return pattern == pkg
}

func anyCovers(patterns []string, pkg string) bool {
	for _, p := range patterns {
		if covers(p, pkg) {
			return true
		}
	}
	return false
}

// ruleOf is the most specific rule for a package, nil if the drawing does not know it.
func ruleOf(pkg string) *rule {
	var best *rule
	length := -1
	for i := range rules {
		r := &rules[i]
		n := len(strings.TrimSuffix(r.path, "/…")) * 2
		if !strings.HasSuffix(r.path, "/…") {
			n++
		}
		if covers(r.path, pkg) && n > length {
			best, length = r, n
		}
	}
	return best
}
