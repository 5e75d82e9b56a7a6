package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/nearest"
	"banjian/internal/text"
)

// localise puts the reader's language around our own texts, and makes every verb
// refuse what it does not know: an unknown word below a group of verbs, and arguments
// where none are taken.
func (a *app) localise(root *cobra.Command) {
	for _, c := range root.Commands() {
		a.strict(c)
	}
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Short, c.Example = a.t("某个命令的帮助", "help for a verb"), "  banjian help rejects list"
			c.Run, c.RunE = nil, a.helpFor
		case "completion":
			a.localiseCompletion(c)
		}
	}
	plain := root.UsageFunc()
	root.SetUsageFunc(func(c *cobra.Command) error {
		var said bytes.Buffer
		out := c.OutOrStderr()
		c.SetOut(&said)
		err := plain(c)
		c.SetOut(out)
		_, _ = io.WriteString(out, a.words(said.String())) // a closed terminal is nobody's trouble
		return err
	})
}

// localiseCompletion puts our words in the place of the library's.
func (a *app) localiseCompletion(c *cobra.Command) {
	c.Short = a.t("输出 shell 补全脚本", "shell completion scripts")
	c.Long = c.Short + a.t("；怎样装上，见各子命令的 --help", "; --help of each says how to install it")
	a.group(c)
	install := map[string]string{
		"bash":       "banjian completion bash > /etc/bash_completion.d/banjian",
		"zsh":        "banjian completion zsh > \"${fpath[1]}/_banjian\"",
		"fish":       "banjian completion fish > ~/.config/fish/completions/banjian.fish",
		"powershell": "banjian completion powershell | Out-String | Invoke-Expression",
	}
	for _, sub := range c.Commands() {
		sub.Short = fmt.Sprintf(a.t("%s 的补全脚本", "completion script of %s"), sub.Name())
		sub.Long = sub.Short + a.t("。装上之后重开一个终端", ". Open a new terminal once it is installed")
		sub.Example = "  " + install[sub.Name()]
		sub.Args = a.exactly(0, text.F("%s 不带参数", "%s takes no argument", sub.Name()))
		if f := sub.Flags().Lookup("no-descriptions"); f != nil {
			f.Usage = a.t("不带说明", "leave descriptions out")
		}
	}
}

// helpFor is help of the verb that the arguments name.
func (a *app) helpFor(c *cobra.Command, args []string) error {
	verb, left, err := c.Root().Find(args)
	if err != nil || len(left) > 0 {
		return a.noVerb(c.Root(), strings.Join(args, " "))
	}
	verb.InitDefaultHelpFlag()
	return verb.Help()
}

// noVerb says that there is no such verb, and the one that was meant.
func (a *app) noVerb(root *cobra.Command, name string) error {
	if near := nearest.Words(name, verbs(root), 1); len(near) > 0 {
		return usageError{fmt.Errorf(a.t("没有 %q 这个命令；是不是 %s？", "there is no verb %q; did you mean %s?"), name, near[0])}
	}
	return usageError{fmt.Errorf(a.t("没有 %q 这个命令；banjian --help 列出全部命令", "there is no verb %q; banjian --help lists them"), name)}
}

func verbs(c *cobra.Command) []string {
	var known []string
	for _, sub := range c.Commands() {
		known = append(known, sub.Name())
	}
	return known
}

// group makes a verb that only holds others refuse what is none of them.
func (a *app) group(c *cobra.Command) {
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			if near := nearest.Words(args[0], verbs(cmd), 1); len(near) > 0 {
				return usageError{fmt.Errorf(a.t("%s 下没有 %q；是不是 %s？", "%s has no verb %q; did you mean %s?"), cmd.Name(), args[0], near[0])}
			}
			return usageError{fmt.Errorf(a.t("%s 下没有 %q；%s --help 列出全部", "%s has no verb %q; %s --help lists them"), cmd.Name(), args[0], cmd.CommandPath())}
		}
		return cmd.Help()
	}
}

func (a *app) strict(c *cobra.Command) {
	if c.HasSubCommands() {
		a.group(c)
	} else if c.Args == nil && !strings.ContainsAny(c.Use, " ") {
		c.Args = a.exactly(0, text.F("%s 不带参数", "%s takes no argument", c.Name()))
	}
	for _, sub := range c.Commands() {
		a.strict(sub)
	}
}

// usageWords are cobra's English words with the Chinese for them.
var usageWords = strings.NewReplacer(
	"Usage:", "用法：", "Examples:", "示例：", "Available Commands:", "命令：", "Global Flags:", "通用选项：", "\nFlags:", "\n选项：",
	"[flags]", "[选项]", "[command]", "[命令]", "Use \"", "\"", "\" for more information about a command.", "\" 查看某个命令的说明")

// cobraSentences are those cobra makes around a name or a value.
var cobraSentences = []struct {
	english *regexp.Regexp
	chinese string
}{
	{regexp.MustCompile(`(?m)^(  -h, --help +)help for .*$`), "${1}本命令的帮助"},
	{regexp.MustCompile(`(?m)\(default (.*)\)$`), "（默认 ${1}）"},
}

// words is cobra's usage in the reader's language.
func (a *app) words(usage string) string {
	if a.lang != text.ZH {
		return usage
	}
	for _, g := range cobraSentences {
		usage = g.english.ReplaceAllString(usage, g.chinese)
	}
	return usageWords.Replace(usage)
}

// flagErrors are the ways a flag can be wrong, in Chinese.
var flagErrors = []struct {
	english *regexp.Regexp
	chinese string
}{
	{regexp.MustCompile(`^unknown (?:shorthand )?flag: (.+)$`), "不认识的选项 $1"},
	{regexp.MustCompile(`^flag needs an argument: (.+)$`), "选项 $1 后面要有值"},
	{regexp.MustCompile(`(?s)^invalid argument "(.*)" for "(.+)" flag: .*$`), "选项 $2 的值 “$1” 不对"},
}

// flagError is a wrong flag in the reader's words.
func (a *app) flagError(cmd *cobra.Command, err error) error {
	said := err.Error()
	if i := strings.Index(said, ": strconv."); i > 0 {
		said = said[:i] // Go's own words help nobody
	}
	if a.lang == text.ZH {
		for _, f := range flagErrors {
			if f.english.MatchString(err.Error()) {
				said = f.english.ReplaceAllString(err.Error(), f.chinese)
			}
		}
	}
	return usageError{errors.New(said + a.t("；"+cmd.CommandPath()+" --help 列出全部选项", "; "+cmd.CommandPath()+" --help lists the flags"))}
}
