package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/schemas"
)

func (a *app) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "validate",
		Short:   a.t("不连接也能查出的一切错误", "everything that can be wrong without connecting"),
		Example: "  banjian validate --site .",
		Args:    a.exactly(0, text.T("validate 不带参数", "validate takes no argument")),
		RunE: func(*cobra.Command, []string) error {
			s, err := a.site()
			if err != nil {
				return err
			}
			h, err := build(s)
			if err != nil {
				return err
			}
			specs, err := h.pipelinesOf(nil)
			if err != nil {
				return err
			}
			if len(specs) == 0 {
				a.note(h.noPipelines().(*fault.Error).What)
			}
			for _, spec := range specs {
				if _, err := h.collectPlan(spec); err != nil {
					return err
				}
				a.say(text.F("管道 %s：%s → %s ✓", "pipeline %s: %s → %s ✓", spec.Pipeline, spec.Mapping, strings.Join(spec.Deliver, ", ")))
			}
			for name := range s.Receivers {
				p, err := h.deliverPlan(name, a.log())
				if err != nil {
					return err
				}
				p.Target.Close()
				a.say(text.F("接收方 %s：%d 个主题 ✓", "receiver %s: %d subjects ✓", name, len(p.Subjects)))
			}
			return nil
		},
	}
}

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
			fmt.Fprintln(a.out, strings.TrimRight(m.Explain(a.lang), "\n"))
			return nil
		},
	}
}

// anyMapping compiles a mapping of the site, or of the shipped catalog when there is
// no site.
func (a *app) anyMapping(name string) (*mappings.Mapping, error) {
	if s, err := a.site(); err == nil {
		h, err := build(s)
		if err != nil {
			return nil, err
		}
		return h.mapping(name, nil)
	}
	cat, err := schemas.Load()
	if err != nil {
		return nil, err
	}
	data, path, err := mappings.Load(name)
	if err != nil {
		return nil, err
	}
	f, err := mappings.Parse(path, data)
	if err != nil {
		return nil, err
	}
	return mappings.Compile(f, cat, nil)
}

func (a *app) schemaCommand() *cobra.Command {
	var dialect string
	ddl := &cobra.Command{
		Use:     "ddl NAME",
		Short:   a.t("接收方表的建表语句", "DDL of a receiver's table"),
		Example: "  banjian schema ddl up_pro_accept --dialect mysql",
		Args:    a.exactly(1, text.T("写出一张表，如 up_pro_accept", "name one table, such as up_pro_accept")),
		RunE: func(_ *cobra.Command, args []string) error {
			cat, err := schemas.Load()
			if err != nil {
				return err
			}
			t, ok := cat.Table(args[0])
			if !ok {
				var names []string
				for _, t := range cat.Tables() {
					names = append(names, t.Name)
				}
				slices.Sort(names)
				return usageError{fmt.Errorf(a.t("没有这张表；有 %s", "there is no such table; there are %s"), strings.Join(names, ", "))}
			}
			sql, err := t.DDL(dialect)
			if err != nil {
				return usageError{err}
			}
			fmt.Fprintln(a.out, strings.TrimRight(sql, "\n"))
			return nil
		},
	}
	ddl.Flags().StringVar(&dialect, "dialect", "mysql", "mysql | sqlite")
	c := &cobra.Command{Use: "schema", Short: a.t("表结构", "table layouts")}
	c.AddCommand(ddl)
	return c
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: a.t("版本", "the release"),
		RunE: func(*cobra.Command, []string) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return errors.New("no build information")
			}
			revision := ""
			for _, s := range info.Settings {
				if s.Key == "vcs.revision" {
					revision = " " + s.Value[:min(12, len(s.Value))]
				}
			}
			if a.json {
				return json.NewEncoder(a.out).Encode(map[string]string{"version": info.Main.Version, "revision": strings.TrimSpace(revision), "go": info.GoVersion, "platform": runtime.GOOS + "/" + runtime.GOARCH})
			}
			fmt.Fprintf(a.out, "banjian %s%s %s %s/%s\n", info.Main.Version, revision, info.GoVersion, runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
