package schemas_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"banjian/schemas"
)

var shippedCatalog = sync.OnceValues(func() (*schemas.Catalog, error) { return schemas.Load() })

func codeTable(t testing.TB, path string, overlays ...fstest.MapFS) *schemas.CodeTable {
	t.Helper()
	cat, err := shippedCatalog()
	if err != nil {
		t.Fatal(err)
	}
	if len(overlays) > 0 {
		cat = load(t, overlays[0])
	}
	profile, name, _ := strings.Cut(path, "/")
	table, ok := cat.CodeTable(profile, name)
	if !ok {
		t.Fatalf("no table %s", path)
	}
	return table
}

func TestEveryShippedTableIsWhole(t *testing.T) {
	cat := load(t)
	if err := cat.Check(); err != nil {
		t.Fatal(err)
	}
	profiles := map[string]bool{}
	for _, table := range cat.CodeTables() {
		profiles[table.Profile] = true
		if table.Confidence == "" || table.Title.ZH == "" || table.Title.EN == "" || table.Basis.IsZero() && table.Confidence != schemas.Assumed {
			t.Errorf("%s lacks a title, a confidence or a basis", table.Path())
		}
		for _, v := range table.Set.Codes {
			if _, fit := table.Out(v.Code); fit == schemas.Unlisted {
				t.Errorf("%s: %s leads nowhere", table.Path(), v.Code)
			}
		}
		for _, v := range table.Peer.Codes {
			if _, fit := table.In(v.Code); fit == schemas.Unlisted {
				t.Errorf("%s: the peer's %s means nothing", table.Path(), v.Code)
			}
		}
	}
	for _, name := range []string{"sd-ywzt-2024", "sd-2020", "sx-ddpt", "ea-jc", "gbt39046", "national-2018", "national-2020"} {
		if !profiles[name] {
			t.Errorf("profile %s is missing", name)
		}
	}
}

// What one list calls 6 another calls 1: the traps of the receivers' lists.
func TestOneCodeMeansDifferentThings(t *testing.T) {
	for _, c := range []struct{ table, peer, means string }{
		{"sd-ywzt-2024/result", "6", "granted"},
		{"sd-ywzt-2024/result", "7", "refused"},
		{"sd-ywzt-2024/result", "1", "returned"},
		{"sd-ywzt-2024/result", "0", "issued done_other"},
		{"sd-ywzt-2024/result", "3", "deleted withdrawn"},
		{"ea-jc/result", "0", "issued granted"},
		{"ea-jc/result", "1", "refused"},
		{"ea-jc/result", "5", "returned"},
		{"ea-jc/result", "6", "not_accepted"},
		{"national-2020/result", "6", "granted refused not_accepted done_other"},
		{"national-2020/result_new", "6", "not_accepted"},
		{"shuzhe/result", "07", "not_accepted"},

		{"national-2020/satisfaction", "1", "1"},
		{"national-2020/satisfaction_hcp", "1", "5"},
		{"national-2020/satisfaction_hcp", "5", "1"},
		{"gbt39046/satisfaction", "5", "5"},

		{"gbt39046/applicant_type", "5", "6"},
		{"gbt39046/applicant_type", "6", "5 9"},
		{"national-2018/server_type", "5", "6"},
		{"national-2020/server_type", "5", "5"},
		{"national-2020/server_type", "6", "6"},
		{"sd-ywzt-2024/applicant_type", "1", "1"},
		{"sx-ddpt/applicant_type", "1", "2 3 4 5 6 9"},

		{"gbt39046/channel", "3", "app wechat alipay"},
		{"gbt39046/channel", "4", "mail"},
		{"national-2018/handle_type", "3", "mail"},
		{"national-2020/channel", "3", "mail"},

		{"sd-ywzt-2024/special_type", "A", "extend"},
		{"gbt39046/special_type", "1", "extend"},
		{"national-2020/special_type", "2", "other"},

		{"city-front/id_type", "111", "811"},
		{"city-front/id_type", "02", "111"},
		{"sz/id_type", "31", "111"},
		{"gz/id_type", "51", "111"},
		{"gd-tif/id_type", "10", "111"},
		{"sd-ywzt-2024/id_type", "10", "111"},
		{"gd/task_type", "20", "10"},
		{"gd/task_type", "21", "20"},
		{"gbt39046/task_type", "20", "20"},
		{"epoint/task_type", "03", "02"},
	} {
		codes, fit := codeTable(t, c.table).In(c.peer)
		if got := strings.Join(codes, " "); got != c.means || (fit == schemas.Exact) != (len(codes) == 1) {
			t.Errorf("%s: %s means %q, not %q", c.table, c.peer, got, c.means)
		}
	}
}

func TestWhatIsWrittenForACanonicalCode(t *testing.T) {
	for _, c := range []struct{ table, codes, peers string }{
		// The order of the canonical model: issued, granted, refused, returned, void,
		// deleted, forwarded, lapsed, withdrawn, not_accepted, done_other.
		{"sd-ywzt-2024/result", "issued granted refused returned void deleted forwarded lapsed withdrawn not_accepted done_other", "0 6 7 1 2 3 4 5 3 - 0"},
		{"national-2020/applicant_type", "1 2 3 4 5 6 9", "1 2 3 4 6 5 6"},
		{"sd-2020/applicant_type", "1 2 9", "1 3 3"},
		{"national-2020/channel", "window self_service web app mail", "1 1 2 2 3"},
		{"gbt39046/channel", "window web app mail self_service", "1 2 3 4 9"},
		{"sd-ywzt-2024/accept_decision", "accept refuse not_competent", "1 0 0"},
		{"sd-ywzt-2024/action", "pass return other", "1 2 9"},
		{"national-2020/action", "pass return other", "1 2 3"},
		{"sd-ywzt-2024/time_unit", "workday day hour", "G Z -"},
		{"national-2020/handling_type", "instant promised joint reported other", "1 2 2 2 9"},
		{"ea-jc/handling_type", "instant promised joint reported other", "1 2 3 4 -"},
		{"sd-2020/sex", "1 2 9", "男 女 -"},
		{"ea-jc/special_type", "extend other", "- -"},
		{"sx-ddpt/result", "forwarded", "-"},
		{"numeric/country", "CHN", "156"},
		{"alpha2/country", "CHN", "CN"},
		{"names/ethnic", "01", "汉族"},
	} {
		var got []string
		table := codeTable(t, c.table)
		for _, code := range strings.Fields(c.codes) {
			peer, fit := table.Out(code)
			if fit == schemas.NoWord {
				peer = "-"
			}
			got = append(got, peer)
		}
		if strings.Join(got, " ") != c.peers {
			t.Errorf("%s: %s are written %s, not %s", c.table, c.codes, strings.Join(got, " "), c.peers)
		}
	}
	if _, fit := codeTable(t, "ea-jc/result").Out("nonsense"); fit != schemas.Unlisted {
		t.Error("what is in no list fits something")
	}
}

func TestNamesLeadToCodes(t *testing.T) {
	for _, c := range []struct{ table, name, code string }{
		{"names/ethnic", "汉族", "01"}, {"names/sex", "男", "1"}, {"names/sex", "男性", "1"}, {"names/id_type", "居民身份证", "111"},
		{"names/country", "中国", "CHN"}, {"names/marital", "已婚", "20"}, {"names/applicant_type", "企业", "2 5"},
	} {
		codes, _ := codeTable(t, c.table).In(c.name)
		if strings.Join(codes, " ") != c.code {
			t.Errorf("%s: %s is %v", c.table, c.name, codes)
		}
	}
}

// The links are the table as people check it: nothing of it is left out.
func TestLinksTellTheWholeTable(t *testing.T) {
	for _, table := range load(t).CodeTables() {
		out, in := map[string]string{}, map[string][]string{}
		for _, l := range table.Links() {
			if l.Out {
				out[l.Code] = l.Peer
			}
			if l.In && l.Code != "" {
				in[l.Peer] = append(in[l.Peer], l.Code)
			}
		}
		for _, v := range table.Set.Codes {
			if peer, _ := table.Out(v.Code); out[v.Code] != peer {
				t.Errorf("%s: %s is written %q, the links say %q", table.Path(), v.Code, peer, out[v.Code])
			}
		}
		for _, v := range table.Peer.Codes {
			codes, _ := table.In(v.Code)
			slices.Sort(in[v.Code])
			if want := slices.Sorted(slices.Values(codes)); !slices.Equal(want, in[v.Code]) {
				t.Errorf("%s: %s means %v, the links say %v", table.Path(), v.Code, want, in[v.Code])
			}
		}
	}
}

// A site that has its own list keeps the shipped tables: what it added has no word on
// the other side, and is not passed through.
func TestShippedTablesKeepToTheSitesList(t *testing.T) {
	site := fstest.MapFS{"codes/action.yaml": {Data: []byte(`set: action
title: {zh: 业务动作, en: action}
version: site
codes:
  - {code: pass, zh: 通过, en: passed}
  - {code: escalate, zh: 上提, en: escalated}
`)}}
	table := codeTable(t, "national-2020/action", site)
	if _, fit := table.Out("escalate"); fit != schemas.NoWord {
		t.Errorf("escalate: %v", fit)
	}
	if peer, _ := table.Out("pass"); peer != "1" {
		t.Errorf("pass: %s", peer)
	}
	if _, fit := table.In("2"); fit != schemas.NoWord {
		t.Errorf("2: %v", fit)
	}
}
