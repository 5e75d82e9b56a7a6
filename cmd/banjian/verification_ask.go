package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"banjian/connectors/sharing"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
)

func (a *app) verificationAskCommand() *cobra.Command {
	var with string
	var plain bool
	c := &cobra.Command{
		Use:   "ask SERVICE",
		Short: a.t("试问一个核验服务（联调用）：怎么判的，答复里各路径有什么", "ask a service, for joint testing: how its answer is judged, and what it has at which path"),
		Long: a.t(`试问一个核验服务（联调用）：怎么判的，答复里各路径有什么，照着写服务的 answer。

问什么从文件读，不写在命令行上，同机的人看不到：--with 一个 JSON 文件，{"name": "…", "id_no": "…"}，
名称是映射 with 里的输入；- 从标准输入读。答复里的值默认只显示长度。`, `Asks a service, for joint testing: how its answer is judged, and what it has at which path, so that answer can be written.

What is asked is read from a file and never stands on the command line, where others on this machine see it: --with a
JSON file, {"name": "…", "id_no": "…"}, named as in with: of mappings; - reads standard input. Of values only the length is shown.`),
		Example: "  banjian verification ask person-id --with question.json",
		Args:    a.exactly(1, text.T("写一个服务：verification ask 服务 --with 文件", "name a service: verification ask SERVICE --with FILE")),
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := a.readQuestion(args[0], with)
			if err != nil {
				return err
			}
			return a.withHouse(func(h *house) error { return a.askService(cmd.Context(), h, q, plain) })
		},
	}
	c.Flags().StringVar(&with, "with", "", a.t("问什么：JSON 文件，- 为标准输入", "what is asked: a JSON file, - for standard input"))
	c.Flags().BoolVar(&plain, "plain", false, a.t("显示答复里的值，其中有个人信息", "show the values of the answer, personal ones too"))
	return c
}

func (a *app) readQuestion(service, file string) (sharing.Question, error) {
	q := sharing.Question{Service: service}
	if file == "" {
		return q, usageError{errors.New(a.t("用 --with 写问什么", "--with says what is asked"))}
	}
	in := io.ReadCloser(os.Stdin)
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return q, fault.New(fault.Config, "read question", file, text.T("文件读不了", "the file cannot be read"), text.T("检查 --with 的路径", "check the path of --with"))
		}
		defer f.Close()
		in = f
	}
	values := map[string]string{}
	if err := json.NewDecoder(in).Decode(&values); err != nil || len(values) == 0 {
		return q, fault.New(fault.Config, "read question", file, text.T("不是 {\"输入\": \"值\"} 这样的 JSON", "this is no JSON such as {\"input\": \"value\"}"), text.T(`例如 {"name": "张样例", "id_no": "…"}`, `such as {"name": "…", "id_no": "…"}`))
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		q.With = append(q.With, sharing.Input{Name: name, Value: values[name]})
	}
	return q, nil
}

func (a *app) askService(ctx context.Context, h *house, q sharing.Question, plain bool) error {
	client, err := h.Sharing()
	if err != nil {
		return err
	}
	for _, in := range q.With {
		if known := client.Inputs(q.Service); len(known) > 0 && !slices.Contains(known, in.Name) {
			return fault.New(fault.Config, "ask service", q.Service, text.F("核验服务 %s 没有输入 %s", "service %s has no input %s", q.Service, in.Name), cmp.Or(nearest.Hint(in.Name, known), text.F("它的 send 里有：%s", "its send has: %s", strings.Join(known, ", "))))
		}
	}
	answer, told, err := client.Ask(ctx, q)
	if err != nil {
		return err
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{"verdict": verdictWords[answer.Verdict], "why": answer.Why, "paths": pathsOf(told)})
	}
	a.say(a.verdictText(answer))
	w := &table{out: a.out}
	w.heading(a.t("路径\t值", "path\tvalue"))
	for _, t := range told {
		value := t.Value
		if !plain && t.Value != "" {
			value = a.hideAnswer(value)
		}
		w.row(t.Path, value)
	}
	w.print()
	return nil
}

var verdictWords = map[sharing.Verdict]string{sharing.Unknown: "unknown", sharing.Yes: "confirms", sharing.No: "denies", sharing.None: "none"}

func (a *app) verdictText(answer sharing.Answer) text.Text {
	switch answer.Verdict {
	case sharing.Yes:
		return text.T("一致", "it is so")
	case sharing.No:
		return text.T("不一致", "it is not so")
	case sharing.None:
		return text.T("查无此人、此证", "there is none such")
	}
	return text.F("看不懂，算没有答复（%s）：对照下面的路径改 answer", "it cannot be read and counts as no answer (%s): mend answer by the paths below", answer.Why)
}

// hideAnswer shows a short code as it is, of anything else its length.
func (a *app) hideAnswer(v string) string {
	if n := utf8.RuneCountInString(v); n > 4 || n != len(v) {
		t := text.F("（%d 字）", "(%d characters)", n)
		return t.In(a.lang)
	}
	return v
}

func pathsOf(told []sharing.Told) []string {
	list := make([]string, len(told))
	for i := range told {
		list[i] = told[i].Path
	}
	return list
}
