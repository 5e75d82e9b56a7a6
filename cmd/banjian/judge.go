package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas"
)

func (a *app) itemCommand() *cobra.Command {
	c := &cobra.Command{Use: "item", Short: a.t("事项编码", "item codes")}
	c.AddCommand(&cobra.Command{
		Use:     "check [FILE|-]",
		Short:   a.t("逐行检查事项编码：编码⇥种类⇥结论⇥原因", "judge item codes, one a line: code⇥kind⇥verdict⇥reason"),
		Example: "  printf '11450721MB155808114000104002000\\n' | banjian item check",
		Args:    a.fileArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.judge(args, cmd.InOrStdin(), func(line string) (schemas.Verdict, error) { return schemas.JudgeItem(line), nil })
		},
	})
	return c
}

func (a *app) idCommand() *cobra.Command {
	var kind string
	c := &cobra.Command{Use: "id", Short: a.t("证件号码与统一社会信用代码", "identity numbers and credit codes")}
	check := &cobra.Command{
		Use:     "check --kind KIND [FILE|-]",
		Short:   a.t("逐行检查：号码⇥种类⇥结论⇥原因", "judge numbers, one a line: number⇥kind⇥verdict⇥reason"),
		Example: "  printf '440308199901101512\\n' | banjian id check --kind resident_id",
		Args:    a.fileArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := schemas.JudgeID(kind, ""); err != nil {
				return usageError{errors.New(a.t("--kind 须为 ", "--kind is one of ") + idKinds)}
			}
			return a.judge(args, cmd.InOrStdin(), func(line string) (schemas.Verdict, error) { return schemas.JudgeID(kind, line) })
		},
	}
	check.Flags().StringVar(&kind, "kind", "", idKinds)
	c.AddCommand(check)
	return c
}

const idKinds = "resident_id | uscc | org_code | licence_id"

// fileArgument takes one file at most.
func (a *app) fileArgument(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError{errors.New(a.t("最多写一个文件，或用 - 读标准输入", "name one file at most, or - for standard input"))}
	}
	return nil
}

// judge reads lines, echoes each verbatim with its verdict, and exits 3 when any is
// rejected. An empty line is judged like any other.
func (a *app) judge(args []string, stdin io.Reader, verdict func(string) (schemas.Verdict, error)) error {
	in := stdin
	if len(args) == 1 && args[0] != "-" {
		f, err := os.Open(args[0])
		if err != nil {
			return fault.Wrap(err, fault.Config, "open file", args[0], text.T("打不开文件", "cannot open the file"), text.Text{})
		}
		defer f.Close()
		in = f
	}
	r, w := bufio.NewReader(in), bufio.NewWriter(a.out)
	defer w.Flush()
	for {
		line, err := r.ReadString('\n')
		if line != "" {
			line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
			v, bad := verdict(line)
			if bad != nil {
				return bad
			}
			if v.Verdict == "reject" {
				a.code = exitNews
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", line, v.Kind, v.Verdict, v.Reason.In(a.lang))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fault.Wrap(err, fault.Config, "read input", "", text.T("读入失败", "cannot read the input"), text.Text{})
		}
	}
}
