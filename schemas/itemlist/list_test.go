package itemlist_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"banjian/internal/day"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas/itemlist"
)

func read(t testing.TB, file, content string) *itemlist.List {
	t.Helper()
	l, err := itemlist.Read("province/items", file, []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func dayOf(t testing.TB, s string) int32 {
	t.Helper()
	d, ok := day.Parse(s)
	if !ok {
		t.Fatalf("%s is no day", s)
	}
	return d
}

const (
	code1 = "11440000006939756B2440101007000"
	code2 = "11440000006940116U2440102002002"
)

func TestACaseStandsUnderTheVersionOfItsDay(t *testing.T) {
	l := read(t, "items.tsv", "\ufeff# 省级实施清单\ntask_code\ttask_version\ttask_name\ttask_state\tplan_effective_date\tplan_cancel_date\r\n"+
		code1+"\t2\t新名称\t1\t2022-01-01 00:00:00\t\r\n"+
		code1+"\t1\t旧名称\t1\t2020-01-01 00:00:00\t2021-06-30 00:00:00\r\n"+
		code1+"\t3\t再新\t3\t2024-01-01\t2025-12-31\n"+
		code2+"\t7\t暂停的\t2\t\t\n"+
		"440199999000\t1\t取消的\t3\t2020-01-01\t\n")
	for _, c := range []struct {
		code, day string
		version   int32
		standing  itemlist.Standing
	}{
		{code1, "2019-12-31", 1, itemlist.Before},
		{code1, "2020-01-01", 1, itemlist.InForce},
		{code1, "2021-07-01", 1, itemlist.Ended},
		{code1, "2022-01-01", 2, itemlist.InForce},
		{code1, "2023-12-31", 2, itemlist.InForce},
		{code1, "2024-01-01", 3, itemlist.InForce},
		{code1, "2026-01-01", 3, itemlist.Ended},
		{code2, "1999-01-01", 7, itemlist.Paused},
		{"440199999000", "2024-01-01", 1, itemlist.Gone},
		{"440199999001", "2024-01-01", 0, itemlist.Unknown},
	} {
		if it, standing := l.At(c.code, dayOf(t, c.day)); it.Version != c.version || standing != c.standing {
			t.Errorf("%s on %s: version %d %s, want %d %s", c.code, c.day, it.Version, standing, c.version, c.standing)
		}
	}
	if n := len(l.Versions(code1)); n != 3 || l.Len() != 5 {
		t.Errorf("%d versions of one item, %d in all", n, l.Len())
	}
}

func TestRowsOfTheNationalTablesAreReadAsTheyAre(t *testing.T) {
	l := read(t, "up_task_general_basic.csv", `RowGuid,TaskName,CatalogCode,TaskCode,LocalTaskCode,TaskHandleItem,TaskVersion,TaskState,ByLaw,Cd_operation
1,"办理项甲, 含逗号",440101007000,`+code1+`,GJJ-01,`+code1+`01,1,1,"第一行
第二行",I
2,办理项乙,440101007000,`+code1+`,GJJ-02,`+code1+`02,1,1,x,U
3,整项,440102002002,`+code2+`,GJJ-03,,4,1,x,I
4,整项,440102002002,`+code2+`,GJJ-03,,5,1,x,D
`)
	for code, want := range map[string]string{code1 + "01": "办理项甲, 含逗号", code1 + "02": "办理项乙", code1: "", code2: "整项"} {
		if all := l.Versions(code); len(all) == 0 || all[0].Name != want {
			t.Errorf("%s: %+v", code, all)
		}
	}
	if _, standing := l.At(code2, 0); standing != itemlist.Gone {
		t.Errorf("a deleted row stands as %s", standing)
	}
	if it, ok := l.ByLocal("GJJ-03"); !ok || it.Version != 5 {
		t.Errorf("by the local code: %+v", it)
	}
	directory := read(t, "up_task_directory.tsv", "catalog_code\ttask_version\ttask_name\n44010100700Y\t1\t主项\n")
	if directory.Versions("44010100700Y") == nil {
		t.Error("a directory is not keyed by the basic code")
	}
}

func TestEveryVersionSeenIsKept(t *testing.T) {
	old := read(t, "a.tsv", "code\tversion\tname\n"+code1+"\t1\t一\n"+code1+"\t2\t二\n")
	newer := read(t, "b.tsv", "code\tversion\tname\tstate\n"+code1+"\t2\t二改\t2\n"+code2+"\t1\t别的\t\n")
	l := itemlist.Merge(old, newer)
	var got []string
	for _, it := range l.Items() {
		got = append(got, fmt.Sprintf("%d%s%d", it.Version, it.Name, it.State))
	}
	if strings.Join(got, " ") != "1一1 2二改2 1别的1" {
		t.Errorf("merged: %v", got)
	}
	var b bytes.Buffer
	if err := l.Write(&b); err != nil {
		t.Fatal(err)
	}
	if again := read(t, "c.tsv", b.String()); fmt.Sprint(again.Items()) != fmt.Sprint(l.Items()) {
		t.Errorf("written and read again: %v", again.Items())
	}
}

func TestMistakesAreNamedWithTheirPlace(t *testing.T) {
	for _, c := range []struct{ file, content, want string }{
		{"x.tsv", "", "x.tsv:1:1: the file is empty"},
		{"x.tsv", "名称\tversion\n", "x.tsv:1:1: the column task_code is missing"},
		{"x.tsv", "code\tname\n", "x.tsv:1:1: the column version is missing"},
		{"x.tsv", "code\tversion\nA\t1\t2\n", "x.tsv:2:1: this line has 3 columns instead of 2"},
		{"x.tsv", "code\tversion\nA\t1\nB\tx\nC\t2\n\t1\n", "x.tsv:3:3: the version is a whole number\nx.tsv:5:1: the code is empty"},
		{"x.csv", "code,version\nB,x\n,1\n", "x.csv:2:3: the version is a whole number\nx.csv:3:1: the code is empty"},
		{"x.tsv", "code\tversion\n\t1\n", "x.tsv:2:1: the code is empty"},
		{"x.tsv", "name\tcode\tversion\n事项\tA\tx\n", "x.tsv:2:6: the version is a whole number"},
		{"x.tsv", "code\tversion\tstate\n# 注\nA\t1\t9\n", "x.tsv:3:5: unknown state of an item"},
		{"x.tsv", "code\tversion\tvalid_from\nA\t1\t2026-02-30\n", "x.tsv:2:5: no date"},
		{"x.csv", "code,version,valid_from,valid_to\nA,1,2026-02-01,2026-01-01\n", "x.csv:2:16: it ends before it begins"},
		{"x.csv", "code,version\n\"A,1\n", "x.csv:2:6: not CSV: extraneous or missing \" in quoted-field"},
	} {
		_, err := itemlist.Read("x", c.file, []byte(c.content))
		if !fault.Is(err, fault.Config) || fault.Say(err, text.EN) != c.want || !strings.Contains(fault.Say(err, text.ZH), c.file) {
			t.Errorf("%q: %v, want %s", c.content, err, c.want)
		}
	}
}

func TestAskingAllocatesNothing(t *testing.T) {
	l := read(t, "x.tsv", "code\tversion\n"+code1+"\t1\n")
	if n := testing.AllocsPerRun(100, func() { l.At(code1, 20000); l.At(code2, 20000) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestAVersionFoundOnceIsFoundAgainWhateverComesLater(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "versions")
		var b strings.Builder
		b.WriteString("code\tversion\tvalid_from\n")
		at, from := int32(10000), make([]int32, n)
		for v := range n {
			at += int32(rapid.IntRange(1, 400).Draw(t, "days"))
			from[v] = at
			fmt.Fprintf(&b, "A\t%d\t%s\n", v+1, day.String(at))
		}
		whole, err := itemlist.Read("x", "x.tsv", []byte(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		for v := range n {
			for _, d := range []int32{from[v], from[v] + 1} {
				want := int32(v + 1)
				if v+1 < n && d >= from[v+1] {
					want++
				}
				if it, standing := whole.At("A", d); it.Version != want || standing != itemlist.InForce {
					t.Fatalf("day %d: version %d %s, want %d", d, it.Version, standing, want)
				}
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"code\tversion\nA\t1\n", "task_code,task_version\nA,1\n", "", "\ufeff#\n", "code\tversion\tvalid_from\nA\t1\t2026-01-01\n"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, s string, csv bool) {
		file := "x.tsv"
		if csv {
			file = "x.csv"
		}
		l, err := itemlist.Read("x", file, []byte(s))
		if err != nil {
			if !fault.Is(err, fault.Config) {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, it := range l.Items() {
			if got, _ := l.At(it.Code, it.From); got.Code != it.Code {
				t.Fatalf("%q is not found", it.Code)
			}
		}
	})
}

func million(b *testing.B) []byte {
	var out bytes.Buffer
	out.WriteString("code\tversion\tname\tstate\tvalid_from\tvalid_to\n")
	for i := range 1_000_000 {
		fmt.Fprintf(&out, "11440000006939756B24401%08d\t1\t个人住房公积金账户设立登记\t1\t2020-01-01\t\n", i)
	}
	b.ResetTimer()
	return out.Bytes()
}

func BenchmarkReadAMillion(b *testing.B) {
	if os.Getenv("BENCH_LARGE") == "" {
		b.Skip("SKIPPED: BENCH_LARGE is not set")
	}
	data := million(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := itemlist.Read("x", "x.tsv", data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAt(b *testing.B) {
	l := read(b, "x.tsv", "code\tversion\n"+code1+"\t1\n"+code1+"\t2\n")
	b.ReportAllocs()
	for b.Loop() {
		l.At(code1, 20000)
	}
}
