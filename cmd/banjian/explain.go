package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/wiring"
	"banjian/internal/text"
	"banjian/mappings"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "explain MAPPING",
		Short:   a.t("一个映射编译后的样子", "what a mapping compiles to"),
		Example: "  banjian explain provident-fund/accept",
		Args:    a.exactly(1, text.T("写出一个映射，如 provident-fund/accept", "name one mapping, such as provident-fund/accept")),
		RunE: func(_ *cobra.Command, args []string) error {
			m, err := a.anyMapping(args[0])
			if err != nil {
				return err
			}
			plan := strings.TrimRight(m.Explain(a.lang), "\n")
			if a.json {
				return a.script("", map[string]any{"mapping": args[0], "plan": strings.Split(plan, "\n")})
			}
			fmt.Fprintln(a.out, plan)
			a.note(text.T("* 必填。没写“不合规则……”的字段，值不合规则时整行成为问题数据", "* required. Where no “else” is said, a value that breaks a rule makes the whole row a reject"))
			return nil
		},
	}
}

// anyMapping compiles a mapping of the site, or of the shipped catalog when there is
// no site.
func (a *app) anyMapping(name string) (*mappings.Mapping, error) {
	if s, err := a.site(); err == nil {
		h, err := wiring.Open(s, wiring.Options{Log: a.log()})
		if err != nil {
			return nil, err
		}
		return h.Mapping(name, nil)
	}
	cat, err := wiring.Catalog()
	if err != nil {
		return nil, err
	}
	data, path, err := mappings.Load(name)
	if err != nil {
		return nil, err
	}
	return mappings.Read(path, data, cat, nil)
}
