package main

import (
	"encoding/json"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/mappings/mappingtest"
)

// testOptions are the flags of test.
type testOptions struct{ update, cover bool }

func (a *app) testCommand() *cobra.Command {
	var o testOptions
	c := &cobra.Command{
		Use:     "test [PATH…]",
		Short:   a.t("映射的测试：给一行，看成什么记录", "the mapping tests: given a row, which record comes out"),
		Example: "  banjian test\n  banjian test provident-fund/accept --cover\n  banjian test mappings/my/accept_test.yaml --update",
		RunE:    func(_ *cobra.Command, args []string) error { return a.test(args, o) },
	}
	c.Flags().BoolVar(&o.update, "update", false, a.t("把期望改成映射现在的结果（改后请逐个核对）", "rewrite the expectations to what the mapping does now (check them afterwards)"))
	c.Flags().BoolVar(&o.cover, "cover", false, a.t("映射的哪些地方没有测到", "which places of a mapping no test reached"))
	return c
}

// testLine is what the tests of one mapping came to.
type testLine struct {
	Mapping  string        `json:"mapping"`
	File     string        `json:"file"`
	Cases    int           `json:"cases"`
	Failed   int           `json:"failed"`
	Failures []testFailure `json:"failures,omitempty"`
	Updated  []string      `json:"updated,omitempty"` // cases whose expectations were rewritten
	Cover    *coverLine    `json:"cover,omitempty"`
	Error    string        `json:"error,omitempty"` // the file is broken
}

// testFailure is one difference.
type testFailure struct {
	Case  string `json:"case"`
	At    string `json:"at"`
	Field string `json:"field,omitempty"`
	Says  string `json:"says"`
}

// coverLine is how much of a mapping its tests reached.
type coverLine struct {
	Kinds   []coverKind  `json:"kinds"`
	Missing []coverPlace `json:"missing,omitempty"`
}

type coverKind struct {
	Kind    string `json:"kind"`
	Covered int    `json:"covered"`
	Total   int    `json:"total"`
}

type coverPlace struct {
	At   string `json:"at"`
	Kind string `json:"kind"`
	Says string `json:"says"`
}

// test runs what the arguments name, all there is without any. A broken file does not
// stop the others.
func (a *app) test(args []string, o testOptions) error {
	files, err := a.testFiles(args)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		a.note(text.T("没有映射测试；在映射旁边写一份 <映射>_test.yaml", "there are no mapping tests; write <mapping>_test.yaml beside a mapping"))
		return nil
	}
	cases, failed, broken := 0, 0, 0
	for _, f := range files {
		line, err := a.testOne(f, o)
		if err != nil {
			broken++
			line.Error = fault.Say(err, a.lang)
		}
		cases, failed = cases+line.Cases, failed+line.Failed
		if a.json {
			enc := json.NewEncoder(a.out)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(line); err != nil {
				return err
			}
			continue
		}
		a.printTest(line, err)
	}
	if !a.json {
		a.say(text.F("%d 份测试，%d 个例子，%d 个不符，%d 份有错", "%d file{|s}, %d case{|s}, %d failed, %d file{|s} broken", len(files), cases, failed, broken))
	}
	switch {
	case broken > 0:
		a.code = exitUsage
	case failed > 0:
		a.code = exitFailed
	}
	return nil
}

// testOne runs one file, and rewrites it first where that is asked for and needed.
func (a *app) testOne(t *mappingtest.Source, o testOptions) (testLine, error) {
	line := testLine{File: t.Shown}
	f, err := mappingtest.Parse(t.Shown, t.Data)
	if err != nil {
		return line, err
	}
	line.Mapping = f.Mapping
	m, err := t.Mapping(f.Mapping)
	if err != nil {
		return line, err
	}
	r, err := f.Run(m, memory.DefaultAllocator)
	if err != nil {
		return line, err
	}
	if o.update && r.Failed() > 0 && t.Disk != "" {
		if line.Updated, r, err = t.Update(f, m, memory.DefaultAllocator); err != nil {
			return line, err
		}
	}
	line.Cases, line.Failed = len(r.Cases), r.Failed()
	for _, c := range r.Cases {
		for _, d := range c.Differences {
			line.Failures = append(line.Failures, testFailure{Case: c.Name, At: d.At, Field: d.Field, Says: d.What.In(a.lang)})
		}
	}
	if o.cover {
		line.Cover = a.coverLine(r.Cover)
	}
	return line, nil
}

func (a *app) coverLine(c *mappingtest.Cover) *coverLine {
	out := &coverLine{}
	for _, k := range mappingtest.CoverKinds {
		covered, total := c.Of(k)
		out.Kinds = append(out.Kinds, coverKind{string(k), covered, total})
	}
	for _, p := range c.Missing() {
		out.Missing = append(out.Missing, coverPlace{p.At, string(p.Kind), a.placeName(p.Point)})
	}
	return out
}

// placeName is a place of a mapping in a few words.
func (a *app) placeName(p mappings.Point) string {
	switch p.Kind {
	case mappings.EntryPoint:
		return fmt.Sprintf(a.t("%s 的 map：%s", "map of %s: %s"), p.Field, p.Name)
	case mappings.ElsePoint:
		return fmt.Sprintf(a.t("%s 的 else", "else of %s"), p.Field)
	case mappings.CheckPoint:
		if p.Fails {
			return fmt.Sprintf(a.t("%s 的 %s：没有不合格的值", "%[2]s of %[1]s: no value was refused"), p.Field, p.Name)
		}
		return fmt.Sprintf(a.t("%s 的 %s：没有合格的值", "%[2]s of %[1]s: no value passed"), p.Field, p.Name)
	case mappings.RulePoint:
		return fmt.Sprintf(a.t("规则 %s", "rule %s"), p.Name)
	}
	return fmt.Sprintf(a.t("字段 %s", "field %s"), p.Field)
}

// coverNames are the kinds of places in words.
var coverNames = map[string]text.Text{
	"field": text.T("字段", "fields"), "map": text.T("对照", "map entries"), "else": text.T("else", "else"),
	"check": text.T("检查", "checks"), "rule": text.T("规则", "rules"),
}

// printTest writes one file's result for people.
func (a *app) printTest(l testLine, err error) {
	name := l.Mapping
	if name == "" {
		name = l.File
	}
	switch {
	case err != nil:
		fmt.Fprintf(a.out, "FAIL  %s  %s\n", name, a.t("文件有错", "the file is broken"))
		fmt.Fprintf(a.out, "  %s\n", l.Error)
		if hint := fault.HintOf(err); !hint.IsZero() {
			fmt.Fprintf(a.out, "  %s: %s\n", a.t("怎么办", "what to do"), hint.In(a.lang))
		}
		return
	case l.Failed > 0:
		a.say(text.F("FAIL  %s  %d 个例子中 %d 个不符", "FAIL  %s  %[3]d of %[2]d case{|s} failed", name, l.Cases, l.Failed))
	default:
		a.say(text.F("ok    %s  %d 个例子", "ok    %s  %d case{|s}", name, l.Cases))
	}
	for i, f := range l.Failures {
		if i == 0 || l.Failures[i-1].Case != f.Case {
			fmt.Fprintf(a.out, "  %s\n", f.Case)
		}
		says := f.Says
		if f.Field != "" {
			says = f.Field + " " + says
		}
		fmt.Fprintf(a.out, "    %s: %s\n", f.At, says)
	}
	for _, c := range l.Updated {
		fmt.Fprintf(a.out, "  %s %s\n", a.t("已改写：", "rewritten:"), c)
	}
	if l.Cover == nil {
		return
	}
	for _, k := range l.Cover.Kinds {
		fmt.Fprintf(a.out, "  %s %d/%d", coverNames[k.Kind].In(a.lang), k.Covered, k.Total)
	}
	fmt.Fprintln(a.out)
	for _, p := range l.Cover.Missing {
		fmt.Fprintf(a.out, "    %s: %s\n", p.At, p.Says)
	}
}
