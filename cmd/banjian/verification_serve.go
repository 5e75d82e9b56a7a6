package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"banjian/connectors/sharing/simulator"
	"banjian/internal/fault"
	"banjian/internal/remote"
	"banjian/internal/text"
)

// simulatedGateway is what the simulator of a gateway is told.
type simulatedGateway struct {
	listen, rid, sid, appKey, people string
	plain, direct                    bool
	lasts                            time.Duration
}

func (a *app) verificationServeCommand() *cobra.Command {
	var o simulatedGateway
	c := &cobra.Command{
		Use:   "serve",
		Short: a.t("运行数据共享网关的模拟器，直到停止；标准输出第一行是它的地址", "run a simulator of a sharing gateway until stopped; its address is the first line on standard output"),
		Long: a.t(`运行数据共享网关的模拟器，直到停止；标准输出第一行是它的地址。

发放加密的服务密钥，严格检查签名（sid+rid+rtime）、时间差和密钥是否到期；按 --people 里的人答复：
{code, message, data: {found, match, status, name}}，查询内容是 gmsfhm 和 xm。`, `Runs a simulator of a sharing gateway until stopped; its address is the first line on standard output.

It hands out sealed secrets and is strict about the signature (sid+rid+rtime), the clock and the end of a secret. It answers
about the people of --people: {code, message, data: {found, match, status, name}}, asked by gmsfhm and xm.`) + "\n\n  号码,姓名,状态\n  11010519491231002X,张样例,正常\n",
		Example: "  banjian verification serve --listen 127.0.0.1:8095 --people people.csv",
		Args:    a.exactly(0, text.T("verification serve 不带参数", "verification serve takes no argument")),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.serveGateway(cmd.Context(), &o) },
	}
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", a.t("监听的地址", "address to listen at"))
	f.StringVar(&o.rid, "rid", "demo@banjian", a.t("请求者标识", "what callers are called"))
	f.StringVar(&o.sid, "sid", "person-id", a.t("服务标识", "what the service is called"))
	f.StringVar(&o.appKey, "app-key", "demo-app-key", a.t("appkey，仅供联调：同机的人能看到", "app key, for joint testing only: others on this machine see it"))
	f.StringVar(&o.people, "people", "", a.t("CSV 文件：号码,姓名,状态；不写则谁也不认识", "CSV file: number,name,status; without it nobody is known"))
	f.BoolVar(&o.plain, "plain", false, a.t("省级代理的写法：用 appkey 取密钥，明文发放", "as a provincial proxy: secrets are asked for with the app key and come in plain"))
	f.BoolVar(&o.direct, "direct", false, a.t("密钥本身作签名", "the secret itself is the signature"))
	f.DurationVar(&o.lasts, "lasts", time.Hour, a.t("密钥多久到期", "how long a secret is good"))
	return c
}

func (a *app) serveGateway(ctx context.Context, o *simulatedGateway) error {
	people, err := readPeople(o.people)
	if err != nil {
		return err
	}
	g := simulator.New(simulator.Options{RID: o.rid, Plain: o.plain, Lasts: o.lasts, Grace: time.Minute,
		Services: map[string]simulator.Service{o.sid: {AppKey: o.appKey, Direct: o.direct, Known: people}}})
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fault.Wrap(err, fault.Config, "listen", o.listen, text.T("这个地址不能监听", "this address cannot be listened at"), text.T("换一个 --listen，如 127.0.0.1:0", "give another --listen, such as 127.0.0.1:0"))
	}
	server := &http.Server{Handler: g, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintln(a.out, "http://"+listener.Addr().String())
	a.note(text.F("refresh: %s，path: %s%s", "refresh: %s, path: %s%s", simulator.RefreshPath, simulator.ServicePath, o.sid))
	a.note(text.T("运行中，Ctrl-C 停止", "serving; Ctrl-C stops"))
	if err := remote.Serve(ctx, server, listener, time.Second); err != nil {
		return err
	}
	asked, refused, renewed := g.Counts(o.sid)
	a.note(text.F("答复 %d 次，拒绝签名 %d 次，发放密钥 %d 次", "answered %d, signatures refused %d, secrets handed out %d", asked, refused, renewed))
	return nil
}

func readPeople(path string) (map[string]simulator.Person, error) {
	people := map[string]simulator.Person{}
	if path == "" {
		return people, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.Config, "read people", path, text.T("文件读不了", "the file cannot be read"), text.T("检查 --people 的路径", "check the path of --people"))
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.TrimLeadingSpace = 3, true
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fault.New(fault.Config, "read people", path, text.T("不是三列的 CSV：号码,姓名,状态", "this is no CSV of three columns: number,name,status"), text.Text{})
	}
	for _, row := range rows {
		people[row[0]] = simulator.Person{Name: row[1], Status: row[2]}
	}
	return people, nil
}
