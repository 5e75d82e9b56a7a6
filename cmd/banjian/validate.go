package main

import (
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/validate"
	"banjian/internal/fault"
)

func (a *app) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "validate [PATH…]",
		Short:   a.t("不连接也能查出的一切错误；写出文件或文件夹则只说这些文件的", "everything that can be wrong without connecting; of files or folders that are named, what is wrong with them alone"),
		Example: "  banjian validate --site .\n  banjian validate --json\n  banjian validate mappings/my pipelines/my.yaml",
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := a.validate(args)
			if err != nil {
				return err
			}
			if err := a.doubts(r.Doubts); err != nil {
				return err
			}
			return a.findings(r.Found)
		},
	}
}

// validate judges the site, or of it what the paths name.
func (a *app) validate(paths []string) (*validate.Report, error) {
	o := validate.Options{Log: a.log(), Note: a.note}
	if !a.json {
		o.Right = a.say
	}
	if len(paths) > 0 {
		return validate.Paths(paths, a.siteDir, o)
	}
	s, wrong := a.site()
	if s == nil {
		return nil, wrong
	}
	return validate.Site(s, wrong, o), nil
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
