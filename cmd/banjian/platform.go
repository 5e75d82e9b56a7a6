package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// platformFlags are what the verbs around the middle platform are told. Secrets on a
// command line are seen by others of the machine: they are for joint testing.
type platformFlags struct {
	profile, key, secret, sm4 string
	nonce, timestamp          string
	listen, state, faults     string
}

// What the simulator takes when it is told nothing.
const (
	simulatedKey    = "demo-app-key"
	simulatedSecret = "demo-app-secret"
	simulatedSM4    = "demoSm4Key"
)

func (a *app) platformCommand() *cobra.Command {
	c := &cobra.Command{Use: "platform", Short: a.t("业务中台：模拟器与联调工具", "the middle platform: simulator and tools for joint testing")}
	c.AddCommand(a.platformServeCommand(), a.platformSignCommand(),
		a.platformCipherCommand("encrypt", a.t("按中台的加密方式加密文本（联调用）", "encrypt a text as the platform wants it, for joint testing"), "  banjian platform encrypt --key demoSm4Key 补正告知", (*middleplatform.Cipher).Encrypt),
		a.platformCipherCommand("decrypt", a.t("解密中台的密文（联调用）", "decrypt a ciphertext of the platform, for joint testing"), "  banjian platform decrypt --key demoSm4Key MXnlOSbA/Sxbh1XzIhyP5Q==", (*middleplatform.Cipher).Decrypt))
	return c
}

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
`

func (a *app) profileFlag(c *cobra.Command, f *platformFlags) {
	names := strings.Join(middleplatform.Profiles(), " | ")
	c.Flags().StringVar(&f.profile, "profile", middleplatform.DefaultProfile, a.t("中台档案：", "platform profile: ")+names)
}

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
	c.Flags().StringVar(&f.key, "key", simulatedKey, a.t("接入者标识，仅供联调", "app key, for joint testing only"))
	c.Flags().StringVar(&f.secret, "secret", simulatedSecret, a.t("接入者密钥，仅供联调：同机的人能看到", "app secret, for joint testing only: others on this machine see it"))
	c.Flags().StringVar(&f.sm4, "sm4", simulatedSM4, a.t("SM4 密钥，仅供联调：同机的人能看到", "SM4 key, for joint testing only: others on this machine see it"))
	c.Flags().StringVar(&f.state, "state", "", a.t("状态文件（含报文原文）；不写则停止后不保留", "state file, which holds the messages; without it nothing is kept"))
	c.Flags().StringVar(&f.faults, "faults", "", a.t("故障文件：哪些调用出什么故障", "faults file: which calls go wrong, and how"))
	return c
}

func (a *app) servePlatform(cmd *cobra.Command, f *platformFlags) error {
	p, err := middleplatform.LoadProfile(f.profile)
	if err != nil {
		return err
	}
	faults, err := readFaults(f.faults, p)
	if err != nil {
		return err
	}
	s, err := simulator.New(simulator.Options{Profile: p, Credentials: middleplatform.Credentials{Key: f.key, Secret: f.secret}, SM4Key: f.sm4, State: f.state, Faults: faults})
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
	err = server.Serve(cmd.Context())
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

func (a *app) platformSignCommand() *cobra.Command {
	f := &platformFlags{}
	c := &cobra.Command{
		Use:     "sign",
		Short:   a.t("一次调用的签名请求头，每行一个（联调用）", "the signed headers of a call, one a line, for joint testing"),
		Example: "  banjian platform sign --key demo-app-key --secret demo-app-secret",
		Args:    a.exactly(0, text.T("platform sign 不带参数", "platform sign takes no argument")),
		RunE: func(*cobra.Command, []string) error {
			p, err := middleplatform.LoadProfile(f.profile)
			if err != nil {
				return err
			}
			if f.nonce == "" {
				f.nonce = uuid.NewString()
			}
			if f.timestamp == "" {
				f.timestamp = p.Stamp(time.Now())
			}
			headers, err := p.Sign(middleplatform.Credentials{Key: f.key, Secret: f.secret}, f.nonce, f.timestamp)
			if err != nil {
				return err
			}
			for _, h := range headers {
				fmt.Fprintf(a.out, "%s: %s\n", h.Name, h.Value)
			}
			return nil
		},
	}
	a.profileFlag(c, f)
	c.Flags().StringVar(&f.key, "key", "", a.t("接入者标识", "app key"))
	c.Flags().StringVar(&f.secret, "secret", "", a.t("接入者密钥，仅供联调：同机的人能看到", "app secret, for joint testing only: others on this machine see it"))
	c.Flags().StringVar(&f.nonce, "nonce", "", a.t("随机数（默认新生成）", "nonce (default: a new one)"))
	c.Flags().StringVar(&f.timestamp, "timestamp", "", a.t("时间戳，毫秒（默认现在）", "timestamp in milliseconds (default: now)"))
	return c
}

// platformCipherCommand is encrypt or decrypt: a text from the argument or, for -, from
// standard input, of which one line end at the end does not count.
func (a *app) platformCipherCommand(name, short, example string, do func(*middleplatform.Cipher, string) (string, error)) *cobra.Command {
	f := &platformFlags{}
	c := &cobra.Command{
		Use:     name + " TEXT|-",
		Short:   short,
		Example: example,
		Args:    a.exactly(1, text.T("写一段文本，或用 - 从标准输入读", "give one text, or - to read standard input")),
		RunE: func(cmd *cobra.Command, args []string) error {
			given, err := a.textOf(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			p, err := middleplatform.LoadProfile(f.profile)
			if err != nil {
				return err
			}
			cipher, err := middleplatform.NewCipher(p, f.key, nil)
			if err != nil {
				return err
			}
			result, err := do(cipher, given)
			if err != nil {
				return err
			}
			fmt.Fprintln(a.out, result)
			return nil
		},
	}
	a.profileFlag(c, f)
	c.Flags().StringVar(&f.key, "key", "", a.t("SM4 密钥，仅供联调：同机的人能看到", "SM4 key, for joint testing only: others on this machine see it"))
	return c
}

func (a *app) textOf(arg string, in io.Reader) (string, error) {
	if arg != "-" {
		return arg, nil
	}
	data, err := io.ReadAll(io.LimitReader(in, middleplatform.MaxBody+1))
	if err != nil {
		return "", err
	}
	if len(data) > middleplatform.MaxBody {
		return "", usageError{errors.New(a.t("文本太大", "the text is too large"))}
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}
