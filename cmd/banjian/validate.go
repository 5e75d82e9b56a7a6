package main

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/internal/text"
)

func (a *app) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "validate",
		Short:   a.t("不连接也能查出的一切错误", "everything that can be wrong without connecting"),
		Example: "  banjian validate --site .\n  banjian validate --json",
		Args:    a.exactly(0, text.T("validate 不带参数", "validate takes no argument")),
		RunE: func(*cobra.Command, []string) error {
			s, err := a.site()
			if s == nil {
				return err
			}
			return a.validate(s, err)
		},
	}
}

// finding is one mistake as validate --json prints it.
type finding struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`   // 0 = the file as a whole
	Column  int    `json:"column,omitempty"` // in characters, from 1
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Quote   string `json:"quote,omitempty"`   // the line as written
	Warning bool   `json:"warning,omitempty"` // no mistake: the exit code does not tell of it
}

// finding takes an error apart.
func (a *app) finding(err error) finding {
	var f *fault.Error
	if !errors.As(err, &f) {
		return finding{Message: fault.Say(err, a.lang)}
	}
	out := finding{Message: f.What.In(a.lang), Hint: fault.HintOf(err).In(a.lang), Quote: f.Line}
	out.File, out.Line, out.Column = f.Place()
	if f.Err != nil {
		out.Message += ": " + fault.Say(f.Err, a.lang)
	}
	return out
}

// doubts tells what is no mistake, and most likely not what is wanted.
func (a *app) doubts(list []error) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	for _, err := range list {
		if !a.json {
			a.tellAs(a.t("提醒", "warning"), err)
			continue
		}
		f := a.finding(err)
		f.Warning = true
		if err := enc.Encode(f); err != nil {
			return err
		}
	}
	return nil
}

// findings ends a verb that looked at everything: nothing to tell, or all of it.
func (a *app) findings(found []error) error {
	if len(found) == 0 || !a.json {
		var all fault.List
		for _, err := range found {
			all.Add(err)
		}
		return all.Err()
	}
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	for _, err := range found {
		if err := enc.Encode(a.finding(err)); err != nil {
			return err
		}
		a.code = max(a.code, codeOf(err))
	}
	return nil
}

// ok prints what is right, for people.
func (a *app) ok(zh, en string, args ...any) {
	if !a.json {
		a.say(text.F(zh, en, args...))
	}
}

// receiversOf names receivers for people.
func (a *app) receiversOf(names []string) string {
	if len(names) == 0 {
		return a.t("（不送接收方）", "(no receiver)")
	}
	return strings.Join(names, ", ")
}
