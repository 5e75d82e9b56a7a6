package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/jobs"
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

// jobs is the site's jobs; each names pipelines that there are.
func (h *house) jobs() ([]jobs.Job, error) {
	list, err := jobs.Load(h.site.Folder("jobs"))
	if err != nil {
		return nil, err
	}
	specs, err := h.pipelinesOf(nil)
	if err != nil {
		return nil, err
	}
	var known []string
	for _, s := range specs {
		known = append(known, s.Pipeline)
	}
	for i := range list {
		for _, name := range list[i].Pipelines {
			if slices.Contains(known, name) {
				continue
			}
			hint := nearest.Hint(name, known)
			if hint.IsZero() {
				hint = text.T("改 pipelines，或去掉它；banjian validate 列出本站点的管道", "mend pipelines, or drop the name; banjian validate lists the site's pipelines")
			}
			return nil, fault.New(fault.Config, "read jobs", list[i].File, text.F("任务 %s：没有管道 %s", "job %s: there is no pipeline %s", list[i].Job, name), hint)
		}
	}
	return list, nil
}

func (a *app) validate(h *house) error {
	if err := h.schemas.Check(); err != nil {
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
		to := strings.Join(spec.Deliver, ", ")
		if to == "" {
			to = a.t("（不送接收方）", "(no receiver)")
		}
		a.say(text.F("管道 %s：%s → %s ✓", "pipeline %s: %s → %s ✓", spec.Pipeline, spec.Mapping, to))
	}
	list, err := h.jobs()
	if err != nil {
		return err
	}
	for i := range list {
		a.say(text.F("任务 %s：%s ✓", "job %s: %s ✓", list[i].Job, list[i].Schedule))
	}
	for _, name := range h.receivers() {
		p, err := h.deliverPlan(name, a.log())
		if err != nil {
			return err
		}
		p.Close()
		a.say(text.F("接收方 %s：%d 个主题 ✓", "receiver %s: %d subjects ✓", name, len(p.Subjects)))
	}
	return nil
}
