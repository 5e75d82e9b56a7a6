package main

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

func (a *app) schemaRulesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rules [SUBJECT]",
		Short: a.t("记录内的校验规则：查什么、不合的怎么办、依据", "the rules over several fields of a record: what each asks, what becomes of a row that breaks it, its source"),
		Example: "  banjian schema rules\n" +
			"  banjian schema rules case/accept --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{errors.New(a.t("至多写一种记录，如 case/accept", "name one subject at most, such as case/accept"))}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			cat, err := a.anyCatalog()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return a.printRules(listedRules(cat.Subjects()))
			}
			s, ok := cat.Subject(args[0])
			if !ok {
				return nearest.None("种记录", "subject", args[0], cat.SubjectNames(), text.T("不写名称则列出全部", "without a name all are listed"))
			}
			return a.printRules(listedRules([]*schemas.Subject{s}))
		},
	}
}

// listedRule is a rule of one subject.
type listedRule struct {
	Subject  string    `json:"subject"`
	Rule     string    `json:"rule"`
	Severity string    `json:"severity"`
	Field    string    `json:"field"`
	When     []string  `json:"when,omitempty"`
	Demand   string    `json:"demand"`
	Say      text.Text `json:"say"`
	Source   string    `json:"source,omitempty"`
}

// listedRules is the orders and rules of subjects, in that order.
func listedRules(subjects []*schemas.Subject) []listedRule {
	var list []listedRule
	for _, s := range subjects {
		for _, o := range s.Orders {
			list = append(list, listedRule{Subject: s.Name, Rule: o.Rule, Severity: o.Severity.String(), Field: o.Before,
				Demand: "order " + o.Before + " <= " + o.After, Say: schemas.RuleText(o.Rule, nil), Source: o.Source})
		}
		for _, r := range s.Rules {
			list = append(list, listedRule{Subject: s.Name, Rule: r.ID, Severity: r.Severity.String(), Field: r.Field, When: slices.Clone(r.When), Demand: r.Demand(), Say: r.Say, Source: r.Source})
		}
	}
	return list
}

func (a *app) printRules(list []listedRule) error {
	return a.list(&listing{
		n:       len(list),
		heading: a.t("主题\t规则\t不合的\t字段\t说明\t依据", "subject\trule\tthen\tfield\tit says\tsource"),
		line:    func(i int) any { return &list[i] },
		row: func(i int) []string {
			r := &list[i]
			then := a.t("拒收", "reject")
			if r.Severity == schemas.Warn.String() {
				then = a.t("提示", "warn")
			}
			return []string{r.Subject, r.Rule, then, r.Field, r.Say.In(a.lang), r.Source}
		},
	})
}
