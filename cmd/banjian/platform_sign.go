package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"banjian/connectors/middleplatform"
	"banjian/internal/text"
)

func (a *app) platformSignCommand() *cobra.Command {
	f := &platformFlags{}
	c := &cobra.Command{
		Use:     "sign",
		Short:   a.t("一次调用的签名请求头，每行一个（联调用）", "the signed headers of a call, one a line, for joint testing"),
		Example: "  banjian platform sign --key demo-app-key --secret demo-app-secret",
		Args:    a.exactly(0, text.T("platform sign 不带参数", "platform sign takes no argument")),
		RunE: func(*cobra.Command, []string) error {
			p, _, err := a.platformProfile(f.profile)
			if err != nil {
				return err
			}
			if f.nonce == "" {
				f.nonce = uuid.NewString()
			}
			if f.timestamp == "" {
				f.timestamp = p.Stamp(time.Now())
			}
			if f.key == "" || f.secret == "" {
				return usageError{errors.New(a.t("签名要有 --key 和 --secret", "a signature needs --key and --secret"))}
			}
			headers, err := p.Sign(middleplatform.Credentials{Key: f.key, Secret: f.secret}, f.nonce, f.timestamp)
			if err != nil {
				return err
			}
			var lines strings.Builder
			named := map[string]any{}
			for _, h := range headers {
				fmt.Fprintf(&lines, "%s: %s\n", h.Name, h.Value)
				named[h.Name] = h.Value
			}
			return a.script(lines.String(), named)
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
			p, _, err := a.platformProfile(f.profile)
			if err != nil {
				return err
			}
			if f.key == "" && p.Cipher.Kind != "none" {
				return usageError{errors.New(a.t("用 --key 写出 SM4 密钥", "give the SM4 key with --key"))}
			}
			cipher, err := middleplatform.NewCipher(p, f.key, nil)
			if err != nil {
				return err
			}
			result, err := do(cipher, given)
			if err != nil {
				return err
			}
			return a.script(result+"\n", map[string]any{"text": result})
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
