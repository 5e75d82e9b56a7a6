package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// faultsExample is a faults file with everything that can stand in it.
const faultsExample = `seed: 1
faults:
  - {do: delay, interface: accept, share: 0.1, for: 2s}
  - {do: drop_after_apply, nth: [3, 7]}
  - {do: 401, share: 0.01}
  - {do: 429, share: 0.02, retry_after: 5s}
  - {do: 502, share: 0.02}
  - {do: truncated, interface: finish, nth: [1]}
  - {do: slow, share: 0.01, for: 3s}
  - {do: wrong_signature, interface: apply_info, share: 0.01}
`

func (a *app) platformServeCommand() *cobra.Command {
	f := &platformFlags{}
	c := &cobra.Command{
		Use:   "serve",
		Short: a.t("运行中台模拟器，直到停止；标准输出第一行是它的地址", "run the platform's simulator until stopped; its address is the first line on standard output"),
		Long: a.t(`运行中台模拟器，直到停止；标准输出第一行是它的地址。

模拟器严格检查签名、时间差、重放、密文、必填、长度、代码和先后顺序；同一报文重复推送只算一次。
命令行上的密钥只供联调。故障文件写明哪些调用出故障：按接口 interface（不写为全部），
按比例 share（由 seed 决定）或按第几次 nth，都不写则每次：`, `Runs the platform's simulator until stopped; its address is the first line on standard output.

It is strict about signature, clock, replay, cipher, required fields, widths, codes and order; the same
message sent again counts once. Secrets on the command line are for joint testing only. A faults file says
which calls go wrong: of one interface (without it, of all), a share of them (which ones follows from the
seed) or the nth; without either, every one:`) + "\n\n" + faultsExample,
		Example: "  banjian platform serve --listen 127.0.0.1:8099 --state platform.jsonl",
		Args:    a.exactly(0, text.T("platform serve 不带参数", "platform serve takes no argument")),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.servePlatform(cmd, f) },
	}
	a.profileFlag(c, f)
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1:0", a.t("监听的地址", "address to listen at"))
	a.keyFlags(c, f)
	c.Flags().StringVar(&f.state, "state", "", a.t("状态文件（含报文原文）；不写则停止后不保留", "state file, which holds the messages; without it nothing is kept"))
	c.Flags().StringVar(&f.faults, "faults", "", a.t("故障文件：哪些调用出什么故障", "faults file: which calls go wrong, and how"))
	c.Flags().StringVar(&f.broken, "break", "", a.t("故意做错什么，名称用逗号连接；list 列出全部", "what to do wrong on purpose, names joined by commas; list shows them"))
	c.Flags().StringVar(&f.quirks, "quirks", "", a.t("表现真实平台的哪些怪癖，名称用逗号连接，或 all；list 列出全部", "which oddities of real platforms to show, names joined by commas, or all; list shows them"))
	c.Flags().StringVar(&f.callback, "callback", "", a.t("审批系统的地址：启动后向它推送申报流水号（接口 1）", "address of an approval system: flow numbers are sent there once it serves (interface 1)"))
	c.Flags().IntVar(&f.announce, "announce", 10, a.t("向 --callback 推送几个申报流水号", "how many flow numbers are sent to --callback"))
	c.Flags().IntVar(&f.withdraw, "withdraw", 0, a.t("其中几个随后撤销（接口 10）", "how many of them are withdrawn afterwards (interface 10)"))
	return c
}

// listed prints what a flag can name.
func (a *app) listed(f *platformFlags) bool {
	switch "list" {
	case f.broken:
		for _, d := range simulator.Defects() {
			fmt.Fprintln(a.out, d.Name)
			a.note(text.F("%s：%s", "%s: %s", d.Name, d.Says.In(a.lang)))
		}
		return true
	case f.quirks:
		for _, q := range simulator.Quirks() {
			fmt.Fprintln(a.out, q.Name)
			a.note(text.F("%s：%s", "%s: %s", q.Name, q.Says.In(a.lang)))
		}
		return true
	}
	return false
}

func (a *app) servePlatform(cmd *cobra.Command, f *platformFlags) error {
	if a.listed(f) {
		return nil
	}
	if u, err := url.Parse(f.callback); f.callback != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return usageError{errors.New(a.t("--callback 要写成 http(s)://主机/路径", "--callback is http(s)://host/path"))}
	}
	p, i, err := a.platformProfile(f.profile)
	if err != nil {
		return err
	}
	faults, err := readFaults(f.faults, p)
	if err != nil {
		return err
	}
	s, err := simulator.New(simulator.Options{Profile: p, Intake: i, Credentials: middleplatform.Credentials{Key: f.key, Secret: f.secret}, SM4Key: f.sm4, State: f.state, Faults: faults, Break: f.broken, Quirks: f.quirks})
	if err != nil {
		return err
	}
	defer s.Close()
	server, err := s.Listen(f.listen)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.out, server.Base)
	if !server.Local {
		a.note(text.T("注意：本机以外也能访问这个模拟器", "note: this simulator can be reached from other machines"))
	}
	for _, in := range p.ByNumber() {
		title := in.Title
		a.note(text.F("%[2]d %[1]s：%[3]s", "%[2]d %[4]s: %[3]s", title, in.Number, in.URL(server.Base), in.Name))
	}
	a.note(text.T("运行中，Ctrl-C 停止", "serving; Ctrl-C stops"))
	ctx, cancel := context.WithCancel(cmd.Context())
	told := make(chan struct{})
	go func() {
		defer close(told)
		if f.callback != "" {
			a.announce(ctx, s, f)
		}
	}()
	err = server.Serve(ctx)
	cancel()
	<-told
	for _, in := range p.ByNumber() {
		n := s.Count(in.Name)
		a.note(text.F("%[1]s：收下 %[3]d，修订 %[4]d，重复 %[5]d，拒绝 %[6]d", "%[2]s: taken %[3]d, revised %[4]d, repeated %[5]d, refused %[6]d", in.Title, in.Name, n.Effects, n.Revisions, n.Repeats, n.Refused))
	}
	return err
}

func readFaults(path string, p *middleplatform.Profile) (*simulator.Faults, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.New(fault.Config, "read faults", path, text.T("故障文件读不了", "the faults file cannot be read"), text.T("检查 --faults 的路径", "check the path of --faults"))
	}
	return simulator.ParseFaults(path, data, p)
}

// announce tells an approval system of try-out applications, and of withdrawals.
func (a *app) announce(ctx context.Context, s *simulator.Simulator, f *platformFlags) {
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	first := time.Now().UnixMilli()
	for n := range f.announce + min(f.withdraw, f.announce) {
		one := simulator.Announcement{Flow: middleplatform.TryOutFlow(first + int64(n%f.announce)), Item: middleplatform.TryOutItem, Region: "370102000000", How: middleplatform.Notice{Place: "form"}}
		if one.Withdrawn = n >= f.announce; one.Withdrawn {
			one.By = "张样例"
		}
		status, err := s.Announce(ctx, client, f.callback, one)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			a.note(text.F("%s：%s", "%s: %s", one.Flow, fault.Say(err, a.lang)))
		case one.Withdrawn:
			a.note(text.F("撤销 %s：审批系统回应 %s", "withdrawn %s: the approval system answered %s", one.Flow, status))
		default:
			a.note(text.F("%s：审批系统回应 %s", "%s: the approval system answered %s", one.Flow, status))
		}
	}
}
