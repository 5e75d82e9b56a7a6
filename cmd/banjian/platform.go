package main

import (
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"banjian/connectors/middleplatform"
)

// platformFlags are what the verbs around the middle platform are told. Secrets on a
// command line are seen by others of the machine: they are for joint testing.
type platformFlags struct {
	profile, key, secret, sm4 string
	nonce, timestamp          string
	listen, state, faults     string
	broken, quirks            string
	callback                  string
	announce, withdraw        int
}

// What the simulator takes when it is told nothing.
const (
	simulatedKey    = "demo-app-key"
	simulatedSecret = "demo-app-secret"
	simulatedSM4    = "demoSm4Key"
)

func (a *app) platformCommand() *cobra.Command {
	c := &cobra.Command{Use: "platform", Short: a.t("业务中台：模拟器与联调工具", "the middle platform: simulator and tools for joint testing")}
	c.AddCommand(a.platformServeCommand(), a.platformVerifyCommand(), a.platformSignCommand(), a.platformApplyURLCommand(),
		a.platformCipherCommand("encrypt", a.t("按中台的加密方式加密文本（联调用）", "encrypt a text as the platform wants it, for joint testing"), "  banjian platform encrypt --key demoSm4Key 补正告知", (*middleplatform.Cipher).Encrypt),
		a.platformCipherCommand("decrypt", a.t("解密中台的密文（联调用）", "decrypt a ciphertext of the platform, for joint testing"), "  banjian platform decrypt --key demoSm4Key MXnlOSbA/Sxbh1XzIhyP5Q==", (*middleplatform.Cipher).Decrypt))
	return c
}

func (a *app) profileFlag(c *cobra.Command, f *platformFlags) {
	names := strings.Join(middleplatform.Profiles(), " | ")
	c.Flags().StringVar(&f.profile, "profile", middleplatform.DefaultProfile, a.t("中台档案：", "platform profile: ")+names)
}

// keyFlags are the three keys, by default those the simulator takes.
func (a *app) keyFlags(c *cobra.Command, f *platformFlags) {
	c.Flags().StringVar(&f.key, "key", simulatedKey, a.t("接入者标识，仅供联调", "app key, for joint testing only"))
	c.Flags().StringVar(&f.secret, "secret", simulatedSecret, a.t("接入者密钥，仅供联调：同机的人能看到", "app secret, for joint testing only: others on this machine see it"))
	c.Flags().StringVar(&f.sm4, "sm4", simulatedSM4, a.t("SM4 密钥，仅供联调：同机的人能看到", "SM4 key, for joint testing only: others on this machine see it"))
}

// platformProfile is a profile by name: that of the site, if there is one, over the
// shipped one.
func (a *app) platformProfile(name string) (*middleplatform.Profile, *middleplatform.Intake, error) {
	var overlays []fs.FS
	s, err := a.site()
	if err != nil && a.siteDir != "" {
		return nil, nil, err
	}
	if err == nil {
		if f := s.Folder("schemas"); f != nil {
			overlays = append(overlays, f)
		}
	}
	p, err := middleplatform.LoadProfile(name, overlays...)
	if err != nil {
		return nil, nil, err
	}
	i, err := middleplatform.LoadIntake(p, overlays...)
	return p, i, err
}
