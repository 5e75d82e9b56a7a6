package main

import (
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/internal/text"
)

func (a *app) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "validate",
		Short:   a.t("不连接也能查出的一切错误", "everything that can be wrong without connecting"),
		Example: "  banjian validate --site .",
		Args:    a.exactly(0, text.T("validate 不带参数", "validate takes no argument")),
		RunE:    func(*cobra.Command, []string) error { return a.withHouse(a.validate) },
	}
}

func (a *app) validate(h *house) error {
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
	for name := range h.site.Receivers {
		p, err := h.deliverPlan(name, a.log())
		if err != nil {
			return err
		}
		p.Close()
		a.say(text.F("接收方 %s：%d 个主题 ✓", "receiver %s: %d subjects ✓", name, len(p.Subjects)))
	}
	return nil
}
