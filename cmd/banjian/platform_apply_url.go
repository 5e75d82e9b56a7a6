package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"banjian/connectors/middleplatform"
	"banjian/internal/text"
)

func (a *app) platformApplyURLCommand() *cobra.Command {
	f := &platformFlags{}
	var base string
	var extra []string
	c := &cobra.Command{
		Use:   "apply-url",
		Short: a.t("签好名的申报地址（联调用）", "the signed address of an application, for joint testing"),
		Long: a.t(`签好名的申报地址（联调用）。签名方式在档案的 apply_url 里，与接口调用的签名分开。
密钥不进地址，除非档案打开 emit_secret_param。不写 --base 只给出参数。`, `The signed address of an application, for joint testing. How it is signed stands in apply_url of the profile, apart
from the signature of calls. The secret is not in the address unless the profile has emit_secret_param on.
Without --base the parameters alone.`),
		Example: "  banjian platform apply-url --base https://ywzt.example.cn/apply --key demo-app-key --secret demo-app-secret --param channel=hall",
		Args:    a.exactly(0, text.T("platform apply-url 不带参数", "platform apply-url takes no argument")),
		RunE: func(*cobra.Command, []string) error {
			p, _, err := a.platformProfile(f.profile)
			if err != nil {
				return err
			}
			at := time.Now()
			if f.timestamp != "" {
				var ok bool
				if at, ok = p.ApplyURL.Moment(f.timestamp); !ok {
					return usageError{errors.New(a.t("时间戳的写法与档案不符", "the timestamp is not written as the profile has it"))}
				}
			}
			target := base
			if target == "" {
				target = "https://invalid"
			}
			address, err := p.SignApplyURL(target, middleplatform.Credentials{Key: f.key, Secret: f.secret}, at)
			if err != nil {
				return err
			}
			for _, pair := range extra {
				name, value, ok := strings.Cut(pair, "=")
				if !ok || name == "" {
					return usageError{errors.New(a.t("--param 要写成 名称=值", "--param is written name=value"))}
				}
				address += "&" + url.QueryEscape(name) + "=" + url.QueryEscape(value)
			}
			if base == "" {
				_, address, _ = strings.Cut(address, "?")
			}
			return a.script(fmt.Sprintln(address), map[string]any{"url": address})
		},
	}
	a.profileFlag(c, f)
	c.Flags().StringVar(&base, "base", "", a.t("申报页面的地址", "address of the page"))
	c.Flags().StringVar(&f.key, "key", "", a.t("接入者标识", "app key"))
	c.Flags().StringVar(&f.secret, "secret", "", a.t("接入者密钥，仅供联调：同机的人能看到", "app secret, for joint testing only: others on this machine see it"))
	c.Flags().StringVar(&f.timestamp, "timestamp", "", a.t("时间戳（默认现在）", "timestamp (default: now)"))
	c.Flags().StringArrayVar(&extra, "param", nil, a.t("另加的参数 名称=值，不参与签名，可重复", "another parameter, name=value, not signed; may be repeated"))
	return c
}
