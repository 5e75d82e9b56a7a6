package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/schemas"
)

func (a *app) itemExplainCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "explain CODE",
		Short:   a.t("逐段说明一个事项编码：位置、值、含义、问题", "take an item code apart: place, value, meaning and what is wrong"),
		Example: "  banjian item explain 11450721MB155808114000104002000",
		Args:    a.exactly(1, text.T("写出一个事项编码", "give one item code")),
		RunE:    func(_ *cobra.Command, args []string) error { return a.explainItem(args[0]) },
	}
}

// itemPart is a segment as --json shows it.
type itemPart struct {
	Name  text.Text  `json:"name"`
	From  int        `json:"from"`
	To    int        `json:"to"`
	Value string     `json:"value"`
	Says  *text.Text `json:"says,omitempty"`
	Wrong *text.Text `json:"wrong,omitempty"`
}

func (a *app) explainItem(code string) error {
	parts, v := schemas.ExplainItem(code)
	if v.Verdict == "reject" {
		a.code = exitNews
	}
	if a.json {
		out := struct {
			Code    string     `json:"code"`
			Kind    string     `json:"kind"`
			Verdict string     `json:"verdict"`
			Reason  *text.Text `json:"reason,omitempty"`
			Parts   []itemPart `json:"parts"`
		}{code, v.Kind, v.Verdict, some(v.Reason), []itemPart{}}
		for _, p := range parts {
			out.Parts = append(out.Parts, itemPart{p.Name, p.From, p.To, p.Value, some(p.Says), some(p.Wrong)})
		}
		return json.NewEncoder(a.out).Encode(out)
	}
	fmt.Fprintf(a.out, "%s\t%s\t%s\t%s\n", code, v.Kind, v.Verdict, v.Reason.In(a.lang))
	for _, p := range parts {
		place := fmt.Sprint(p.From)
		if p.To > p.From {
			place += fmt.Sprintf("–%d", p.To)
		}
		fmt.Fprintf(a.out, "%s\t%s\t%s\t%s", place, p.Name.In(a.lang), p.Value, p.Says.In(a.lang))
		if !p.Wrong.IsZero() {
			fmt.Fprintf(a.out, "\t✗ %s", p.Wrong.In(a.lang))
		}
		fmt.Fprintln(a.out)
	}
	return nil
}

func some(t text.Text) *text.Text {
	if t.IsZero() {
		return nil
	}
	return &t
}
