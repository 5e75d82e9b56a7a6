package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/conformance"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// verifyFlags are what the conformance check is told.
type verifyFlags struct {
	platformFlags
	base, flows, out string
	open, list       bool
}

func (a *app) platformVerifyCommand() *cobra.Command {
	f := &verifyFlags{}
	c := &cobra.Command{
		Use:   "verify",
		Short: a.t("检查一个中台（或审批系统的接收端）是否合规，每条断言一行", "the conformance check of a platform, or of an approval system's inbound side, one assertion a line"),
		Long: a.t(`检查一个中台（或审批系统的接收端）是否合规。每条断言一行：ok 或 FAIL、名称、说明，以制表符分开；
有一条不成立退出码就是 1，30 秒内结束。

检查会写入测试办件，只对联调环境运行。默认用 99 开头的试用流水号（模拟器都认）；真实平台要给一批
测试用的申报流水号：--flows 文件每行“流水号⇥事项编码”，至少 200 行。`, `The conformance check of a platform, or of an approval system's inbound side. One assertion a line: ok or FAIL, its
name and a sentence, parted by tabs; exit 1 when any does not hold; it ends within 30 s.

It writes test cases: run it against a joint-testing environment only. By default it uses try-out flow numbers,
which begin with 99 and which the simulator knows; a real platform has to allot some: a file for --flows with
a line "flow number⇥item code" for each, 200 at least.`),
		Example: "  banjian platform verify --base http://127.0.0.1:8099 --out report.xlsx\n" +
			"  banjian platform verify --callback http://127.0.0.1:8088",
		Args: a.exactly(0, text.T("platform verify 不带参数", "platform verify takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.verifyPlatform(cmd, f) },
	}
	a.profileFlag(c, &f.platformFlags)
	a.keyFlags(c, &f.platformFlags)
	c.Flags().StringVar(&f.base, "base", "", a.t("中台地址", "address of the platform"))
	c.Flags().StringVar(&f.callback, "callback", "", a.t("审批系统的地址：检查接口 1 和 10", "address of an approval system: interfaces 1 and 10 are checked"))
	c.Flags().BoolVar(&f.open, "callback-open", false, a.t("审批系统不核对签名", "the approval system does not check signatures"))
	c.Flags().StringVar(&f.flows, "flows", "", a.t("测试用的申报流水号，每行“流水号⇥事项编码”", "flow numbers to use, a line each: flow number⇥item code"))
	c.Flags().StringVar(&f.out, "out", "", a.t("把报告写成 .xlsx，可交给对方", "write the report as .xlsx, to hand over"))
	c.Flags().BoolVar(&f.list, "list", false, a.t("只列出断言", "list the assertions only"))
	return c
}

func (a *app) verifyPlatform(cmd *cobra.Command, f *verifyFlags) error {
	p, i, err := a.platformProfile(f.profile)
	if err != nil {
		return err
	}
	if f.list {
		return a.listAssertions(p)
	}
	if f.base == "" && f.callback == "" {
		return usageError{errors.New(a.t("用 --base 写出中台地址，或用 --callback 写出审批系统地址", "name the platform with --base, or an approval system with --callback"))}
	}
	if f.out != "" && !strings.EqualFold(filepath.Ext(f.out), ".xlsx") {
		return usageError{errors.New(a.t("用 --out 写出 .xlsx 文件", "name an .xlsx file with --out"))}
	}
	o := conformance.Options{Profile: p, Intake: i, Base: f.base, Callback: f.callback, CallbackOpen: f.open,
		Keys: middleplatform.Keys{Credentials: middleplatform.Credentials{Key: f.key, Secret: f.secret}, SM4Key: f.sm4}}
	if o.Flow, err = readFlows(f.flows); err != nil {
		return err
	}
	report, err := conformance.Run(cmd.Context(), o)
	if err != nil {
		return err
	}
	if report.Failed() > 0 {
		a.code = exitFailed
	}
	if f.out != "" {
		if err := writePages(f.out, pagesOf(verifyBook(report, p, a.lang), a.lang)); err != nil {
			return err
		}
	}
	return a.printReport(report)
}

func (a *app) listAssertions(p *middleplatform.Profile) error {
	for _, one := range conformance.Names(p, true) {
		if a.json {
			if err := json.NewEncoder(a.out).Encode(map[string]any{"assertion": one.Name, "interface": one.Number, "says": one.Says}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(a.out, "%s\t%s\n", one.Name, one.Says.In(a.lang))
	}
	return nil
}

func (a *app) printReport(r *conformance.Report) error {
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(r)
	}
	for _, one := range r.Results {
		mark, detail := "ok", one.Says.In(a.lang)
		if !one.OK {
			mark, detail = "FAIL", detail+a.t("：", ": ")+one.Detail.In(a.lang)
		}
		fmt.Fprintf(a.out, "%s\t%s\t%s\n", mark, one.Name, strings.NewReplacer("\t", " ", "\n", " ").Replace(detail))
	}
	failed, all := r.Failed(), len(r.Results)
	a.note(text.F("%[2]d 条断言，%[1]d 条不成立", "%[2]d assertions, %[1]d of them do not hold", failed, all))
	return nil
}

// readFlows gives the flow numbers of a file in turn, nil without a file. After the last
// one there are none: an empty number, which every platform refuses.
func readFlows(path string) (func() (flow, item string), error) {
	if path == "" {
		return nil, nil
	}
	wrong := func(where string, err error) error {
		return fault.Wrap(err, fault.Config, "read flow numbers", where, text.T("流水号文件读不了", "the flow numbers cannot be read"), text.T("每行写“流水号⇥事项编码”", "a line is flow number⇥item code"))
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, wrong(path, err)
	}
	defer file.Close()
	var list [][]string
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		parts := strings.Fields(lines.Text())
		if len(parts) != 2 {
			return nil, wrong(fmt.Sprintf("%s:%d:1", path, n), errors.New("two columns are expected"))
		}
		list = append(list, parts)
	}
	if err := lines.Err(); err != nil {
		return nil, wrong(path, err)
	}
	return func() (string, string) {
		if len(list) == 0 {
			return "", ""
		}
		one := list[0]
		list = list[1:]
		return one[0], one[1]
	}, nil
}
