package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"banjian/internal/text"
	"banjian/mappings"
	"banjian/schemas"
)

// previewLine is one row and what became of it.
type previewLine struct {
	Pipeline string         `json:"pipeline"`
	Mapping  string         `json:"mapping"`
	Key      string         `json:"key"`
	Steps    []previewStep  `json:"steps"`
	Verdict  string         `json:"verdict"` // collected, rejected, filtered
	Subjects []string       `json:"subjects,omitempty"`
	Issues   []previewIssue `json:"issues,omitempty"`
}

// previewStep is one step; personal values are masked, null is NULL.
type previewStep struct {
	Block   int           `json:"block"`          // of the mapping, from 0
	Item    int           `json:"item,omitempty"` // which of the records the row makes, from 1
	Subject string        `json:"subject"`
	Field   string        `json:"field,omitempty"`
	Op      string        `json:"op"`
	Name    string        `json:"name,omitempty"`
	Says    string        `json:"says,omitempty"`
	At      string        `json:"at,omitempty"`
	From    []string      `json:"from,omitempty"`
	In      []string      `json:"in"`
	Out     []string      `json:"out"`
	Same    bool          `json:"unchanged,omitempty"`
	Skipped bool          `json:"skipped,omitempty"`
	Issue   *previewIssue `json:"issue,omitempty"`
}

type previewIssue struct {
	Severity string `json:"severity"`
	Field    string `json:"field,omitempty"`
	Rule     string `json:"rule"`
	Reason   string `json:"reason"`
}

// line is a traced row as people and scripts read it.
func (p *previewer) line(steps []mappings.Step, res *mappings.Result, key string) previewLine {
	out := previewLine{Pipeline: p.spec.Pipeline, Mapping: p.spec.Mapping, Key: key, Verdict: "collected"}
	same := make([]bool, len(steps))
	for i, s := range steps { // a mask may hide the difference
		same[i] = len(s.In) > 0 && slices.Equal(s.In, s.Out)
	}
	p.mask(steps)
	for i, s := range steps {
		if s.Issue == nil && (s.Op == "text" || s.Op == "width") {
			continue // what the field's type asks, and was so
		}
		step := previewStep{Block: s.Block, Item: s.Item, Subject: s.Subject, Field: s.Field, Op: s.Op, Name: s.Name, Says: s.Say.In(p.app.lang), At: s.At,
			From: s.From, In: s.In, Out: s.Out, Same: same[i], Skipped: s.Skipped}
		if s.Issue != nil {
			is := p.issue(*s.Issue)
			step.Issue = &is
		}
		out.Steps = append(out.Steps, step)
	}
	for _, is := range res.Issues {
		out.Issues = append(out.Issues, p.issue(is))
		if is.Severity == schemas.Reject {
			out.Verdict = "rejected"
		}
	}
	if res.Filtered > 0 {
		out.Verdict = "filtered"
	}
	for _, o := range res.Outputs {
		out.Subjects = append(out.Subjects, o.Subject)
	}
	return out
}

func (p *previewer) issue(is schemas.Issue) previewIssue {
	return previewIssue{Severity: is.Severity.String(), Field: is.Field, Rule: is.Rule, Reason: p.house.RuleText(p.spec.Pipeline, is.Rule, is.Args).In(p.app.lang)}
}

func (a *app) previewJSON(l previewLine) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(l)
}

// printPreview writes a row for people: each field with its value, below it how the
// value came about, then the rules and the verdict.
func (a *app) printPreview(l previewLine) {
	fmt.Fprintf(a.out, "%s  %s  %s\n", l.Pipeline, l.Mapping, l.Key)
	block, item, rules := -1, 0, false
	for i := 0; i < len(l.Steps); {
		s := l.Steps[i]
		if s.Op != "filter" && (s.Block != block || s.Item != item) {
			block, item, rules = s.Block, s.Item, false
			fmt.Fprintf(a.out, "→ %s\n", s.Subject)
		}
		n := 1
		switch {
		case s.Op == "filter":
			fmt.Fprintf(a.out, "  %s  %s  → %s%s\n", a.t("略过的行：", "rows left out:"), s.Name, a.truth(s), a.found(s.Issue))
		case s.Op == "explode" || s.Op == "unpivot":
			fmt.Fprintf(a.out, "  %s %s  (%s)\n", s.Op, s.Name, a.columns(s))
		case s.Op == "where":
			fmt.Fprintf(a.out, "  %s  %s  → %s\n", a.t("只取满足条件的行：", "only rows where:"), s.Name, a.truth(s))
		case s.Op == "rule" || s.Field == "":
			if !rules {
				fmt.Fprintf(a.out, "  %s\n", a.t("规则", "rules"))
			}
			rules = true
			fmt.Fprintf(a.out, "    %s  %s%s\n", s.Name, a.truth(s), a.found(s.Issue))
		default:
			for i+n < len(l.Steps) && l.Steps[i+n].Field == s.Field && l.Steps[i+n].Op != "rule" && l.Steps[i+n].Block == block && l.Steps[i+n].Item == item {
				n++
			}
			a.printField(l.Steps[i : i+n])
		}
		i += n
	}
	a.printVerdict(l)
}

func (a *app) truth(s previewStep) string {
	switch {
	case len(s.Out) == 0:
		return a.t("无法计算", "cannot be evaluated")
	case s.Op == "rule" && s.Out[0] == "true":
		return a.t("触发", "broken")
	case s.Op == "rule":
		return a.t("未触发", "kept")
	case s.Out[0] == "true":
		return a.t("成立", "yes")
	}
	return a.t("不成立", "no")
}

// printField writes the field's value and the steps to it.
func (a *app) printField(steps []previewStep) {
	made := false
	for _, s := range steps {
		if s.Op == "result" {
			made = true
			fmt.Fprintf(a.out, "  %s = %s\n", s.Field, a.values(s.Out))
		}
	}
	if !made {
		fmt.Fprintf(a.out, "  %s\n", steps[0].Field)
	}
	for _, s := range steps {
		if s.Op == "result" {
			continue
		}
		fmt.Fprintf(a.out, "      %s%s\n", a.step(s), a.found(s.Issue))
	}
}

// step is one step in a line.
func (a *app) step(s previewStep) string {
	switch s.Op {
	case "from":
		return s.Op + " " + s.From[0] + "  " + a.values(s.Out)
	case "const":
		return s.Op + "  " + a.values(s.Out)
	case "when":
		return s.Op + "  " + s.Name + "  → " + a.truth(s)
	case "else":
		return strings.TrimSuffix(s.Op+" "+s.Name+"  → "+a.values(s.Out), "  → ∅")
	case "verify":
		return s.Op + "  " + s.Says
	case "schema":
		return a.t("校验", "check of the record")
	case "expr":
		return s.Op + "  " + s.Name + "  (" + a.columns(s) + ")  → " + a.values(s.Out)
	}
	if len(s.From) > 0 {
		return s.Op + "  (" + a.columns(s) + ")  → " + a.values(s.Out)
	}
	says := s.Op
	if s.Says != "" && s.Says != s.Op && s.Op != "map" && s.Op != "replace" { // the values say it
		says += "  " + s.Says
	}
	if s.Skipped {
		return says + "  " + a.t("（when 不成立，不做）", "(not done: when does not hold)")
	}
	if s.Same {
		return says + "  " + a.values(s.Out) + a.t("（不变）", " (unchanged)")
	}
	return says + "  " + a.values(s.In) + " → " + a.values(s.Out)
}

// columns is the columns a step reads, with what they hold.
func (a *app) columns(s previewStep) string {
	parts := make([]string, len(s.From))
	for i, column := range s.From {
		parts[i] = column + "=" + a.values(s.In[i:i+1])
	}
	return strings.Join(parts, ", ")
}

// values is a value as people read it; NULL is ∅.
func (a *app) values(v []string) string {
	switch {
	case len(v) == 0 || len(v) == 1 && v[0] == "":
		return "∅"
	case len(v) == 1:
		return "“" + v[0] + "”"
	}
	return "[" + strings.Join(v, ", ") + "]"
}

func (a *app) found(is *previewIssue) string {
	if is == nil {
		return ""
	}
	return "  ✗ " + a.severity(is.Severity) + " " + is.Rule + a.t("：", ": ") + is.Reason
}

func (a *app) severity(s string) string {
	names := map[string]text.Text{
		"reject": text.T("问题数据", "reject"), "blank": text.T("置空", "blanked"), "warn": text.T("提示", "warning"),
	}
	return names[s].In(a.lang)
}

func (a *app) printVerdict(l previewLine) {
	switch l.Verdict {
	case "filtered":
		a.say(text.T("结论：被过滤，不成为记录", "verdict: filtered, no record"))
	case "rejected":
		a.say(text.F("结论：退回，%d 处", "verdict: rejected, %d finding{|s}", len(l.Issues)))
	default:
		a.say(text.F("结论：归集为 %s", "verdict: collected as %s", strings.Join(l.Subjects, ", ")))
	}
	for _, is := range l.Issues {
		field := is.Field
		if field != "" {
			field += "  "
		}
		fmt.Fprintf(a.out, "  %s%s %s%s%s\n", field, a.severity(is.Severity), is.Rule, a.t("：", ": "), is.Reason)
	}
}
