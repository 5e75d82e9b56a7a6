package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas"
)

// fileArgument takes one file at most.
func (a *app) fileArgument(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError{errors.New(a.t("最多写一个文件或文件夹", "name one file or folder at most"))}
	}
	return nil
}

// judged is a line and its verdict as scripts read it.
type judged struct {
	Code    string `json:"code"`
	Kind    string `json:"kind"`
	Verdict string `json:"verdict"`
	Reason  string `json:"reason,omitempty"`
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
	r, w := bufio.NewReaderSize(in, 1<<16), bufio.NewWriterSize(a.out, 1<<16)
	defer w.Flush()
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
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
			if a.json {
				if err := enc.Encode(judged{line, v.Kind, v.Verdict, v.Reason.In(a.lang)}); err != nil {
					return err
				}
				continue
			}
			for _, cell := range [...]string{line, "\t", v.Kind, "\t", v.Verdict, "\t", v.Reason.In(a.lang), "\n"} {
				w.WriteString(cell)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fault.Wrap(err, fault.Config, "read input", "", text.T("读入失败", "cannot read the input"), text.Text{})
		}
	}
}
