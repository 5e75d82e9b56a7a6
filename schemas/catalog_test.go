package schemas_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas"
)

var update = flag.Bool("update", false, "rewrite golden files")

func load(t testing.TB, overlays ...fs.FS) *schemas.Catalog {
	t.Helper()
	read := func() (*schemas.Catalog, error) { return schemas.Load(overlays...) }
	if len(overlays) == 0 {
		read = shippedCatalog
	}
	cat, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func subject(t testing.TB, name string) *schemas.Subject {
	t.Helper()
	s, ok := load(t).Subject(name)
	if !ok {
		t.Fatalf("no subject %s", name)
	}
	return s
}

func TestShippedCatalogIsWhole(t *testing.T) {
	cat := load(t)
	for _, name := range []string{
		"case/accept", "case/step", "case/material", "case/result", "case/correction", "case/special", "case/result_file",
		"case/application", "case/application_material", "case/withdrawal",
		"national/up_pro_accept", "national/up_pro_process", "national/up_pro_material", "national/up_pro_result",
	} {
		s, ok := cat.Subject(name)
		if !ok {
			t.Fatalf("no subject %s", name)
		}
		if _, err := schemas.NewChecker(s, cat); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, f := range s.Fields {
			if f.Title.ZH == "" || f.Title.EN == "" {
				t.Errorf("%s.%s has no title in both languages", name, f.Name)
			}
		}
	}
	for _, set := range cat.CodeSets() {
		if set.Title.ZH == "" || set.Title.EN == "" || set.Version == "" {
			t.Errorf("code set %s lacks title or version", set.Name)
		}
		for _, v := range set.Codes {
			if v.Title.ZH == "" || v.Title.EN == "" {
				t.Errorf("code %s of %s has no title in both languages", v.Code, set.Name)
			}
		}
	}
}

// TestNothingBrokenShips parses every shipped file: afterwards a file is parsed only
// when its name is asked for, where a mistake could no longer be mended.
func TestNothingBrokenShips(t *testing.T) {
	if err := load(t).Check(); err != nil {
		t.Error(err)
	}
}

func TestManyAskTheCatalogAtOnce(t *testing.T) {
	cat := load(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, name := range cat.SubjectNames() {
				s, _ := cat.Subject(name)
				if again, _ := cat.Subject(name); again != s {
					t.Errorf("%s was parsed twice", name)
				}
			}
			cat.CodeSets()
		})
	}
	wg.Wait()
}

// A site may replace what shipped files stand on; what no longer fits is found by
// Load, not in the middle of a run.
func TestWhatASiteSpoilsIsFoundByLoad(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"a block without a key field": {"canonical/blocks/common.yaml": {Data: []byte("block: common\ntitle: {zh: 共用, en: common}\nfields:\n  - {name: remark, zh: 备注, en: remark, type: text(10)}\n")}},
		"a base that is no list":      {"codes/id_type.yaml": {Data: []byte("set: id_type\ntitle: {zh: 证件, en: documents}\nversion: \"1\"\nform: region12\n")}},
	} {
		if _, err := schemas.Load(files); !fault.Is(err, fault.Config) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNaturalKeysFollowTheCanonicalModel(t *testing.T) {
	for name, key := range map[string]string{
		"case/accept": "local_no round", "case/step": "local_no step_id",
		"case/material": "local_no material_id", "case/result": "local_no round",
		"case/correction": "local_no correction_id", "case/special": "local_no special_no", "case/result_file": "local_no file_id",
		"case/application": "flow_no submission", "case/application_material": "flow_no submission seq", "case/withdrawal": "flow_no submission",
	} {
		s := subject(t, name)
		if got := strings.Join(s.Key, " "); got != key {
			t.Errorf("key of %s is %s", name, got)
		}
		for _, k := range s.Key {
			if !s.Field(k).Required {
				t.Errorf("%s.%s may be empty", name, k)
			}
		}
	}
}

func TestOwnFieldTakesThePlaceOfABlocks(t *testing.T) {
	if got := subject(t, "case/step").Field("remark").Width; got != 256 {
		t.Errorf("remark of a step is %d wide", got)
	}
	if got := subject(t, "case/result").Field("remark").Width; got != 1000 {
		t.Errorf("remark of a result is %d wide", got)
	}
}

func TestPersonalFieldsSayHowTheyAreMasked(t *testing.T) {
	for _, s := range load(t).Subjects() {
		for _, f := range s.Fields {
			if (f.Personal || f.Secret) != (f.Mask != schemas.MaskNone) {
				t.Errorf("%s.%s: personal %v, secret %v, mask %q", s.Name, f.Name, f.Personal, f.Secret, f.Mask)
			}
		}
	}
	accept := subject(t, "case/accept")
	for name, mask := range map[string]schemas.Mask{
		"applicant_name": schemas.MaskName, "applicant_id_no": schemas.MaskID, "contact_mobile": schemas.MaskPhone,
		"address": schemas.MaskAddress, "query_code": schemas.MaskSecret,
	} {
		if got := accept.Field(name).Mask; got != mask {
			t.Errorf("%s is masked as %q", name, got)
		}
	}
}

func TestNationalDocumentTypesAddTheCreditCode(t *testing.T) {
	cat := load(t)
	set, _ := cat.CodeSet("national/page_type")
	for _, code := range []string{"001", "111", "414", "511", "516", "553", "990"} {
		if !set.Has(code) {
			t.Errorf("%s is missing", code)
		}
	}
	base, _ := cat.CodeSet("id_type")
	if len(set.Codes) != len(base.Codes) || len(set.Codes) != 127 {
		t.Errorf("%d codes of %d", len(set.Codes), len(base.Codes))
	}
}

func TestRegionIsAFormNotAList(t *testing.T) {
	set, _ := load(t).CodeSet("region")
	if !set.Has("440103001002") || set.Has("990000000000") || set.Has("440103") {
		t.Error("region does not judge by form")
	}
}

func TestEveryCrosswalkRowLeadsToAGoodItemCode(t *testing.T) {
	x, ok := load(t).Crosswalk("provident-fund/items")
	if !ok {
		t.Fatal("no crosswalk")
	}
	code, catalog := x.Column("task_code"), x.Column("catalog_code")
	for _, local := range x.Locals() {
		row, ok := x.Lookup(local)
		if !ok || len(row) != len(x.Columns)-1 {
			t.Fatalf("%s: %v", local, row)
		}
		if v := schemas.JudgeItem(row[code]); v.Verdict == "reject" || v.Kind != "implementation" {
			t.Errorf("%s: %s %s %s", local, row[code], v.Verdict, v.Reason)
		}
		if !strings.HasSuffix(row[code], row[catalog]) {
			t.Errorf("%s: %s does not end in %s", local, row[code], row[catalog])
		}
	}
	if _, ok := x.Lookup("unknown"); ok {
		t.Error("an unknown local code is found")
	}
}

func TestSiteFilesTakeThePlaceOfShippedOnes(t *testing.T) {
	site := fstest.MapFS{
		"codes/channel.yaml":      {Data: []byte("set: channel\ntitle: {zh: 渠道, en: channel}\nversion: \"9\"\ncodes:\n  - {code: fax, zh: 传真, en: fax}\n")},
		"crosswalks/civil/it.tsv": {Data: []byte("# own\nlocal\ttask_code\nA1\tX\n")},
	}
	cat := load(t, site)
	set, _ := cat.CodeSet("channel")
	if !set.Has("fax") || set.Has("web") {
		t.Errorf("the site's channel set is not used: %v", set.Codes)
	}
	shipped, _ := load(t).CodeSet("channel")
	if set.Digest() == shipped.Digest() {
		t.Error("another list has the same digest")
	}
	if x, ok := cat.Crosswalk("civil/it"); !ok || x.Columns[0] != "local" {
		t.Error("the site's crosswalk is not there")
	}
	if _, ok := cat.Crosswalk("provident-fund/items"); !ok {
		t.Error("the shipped crosswalk is gone")
	}
}

// TestBadDataIsRefusedWithItsPlace lays each testdata/bad/*.txt over the shipped data.
// The first line is the path, the second the expected error, the rest the content.
// A site lays its own platform beside its code tables; the catalog has no part in it.
func TestAPlatformOfASiteIsNoCodeTable(t *testing.T) {
	if _, err := schemas.Load(fstest.MapFS{"profiles/city.yaml": {Data: []byte("profile: city\nlike: json\nsigner: {use: tif}\n")}}); err != nil {
		t.Error(err)
	}
}

func TestBadDataIsRefusedWithItsPlace(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := strings.SplitN(string(data), "\n", 3)
			_, err = schemas.Load(fstest.MapFS{parts[0]: {Data: []byte(parts[2])}})
			if !fault.Is(err, fault.Config) {
				t.Fatalf("%v is no configuration error", err)
			}
			got := fault.Say(err, text.EN)
			if *update {
				parts[1] = got
				if err := os.WriteFile(file, []byte(strings.Join(parts, "\n")), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != parts[1] {
				t.Errorf("got  %s\nwant %s", got, parts[1])
			}
			if zh := fault.Say(err, text.ZH); !strings.ContainsFunc(zh, func(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF }) {
				t.Errorf("no Chinese sentence: %s", zh)
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := schemas.Load(); err != nil {
			b.Fatal(err)
		}
	}
}
