package schemas_test

import (
	"testing"
	"testing/fstest"

	"banjian/schemas"
)

func codeSet(t testing.TB, name string, overlay fstest.MapFS) *schemas.CodeSet {
	t.Helper()
	set, ok := load(t, overlay).CodeSet(name)
	if !ok {
		t.Fatalf("no code set %s", name)
	}
	return set
}

const datedSet = `set: service_object
title: {zh: 服务对象, en: served object}
version: "1"
codes:
  - {code: "1", zh: 自然人, en: natural person}
  - {code: "5", zh: 非法人企业, en: unincorporated enterprise, valid_from: "2020-07-01"}
  - {code: "5", zh: 行政机关, en: administrative organ, valid_to: "2020-06-30", successors: ["6"]}
  - {code: "6", zh: 行政机关, en: administrative organ, valid_from: "2020-07-01"}
  - {code: "7", zh: 外商代表, en: agent, valid_from: "2019-01-01", valid_to: "2019-12-31", successors: ["1", "5"]}
`

func TestACodeIsKnownByItsDates(t *testing.T) {
	set := codeSet(t, "service_object", fstest.MapFS{"codes/service_object.yaml": {Data: []byte(datedSet)}})
	for _, c := range []struct {
		code, on string
		has      bool
		from, to string // days around on for which the answer is the same
	}{
		{"1", "1950-01-01", true, "", ""},
		{"5", "2020-06-30", true, "", "2020-06-30"},
		{"5", "2020-07-01", true, "2020-07-01", ""},
		{"6", "2020-06-30", false, "", "2020-06-30"},
		{"6", "2020-07-01", true, "2020-07-01", ""},
		{"7", "2018-12-31", false, "", "2018-12-31"},
		{"7", "2019-06-01", true, "2019-01-01", "2019-12-31"},
		{"7", "2020-01-01", false, "2020-01-01", ""},
		{"8", "2020-01-01", false, "", ""},
	} {
		on := dayOf(t, c.on)
		if set.HasOn(c.code, on) != c.has {
			t.Errorf("%s on %s: %v", c.code, c.on, !c.has)
		}
		from, to := set.Holds(c.code, on)
		if c.from != "" && from != dayOf(t, c.from) || c.to != "" && to != dayOf(t, c.to) || from > on || to < on {
			t.Errorf("%s on %s holds %d to %d", c.code, c.on, from, to)
		}
	}
	if v, _ := set.Value("5"); v.Title.ZH != "非法人企业" {
		t.Errorf("5 is now %s", v.Title.ZH)
	}
	if !set.Has("7") || set.Has("8") {
		t.Error("without a day every listed code is a member, and no other")
	}
	if v, _ := set.Value("7"); len(v.Successors) != 2 {
		t.Error("7 was split in two")
	}
}

func TestADeprecatedCodeNamesItsSuccessor(t *testing.T) {
	for _, c := range []struct{ set, code, next string }{
		{"id_type", "116", "154"}, {"country", "SCG", "MNE"}, {"country", "ANT", "BES"},
	} {
		v, ok := codeSet(t, c.set, nil).Value(c.code)
		if !ok || len(v.Successors) == 0 || v.Successors[0] != c.next {
			t.Errorf("%s %s: %+v", c.set, c.code, v)
		}
	}
	country := codeSet(t, "country", nil)
	if country.HasOn("SSD", dayOf(t, "2011-07-08")) || !country.HasOn("SSD", dayOf(t, "2011-07-09")) {
		t.Error("South Sudan is there from 2011-07-09")
	}
	if v, _ := country.Value("CHN"); v.Extra[0] != "CN" || v.Extra[1] != "156" {
		t.Errorf("CHN: %v", v.Extra)
	}
}

func TestStandardListsAreWhole(t *testing.T) {
	for name, n := range map[string]int{
		"ethnic": 56, "education": 40, "sex": 4, "marital": 8, "country": 251, "id_type": 127, "central_dept": 69,
		"topic_person": 32, "topic_legal": 35, "national/evaluate_detail": 40,
	} {
		if set := codeSet(t, name, nil); len(set.Codes) != n {
			t.Errorf("%s has %d codes instead of %d", name, len(set.Codes), n)
		}
	}
}

// A receiver that publishes no list leaves the set open to whatever looks like a code;
// a site lays its list over it.
func TestAnUnpublishedListIsOpenUntilTheSiteHasOne(t *testing.T) {
	set := codeSet(t, "national/time_limit_unit", nil)
	if set.Listed() || set.Confidence != schemas.NotSettled || !set.Has("1") || set.Has("工作日") || set.Has("") || set.Note.IsZero() {
		t.Errorf("%+v", set)
	}
	own := codeSet(t, "national/time_limit_unit", fstest.MapFS{"codes/national/time_limit_unit.yaml": {Data: []byte(
		"set: national/time_limit_unit\ntitle: {zh: 时限单位, en: unit}\nversion: site\ncodes:\n  - {code: \"1\", zh: 工作日, en: working day}\n")}})
	if !own.Has("1") || own.Has("2") {
		t.Error("the site's list does not stand")
	}
	origin := codeSet(t, "national/cd_source", nil)
	if !origin.Has("p31") || !origin.Has("D05") || origin.Has("31") || origin.Has("p31x") {
		t.Error("the form of cd_source is not kept")
	}
}

func TestLookingUpACodeAllocatesNothing(t *testing.T) {
	country, source := codeSet(t, "country", nil), codeSet(t, "national/cd_source", nil)
	on := dayOf(t, "2020-01-01")
	if n := testing.AllocsPerRun(100, func() {
		_ = country.Has("CHN") && country.HasOn("SSD", on) && country.HasOn("ANT", on) && source.Has("p31")
		country.Holds("ANT", on)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
